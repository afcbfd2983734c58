"""Format checks of a record: filled, dates, codes (CHK-FMT-01 to 03) and the layout of the files (CHK-CNT-01)."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from accesscontrol.messages import N_
from registry.checks.model import Check, Columns, FileCheck, Found, RecordCheck, Settings, Severity
from registry.databases.interface import Registry
from registry.files import DESTINATION_INFO, FILES, IDENTITY_INFO, RESIDENT_REGISTER, File, ItemType
from registry.files.codes import LISTED_ITEMS, Deleted, RecordStatus, allowed_values
from registry.files.dates import is_birth_date, is_date

REQUIRED = Check(
    id="CHK-FMT-01",
    title=N_("Required items filled"),
    message=N_("Required item {item} is empty."),
    severity=Severity.error,
    files=(1, 2, 3),
    controls=("RG-INT-02",),
)
DATES = Check(
    id="CHK-FMT-02",
    title=N_("Real dates"),
    message=N_("Item {item} is not a valid date."),
    severity=Severity.error,
    files=(1, 2, 3),
    controls=("RG-INT-02",),
)
CODES = Check(
    id="CHK-FMT-03",
    title=N_("Codes from the code list"),
    message=N_("Item {item} holds a code outside its list."),
    severity=Severity.error,
    files=(1, 2, 3),
    controls=("RG-INT-02",),
)
LAYOUT = Check(
    id="CHK-CNT-01",
    title=N_("Record layout complete"),
    message=N_("Layout of {file} does not have {expected} items."),
    severity=Severity.error,
    files=(1, 2, 3),
    controls=("RG-INT-02",),
)

_REQUIRED = {
    RESIDENT_REGISTER.table: (
        "household_no", "head_name_kana", "head_name_kanji", "current_municipality_code", "current_address",
        "change_reason", "addressee_no", "deleted_record_class", "resident_change_date", "name_kana",
        "name_kanji", "sex_code", "birth_date", "relationship_code",
    ),
    IDENTITY_INFO.table: (
        "name_kanji", "gaiji_count_name", "name_furigana", "name_kana_normalized", "birth_date", "sex",
        "municipality_code", "address", "became_resident_date", "change_reason", "change_date",
        "request_control_no", "operator_id", "operator_terminal_id", "update_sequence_no",
        "update_forbidden_flag", "planned_person_flag", "exclusive_lock_flag", "gaiji_flag",
        "record_status_flag", "timestamp",
    ),
    DESTINATION_INFO.table: (
        "destination_control_no", "destination_postal_code", "destination_address_kanji",
        "destination_name_kanji", "municipality_code", "target_person_count", "processing_date",
        "operator_id", "operator_terminal_id", "resident_code", "name_kanji", "name_kana", "address",
        "birth_date", "sex", "individual_number", "gaiji_flag",
    ),
}  # fmt: skip
_BIRTH_DATES = {"birth_date", "foreign_birth_date"}
_TIMES = re.compile(r"(?:[0-9-]{10}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}\+00:00)*")
_TIME_SIZE = 32
_EMPTY = frozenset({None, ""})
_REMEMBERED = 100_000


def _none_empty(columns: Columns) -> bool:
    return not any(None in column or "" in column for column in columns)


def _filled(file: File) -> RecordCheck:
    """Return the check of the items that every record of a file has."""
    required = _REQUIRED[file.table]

    def test(values: tuple[Any, ...]) -> list[str]:
        return [column for column, value in zip(required, values, strict=True) if value in _EMPTY]

    return RecordCheck(REQUIRED, file, required, test, _none_empty)


def _filled_while_current(file: File, status: str, current: str, required: tuple[str, ...]) -> RecordCheck:
    """Return the check of the numbers; a deleted or superseded record may be older than they are."""

    def test(values: tuple[Any, ...]) -> list[str]:
        if values[-1] != current:
            return []
        return [column for column, value in zip(required, values, strict=False) if value in _EMPTY]

    return RecordCheck(REQUIRED, file, (*required, status), test, _none_empty)


def _all_good(values: Sequence[Any], good: Callable[[Any], bool], known: set[Any]) -> bool:
    """Tell whether all values are good, and remember those that are.

    A register repeats the same days and codes over and over, so nearly every one is known already.
    """
    if known.issuperset(values):
        return True
    fresh = set(values) - known
    if not all(map(good, fresh)):
        return False
    if len(known) < _REMEMBERED:
        known |= fresh
    return True


def known_check(
    check: Check, file: File, columns: tuple[str, ...], good: Callable[[Any], bool], known: set[Any]
) -> RecordCheck:
    """Return a check of values one by one that remembers the good ones in ``known`` (None among them)."""

    def test(values: tuple[Any, ...]) -> list[str]:
        named = zip(columns, values, strict=True)
        return [column for column, value in named if not (value in known or good(value))]

    def passes(columns: Columns) -> bool:
        return all(_all_good(column, good, known) for column in columns)

    return RecordCheck(check, file, columns, test, passes)


def _codes(file: File) -> RecordCheck:
    """Return the check of all code items of a file."""
    columns = tuple(LISTED_ITEMS[file.table])
    allowed = [allowed_values(file.table, column) | {None} for column in columns]

    def test(values: tuple[Any, ...]) -> list[str]:
        listed = zip(columns, allowed, values, strict=True)
        return [column for column, codes, value in listed if value not in codes]

    def passes(values: Columns) -> bool:
        return all(codes.issuperset(column) for codes, column in zip(allowed, values, strict=True))

    return RecordCheck(CODES, file, columns, test, passes)


def _timestamps(days: set[Any]) -> RecordCheck:
    """Return the check of time stamps: a real day, then a time in UTC with microseconds."""

    def test(values: tuple[Any, ...]) -> tuple[str, ...]:
        (value,) = values
        good = value is None or (_TIMES.fullmatch(value) and len(value) == _TIME_SIZE and is_date(value[:10]))
        return () if good else ("timestamp",)

    def passes(columns: Columns) -> bool:
        (values,) = columns
        present = [value for value in values if value is not None]
        return (
            {_TIME_SIZE}.issuperset(map(len, present))
            and _TIMES.fullmatch("".join(present)) is not None
            and _all_good([value[:10] for value in present], is_date, days)
        )

    return RecordCheck(DATES, IDENTITY_INFO, ("timestamp",), test, passes)


def record_checks(settings: Settings) -> list[RecordCheck]:
    """Return the checks of one record's form."""
    today = settings.today.isoformat()
    days: set[Any] = {None}
    birth_days: set[Any] = {None}

    def is_past_birth_date(day: str) -> bool:
        return is_birth_date(day) and day <= today

    checks = [
        *map(_filled, FILES),
        _filled_while_current(RESIDENT_REGISTER, "deleted_record_class", Deleted.living, ("resident_code",)),
        _filled_while_current(
            IDENTITY_INFO, "record_status_flag", RecordStatus.current, ("resident_code", "individual_number")
        ),
        _timestamps(days),
    ]
    for file in FILES:
        dates = [item.column for item in file.of_type(ItemType.date)]
        births = tuple(column for column in dates if column in _BIRTH_DATES)
        others = tuple(column for column in dates if column not in _BIRTH_DATES)
        checks += [
            known_check(DATES, file, others, is_date, days),
            known_check(DATES, file, births, is_past_birth_date, birth_days),
            _codes(file),
        ]
    return checks


def layout_faults(registry: Registry, _settings: Settings) -> Iterator[Found]:
    """Yield each file whose table does not have exactly the printed items in printed order."""
    for file in FILES:
        if registry.columns_of(file.table) != ("record_id", *file.columns):
            yield file.table, 0, ()


LAYOUT_CHECK = FileCheck(LAYOUT, layout_faults)
