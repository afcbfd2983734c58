"""Import of a long access log, against DuckDB copying the same CSV to Parquet with nothing understood."""

from __future__ import annotations

import random
import shutil
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import duckdb

from accesscontrol.clock import SystemClock
from accesscontrol.store import Store
from bench.harness import Figure, timed
from monitors.events import ledger
from monitors.events.engine import MEMORY, THREADS, quoted
from monitors.events.imports import import_file
from monitors.events.plans import Wish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = 1_000_000
ZONE = ZoneInfo("Asia/Tokyo")
MAPPING = """\
name = "bench"
title = "Access log of the benchmark"
title_ja = "Access log of the benchmark"
system = "bench"

[time]
columns = ["time"]
layouts = ["%Y-%m-%d %H:%M:%S"]

[fields]
user_id = "user"
terminal = "terminal"
office = "office"
action = "action"
outcome = "result"
target_count = "persons"
object = "object"

[values.action]
SEARCH = "search"
VIEW = "view"
PRINT = "print"
UPDATE = "update"

[values.outcome]
OK = "success"
NG = "failure"
"""


def write_log(path: Path) -> None:
    """Write a month of an office's work, in order of time."""
    chance = random.Random(1)  # noqa: S311 - content of a benchmark
    at = datetime(2026, 10, 1, 8, 30, tzinfo=ZONE)
    with path.open("w", encoding="utf-8") as file:
        file.write("time,user,terminal,office,action,result,persons,object\n")
        for _ in range(ROWS):
            at += timedelta(seconds=chance.randrange(5))
            action = chance.choice(("SEARCH", "SEARCH", "SEARCH", "VIEW", "VIEW", "PRINT", "UPDATE"))
            file.write(
                f"{at:%Y-%m-%d %H:%M:%S},U{chance.randrange(120):04},T-{chance.randrange(80):03},"
                f"office {chance.randrange(9)},{action},{'NG' if chance.randrange(50) == 0 else 'OK'},"
                f"{chance.randrange(1, 4)},R{chance.randrange(1_000_000):08}\n"
            )


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure; each import goes into a new, empty site."""
    log, mapping, home = folder / "access.csv", folder / "bench.toml", folder / "site"
    write_log(log)
    mapping.write_text(MAPPING, encoding="utf-8")

    def ours() -> float:
        home.mkdir(mode=0o700)
        store = Store(home / "sekisho.sqlite3", SystemClock(), seal=bytes(32))
        store.migrate(ledger.migrations)
        wish = Wish(system="bench", mapping=str(mapping))
        reports = []
        seconds = timed(lambda: reports.append(import_file(store, home, log, wish, actor="100001", zone=ZONE)))
        store.close()
        shutil.rmtree(home)
        if reports[0].imported != ROWS:
            raise RuntimeError(f"the import of the benchmark is not whole: {reports[0]}")
        return seconds

    def against() -> float:
        target = folder / "raw.parquet"
        with duckdb.connect(config={"memory_limit": MEMORY, "threads": THREADS}) as engine:
            copy = (
                f"COPY (SELECT * FROM read_csv({quoted(str(log))}, header=true, all_varchar=true)) "  # noqa: S608
                f"TO {quoted(str(target))} (FORMAT parquet, COMPRESSION zstd)"
            )
            seconds = timed(lambda: engine.execute(copy))
        target.unlink()
        return seconds

    yield Figure(
        name=f"import {ROWS:,} rows of CSV",
        reference="DuckDB raw COPY of the same file",
        aim=1.1,
        ours=ours,
        against=against,
        runs=5,
    )
