"""Import of a long access log, against DuckDB copying the same CSV to Parquet with nothing understood.

SEKISHO_BENCH_ROWS names how many rows the log has (1,000,000).
"""

from __future__ import annotations

import csv
import os
import random
import shutil
import tomllib
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import duckdb

from accesscontrol.clock import SystemClock
from accesscontrol.store import Store
from bench.harness import Figure, timed
from monitors.events import ledger
from monitors.events.engine import MEMORY, THREADS, quoted
from monitors.events.imports import ImportReport, import_file
from monitors.events.plans import Wish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = int(os.environ.get("SEKISHO_BENCH_ROWS", "1000000"))
ZONE = ZoneInfo("Asia/Tokyo")
SYSTEM = "register"


def write_log(path: Path, encoding: str = "utf-8") -> None:
    """Write months of an office's work, in order of time, after the sample in the mapping that ships."""
    layout = tomllib.loads(files("monitors.events.mappings").joinpath(f"{SYSTEM}.toml").read_text(encoding="utf-8"))
    header, *samples = csv.reader(layout["sample"].strip().splitlines())
    places = {name: header.index(layout["fields"][name]) for name in ("user_id", "terminal", "object")}
    time_place = header.index(layout["time"]["columns"][0])
    chance = random.Random(1)  # noqa: S311 - content of a benchmark
    at = datetime(2026, 4, 1, 8, 30, tzinfo=ZONE)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for _ in range(ROWS):
            at += timedelta(seconds=chance.randrange(15))
            row = chance.choice(samples).copy()
            row[time_place] = at.strftime(layout["time"]["layouts"][0])
            row[places["user_id"]] = f"S{chance.randrange(420):05}"
            row[places["terminal"]] = f"SM-{chance.randrange(360):03}"
            row[places["object"]] = f"K{chance.randrange(1_000_000):07}"
            writer.writerow(row)


def imported(log: Path, home: Path) -> tuple[float, ImportReport]:
    """Import ``log`` into a new, empty site in ``home``; return the seconds and the account of its lines."""
    home.mkdir(mode=0o700)
    store = Store(home / "sekisho.sqlite3", SystemClock(), seal=bytes(32))
    store.migrate(ledger.migrations)
    wish = Wish(system=SYSTEM, mapping=SYSTEM)
    reports: list[ImportReport] = []
    seconds = timed(lambda: reports.append(import_file(store, home, log, wish, actor="100001", zone=ZONE)))
    store.close()
    if reports[0].imported != ROWS:
        raise RuntimeError(f"the import of the benchmark is not whole: {reports[0]}")
    return seconds, reports[0]


def import_time(log: Path, home: Path) -> float:
    """Return the seconds of an import into a new, empty site."""
    seconds, _ = imported(log, home)
    shutil.rmtree(home)
    return seconds


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure; each import goes into a new, empty site."""
    log = folder / "access.csv"
    write_log(log)

    def against() -> float:
        target = folder / "raw.parquet"
        with duckdb.connect(config={"memory_limit": MEMORY, "threads": THREADS}) as engine:
            copy = (
                # names of ours
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
        ours=lambda: import_time(log, folder / "site"),
        against=against,
        runs=5,
    )
