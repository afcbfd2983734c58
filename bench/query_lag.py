"""How late the event loop is while a query runs over a long archive in another thread, against the limit."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from statistics import quantiles
from typing import TYPE_CHECKING

from bench import archive
from bench.harness import Figure
from monitors.events.expressions import NOTHING_ASKED
from monitors.events.paging import Listing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST = 10.0  # ms
TICK = 0.002
LEAST = 500  # ticks, or a percentile means nothing


async def lag(listing: Listing) -> float:
    """Return by how many milliseconds 99 of 100 ticks of the loop are late at most while the archive is read."""
    late: list[float] = []
    query = asyncio.create_task(asyncio.to_thread(listing.by_day_and_hour))
    while len(late) < LEAST or not query.done():
        if query.done():
            query = asyncio.create_task(asyncio.to_thread(listing.by_day_and_hour))
        due = time.perf_counter() + TICK
        await asyncio.sleep(TICK)
        late.append(time.perf_counter() - due)
    await query
    return quantiles(late, n=100)[-1] * 1000


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure; the reference is the limit itself."""
    home = folder / "site"
    store = archive.long(home)
    listing = Listing(store, home, NOTHING_ASKED)
    yield Figure(
        name="lateness of the loop in a query, p99",
        reference=f"the limit of {MOST:.0f} ms",
        aim=1.0,
        ours=lambda: asyncio.run(lag(listing)),
        against=lambda: MOST,
        runs=5,
        unit="ms",
    )
    listing.close()
    store.close()
