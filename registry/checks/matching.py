"""Checks of one person against a paper or a card (CHK-REC-05, CHK-REC-06), before anything is entered or issued."""

from collections.abc import Mapping
from typing import Any, Final

from accesscontrol.messages import N_
from registry.checks.model import Check, Fault, Severity
from registry.databases.interface import Registry
from registry.files import IDENTITY_INFO, RESIDENT_REGISTER
from registry.files.codes import RecordStatus

MOVE_IN = Check(
    id="CHK-REC-05",
    title=N_("Move-in notice against move-out certificate"),
    message=N_("Move-in notice and move-out certificate differ in item {item}."),
    severity=Severity.error,
    files=(1,),
    controls=("RG-INT-11",),
)
CARD = Check(
    id="CHK-REC-06",
    title=N_("Card against identity information"),
    message=N_("The card does not agree with the identity information."),
    severity=Severity.error,
    files=(2,),
    controls=("RG-INT-14",),
)

# The item of the notice (file 1) -> the same fact on the certificate of the former municipality (MT-1).
CERTIFIED: Final = {
    "name_kanji": "name_kanji",
    "birth_date": "birth_date",
    "sex_code": "sex_code",
    "resident_code": "resident_code",
    "individual_number": "individual_number",
    "prev_address": "current_address",
}
CARD_VALID: Final = "valid"


def judge_move_in(notice: Mapping[str, Any], certificate: Mapping[str, Any]) -> list[Fault]:
    """Return each item of a move-in notice that the move-out certificate says otherwise; empty when they agree.

    Both are by columns of file 1; the address on the certificate is the notice's former one.
    """
    return [
        Fault(MOVE_IN, RESIDENT_REGISTER.table, 0, (RESIDENT_REGISTER.item(said).number,))
        for said, certified in CERTIFIED.items()
        if (notice.get(said) or "") != (certificate.get(certified) or "")
    ]


def judge_card(registry: Registry, resident_code: str, *, state: str) -> list[Fault]:
    """Return why a presented card is no proof: matched by resident code only (MT-5), ``state`` from card management.

    A code that is not found, a deleted record and a card that is not ``valid`` all give the same answer.
    """
    # names of ours
    sql = f"SELECT record_id, record_status_flag FROM {IDENTITY_INFO.table} WHERE resident_code = ?"  # noqa: S608
    found = {status: key for key, status in registry.rows(sql, (resident_code,))}
    if state == CARD_VALID and RecordStatus.current in found:
        return []
    return [Fault(CARD, IDENTITY_INFO.table, next(iter(found.values()), 0))]
