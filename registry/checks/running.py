"""Running all checks over a register: streaming, counted by check and severity, faults located by key."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from registry.checks import bands, formats, households, identifiers, logic, retention, texts
from registry.checks.model import Check, Columns, Fault, FileCheck, RecordCheck, Settings, Severity
from registry.databases.interface import Registry
from registry.files import FILES, IDENTITY_INFO, File
from registry.files.tables import HISTORY_TABLE

Progress = Callable[[int, int], None]

_KEPT_PER_CHECK = 100
_ROWS_BETWEEN_REPORTS = 10_000
_ROWS_TOGETHER = 64


def record_checks(settings: Settings) -> list[RecordCheck]:
    """Return every check that looks at one record at a time."""
    return [
        *identifiers.record_checks(settings),
        *formats.record_checks(settings),
        *texts.record_checks(),
        *logic.record_checks(settings),
    ]


def file_checks() -> list[FileCheck]:
    """Return every check that asks the database, the layout not among them: it comes before all others."""
    return [
        *identifiers.file_checks(),
        *texts.file_checks(),
        *logic.file_checks(),
        *households.file_checks(),
        *retention.file_checks(),
        *bands.file_checks(),
    ]


def declared(settings: Settings) -> dict[str, Check]:
    """Return each check that runs, by id."""
    checks = [formats.LAYOUT, *(c.check for c in record_checks(settings)), *(c.check for c in file_checks())]
    return {check.id: check for check in sorted(checks, key=lambda check: check.id)}


def _needed(file: File, checks: list[RecordCheck]) -> tuple[str, ...]:
    """Return the columns of ``file`` that some check looks at, in printed order; no others are read."""
    looked_at = {column for check in checks if check.file is file for column in check.columns}
    return tuple(column for column in file.columns if column in looked_at)


def _scan(
    rows: Iterator[tuple[Any, ...]], table: str, file: File, checks: list[RecordCheck], columns: tuple[str, ...]
) -> Iterator[Fault]:
    """Yield the faults of all rows, each a surrogate key and ``columns``. Every record of a register passes here."""
    place = {column: at for at, column in enumerate(columns, start=1)}
    plan = [(check, [place[column] for column in check.columns]) for check in checks if check.file is file]
    while batch := list(islice(rows, _ROWS_TOGETHER)):
        keys, *_ = turned = list(zip(*batch, strict=True))
        for check, places in plan:
            values = [turned[at] for at in places]
            if check.passes is None or not check.passes(values):
                yield from _faults(check, table, keys, values)


def _faults(check: RecordCheck, table: str, keys: Sequence[int], columns: Columns) -> Iterator[Fault]:
    """Test each of a few records by itself."""
    for key, values in zip(keys, zip(*columns, strict=True), strict=True):
        if faulty := check.test(values):
            for column in dict.fromkeys(faulty):
                yield Fault(check.check, table, key, (check.file.item(column).number,))


def _watched(rows: Iterator[Any], report: Callable[[int], None]) -> Iterator[Any]:
    """Pass the rows on and report every so many of them."""
    while batch := list(islice(rows, _ROWS_BETWEEN_REPORTS)):
        yield from batch
        report(len(batch))


class Judge:
    """Judges rows of one file as they come, remembering what it has seen to be good."""

    def __init__(self, file: File, settings: Settings) -> None:
        self._file = file
        self._checks = record_checks(settings)

    def faults(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[Fault]:
        """Yield the faults of ``rows``: surrogate key, then the items in printed order."""
        return _scan(iter(rows), self._file.table, self._file, self._checks, self._file.columns)


def record_faults(file: File, row: tuple[Any, ...], settings: Settings) -> list[Fault]:
    """Return the faults of one record: surrogate key, then the items in printed order."""
    return list(Judge(file, settings).faults([row]))


def find(
    registry: Registry,
    settings: Settings,
    progress: Progress | None = None,
    *,
    only: frozenset[str] | None = None,
) -> Iterator[Fault]:
    """Yield every fault in the register, streaming, in constant memory; ``only`` those of the checks with these ids.

    A file whose table does not have the printed items (CHK-CNT-01) can't be judged any further: then only
    that is reported.
    """
    broken = [Fault(formats.LAYOUT, *found) for found in formats.LAYOUT_CHECK.find(registry, settings)]
    yield from broken
    if broken:
        return
    counts = registry.counts()
    checks = [check for check in record_checks(settings) if only is None or check.check.id in only]
    tables = [*((file.table, file) for file in FILES), (HISTORY_TABLE, IDENTITY_INFO)]
    done, total = 0, sum(counts[table] for table, _ in tables)

    def report(rows: int) -> None:
        nonlocal done
        done += rows
        if progress:
            progress(done, total)

    for table, file in tables:
        columns = _needed(file, checks)
        if not columns:
            continue
        rows = registry.scan(table, columns)
        yield from _scan(_watched(rows, report) if progress else rows, table, file, checks, columns)
    for check in file_checks():
        if only is None or check.check.id in only:
            for found in check.find(registry, settings):
                yield Fault(check.check, *found)
    if progress:
        progress(total, total)


def _severity(checks: Mapping[str, Check], check_id: str) -> str:
    return checks.get(check_id, formats.LAYOUT).severity.value


@dataclass(slots=True)
class Report:
    """What a run found: exact counts by check, and of each check the first faults with their places."""

    records: int
    by_check: dict[str, int]
    checks: dict[str, Check]
    faults: list[Fault] = field(default_factory=list)

    @property
    def not_run(self) -> set[str]:
        """Return the ids of the checks that could not run, because a table does not have its printed items."""
        return set(self.checks) - {formats.LAYOUT.id} if self.by_check.get(formats.LAYOUT.id) else set()

    @property
    def by_severity(self) -> dict[str, int]:
        """Return the number of faults of each severity, zeros included."""
        counts = Counter(dict.fromkeys((severity.value for severity in Severity), 0))
        for check_id, count in self.by_check.items():
            counts[_severity(self.checks, check_id)] += count
        return dict(counts)

    @property
    def sound(self) -> bool:
        """Tell whether no record is wrong: warnings wait for a decision, errors do not pass."""
        return self.by_severity[Severity.error.value] == self.by_severity[Severity.block.value] == 0


def check(
    registry: Registry,
    settings: Settings,
    *,
    keep: int = _KEPT_PER_CHECK,
    progress: Progress | None = None,
    only: frozenset[str] | None = None,
) -> Report:
    """Run all checks, or ``only`` those with these ids; count all, keep the first ``keep`` places of each check."""
    checks = {name: each for name, each in declared(settings).items() if only is None or name in only}
    counts = Counter(dict.fromkeys(checks, 0))
    faults: list[Fault] = []
    with registry.reading():
        for fault in find(registry, settings, progress, only=only):
            counts[fault.check.id] += 1
            if counts[fault.check.id] <= keep:
                faults.append(fault)
        rows = registry.counts()
    records = sum(rows[table] for table in (*(file.table for file in FILES), HISTORY_TABLE))
    return Report(records=records, by_check=dict(counts), checks=checks, faults=faults)
