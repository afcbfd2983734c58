"""An act with its trail entry, against the same bytes in a bare SQLite commit of the same durability."""

from __future__ import annotations

import sqlite3
import statistics
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from accesscontrol.clock import SystemClock
from accesscontrol.store import Store
from bench.harness import Figure, timed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMITS = 200
ROW = """
    CREATE TABLE entry (seq INTEGER PRIMARY KEY, body BLOB NOT NULL, leaf BLOB NOT NULL, chain BLOB NOT NULL) STRICT
"""


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure; each run is the median of a few hundred commits."""
    store = Store(folder / "trail.sqlite3", SystemClock(), seal=bytes(32))
    store.migrate()

    def record() -> None:
        with store.transaction() as transaction:
            transaction.record("backup.taken", actor="100001", subject="B-0001", terminal="SR-01", bytes=4096)

    record()
    stored = store.rows("SELECT body, leaf, chain FROM trail_entry")[0]
    with closing(sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)) as bare:
        bare.execute("PRAGMA journal_mode=WAL")
        bare.execute("PRAGMA synchronous=FULL")
        bare.execute(ROW)

        def commit() -> None:
            bare.execute("BEGIN IMMEDIATE")
            bare.execute("INSERT INTO entry (body, leaf, chain) VALUES (?, ?, ?)", tuple(stored))
            bare.execute("COMMIT")

        yield Figure(
            name="trail append, one act",
            reference="bare SQLite commit, WAL, synchronous=FULL",
            aim=1.5,
            ours=lambda: statistics.median(timed(record) for _ in range(COMMITS)),
            against=lambda: statistics.median(timed(commit) for _ in range(COMMITS)),
            runs=11,
        )
    store.close()
