"""Logic checks of stored records: deletion, dates, foreign residents, codes (CHK-LOG-04, 05, 07, 12)."""

from collections.abc import Iterator, Sequence
from operator import le
from typing import Any

from accesscontrol.messages import N_
from registry.checks.model import Check, Columns, FileCheck, Found, RecordCheck, Settings, Severity, located
from registry.databases.interface import Registry
from registry.files import DESTINATION_INFO, IDENTITY_INFO, RESIDENT_REGISTER
from registry.files.codes import MID_TO_LONG_TERM, PERMANENT_RESIDENT, Deleted
from registry.numbers import is_residence_card_number

DELETION = Check(
    id="CHK-LOG-04",
    title=N_("Deleted record complete"),
    message=N_("Deletion data is incomplete or contradicts the deletion class (item {item})."),
    severity=Severity.error,
    files=(1,),
    controls=("RG-INT-08",),
)
DATE_ORDER = Check(
    id="CHK-LOG-05",
    title=N_("Order of dates"),
    message=N_("Dates in items {items} are in an impossible order."),
    severity=Severity.warning,
    files=(1, 2),
    controls=("RG-INT-02",),
)
CODE_CHANGE = Check(
    id="CHK-LOG-07",
    title=N_("Change of resident code complete"),
    message=N_("Change of resident code lacks the old code or the date of first use."),
    severity=Severity.error,
    files=(1, 2),
    controls=("RG-INT-02",),
)
FOREIGN = Check(
    id="CHK-LOG-12",
    title=N_("Items of foreign residents consistent"),
    message=N_("Items for foreign residents are incomplete or out of date (item {item})."),
    severity=Severity.warning,
    files=(1, 3),
    controls=("RG-INT-08",),
)

_LIVING = frozenset({Deleted.living})
_NOTHING = frozenset({None})
_DELETION = (
    "deleted_record_class", "deletion_change_date", "deletion_change_reason",
    "deletion_notify_date", "deletion_notify_reason", "moveout_planned_address", "moveout_confirmed_address",
)  # fmt: skip


def _deletion(values: tuple[Any, ...]) -> list[str]:
    deleted_class, changed, reason, notified, notify_reason, planned, confirmed = values
    if deleted_class == Deleted.living:
        if changed is reason is notified is notify_reason is None:
            return []
        present = zip(_DELETION[1:5], values[1:5], strict=True)
        return [column for column, value in present if value is not None]
    missing = [
        column for column, value in (("deletion_change_date", changed), ("deletion_change_reason", reason)) if not value
    ]
    if deleted_class == Deleted.move_out and not planned and not confirmed:
        missing.append("moveout_planned_address")
    return missing


def _none_deleted(columns: Columns) -> bool:
    return _LIVING.issuperset(columns[0]) and all(map(_NOTHING.issuperset, columns[1:5]))


def _in_order(births: Sequence[Any], days: Sequence[Any], latest: str) -> bool:
    """Tell whether no day is before its birth or after ``latest``; where something is empty, quickly no."""
    if None in births or None in days:
        return False
    return all(map(le, births, days)) and max(days) <= latest


_REGISTER_DATES = (
    "birth_date", "deleted_record_class", "resident_change_date", "address_fixed_change_date",
    "deletion_change_date", "moveout_planned_address", "unreported_period_start", "unreported_period_end",
)  # fmt: skip


def _register_dates(today: str) -> RecordCheck:
    def test(values: tuple[Any, ...]) -> list[str]:
        birth, _, became, fixed, deleted, planned, start, end = values
        birth = birth or ""
        if deleted is start is None and birth <= (became or birth) <= today and birth <= (fixed or birth) <= today:
            return []
        faulty = [
            column
            for column, day in (("resident_change_date", became), ("address_fixed_change_date", fixed))
            if day is not None and not birth <= day <= today
        ]
        # Only a move out is known beforehand.
        if deleted is not None and (deleted < birth or (deleted > today and not planned)):
            faulty.append("deletion_change_date")
        if start and end and start > end:
            faulty += ["unreported_period_start", "unreported_period_end"]
        return faulty

    def passes(columns: Columns) -> bool:
        births, _, became, fixed, deleted, _, start, _ = columns
        nothing_else = _NOTHING.issuperset(deleted) and _NOTHING.issuperset(start)
        return nothing_else and _in_order(births, became, today) and _in_order(births, fixed, today)

    return RecordCheck(DATE_ORDER, RESIDENT_REGISTER, _REGISTER_DATES, test, passes)


