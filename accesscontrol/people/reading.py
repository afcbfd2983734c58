"""What this package's readers share: a store or a transaction to read from, and one repeated group of columns."""

import sqlite3
from typing import Protocol

from accesscontrol.people.policy import Argon2Parameters
from accesscontrol.store import DamagedError, Parameters


class Reader(Protocol):
    """Something that answers queries: ``Store`` and ``Transaction`` both do."""

    def rows(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        ...

    def row(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        """Return the first row of a query, or None."""
        ...

    def note_damage(self, damage: DamagedError) -> None:
        """Remember a row that can't be read and was passed over."""
        ...


def argon2_parameters(row: sqlite3.Row) -> Argon2Parameters:
    """Return the cost parameters that a row keeps beside a salt."""
    return Argon2Parameters(memory_kib=row["memory_kib"], iterations=row["iterations"], lanes=row["lanes"])
