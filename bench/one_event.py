# ruff: noqa: S608 - every text in these statements is our own
"""One event of a long archive by its id, against a bare DuckDB call that knows its file."""

from __future__ import annotations

import random
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench import archive
from bench.harness import Figure, timed
from monitors.events import browsing, engine, ledger
from monitors.events.engine import parquet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure; both open an engine."""
    home = folder / "site"
    store = archive.long(home)
    files = ledger.paths(home, ledger.segments(store))
    chance = random.Random(1)  # noqa: S311 - places in a benchmark

    def ours() -> float:
        wanted = (chance.randrange(archive.DAYS) + 1 << 32) + chance.randrange(archive.A_DAY)
        seconds = timed(lambda: found.append(browsing.by_ids(store, home, [wanted])))
        if len(found.pop()) != 1:
            raise RuntimeError("the event was not found")
        return seconds

    found: list[list[dict[str, object]]] = []

    def bare() -> None:
        number, place = chance.randrange(archive.DAYS), chance.randrange(archive.A_DAY)
        with engine.connect(folder / "scratch") as connection:
            wanted = (number + 1 << 32) + place
            connection.execute(f"SELECT * FROM {parquet([files[number]])} WHERE event_id = {wanted}").fetchall()

    yield Figure(
        name=f"one event of {archive.DAYS * archive.A_DAY:,}",
        reference="a bare DuckDB call that knows the file",
        aim=2,
        ours=ours,
        against=lambda: timed(bare),
        runs=25,
    )
    store.close()
