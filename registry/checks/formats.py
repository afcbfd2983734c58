"""Format checks of a record: filled, dates, codes (CHK-FMT-01 to 03) and the layout of the files (CHK-CNT-01)."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from accesscontrol.messages import N_
from registry.checks.model import Check, FileCheck, Found, RecordCheck, Settings, Severity, Test
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
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}\+00:00", re.ASCII)
_REMEMBERED = 100_000


def _filled(file: File, status: str, current: str, while_current: tuple[str, ...]) -> RecordCheck:
    """Return the check of required items; a deleted or superseded record may be older than the numbers."""
    always = _REQUIRED[file.table]

    def test(values: tuple[Any, ...]) -> list[str]:
        if None not in values and "" not in values:
            return []
        required = (*while_current, *always) if not status or values[-1] == current else always
        filled = dict(zip((*while_current, *always), values, strict=False))
        return [column for column in required if filled[column] in {None, ""}]

    return RecordCheck(REQUIRED, file, (*while_current, *always, *([status] if status else [])), test)


class Known:
    """Tests values by a predicate, and remembers good ones: a register repeats the same days and codes."""

    def __init__(self, columns: tuple[str, ...], good: Callable[[Any], bool], known: set[Any] | None = None) -> None:
        self._columns = columns
        self._good = good
        self._known = {None} if known is None else known

    def __call__(self, values: tuple[Any, ...]) -> list[str]:
        """Return the columns whose value is not good; empty items pass."""
        if self._known.issuperset(values):
            return []
        faulty = []
        for column, value in zip(self._columns, values, strict=True):
            if value is None:
                continue
            if not self._good(value):
                faulty.append(column)
            elif len(self._known) < _REMEMBERED:
                self._known.add(value)
        return faulty


def _codes(table: str) -> Test:
    """Return the test of all code items of a table; combinations already seen to be good pass at once."""
    lists = {column: allowed_values(table, column) for column in LISTED_ITEMS[table]}
    good: set[tuple[Any, ...]] = set()

    def test(values: tuple[Any, ...]) -> list[str]:
        if values in good:
            return []
        faulty = [
            column
            for (column, allowed), value in zip(lists.items(), values, strict=True)
            if value is not None and value not in allowed
        ]
        if not faulty and len(good) < _REMEMBERED:
            good.add(values)
        return faulty

    return test


def _timestamp(values: tuple[Any, ...]) -> tuple[str, ...]:
    (value,) = values
    match = _TIMESTAMP.fullmatch(value or "")
    return () if value is None or (match and is_date(match[1])) else ("timestamp",)


def record_checks(settings: Settings) -> list[RecordCheck]:
    """Return the checks of one record's form."""
    today = settings.today.isoformat()
    days: set[Any] = {None}
    birth_days: set[Any] = {None}

    def is_past_birth_date(day: str) -> bool:
        return is_birth_date(day) and day <= today

    checks = [
        _filled(RESIDENT_REGISTER, "deleted_record_class", Deleted.living, ("resident_code",)),
        _filled(IDENTITY_INFO, "record_status_flag", RecordStatus.current, ("resident_code", "individual_number")),
        _filled(DESTINATION_INFO, "", "", ()),
        RecordCheck(DATES, IDENTITY_INFO, ("timestamp",), _timestamp),
    ]
    for file in FILES:
        dates = [item.column for item in file.of_type(ItemType.date)]
        births = tuple(column for column in dates if column in _BIRTH_DATES)
        others = tuple(column for column in dates if column not in _BIRTH_DATES)
        listed = tuple(LISTED_ITEMS[file.table])
        checks += [
            RecordCheck(DATES, file, others, Known(others, is_date, days)),
            RecordCheck(DATES, file, births, Known(births, is_past_birth_date, birth_days)),
            RecordCheck(CODES, file, listed, _codes(file.table)),
        ]
    return checks


def layout_faults(registry: Registry, _settings: Settings) -> Iterator[Found]:
    """Yield each file whose table does not have exactly the printed items in printed order."""
    for file in FILES:
        if registry.columns_of(file.table) != ("record_id", *file.columns):
            yield file.table, 0, ()


LAYOUT_CHECK = FileCheck(LAYOUT, layout_faults)