def _identity_dates(today: str) -> RecordCheck:
    columns = ("birth_date", "became_resident_date", "address_fixed_date", "change_date", "planned_person_flag")

    def test(values: tuple[Any, ...]) -> list[str]:
        birth, became, fixed, changed, is_planned = values
        birth = birth or ""
        latest = "9999" if is_planned else today
        if birth <= (became or birth) <= latest and birth <= (fixed or birth) <= latest:
            return [] if birth <= (changed or birth) <= latest else ["change_date"]
        return [
            column
            for column, day in zip(columns[1:4], (became, fixed, changed), strict=True)
            if day is not None and not birth <= day <= latest
        ]

    def passes(columns: Columns) -> bool:
        births, *days, planned = columns
        return not any(planned) and all(_in_order(births, each, today) for each in days)

    return RecordCheck(DATE_ORDER, IDENTITY_INFO, columns, test, passes)


def _same_codes(columns: Columns) -> bool:
    return _NOTHING.issuperset(columns[1])


def _code_change(values: tuple[Any, ...]) -> list[str]:
    code, old, used_since = values
    if old is None:
        return []
    return [
        *(["old_resident_code"] if old == code else []),
        *(["resident_code_use_date"] if used_since is None else []),
    ]


_FOREIGN = (
    "nationality_code", "article_30_45_class", "residence_status_code", "stay_expiry_date",
    "residence_card_no", "deleted_record_class",
)  # fmt: skip


def _foreign_register(today: str) -> RecordCheck:
    """Return the check of foreign residents; permanent residents have no end of stay and need none."""

    def test(values: tuple[Any, ...]) -> list[str]:
        nationality, legal_class, status, expiry, card, deleted = values
        if nationality is None and legal_class is None:
            return []
        if nationality is None or legal_class is None:
            return ["article_30_45_class"]
        faulty = []
        if legal_class == MID_TO_LONG_TERM:
            needed = (("residence_status_code", status), ("residence_card_no", card))
            faulty = [column for column, value in needed if not value]
            if expiry is None and status != PERMANENT_RESIDENT:
                faulty.append("stay_expiry_date")
        if card and not is_residence_card_number(card):
            faulty.append("residence_card_no")
        if expiry is not None and expiry < today and deleted == Deleted.living:
            faulty.append("stay_expiry_date")
        return faulty

    return RecordCheck(FOREIGN, RESIDENT_REGISTER, _FOREIGN, test)


def _foreign_destination(today: str) -> RecordCheck:
    def test(values: tuple[Any, ...]) -> list[str]:
        legal_class, expiry = values
        if expiry is None:
            return []
        return [
            *(["article_30_45_class"] if legal_class is None else []),
            *(["stay_expiry_date"] if expiry < today else []),
        ]

    return RecordCheck(FOREIGN, DESTINATION_INFO, ("article_30_45_class", "stay_expiry_date"), test)


def record_checks(settings: Settings) -> list[RecordCheck]:
    """Return the logic checks that need one record at a time."""
    today = settings.today.isoformat()
    code_change = ("resident_code", "old_resident_code", "resident_code_use_date")
    return [
        RecordCheck(DELETION, RESIDENT_REGISTER, _DELETION, _deletion, _none_deleted),
        _register_dates(today),
        _identity_dates(today),
        RecordCheck(CODE_CHANGE, IDENTITY_INFO, code_change, _code_change, _same_codes),
        _foreign_register(today),
        _foreign_destination(today),
    ]


def _code_history(registry: Registry, _settings: Settings) -> Iterator[Found]:
    """Find a code that differs from its history without an old code, and an old code that no history keeps."""
    item = (IDENTITY_INFO.item("old_resident_code").number,)
    unsaid = (
        "SELECT DISTINCT i.record_id FROM identity_info_history AS h "
        "JOIN identity_info AS i ON i.record_id = h.current_record_id "
        "WHERE h.resident_code <> i.resident_code AND i.old_resident_code IS NULL"
    )
    unkept = (
        "SELECT i.record_id FROM identity_info AS i WHERE i.old_resident_code IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM identity_info_history AS h "
        "WHERE h.current_record_id = i.record_id AND h.resident_code = i.old_resident_code)"
    )
    yield from located(registry, IDENTITY_INFO.table, item, unsaid)
    yield from located(registry, IDENTITY_INFO.table, item, unkept)


def file_checks() -> list[FileCheck]:
    """Return the check of resident codes against their history."""
    return [FileCheck(CODE_CHANGE, _code_history)]
