# ruff: noqa: S608 - every text in these statements is quoted, every name is our own
"""What each account did on each day, summed up once for a segment, so that a new day need not read a year of events.

The sums lie in one file beside the segments. Segments never change, so a sum stays true as long as its segment is
there; it is known by the segment's SHA-256. The file's name holds its keyed digest: a file that anybody else wrote is
not used, and what is missing is summed up again. Nothing is lost with it.
"""

import contextlib
import hmac
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from accesscontrol.store import Store
from monitors.events import ledger
from monitors.events.engine import Connection, fetch, listed, parquet, quoted
from monitors.events.ledger import Segment
from monitors.events.schema import Action, Outcome
from monitors.events.staging import write_parquet

_PREFIX: Final = "habits-"
_PURPOSE: Final = b"daily sums of accounts, 1"  # another number whenever a sum means something else
_TABLE: Final = "daily_sum"
_COLUMNS: Final = (
    "segment VARCHAR, system VARCHAR, user_id VARCHAR, day INTEGER, latest BIGINT, looked BIGINT, put_out BIGINT"
)
_USUAL_DAYS: Final = 30
_KNOWN_DAYS: Final = 10
_MOST: Final = 2_000_000_000
_FEW: Final = 5  # so that two look-ups instead of none are nothing


def daily(events: str, condition: str = "true") -> str:
    """Return the SELECT that sums up ``events`` by account and day."""
    return f"""
    SELECT system, user_id, day, max(ts) AS latest,
        count(*) FILTER (action IN ('{Action.SEARCH}', '{Action.VIEW}') AND outcome = '{Outcome.SUCCESS}') AS looked,
        coalesce(sum(target_count) FILTER (action IN ('{Action.PRINT}', '{Action.EXPORT}', '{Action.MEDIA}')
            AND outcome = '{Outcome.SUCCESS}'), 0)::BIGINT AS put_out
    FROM {events} WHERE user_id <> '' AND {condition} GROUP BY ALL
    """


def compared(sums: str, first: int) -> str:
    """Return the SELECT that compares each account's days with those before, for days used after ``first`` (ms).

    Usual is the mean of up to thirty days of use before, of which at least ten must be known (MO-ANM-10).
    """
    before = f"PARTITION BY system, user_id ORDER BY day ROWS BETWEEN {_USUAL_DAYS} PRECEDING AND 1 PRECEDING"
    return f"""
    WITH used AS (
        SELECT system, user_id, day, max(latest) AS latest, sum(looked)::BIGINT AS looked,
            sum(put_out)::BIGINT AS put_out
        FROM ({sums}) GROUP BY ALL
    ), compared AS (
        SELECT *, day - lag(day) OVER (PARTITION BY system, user_id ORDER BY day) AS idle,
            count(*) OVER ({before}) AS known, avg(looked) OVER ({before}) AS usual,
            avg(put_out) OVER ({before}) AS usual_put_out
        FROM used
    )
    SELECT system, user_id, day, looked, coalesce(idle, -1) AS idle,
        CASE WHEN known >= {_KNOWN_DAYS} THEN looked // greatest(usual, {_FEW}) ELSE -1 END AS times,
        least(put_out, {_MOST}) AS put_out,
        CASE WHEN known >= {_KNOWN_DAYS} THEN least(put_out // greatest(usual_put_out, {_FEW}), {_MOST})
            ELSE -1 END AS put_out_times
    FROM compared WHERE latest >= {first}
    """


def recalled(connection: Connection, store: Store, home: Path, history: Sequence[Segment], *, last: int) -> str:
    """Return the SELECT of the daily sums of ``history`` up to ``last`` (milliseconds, inclusive).

    What is not summed up yet is now, and is kept for the next time under the seal of ``store``.
    """
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_TABLE} ({_COLUMNS})")
    known = _load(connection, home, store.seal)
    whole, cut = [each for each in history if each.last <= last], [each for each in history if each.last > last]
    missing = [each for each in whole if each.sha256 not in known]
    for segment in missing:
        told, sums = quoted(segment.sha256), daily(parquet(ledger.paths(home, [segment])))
        connection.execute(f"INSERT INTO {_TABLE} SELECT {told}, * FROM ({sums})")
        connection.execute(f"INSERT INTO {_TABLE} VALUES ({told}, '', '', 0, 0, 0, 0)")  # even if nobody is in it
    if missing:
        _keep(connection, store, home)
    wanted = listed(each.sha256 for each in whole)
    kept = f"SELECT * EXCLUDE segment FROM {_TABLE} WHERE user_id <> '' AND list_contains({wanted}, segment)"
    rest = daily(parquet(ledger.paths(home, cut)), f"ts <= {last}")
    return f"{kept} UNION ALL BY NAME ({rest})" if cut else kept


def forget(home: Path) -> None:
    """Let go of what is kept: with erased events their sums go too, and the others are summed up again."""
    for path in _kept(home):
        path.unlink(missing_ok=True)


def _kept(home: Path) -> list[Path]:
    return sorted(ledger.folder(home).glob(f"{_PREFIX}*"))


def _load(connection: Connection, home: Path, seal: bytes) -> set[str]:
    """Bring in what was kept, if it is ours, and return the segments that it sums up."""
    import duckdb

    for path in _kept(home):
        with contextlib.suppress(OSError, duckdb.Error):  # gone or damaged: it is summed up again
            if hmac.compare_digest(path.name, _name(path, seal)):
                connection.execute(f"INSERT INTO {_TABLE} SELECT * FROM read_parquet({quoted(str(path))})")
                break
    return {row["segment"] for row in fetch(connection, f"SELECT DISTINCT segment FROM {_TABLE}")}


def _keep(connection: Connection, store: Store, home: Path) -> None:
    """Keep the sums of all segments that there are, in place of what was kept before."""
    there = listed(each.sha256 for each in ledger.segments(store))
    fresh = ledger.folder(home) / f"{_PREFIX}{os.getpid()}"
    write_parquet(connection, f"SELECT * FROM {_TABLE} WHERE list_contains({there}, segment) ORDER BY ALL", fresh)
    fresh.chmod(0o600)
    before = _kept(home)
    final = fresh.rename(fresh.with_name(_name(fresh, store.seal)))
    for path in before:
        if path != final:
            path.unlink(missing_ok=True)


def _name(path: Path, seal: bytes) -> str:
    """Return what a file of these sums must be called: only who knows the seal can name one."""
    return _PREFIX + hmac.new(seal, _PURPOSE + path.read_bytes(), "sha256").hexdigest()
