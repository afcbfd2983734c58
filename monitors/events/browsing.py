# ruff: noqa: S608 - every text in these statements is quoted or a parameter, every name is our own
"""Looking into the archive: single events, the hours around a finding, failures by weekday and hour.

Every query gets its files from the manifest and carries a bound in time, so that its cost grows with what is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from accesscontrol.store import Store
from monitors.events import ledger, segments
from monitors.events.engine import fetch, parquet
from monitors.events.times import milliseconds

_FILE_SHIFT: Final = 32
_HOUR: Final = timedelta(hours=1)
_SHOWN: Final = 500
BUCKETS: Final = 24
WEEKDAYS: Final = 7
HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an account did around a time: events in each of 24 equal slices, and how many of each action."""

    slices: Sequence[int]
    actions: Sequence[tuple[str, int]]


def around(
    store: Store,
    home: Path,
    *,
    system: str,
    account: str,
    first: datetime,
    last: datetime,
    margin: timedelta = _HOUR,
) -> Surroundings:
    """Return what ``account`` did from ``margin`` before ``first`` to ``margin`` after ``last``."""
    start, end = milliseconds(first - margin), milliseconds(last + margin)
    files = ledger.paths(home, ledger.segments(store, first=start, last=end, systems=(system,)))
    if not files:
        return Surroundings((), ())
    width = max(1, (end - start) // BUCKETS + 1)
    with segments.reading(home) as engine:
        found = fetch(
            engine,
            f"SELECT (ts - {start}) // {width} AS slice, action, count(*) AS n FROM {parquet(files)}"
            " WHERE ts BETWEEN ? AND ? AND system = ? AND user_id = ? GROUP BY ALL",
            (start, end, system, account),
        )
    slices = [0] * BUCKETS
    actions: dict[str, int] = {}
    for row in found:
        slices[row["slice"]] += row["n"]
        actions[row["action"]] = actions.get(row["action"], 0) + row["n"]
    return Surroundings(slices if found else (), sorted(actions.items(), key=lambda action: (-action[1], action[0])))


def by_ids(store: Store, home: Path, ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return up to 500 events by their ids, in order of time, as rows of the event schema."""
    wanted = list(ids)[:_SHOWN]
    numbers = {event >> _FILE_SHIFT for event in wanted}
    files = ledger.paths(home, [each for each in ledger.all_segments(store) if each.source in numbers])
    if not files:
        return []
    with segments.reading(home) as engine:
        marks = ", ".join("?" * len(wanted))
        return fetch(
            engine, f"SELECT * FROM {parquet(files)} WHERE event_id IN ({marks}) ORDER BY ts, event_id", wanted
        )


def failures(store: Store, home: Path, *, first: datetime, last: datetime) -> list[list[int]]:
    """Return failed sign-ins from ``first`` to ``last`` by the site's weekday (Monday first) and hour."""
    start, end = milliseconds(first), milliseconds(last)
    counts = [[0] * HOURS for _ in range(WEEKDAYS)]
    files = ledger.paths(home, ledger.segments(store, first=start, last=end))
    if not files:
        return counts
    with segments.reading(home) as engine:
        found = fetch(
            engine,
            # 1970-01-01 was a Thursday, the fourth day of a week that begins on Monday
            f"SELECT (day + 3) % 7 AS weekday, minute // 60 AS hour, count(*) AS n FROM {parquet(files)}"
            " WHERE ts BETWEEN ? AND ? AND action = 'login' AND outcome = 'failure' GROUP BY ALL",
            (start, end),
        )
    for row in found:
        counts[row["weekday"]][row["hour"]] = row["n"]
    return counts
