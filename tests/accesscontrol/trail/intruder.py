"""Someone who has the database file and a good knowledge of it, with or without the site's secrets."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

from accesscontrol.trail.chain import CHAIN_START, end_mark, keyed
from accesscontrol.trail.tree import leaf_hash

Row = tuple[Any, Any, Any, Any]  # seq, body, leaf, chain


class Intruder:
    """Works on the file with SQLite alone: no trigger, type or constraint of ours is in the way."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def run(self, *statements: str) -> None:
        """Run statements on the file."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            for each in statements:
                connection.execute(each)

    def rows(self) -> list[Row]:
        """Return the rows of the book."""
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute("SELECT seq, body, leaf, chain FROM trail_entry ORDER BY seq").fetchall()

    def replace(self, rows: Sequence[Row]) -> None:
        """Put other rows in the place of all."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            connection.execute("BEGIN")
            connection.execute("DROP TABLE trail_entry")
            connection.execute("CREATE TABLE trail_entry (seq INTEGER PRIMARY KEY, body, leaf, chain)")
            connection.executemany("INSERT INTO trail_entry VALUES (?, ?, ?, ?)", rows)
            connection.execute("COMMIT")

    def mark_end(self, seal: bytes) -> None:
        """Mark the last row as the end under ``seal``, as whoever holds it can."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            connection.execute("DELETE FROM trail_end")
            rows = connection.execute("SELECT seq, chain FROM trail_entry ORDER BY seq DESC LIMIT 1").fetchall()
            for seq, chain in rows:
                connection.execute("INSERT INTO trail_end VALUES (1, ?, ?)", (seq, end_mark(seal, seq, chain)))

    def edit(self, change: Callable[[list[Row]], Sequence[Row]]) -> None:
        """Change the rows by ``change``."""
        self.replace(change(self.rows()))

    def set(self, seq: int, **columns: Any) -> None:
        """Set columns of one row."""
        names = ("seq", "body", "leaf", "chain")

        def change(rows: list[Row]) -> list[Row]:
            return [
                tuple(columns.get(name, old) for name, old in zip(names, row, strict=True)) if row[0] == seq else row
                for row in rows
            ]

        self.edit(change)


def hashed(rows: Sequence[Row], seal: bytes) -> list[Row]:
    """Return the rows with their hashes and chain made anew under ``seal``."""
    chain, made, link = CHAIN_START, [], keyed(seal)
    for seq, body, _leaf, _chain in rows:
        leaf = sha256(b"\x00" + body).digest()
        chain = link(chain, leaf)
        made.append((seq, body, leaf, chain))
    return made


OTHER_SEAL = b"not the site's"


def body(number: int, act: str = "door.forced") -> bytes:
    return json.dumps({"act": act, "number": number}).encode()


def forged(seq: int, previous: bytes, seal: bytes = OTHER_SEAL, number: int | None = None) -> Row:
    content = body(seq if number is None else number)
    return seq, content, leaf_hash(content), keyed(seal)(previous, leaf_hash(content))
