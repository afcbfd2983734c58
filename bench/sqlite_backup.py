"""Taking a SQLite register as a source, with its row counts, against SQLite's bare backup call."""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from backups.sealing.digests import silent
from backups.sources.sqlite import SQLiteSource
from bench.files import mebibytes
from bench.harness import Figure, timed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ROW_BYTES = 700
_ROWS_A_STEP = 1500


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure over a register of the size of the large files, with a write-ahead log."""
    path, copy = folder / "register.sqlite3", folder / "copy"
    source = random.Random(1)  # noqa: S311 - content of a benchmark
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE resident (id INTEGER PRIMARY KEY, code TEXT NOT NULL, content BLOB NOT NULL)")
        database.execute("CREATE INDEX resident_code ON resident (code)")  # as every large table of the register has
        for _ in range(mebibytes()):
            rows = [(f"{source.randrange(10**11):011}", source.randbytes(_ROW_BYTES)) for _ in range(_ROWS_A_STEP)]
            database.executemany("INSERT INTO resident (code, content) VALUES (?, ?)", rows)
            database.commit()

    def bare() -> None:
        with closing(sqlite3.connect(path)) as database, closing(sqlite3.connect(copy)) as target:
            target.execute("PRAGMA synchronous=OFF")
            database.backup(target)

    def ours() -> float:
        os.sync()  # or the kernel writes one run's pages to the disk during the next, which then pays for both
        seconds = timed(lambda: SQLiteSource("registry", path).take(copy, silent))
        copy.unlink()
        return seconds

    def against() -> float:
        os.sync()
        seconds = timed(bare)
        copy.unlink()
        return seconds

    yield Figure(
        name=f"take a SQLite register of {mebibytes()} MiB",
        reference="sqlite3's backup call, unsynced as ours",
        aim=1.2,
        ours=ours,
        against=against,
        runs=9,
    )
