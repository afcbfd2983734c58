"""What the readers of this package need: a store outside a transaction, or a transaction, alike."""

import sqlite3
from typing import Protocol

from accesscontrol.store import Parameters


class Reader(Protocol):
    """Something that answers queries: ``Store`` and ``Transaction`` both do."""

    def rows(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        ...

    def row(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        """Return the first row of a query, or None."""
        ...
