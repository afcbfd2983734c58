# ruff: noqa: S608 - conditions come from ``search``, with parameters; every name is our own
"""Events page by page, newest first, at a cost that grows with the page and not with the archive.

Parquet has no index: without a bound in time, the newest hundred cost a look at everything. So time is cut into
slices, from the newest backwards, as wide as the manifest says that a page should need, and wider where a filter
leaves little; each slice reads only the segments that overlap it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from accesscontrol.store import Store
from monitors.events import ledger, segments
from monitors.events.engine import fetch, parquet
from monitors.events.ledger import Segment
from monitors.events.search import Query

_GENEROUS: Final = 4
_WIDER: Final = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the next one begins behind this event."""

    ts: int
    event_id: int


def page(
    store: Store, home: Path, query: Query, *, before: Place | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """Return up to ``limit`` events that ``query`` wants, newest first, behind the one at ``before``."""
    last = query.last if before is None else min(before.ts, before.ts if query.last is None else query.last)
    listed = ledger.segments(store, first=query.first, last=last)
    if not listed:
        return []
    oldest = max(min(each.first for each in listed), query.first if query.first is not None else -(1 << 62))
    high = min(max(each.last for each in listed), last if last is not None else 1 << 62)
    width = _width(listed, limit)
    found: list[dict[str, Any]] = []
    with segments.connection(home) as engine:
        while high >= oldest and len(found) < limit:
            low = max(oldest, high - width + 1)
            files = ledger.paths(home, [each for each in listed if each.first <= high and each.last >= low])
            if files:
                found += _slice(engine, files, query, low, high, before, limit - len(found))
            high, width = low - 1, width * _WIDER
    return found


def _width(listed: Sequence[Segment], limit: int) -> int:
    """Return how many milliseconds should hold a page, going by the newest segments."""
    newest = max(listed, key=lambda each: each.last)
    return max(1000, (newest.last - newest.first + 1) * limit * _GENEROUS // newest.events)


def _slice(
    engine: Any, files: Sequence[Path], query: Query, low: int, high: int, before: Place | None, limit: int
) -> list[dict[str, Any]]:
    behind = "(ts, event_id) < (?, ?)" if before else "true"
    sql = (
        f"SELECT * FROM {parquet(files)} WHERE ts BETWEEN {low} AND {high} AND {query.condition} AND {behind} "
        f"ORDER BY ts DESC, event_id DESC LIMIT {limit}"
    )
    return fetch(engine, sql, [*query.parameters, *((before.ts, before.event_id) if before else ())])


def count(store: Store, home: Path, query: Query) -> int:
    """Return how many events ``query`` wants."""
    files = ledger.paths(home, ledger.segments(store, first=query.first, last=query.last))
    first = query.first if query.first is not None else -(1 << 62)
    last = query.last if query.last is not None else 1 << 62
    with segments.connection(home) as engine:
        sql = f"SELECT count(*) AS n FROM {parquet(files)} WHERE ts BETWEEN {first} AND {last} AND {query.condition}"
        (row,) = fetch(engine, sql, query.parameters)
    return int(row["n"])
