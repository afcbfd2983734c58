"""DuckDB, in memory, with its limits always set. Nothing else in the product talks to it."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from monitors.events.schema import COLUMNS, Column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Connection: TypeAlias = "DuckDBPyConnection"

MEMORY: Final = "320MB"  # the cap is soft: the whole process stays below 512 MiB
DETECTION_MEMORY: Final = "700MB"  # ten million events at once, the whole process below 1 GiB
THREADS: Final = 2
BATCH: Final = 10_000


def connect(scratch: Path, *, memory: str = MEMORY, threads: int = THREADS) -> Connection:
    """Open an engine that spills to ``scratch``, never loads an extension and never downloads one."""
    import duckdb

    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    return duckdb.connect(
        config={
            "memory_limit": memory,
            "threads": threads,
            "temp_directory": str(scratch),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )


def quoted(text: str) -> str:
    """Return ``text`` as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def listed(texts: Iterable[str]) -> str:
    """Return ``texts`` as a list literal."""
    return "[" + ", ".join(quoted(text) for text in texts) + "]"


def typed(columns: Sequence[Column]) -> str:
    """Return names and types of ``columns`` as the struct that ``read_csv`` takes."""
    return "{" + ", ".join(f"{quoted(column.name)}: {quoted(column.type)}" for column in columns) + "}"


def parquet(files: Iterable[Path], columns: Sequence[Column] = COLUMNS) -> str:
    """Return a relation over ``files``: a list from the manifest, never a pattern; no file gives no rows."""
    names = [str(file) for file in files]
    if not names:
        empty = ", ".join(f"CAST(NULL AS {column.type}) AS {column.name}" for column in columns)
        return f"(SELECT {empty} WHERE false)"
    return f"read_parquet({listed(names)}, hive_partitioning=false)"


def fetch(connection: Connection, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Run a query and return its rows by column name."""
    cursor = connection.execute(sql, list(parameters))
    names = [each[0] for each in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def fill(connection: Connection, table: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert ``rows`` into ``table``, many at a time, a list for each column; for the small tables of facts."""
    for start in range(0, len(rows), BATCH):
        columns = [list(cells) for cells in zip(*rows[start : start + BATCH], strict=True)]
        marks = ", ".join(["unnest(?)"] * len(columns))
        connection.execute(f"INSERT INTO {table} SELECT {marks}", columns)
