"""A word that stands in few events of a long archive, against a bare DuckDB call that searches for it likewise."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bench import archive
from bench.harness import Figure, timed
from bench.typed_filter import bare_page, first_page
from monitors.events import expressions, ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORD = "k0012345"


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure: all is searched, counted, and the rows are read."""
    home = folder / "site"
    store = archive.long(home)
    files = ledger.paths(home, ledger.segments(store)[::-1])
    asked = expressions.read(WORD, ZoneInfo("Asia/Tokyo"))
    yield Figure(
        name=f"a rare word in {archive.DAYS * archive.A_DAY:,}",
        reference="a bare DuckDB call with the same condition",
        aim=1.5,
        ours=lambda: timed(lambda: first_page(store, home, WORD)),
        against=lambda: timed(lambda: bare_page(folder, files, asked.sql, asked.parameters)),
        runs=3,
    )
    store.close()
