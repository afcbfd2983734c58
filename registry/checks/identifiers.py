"""Checks of the numbers: well formed, held once, and the same pair in every file (CHK-ID-01 to 06)."""

from collections.abc import Callable, Iterator
from typing import Any

from accesscontrol.messages import N_
from registry import numbers
from registry.checks.formats import known_check
from registry.checks.model import (
    Check,
    Columns,
    FileCheck,
    Found,
    RecordCheck,
    Settings,
    Severity,
    located,
)
from registry.databases.interface import Registry
from registry.files import DESTINATION_INFO, FILES, IDENTITY_INFO, RESIDENT_REGISTER, File
from registry.files.codes import Deleted, RecordStatus
from registry.numbers import CheckDigit

INDIVIDUAL_NUMBER = Check(
    id="CHK-ID-01",
    title=N_("Individual number well formed"),
    message=N_("Individual number in item {item} is not valid (length or check digit)."),
    severity=Severity.error,
    files=(1, 2, 3),
    controls=("RG-INT-02",),
)
RESIDENT_CODE = Check(
    id="CHK-ID-02",
    title=N_("Resident code well formed"),
    message=N_("Resident code in item {item} is not valid (length or check digit)."),
    severity=Severity.error,
    files=(1, 2, 3),
    controls=("RG-INT-02",),
)
MUNICIPALITY_CODE = Check(
    id="CHK-ID-03",
    title=N_("Municipality codes well formed"),
    message=N_("Municipality code in item {item} is not valid."),
    severity=Severity.warning,
    files=(1, 2, 3),
    controls=("RG-INT-02",),
)
ONE_PER_NUMBER = Check(
    id="CHK-ID-04",
    title=N_("One current record per individual number"),
    message=N_("The same individual number is held by more than one current record of {file}."),
    severity=Severity.error,
    files=(1, 2),
    controls=("RG-INT-11",),
)
ONE_PER_CODE = Check(
    id="CHK-ID-05",
    title=N_("One current record per resident code"),
    message=N_("The same resident code is held by more than one current record of {file}."),
    severity=Severity.error,
    files=(1, 2),
    controls=("RG-INT-14",),
)
SAME_PAIR = Check(
    id="CHK-ID-06",
    title=N_("Same pair of resident code and individual number everywhere"),
    message=N_("Resident code and individual number do not form the confirmed pair ({file_a} against {file_b})."),
    severity=Severity.error,
    files=(1, 2, 3),
    controls=("RG-INT-11",),
)


def _number_check(check: Check, file: File, column: str, digit: CheckDigit) -> RecordCheck:
    """Return the check of one number; an empty one passes."""
    columns = (column,)

    def test(values: tuple[Any, ...]) -> tuple[str, ...]:
        (value,) = values
        return () if value is None or digit.fits(value) else columns

    def passes(values: Columns) -> bool:
        return digit.fits_all([value for value in values[0] if value is not None])

    return RecordCheck(check, file, columns, test, passes)


def record_checks(settings: Settings) -> list[RecordCheck]:
    """Return the checks of one record's numbers.

    An empty number passes here: whether it may be empty is the matter of CHK-FMT-01 and CHK-LOG-13.
    """
    code = numbers.RESIDENT_CODE[settings.resident_code_remainder_0]
    digits = settings.municipality_code_digits

    def is_municipality(text: str) -> bool:
        return numbers.is_municipality_code(text, digits=digits)

    municipalities: set[Any] = {None}
    checks = []
    for file in FILES:
        places = tuple(column for column in file.columns if column.endswith("municipality_code"))
        checks += [
            _number_check(INDIVIDUAL_NUMBER, file, "individual_number", numbers.INDIVIDUAL_NUMBER),
            _number_check(RESIDENT_CODE, file, "resident_code", code),
            known_check(MUNICIPALITY_CODE, file, places, is_municipality, municipalities),
        ]
    checks.append(_number_check(RESIDENT_CODE, IDENTITY_INFO, "old_resident_code", code))
    return checks


_CURRENT = {
    RESIDENT_REGISTER.table: ("deleted_record_class", Deleted.living),
    IDENTITY_INFO.table: ("record_status_flag", RecordStatus.current),
}


def _held_once(column: str) -> Callable[[Registry, Settings], Iterator[Found]]:
    def find(registry: Registry, _settings: Settings) -> Iterator[Found]:
        for file in (RESIDENT_REGISTER, IDENTITY_INFO):
            table = file.table
            status, current = _CURRENT[table]
            # names of ours
            several = f"SELECT {column} FROM {table} WHERE {status} = ? GROUP BY {column} HAVING count(*) > 1"  # noqa: S608
            # names of ours
            sql = f"SELECT record_id FROM {table} WHERE {status} = ? AND {column} IN ({several})"  # noqa: S608
            yield from located(registry, table, (file.item(column).number,), sql, current, current)

    return find


def _same_pair(registry: Registry, _settings: Settings) -> Iterator[Found]:
    for file in (RESIDENT_REGISTER, DESTINATION_INFO):
        sql = (
            f"SELECT a.record_id FROM {file.table} AS a "  # noqa: S608 - names of our own schema
            "JOIN identity_info AS b ON b.resident_code = a.resident_code "
            "WHERE a.individual_number <> b.individual_number"
        )
        yield from located(registry, file.table, (file.item("individual_number").number,), sql)


def file_checks() -> list[FileCheck]:
    """Return the checks of numbers that compare records."""
    return [
        FileCheck(ONE_PER_NUMBER, _held_once("individual_number")),
        FileCheck(ONE_PER_CODE, _held_once("resident_code")),
        FileCheck(SAME_PAIR, _same_pair),
    ]
