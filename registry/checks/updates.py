"""Checks of an update of file 2 against the stored record (CHK-LOG-01, 02, 03, 06), before it is stored."""

from collections.abc import Mapping
from typing import Any

from accesscontrol.messages import N_
from registry.checks.model import Check, Fault, Settings, Severity
from registry.checks.running import record_faults
from registry.databases.interface import Registry
from registry.files import IDENTITY_INFO
from registry.files.codes import ChangeReason, RecordStatus

MOVE_IN_OF_RESIDENT = Check(
    id="CHK-LOG-01",
    title=N_("Move-in of an existing resident"),
    message=N_("Move-in refused: this person is already a current resident."),
    severity=Severity.error,
    files=(2,),
    controls=("RG-INT-03",),
)
MORE_THAN_ADDRESS = Check(
    id="CHK-LOG-02",
    title=N_("Change of address that alters other items"),
    message=N_("Change of address refused: item {item} other than the address would change."),
    severity=Severity.error,
    files=(2,),
    controls=("RG-INT-04",),
)
NO_CURRENT_RECORD = Check(
    id="CHK-LOG-03",
    title=N_("Change for a person who is not a current resident"),
    message=N_("No current record for this change."),
    severity=Severity.error,
    files=(2,),
    controls=("RG-INT-02",),
)
CLOSED = Check(
    id="CHK-LOG-06",
    title=N_("Record closed for update or locked"),
    message=N_("The record is closed for update ({flag})."),
    severity=Severity.block,
    files=(2,),
    controls=("RG-INT-02",),
)

_MOVES_IN = {ChangeReason.move_in, ChangeReason.move_in_with_card, ChangeReason.move_in_from_abroad}
_ENTRIES = _MOVES_IN | {ChangeReason.birth, ChangeReason.official_entry}
# Address group, dates and reason, control items: a reading, the document says only "nothing but the address".
_MAY_MOVE = {9, 10, 11, 12, 15, 16, 21, 22, 23, 26, 27, 28, 29, 30, 34, 35, 36}

Update = Mapping[str, Any]


def _stored(registry: Registry, column: str, value: object) -> tuple[Any, ...] | None:
    """Return the current record of file 2 with this number: its surrogate key, then its items."""
    columns = ", ".join(IDENTITY_INFO.columns)
    sql = (
        f"SELECT record_id, {columns} FROM identity_info "  # noqa: S608 - names of our own schema
        f"WHERE {column} = ? AND record_status_flag = ?"
    )
    return next(registry.rows(sql, (value, RecordStatus.current)), None)


def _altered(stored: tuple[Any, ...], update: Update) -> list[int]:
    return [
        item.number
        for item in IDENTITY_INFO.items
        if item.number not in _MAY_MOVE and update.get(item.column) != stored[item.number]
    ]


def _against_stored(update: Update, stored: tuple[Any, ...] | None, same_number: tuple[Any, ...] | None) -> list[Fault]:
    table, reason = IDENTITY_INFO.table, update.get("change_reason")
    if reason in _ENTRIES:
        existing = stored or same_number
        if existing is None:
            return []
        check = MOVE_IN_OF_RESIDENT if reason in _MOVES_IN else NO_CURRENT_RECORD
        return [Fault(check, table, existing[0])]
    if stored is None:
        return [Fault(NO_CURRENT_RECORD, table, 0)]
    flags = [IDENTITY_INFO.item(column) for column in ("update_forbidden_flag", "exclusive_lock_flag")]
    faults = [Fault(CLOSED, table, stored[0], (flag.number,)) for flag in flags if stored[flag.number]]
    if reason == ChangeReason.move_within:
        faults += [Fault(MORE_THAN_ADDRESS, table, stored[0], (item,)) for item in _altered(stored, update)]
    return faults


def judge_update(registry: Registry, update: Update, settings: Settings) -> list[Fault]:
    """Return every reason why ``update``, the whole new record of a person, may not be stored.

    The record's own form and logic come first, then how it follows from the stored one, which is found by the
    resident code, for a change of the code by the old one. An empty list means that it may be stored and
    notified (RG-INT-02). Nothing is changed here.
    """
    row = (0, *(update.get(column) for column in IDENTITY_INFO.columns))
    changes_code = update.get("change_reason") == ChangeReason.resident_code_change
    key = "old_resident_code" if changes_code else "resident_code"
    stored = _stored(registry, "resident_code", update.get(key))
    same_number = _stored(registry, "individual_number", update.get("individual_number"))
    return [
        *record_faults(IDENTITY_INFO, row, settings),
        *_against_stored(update, stored, same_number),
    ]
