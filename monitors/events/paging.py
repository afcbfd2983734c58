# ruff: noqa: S608 - conditions are made of our own names and marks, files come from the manifest
"""A list of events of any length, a page at a time.

The archive is counted by hour, from the list's beginning, in spans that grow; so the first page stands at once and
every place is known soon. A row's id is its hour and its number in that hour, from the oldest, and stays the same when
later events come in. A page is read from the files of its hours only: it costs what it shows, not what there is.
"""

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from accesscontrol.store import Store
from monitors.events import ledger, segments
from monitors.events.engine import Connection, fetch, parquet
from monitors.events.expressions import Condition
from monitors.events.ledger import Segment

HOUR: Final = 3_600_000  # milliseconds
_FIRST_SPAN: Final = 24  # hours; each span after it is twice as long
_SHIFT: Final = 32
_BATCH: Final = 50_000
_STREAMED: Final = 20_000
_ORDER: Final = "ts, event_id"
_NEAR: Final = 48  # hours; a page that reaches farther is one of scattered rows
_REMEMBERED: Final = 100_000  # rows
_FEW: Final = 1_000  # hours
_NUMBERED: Final = (
    f"(ts // {HOUR}) * {1 << _SHIFT} - 1 + row_number() OVER (PARTITION BY ts // {HOUR} ORDER BY {_ORDER})"
)


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of time, in milliseconds since 1970 in UTC, both ends inclusive."""

    first: int
    last: int


def stamp(store: Store) -> tuple[int, int]:
    """Return what changes whenever events come in or go: how many segments are listed, and the newest one's number."""
    row = store.row("SELECT count(*) AS n, coalesce(max(number), 0) AS newest FROM event_segment WHERE kind = 'events'")
    return (row["n"], row["newest"]) if row else (0, 0)


