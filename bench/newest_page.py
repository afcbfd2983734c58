# ruff: noqa: S608 - every text in these statements is our own
"""The newest page of a long archive in a list that was just opened, against a bare DuckDB call for the same rows."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench import archive
from bench.harness import Figure, timed
from monitors.events import engine, ledger
from monitors.events.engine import parquet
from monitors.events.expressions import NOTHING_ASKED
from monitors.events.paging import Listing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = 100


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure; both open an engine, and the bare call is told in which file the page is."""
    home = folder / "site"
    store = archive.long(home)
    newest = parquet(ledger.paths(home, ledger.segments(store)[-1:]))

    def page() -> None:
        listing = Listing(store, home, NOTHING_ASKED)
        if len(listing.rows(next(listing.index())[:PAGE])) != PAGE:
            raise RuntimeError("the newest page is not whole")
        listing.close()

    def bare() -> None:
        with engine.connect(folder / "scratch") as connection:
            connection.execute(f"SELECT * FROM {newest} ORDER BY ts DESC, event_id DESC LIMIT {PAGE}").fetchall()

    yield Figure(
        name=f"newest page of {archive.DAYS * archive.A_DAY:,} events",
        reference="a bare DuckDB call that knows the file",
        aim=3,
        ours=lambda: timed(page),
        against=lambda: timed(bare),
        runs=15,
    )
    store.close()
