# ruff: noqa: ISC004, S608 - queries are read best as they stand
"""Every shipped rule over a long archive, per rule, against eight hand-written queries, per query."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench import archive
from bench.harness import Figure, timed
from monitors.events import engine, ledger
from monitors.events.engine import parquet
from monitors.findings import detection
from monitors.rules import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HOURS = "minute >= 510 AND minute < 1035"
_QUERIES = (
    f"SELECT count(DISTINCT (user_id, day)) FROM {{events}} WHERE NOT ({_HOURS})",
    "SELECT count(*) FROM (SELECT count(*) OVER (PARTITION BY user_id ORDER BY ts RANGE BETWEEN 600000 PRECEDING AND "
    "CURRENT ROW) AS n FROM {events} WHERE action = 'login' AND outcome = 'failure') WHERE n >= 5",
    "SELECT count(*) FROM (SELECT terminal, ts, lag(terminal) OVER w AS before, lag(ts) OVER w AS earlier "
    "FROM {events} WHERE user_id <> '' AND terminal <> '' WINDOW w AS (PARTITION BY user_id ORDER BY ts, event_id)) "
    "WHERE before <> terminal AND ts - earlier <= 300000",
    "SELECT user_id, count(*) FROM {events} WHERE user_id NOT IN (SELECT printf('s%03d', n) FROM range(420) AS t(n)) "
    "GROUP BY ALL",
    "SELECT count(*) FROM (SELECT user_id, day FROM {events} WHERE action IN ('print', 'export', 'media') "
    "GROUP BY ALL HAVING sum(target_count) >= 500)",
    "SELECT count(*) FROM {events} WHERE action = 'search' AND search_keys < 2",
    "SELECT count(*) FROM {events} WHERE action IN ('media', 'backup') AND application = ''",
    "SELECT day, user_id, count(*) AS n FROM {events} GROUP BY day, user_id "
    "QUALIFY row_number() OVER (PARTITION BY day ORDER BY n DESC) <= 10",
)


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure: seconds a rule against seconds a query, both over all events."""
    home = folder / "site"
    store = archive.long(home)
    rules, facts = catalogue.shipped(), archive.knowledge()
    files = ledger.paths(home, ledger.segments(store))

    def ours() -> float:
        return timed(
            lambda: detection.detect(store, home, rules, lambda *_: facts, actor="bench", everything=True)
        ) / len(rules)

    def against() -> float:
        with engine.connect(home / "scratch") as connection:
            events = parquet(files)
            return timed(
                lambda: [connection.execute(each.format(events=events)).fetchall() for each in _QUERIES]
            ) / len(_QUERIES)

    yield Figure(
        name=f"all rules over {archive.DAYS * archive.A_DAY:,} events, per rule",
        reference="eight hand-written queries, per query",
        aim=1.5,
        ours=ours,
        against=against,
        runs=1,
    )
    store.close()
