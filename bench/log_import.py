"""Import of a long access log, against DuckDB copying the same CSV to Parquet with nothing understood."""

from __future__ import annotations

import csv
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
from monitors.events.imports import import_file
from monitors.events.plans import Wish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = 1_000_000
ZONE = ZoneInfo("Asia/Tokyo")
SYSTEM = "register"


def write_log(path: Path) -> None:
    """Write months of an office's work, in order of time, after the sample in the mapping that ships."""
    layout = tomllib.loads(files("monitors.events.mappings").joinpath(f"{SYSTEM}.toml").read_text(encoding="utf-8"))
    header, *samples = csv.reader(layout["sample"].strip().splitlines())
    places = {name: header.index(layout["fields"][name]) for name in ("user_id", "terminal", "object")}
    time_place = header.index(layout["time"]["columns"][0])
    chance = random.Random(1)  # noqa: S311 - content of a benchmark
    at = datetime(2026, 4, 1, 8, 30, tzinfo=ZONE)
    with path.open("w", encoding="utf-8", newline="") as file:
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


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure; each import goes into a new, empty site."""
    log, home = folder / "access.csv", folder / "site"
    write_log(log)

    def ours() -> float:
        home.mkdir(mode=0o700)
        store = Store(home / "sekisho.sqlite3", SystemClock(), seal=bytes(32))
        store.migrate(ledger.migrations)
        wish = Wish(system=SYSTEM, mapping=SYSTEM)
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
