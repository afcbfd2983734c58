# ruff: noqa: S608 - every text in these statements is quoted, every name is our own
"""Breaks in a log from export to export: running numbers that don't meet, and days that never came (MO-LOG-07)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from accesscontrol.canonical import JSON
from accesscontrol.messages import N_
from monitors.calendars.hours import Calendar
from monitors.events import ledger
from monitors.events.engine import parquet
from monitors.events.ledger import Numbered, Segment
from monitors.findings.absences import Absence, Ask, match
from monitors.findings.matches import Match

_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_KNOWN_DAYS: Final = 10  # so many open days before one that is missing
_REACH: Final = 60  # days that are looked at before the new ones; enough of them are open
_SPOKEN: Final = 9  # on so many of them the log must have told something

JUMP: Final = Absence(
    name="log-jump",
    title=N_("Running numbers missing between two files of a log"),
    severity="high",
    controls=("MO-LOG-07", "MO-LOG-06", "MO-LOG-02"),
    explanation=N_(
        "The log of {system} ends with number {before} in the file {file_before} ({first}) and goes on with {after} in"
        " {file_after} ({last}): {missing} running numbers between them never came in."
    ),
)
MISSING_DAY: Final = Absence(
    name="log-day-missing",
    title=N_("Day missing in a log"),
    severity="high",
    controls=("MO-LOG-07", "MO-LOG-01"),
    explanation=N_(
        "The log of {system} tells nothing of {days}, between {first} and {last}, though it told something on nearly"
        " every open day before. Ask for the export of the missing days."
    ),
)
BREAKS: Final = (JUMP, MISSING_DAY)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a run looks at: segments of long ago on, the files it reads anew, and the time (ms) that it judges."""

    history: Sequence[Segment]
    files: Sequence[Segment]
    first: int
    last: int


def broken(ask: Ask, home: Path, looked: Looked, numbered: Sequence[Numbered], calendar: Calendar) -> Iterator[Match]:
    """Yield the breaks of each log that touch what is looked at; days are those of the site."""
    for log in sorted({(each.system, each.stream) for each in numbered}):
        ours = [each for each in numbered if (each.system, each.stream) == log]
        for before, after in jumps(ours):
            if before.last <= looked.last and after.first >= looked.first:
                yield _jump(ask, home, looked.history, before, after)
    for log in sorted({(each.system, each.stream) for each in looked.files}):
        yield from _missing_days(ask, home, looked, log, calendar)


def jumps(files: Sequence[Numbered]) -> Iterator[tuple[Numbered, Numbered]]:
    """Yield neighbouring files of one log between which running numbers are missing.

    Several hosts may write into one log, each with numbers of its own, and a log that was cleared begins anew. So a
    file goes on from the numbering that ends nearest before it, if that ends before it in time too; a file that goes
    on from none begins a numbering of its own, of which nothing is known to be missing.
    """
    ends: list[Numbered] = []  # the latest file of each numbering
    for file in sorted(files, key=lambda each: (each.first, each.lowest, each.number)):
        meets = next((end for end in ends if end.lowest <= file.lowest <= end.highest + 1), None)
        behind = [end for end in ends if end.highest < file.lowest and end.last <= file.first]
        goes_on = meets or max(behind, key=lambda end: end.highest, default=None)
        if goes_on is not None:
            ends.remove(goes_on)
            if meets is None:
                yield goes_on, file
        ends.append(file if goes_on is None or file.highest >= goes_on.highest else goes_on)


def _jump(ask: Ask, home: Path, history: Sequence[Segment], before: Numbered, after: Numbered) -> Match:
    segments = [each for each in history if each.source == after.number]
    files = parquet(ledger.paths(home, segments))
    events = ask(f"SELECT event_id FROM {files} WHERE sequence = {after.lowest} ORDER BY 1 LIMIT 1")
    return match(
        JUMP,
        system=after.system,
        group=_group(after.system, after.stream) + f"; from={before.highest}; to={after.lowest}",
        first=before.last,
        last=after.first,
        events=[row["event_id"] for row in events],
        segments=[each.sha256 for each in segments],
        facts={
            "system": after.system,
            "before": before.highest,
            "after": after.lowest,
            "file_before": before.name,
            "file_after": after.name,
            "missing": after.lowest - before.highest - 1,
            "owners": [],
        },
    )


def _missing_days(ask: Ask, home: Path, looked: Looked, log: tuple[str, str], calendar: Calendar) -> Iterator[Match]:
    """Find open days within the log's own time on which it tells nothing, though it does on nearly every other."""
    ours = [each for each in looked.history if (each.system, each.stream) == log]
    told = _days(ask, home, ours, {each.number for each in looked.files})
    if not told:
        return
    since, until = min(each.first_day for each in looked.files), max(each.last_day for each in looked.files)
    first = max(min(told), since - _REACH)
    opened = [day for day in range(first, max(told) + 1) if calendar.hours("", _date(day))]
    for missing in _runs(opened, told):
        earlier = [day for day in opened if day < missing[0]][-_KNOWN_DAYS:]
        is_habit = len(earlier) == _KNOWN_DAYS and sum(day in told for day in earlier) >= _SPOKEN
        before, after = max(day for day in told if day < missing[0]), min(day for day in told if day > missing[-1])
        if is_habit and before <= until and after >= since:
            held = f"max(ts) FILTER (day <= {before}) AS first, min(ts) FILTER (day >= {after}) AS last"
            (beside,) = ask(f"SELECT {held} FROM {parquet(ledger.paths(home, ours))}")
            days = ", ".join(_date(day).isoformat() for day in missing)
            facts: dict[str, JSON] = {"system": log[0], "days": days, "owners": []}
            yield match(MISSING_DAY, system=log[0], group=_group(*log) + f"; days={days}", **beside, facts=facts)


def _days(ask: Ask, home: Path, ours: Sequence[Segment], read: set[int]) -> set[int]:
    """Return the days of which a log tells: of the files that are read anew each day, of older ones their span."""
    old = {day for each in ours if each.number not in read for day in range(each.first_day, each.last_day + 1)}
    files = ledger.paths(home, [each for each in ours if each.number in read])
    return old | {row["day"] for row in ask(f"SELECT DISTINCT day FROM {parquet(files)}")}


def _runs(opened: Sequence[int], told: set[int]) -> Iterator[list[int]]:
    """Yield runs of open days of which nothing is told."""
    run: list[int] = []
    for day in opened:
        if day not in told:
            run.append(day)
        elif run:
            yield run
            run = []


def _date(day: int) -> date:
    return date.fromordinal(day + _EPOCH_DAY)


def _group(system: str, stream: str) -> str:
    told: Mapping[str, str] = {"system": system, "stream": stream}
    return "; ".join(f"{name}={value}" for name, value in told.items())
