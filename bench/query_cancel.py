"""How long a query over a long archive goes on once nobody wants it any more, against the limit."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bench import archive
from bench.filtered_jump import p95
from bench.harness import Figure, timed
from monitors.events import expressions
from monitors.events.paging import Listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MOST = 100.0  # ms
TIMES = 20
SLOW = "catalogue*linkage"  # a text in any way of writing, looked for in every column


def cancelled(opened: Callable[[], Listing]) -> float:
    """Return the milliseconds from letting a list go, in the midst of a query, to the end of the query."""
    listing = opened()
    begun, asked = threading.Event(), listing.index()

    def read() -> None:
        begun.set()
        for _ in asked:
            raise RuntimeError("the query was over before it could be cancelled")

    thread = threading.Thread(target=read)
    thread.start()
    begun.wait()
    thread.join(0.05)  # it is under way
    if not thread.is_alive():
        raise RuntimeError("the query was over before it could be cancelled")

    def let_go() -> None:
        listing.close()
        thread.join()

    return timed(let_go) * 1000


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure, of several the 95th of a hundred; the reference is the limit itself."""
    home = folder / "site"
    store = archive.long(home)
    condition = expressions.read(SLOW, ZoneInfo("Asia/Tokyo"))
    yield Figure(
        name="end of a query that is cancelled, p95",
        reference=f"the limit of {MOST:.0f} ms",
        aim=1.0,
        ours=lambda: p95([cancelled(lambda: Listing(store, home, condition)) for _ in range(TIMES)]),
        against=lambda: MOST,
        runs=3,
        unit="ms",
    )
    store.close()