class Listing:
    """The events that meet a condition, newest or oldest first. Its methods may be called in any thread."""

    def __init__(self, store: Store, home: Path, condition: Condition, *, oldest_first: bool = False) -> None:
        self._store, self._home, self._condition = store, home, condition
        self._oldest_first = oldest_first
        self._counts: dict[int, int] = {}  # hour -> events in it, in the order of the list
        self._found: list[dict[str, Any]] | None = None  # of a list with few rows, where each one is
        self._searched: set[int] = set()  # the hours in which they were looked for
        self._lock = threading.Lock()
        self._running: set[Connection] = set()
        self._closed = False
        self._engine = segments.connection(home)

    def close(self) -> None:
        """Stop what runs; from now on the list is empty. The last call that ends lets the engine go."""
        with self._lock:
            self._closed = True
            for cursor in self._running:
                cursor.interrupt()
            self._let_go()

    def _let_go(self) -> None:
        """Close the engine after the last call; a connection refuses to be closed while another of its calls runs."""
        if self._closed and not self._running:
            self._engine.close()

    # -- what a list asks -----------------------------------------------------------------------------

    def index(self) -> Iterator[Sequence[int]]:
        """Yield the ids of all rows in order, in batches, the first one soon."""
        self._counts, self._found = {}, None
        for hour, count in self._counted():
            self._counts[hour] = count
            places = range(count) if self._oldest_first else range(count - 1, -1, -1)
            for start in range(0, count, _BATCH):
                part = places[start : start + _BATCH]
                yield range((hour << _SHIFT) + part.start, (hour << _SHIFT) + part.stop, part.step)

    def rows(self, ids: Sequence[int]) -> list[dict[str, Any] | None]:
        """Return the events of neighbouring ids in their order, None for one that is gone."""
        hours = sorted({each >> _SHIFT for each in ids})
        if not hours:
            return []
        span = _Span(hours[0] * HOUR, hours[-1] * HOUR + HOUR - 1)
        places = self._scattered(ids) if hours[-1] - hours[0] > _NEAR else None
        if places is None:
            tail = f"QUALIFY place IN ({', '.join('?' * len(ids))})"
            places = self._ask(span, f"event_id, ts, {_NUMBERED} AS place", tail, ids)
        events = self._whole(places)
        by_place = {each["place"]: events.get(each["event_id"]) for each in places}
        return [by_place.get(each) for each in ids]

    def place_of(self, ts: int) -> int:
        """Return how many rows stand before the first one that is not on the far side of ``ts`` (milliseconds)."""
        hour = ts // HOUR
        span = _Span(hour * HOUR, ts - 1) if self._oldest_first else _Span(ts + 1, hour * HOUR + HOUR - 1)
        within = self._ask(span, "count(*) AS n", "") if span.first <= span.last else []
        before = sum(n for each, n in self._counts.items() if (each < hour if self._oldest_first else each > hour))
        return before + (within[0]["n"] if within else 0)

    def by_day_and_hour(self) -> dict[tuple[int, int], int]:
        """Return how many of the events there are on each of the site's days (since 1970) and hours that has any."""
        counts: dict[tuple[int, int], int] = defaultdict(int)
        for span in self._spans():
            for row in self._ask(span, "day, minute // 60 AS hour, count(*) AS n", "GROUP BY ALL"):
                counts[row["day"], row["hour"]] += row["n"]
        return counts

    def stream(self) -> Iterator[dict[str, Any]]:
        """Yield all events in order, some thousands in memory at a time."""
        together: list[int] = []
        rows = 0
        for hour, count in self._counted():
            together.append(hour)
            rows += count
            if rows >= _STREAMED:
                yield from self._events_of(together)
                together, rows = [], 0
        yield from self._events_of(together)

    # -- reading --------------------------------------------------------------------------------------

    def _events_of(self, hours: Sequence[int]) -> list[dict[str, Any]]:
        if not hours:
            return []
        span = _Span(min(hours) * HOUR, max(hours) * HOUR + HOUR - 1)
        return self._ask(span, "*", f"ORDER BY {_ORDER if self._oldest_first else 'ts DESC, event_id DESC'}")

    def _scattered(self, ids: Sequence[int]) -> list[dict[str, Any]] | None:
        """Return where the events of ``ids`` are, from memory; None for a list too long to be remembered.

        Few rows among many events lie far apart: each page would search the archive from end to end. So it is
        searched once, as far as it was counted and where anything was, and where each row is stays known.
        """
        wanted = {each >> _SHIFT for each in ids}
        if self._found is None or not wanted <= self._searched:
            counted = dict(self._counts)  # as far as it is; another thread may be counting on
            if sum(counted.values()) > _REMEMBERED:
                return None
            self._searched = wanted.union(counted)
            hours = sorted(self._searched)
            span = _Span(hours[0] * HOUR, hours[-1] * HOUR + HOUR - 1)
            within = f"AND list_contains({hours}, ts // {HOUR})" if len(hours) <= _FEW else ""
            tail = f"{within} ORDER BY place LIMIT {_REMEMBERED + 1}"
            self._found = self._ask(span, f"event_id, ts, {_NUMBERED} AS place", tail, hours=hours)
        if len(self._found) > _REMEMBERED:
            return None
        places = set(ids)
        return [each for each in self._found if each["place"] in places]

    def _whole(self, places: Sequence[dict[str, Any]]) -> dict[int, dict[str, Any]]:
        """Return all columns of the events that ``places`` name, by their ids."""
        if not places:
            return {}
        times = [each["ts"] for each in places]
        marks = ", ".join("?" * len(places))
        span = _Span(min(times), max(times))
        ids = [each["event_id"] for each in places]
        sources = {event_id >> _SHIFT for event_id in ids}
        found = self._ask(span, "*", f"AND event_id IN ({marks})", ids, sources=sources)
        return {each["event_id"]: each for each in found}

    def _counted(self) -> Iterator[tuple[int, int]]:
        direction = "ASC" if self._oldest_first else "DESC"
        for span in self._spans():
            rows = self._ask(span, f"ts // {HOUR} AS hour, count(*) AS n", f"GROUP BY hour ORDER BY hour {direction}")
            yield from ((row["hour"], row["n"]) for row in rows)

    def _spans(self) -> Iterator[_Span]:
        """Yield the time in which there may be events, from the list's beginning, in spans that grow."""
        asked = self._condition
        listed = ledger.segments(self._store, first=asked.first, last=asked.last)
        if not listed:
            return
        first, last = min(each.first for each in listed), max(each.last for each in listed)
        start = (first if asked.first is None else max(first, asked.first)) // HOUR
        end = (last if asked.last is None else min(last, asked.last)) // HOUR
        hours = _FIRST_SPAN
        while start <= end:
            if self._oldest_first:
                yield _Span(start * HOUR, min(start + hours, end + 1) * HOUR - 1)
                start += hours
            else:
                yield _Span(max(end - hours + 1, start) * HOUR, end * HOUR + HOUR - 1)
                end -= hours
            hours *= 2

    def _ask(
        self,
        span: _Span,
        select: str,
        tail: str,
        more: Sequence[int] = (),
        *,
        sources: Collection[int] = (),
        hours: Sequence[int] = (),
    ) -> list[dict[str, Any]]:
        """Return rows of the events of ``span`` that meet the condition; looks anew if a file went away meanwhile.

        With ``sources`` only files that came of these imports are read, with ``hours`` (in order) only those that reach
        into one of them.
        """
        import duckdb

        asked = self._condition
        first = span.first if asked.first is None else max(span.first, asked.first)
        last = span.last if asked.last is None else min(span.last, asked.last)
        for attempt in range(2):
            listed = ledger.segments(self._store, first=first, last=last)
            wanted = [each for each in listed if not sources or each.source in sources]
            files = ledger.paths(self._home, [each for each in wanted if not hours or _reaches(each, hours)])
            sql = f"SELECT {select} FROM {parquet(files)} WHERE ts BETWEEN {first} AND {last} AND ({asked.sql}) {tail}"
            try:
                return self._run(sql, [*asked.parameters, *more]) if files else []
            except duckdb.InterruptException:
                return []
            except duckdb.IOException as error:
                if attempt:
                    raise segments.unreadable(error) from None
            except duckdb.Error as error:
                raise segments.unreadable(error) from None
        return []

    def _run(self, sql: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
        with self._lock:
            if self._closed:
                return []
            cursor = self._engine.cursor()
            self._running.add(cursor)
        try:
            return fetch(cursor, sql, parameters)
        finally:
            with self._lock:
                self._running.discard(cursor)
                cursor.close()
                self._let_go()


def _reaches(segment: Segment, hours: Sequence[int]) -> bool:
    """Tell whether ``segment`` reaches into one of ``hours``, which are in order."""
    place = bisect_left(hours, segment.first // HOUR)
    return place < len(hours) and hours[place] <= segment.last // HOUR
