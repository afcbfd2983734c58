"""How the console's SQLite file is opened where it lies: SQLite itself can't read a WAL file on a read-only medium."""

import os
from pathlib import Path


def address(path: Path, mode: str) -> str:
    """Return the URI of the database at ``path`` for ``mode`` (``rwc`` or ``ro``).

    In a folder that nobody can write, such as an auditor's copy on a read-only medium, nothing can change it either,
    and it is read as it lies (https://www.sqlite.org/uri.html, ``immutable``): unless changes are still in the file
    beside it, which would be passed over in silence. Then SQLite says that it can't be opened.
    """
    beside = path.with_name(f"{path.name}-wal")
    frozen = path.is_file() and not os.access(path.parent, os.W_OK) and not (beside.is_file() and beside.stat().st_size)
    return f"{path.absolute().as_uri()}?mode={'ro&immutable=1' if frozen else mode}"
