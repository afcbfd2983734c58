"""The console's list over a SQLite table: ``python -m bench.long_list FILE`` shows it whole."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App, ComposeResult
from textual.widgets import Static

from console.frame.theme import CALM
from console.widgets.paged_table import PagedTable
from console.widgets.rows import Column, Query

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BATCH = 20_000
Entry = tuple[int, str, str, str, str]
COLUMNS: tuple[Column[Entry], ...] = (
    Column(title="number", show=lambda row: f"{row[0]:,}", width=10, align="right"),
    Column(title="time", show=lambda row: row[1], width=19),
    Column(title="person", show=lambda row: row[2], width=8),
    Column(title="act", show=lambda row: row[3], width=20),
    Column(title="what", show=lambda row: row[4], width=20, grow=1),
)


def write_table(path: Path, rows: int) -> None:
    """Write a table of ``rows`` entries."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, at TEXT, person TEXT, act TEXT, what TEXT)")
        made = ((f"2026-11-24 {n % 24:02}:00:00", f"U{n % 120:04}", "finding.disposed", f"F-{n}") for n in range(rows))
        connection.executemany("INSERT INTO entry (at, person, act, what) VALUES (?, ?, ?, ?)", made)
        connection.commit()


class TableSource:
    """The rows of the file, in the order of their numbers."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def index(self, query: Query) -> Iterator[Sequence[int]]:
        """Yield all ids; the filter is not used here."""
        del query
        with closing(sqlite3.connect(self._path)) as connection:
            cursor = connection.execute("SELECT id FROM entry ORDER BY id")
            while batch := cursor.fetchmany(BATCH):
                yield [row[0] for row in batch]

    def rows(self, ids: Sequence[int]) -> Sequence[Entry]:
        """Return the rows of ``ids``, which follow one another."""
        with closing(sqlite3.connect(self._path)) as connection:
            return connection.execute(
                "SELECT id, at, person, act, what FROM entry WHERE id BETWEEN ? AND ? ORDER BY id", (ids[0], ids[-1])
            ).fetchall()


class LongList(App[None]):
    """Only the list and a line that says when all of it is known."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self.register_theme(CALM)
        self.theme = CALM.name

    def compose(self) -> ComposeResult:
        """Show the list."""
        yield PagedTable(COLUMNS, TableSource(self._path))
        yield Static("counting")

    def on_paged_table_counted(self, message: PagedTable.Counted) -> None:
        """Say that all rows are known."""
        if message.table.is_counted:
            self.query_one(Static).update("all counted")


if __name__ == "__main__":
    LongList(Path(sys.argv[1])).run()
