# ruff: noqa: S608 - every text in these statements is our own
"""The first page for each filter on the way to the one that a person types, against bare DuckDB calls for the same."""

from __future__ import annotations

from contextlib import contextmanager
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

    from accesscontrol.store import Store

PAGE = 100
TYPED = {
    "account:s04*": "user_id LIKE 's04%'",
    "account:s041": "user_id = 's041'",
    "account:s041 act:print": "user_id = 's041' AND action = 'print'",
}


def first_page(store: Store, home: Path, text: str) -> int:
    """Open a list of what ``text`` finds, read its first page as the screen does, and return how many rows it has."""
    listing = Listing(store, home, expressions.read(text, ZoneInfo("Asia/Tokyo")))
    first: list[int] = []
    for batch in listing.index():
        first += batch[: PAGE - len(first)]
        if len(first) == PAGE:
            break
    if not first or None in listing.rows(first):
        raise RuntimeError(f"{text} is not found")
    listing.close()
    return len(first)


def bare_page(folder: Path, files: Sequence[Path], condition: str, parameters: Sequence[object] = ()) -> int:
    """Read the newest rows that meet ``condition``, in an engine opened for it, and return how many they are."""
    asked = f"SELECT * FROM {parquet(files)} WHERE {condition} ORDER BY ts DESC, event_id DESC LIMIT {PAGE}"
    with engine.connect(folder / "scratch") as connection:
        return len(connection.execute(asked, parameters).fetchall())


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure."""
    home = folder / "site"
    store = archive.long(home)
    files = ledger.paths(home, ledger.segments(store)[::-1])
    yield Figure(
        name=f"typing a filter on {archive.DAYS * archive.A_DAY:,}",
        reference="bare DuckDB calls for the same pages",
        aim=1.5,
        ours=lambda: timed(lambda: [first_page(store, home, text) for text in TYPED]),
        against=lambda: timed(lambda: [bare_page(folder, files, each) for each in TYPED.values()]),
        runs=7,
    )
    store.close()
