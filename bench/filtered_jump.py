# ruff: noqa: S608 - every text in these statements is our own
"""Jumps into the depth of a long, filtered archive, against bare DuckDB calls for the same pages; of many the 95th."""

from __future__ import annotations

import random
from contextlib import contextmanager
from functools import partial
from itertools import accumulate, chain
from statistics import quantiles
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bench import archive
from bench.harness import Figure, timed
from monitors.events import engine, expressions, ledger
from monitors.events.engine import parquet
from monitors.events.paging import Listing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PAGE, JUMPS = 100, 60
FILTER = "action:view"


def p95(seconds: Sequence[float]) -> float:
    """Return what 95 of 100 do not exceed."""
    return quantiles(seconds, n=20)[-1]


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure; the bare call is told in which file the page is, and how far into it."""
    home = folder / "site"
    store = archive.long(home)
    listing = Listing(store, home, expressions.read(FILTER, ZoneInfo("Asia/Tokyo")))
    ids = list(chain.from_iterable(listing.index()))
    chance = random.Random(1)  # noqa: S311 - places in a benchmark
    places = [chance.randrange(len(ids) - PAGE) for _ in range(JUMPS)]
    files = ledger.paths(home, ledger.segments(store)[::-1])
    with engine.connect(folder / "scratch") as connection:
        where = "WHERE action = 'view'"
        held = [
            connection.execute(f"SELECT count(*) FROM {parquet([each])} {where}").fetchall()[0][0] for each in files
        ]
        ends = list(accumulate(held))

        def bare(place: int) -> None:
            number = next(n for n, end in enumerate(ends) if place < end)
            offset = place - ends[number] + held[number]
            connection.execute(
                f"SELECT * FROM {parquet(files[number : number + 2])} {where} "
                f"ORDER BY ts DESC, event_id DESC LIMIT {PAGE} OFFSET {offset}"
            ).fetchall()

        def jump(place: int) -> None:
            if len(listing.rows(ids[place : place + PAGE])) != PAGE:
                raise RuntimeError("a page is not whole")

        yield Figure(
            name=f"jump in {len(ids):,} of {archive.DAYS * archive.A_DAY:,}, p95",
            reference="bare DuckDB calls that know the file",
            aim=3,
            ours=lambda: p95([timed(partial(jump, place)) for place in places]),
            against=lambda: p95([timed(partial(bare, place)) for place in places]),
            runs=5,
        )
    listing.close()
    store.close()
