"""How the console's SQLite file is opened where it lies: SQLite itself can't read a WAL file on a read-only medium."""

import os
import sqlite3
from pathlib import Path


def address(path: Path, mode: str) -> str:
    """Return the URI of the database at ``path`` for ``mode`` (``rwc`` or ``ro``).

    In a folder that nobody can write, such as an auditor's copy on a read-only medium, nothing can change it either,
    and it is read as it lies (https://www.sqlite.org/uri.html, ``immutable``): unless changes are still in the file
    beside it, which would be passed over in silence. Then SQLite says that it can't be opened.
    """
    frozen = path.is_file() and not os.access(path.parent, os.W_OK) and is_whole(path)
    return as_it_lies(path) if frozen else f"{path.absolute().as_uri()}?mode={mode}"


def as_it_lies(path: Path) -> str:
    """Return the URI by which the database is read without writing anything beside it; nobody may write it then."""
    return f"{path.absolute().as_uri()}?mode=ro&immutable=1"


def connected_to_read(path: Path, timeout: float) -> sqlite3.Connection:
    """Return a connection that reads, on a full disk too, where SQLite finds no space for what it keeps beside a file.

    Nobody can write then either, so that the file is read as it lies, unless changes are still beside it.
    """
    connection = sqlite3.connect(address(path, "ro"), uri=True, timeout=timeout, isolation_level=None)
    try:
        connection.execute("SELECT 1 FROM sqlite_master")
    except sqlite3.OperationalError:
        if not is_whole(path):
            raise
        connection.close()
        connection = sqlite3.connect(as_it_lies(path), uri=True, timeout=timeout, isolation_level=None)
    return connection


def is_whole(path: Path) -> bool:
    """Tell whether all changes are in the file itself, and none in the one beside it."""
    beside = path.with_name(f"{path.name}-wal")
    return path.is_file() and not (beside.is_file() and beside.stat().st_size)
