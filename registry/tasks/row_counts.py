"""How many rows the register had after its last task: rows that are gone without an erasure are seen (CHK-RET-09)."""

from collections.abc import Mapping
from typing import Final

from accesscontrol.clock import to_text
from accesscontrol.store import Store
from registry.files import FILES
from registry.files.tables import HISTORY_TABLE
from registry.tasks.model import Ground

# The tables from which nothing goes but by a task of this console.
_WATCHED: Final = (*(file.table for file in FILES), HISTORY_TABLE)


def counted(ground: Ground) -> Mapping[str, int]:
    """Return the rows of each watched table as they are now."""
    counts = ground.registry.counts()
    return {table: counts[table] for table in _WATCHED}


def keep(store: Store, task: str, watched: Mapping[str, int]) -> None:
    """Keep the rows of each watched table as they are after ``task`` (act ``registry.rows-counted``)."""
    with store.transaction() as tx:
        for table, rows in watched.items():
            tx.execute(
                "INSERT INTO register_count (name, rows, at, task) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (name) DO UPDATE SET rows = excluded.rows, at = excluded.at, task = excluded.task",
                (table, rows, to_text(tx.at), task),
            )
        tx.record("registry.rows-counted", actor="system", subject="registry", task=task, rows=dict(watched))


def fallen(ground: Ground) -> Mapping[str, int]:
    """Return by how many rows each table has fallen since they were kept; empty when none has."""
    counts = ground.registry.counts()
    kept = {row["name"]: row["rows"] for row in ground.store.rows("SELECT name, rows FROM register_count")}
    return {table: rows - counts[table] for table, rows in kept.items() if counts.get(table, 0) < rows}
