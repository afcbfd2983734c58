"""What a check is, what it finds, and what it is told about the site."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from registry.databases.interface import Registry
from registry.files import FILES, IDENTITY_INFO, File


class Severity(StrEnum):
    """What a fault means: the act is refused, the record is wrong, a decision is needed, or it is only shown."""

    block = "block"
    error = "error"
    warning = "warning"
    info = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule, declared. ``title`` and ``message`` are msgids; a message never holds the value of an item."""

    id: str
    title: str
    message: str
    severity: Severity
    files: tuple[int, ...]
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What a check found: the record by its surrogate key, and the items, never what they hold."""

    check: Check
    table: str
    record_id: int
    items: tuple[int, ...] = ()

    @property
    def file(self) -> File:
        """Return the file whose record is at fault; its history counts as the file."""
        return next(file for file in FILES if self.table.startswith(file.table))

    def fields(self, count: int = 1) -> dict[str, str]:
        """Return what fills the placeholders of the check's message: names and counts, never values."""
        named = [f"{number} {self.file.items[number - 1].name_ja}" for number in self.items]
        return {
            "item": named[0] if named else "-",
            "items": ", ".join(named) or "-",
            "file": self.file.name_ja,
            "file_a": self.file.name_ja,
            "file_b": IDENTITY_INFO.name_ja,
            "expected": str(len(self.file.items)),
            "flag": named[0] if named else "-",
            "count": str(count),
        }


def next_weekday(day: date) -> date:
    """Return the first day after ``day`` that is not a Saturday or Sunday."""
    day += timedelta(days=1)
    while day.isoweekday() > 5:  # noqa: PLR2004 - Friday, as ISO 8601 counts
        day += timedelta(days=1)
    return day


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The day on which the records are judged, and the site's readings of what the rules leave open.

    ``next_business_day`` comes from the site's calendar; the default knows weekends only.
    """

    today: date
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Tokyo"))
    next_business_day: Callable[[date], date] = next_weekday
    municipality_code_digits: int = 6
    resident_code_remainder_0: str = "0"
    number_request_business_days: int = 5


# A record test gets the values of its columns and returns the columns at fault, none when all is well.
Test = Callable[[tuple[Any, ...]], Sequence[str]]
# The values of the same columns of many records, one sequence a column.
Columns = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class RecordCheck:
    """A check that needs one record of one file at a time, which ``test`` looks at closely.

    ``passes``, where there is one, is asked about many records first, column by column, and says quickly that all is
    well with them, preferably without leaving C. Where it does not, each of them is tested. Nearly all records of a
    register pass.
    """

    check: Check
    file: File
    columns: tuple[str, ...]
    test: Test
    passes: Callable[[Columns], bool] | None = None


Found = tuple[str, int, tuple[int, ...]]  # table, surrogate key, item numbers


@dataclass(frozen=True, slots=True)
class FileCheck:
    """A check that needs more than one record: it asks the database."""

    check: Check
    find: Callable[[Registry, Settings], Iterator[Found]]


def located(registry: Registry, table: str, items: tuple[int, ...], sql: str, *parameters: Any) -> Iterator[Found]:
    """Yield each surrogate key that ``sql`` returns as a fault of ``items`` in ``table``."""
    for row in registry.rows(sql, parameters):
        yield table, row[0], items
