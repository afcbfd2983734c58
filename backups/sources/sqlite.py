"""A SQLite database, taken with the online backup while others write.

Never a copy of the file: without its write-ahead log such a copy opens well and lacks rows. All pages
go in one step, because a stepwise backup starts again at every foreign write and may never end.
"""

import platform
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups.newfile import Unwritable
from backups.sealing.digests import Progress
from backups.sources import Fault, Part, SourceState

KIND = "sqlite"
MAGIC = b"SQLite format 3\0"
_MOST_FAULTS = 20
_ALL_PAGES = -1
_BUSY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class SQLiteSource:
    """The database in the file ``path``."""

    name: str
    path: Path
    kind: str = KIND

    def take(self, to: Path, progress: Progress) -> SourceState:
        """Copy the database as it stands at one moment; Refusal when it is none or cannot be read."""
        copy(self.path, to)
        size = to.stat().st_size
        progress(size, size)
        return state(to, identity=str(self.path))


def copy(path: Path, to: Path) -> None:
    """Copy a database with the online backup; the copy needs no write-ahead log beside it."""
    if not path.is_file():
        raise Refusal(N_("There is no database {path}."), path=path)
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with _explained(path, to), closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS)) as source:
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        with closing(sqlite3.connect(to)) as target:
            target.execute("PRAGMA synchronous=OFF")  # a scratch copy; what is sealed from it is synced
            source.backup(target, pages=_ALL_PAGES)
            target.execute("PRAGMA journal_mode=DELETE")
    to.chmod(0o600)


def state(path: Path, *, identity: str) -> SourceState:
    """Return tables and row counts of a database that nobody writes to."""
    with closing(_still(path)) as database:
        parts = [Part(name, _count(database, name)) for name in _tables(database)]
        page = database.execute("PRAGMA user_version").fetchone()[0]
    tools = {"sqlite": sqlite3.sqlite_version, "python": platform.python_version(), "user_version": str(page)}
    return SourceState(KIND, identity, tools, parts)


def restore(plain: Path, to: Path) -> SourceState:
    """Put the opened backup into the folder ``to`` and examine it whole."""
    target = to / "database.sqlite3"
    plain.rename(target)
    try:
        found = state(target, identity=str(target))
        return SourceState(found.kind, found.identity, found.tools, found.parts, examine(target))
    except sqlite3.DatabaseError as error:
        fault = Fault(N_("The restored file is no sound database: {reason}"), {"reason": str(error)})
        return SourceState(KIND, str(target), {}, (), [fault])


def examine(path: Path) -> list[Fault]:
    """Run SQLite's own integrity and foreign key checks over the whole file."""
    faults = []
    with closing(_still(path)) as database:
        for (line,) in database.execute(f"PRAGMA integrity_check({_MOST_FAULTS})"):
            if line != "ok":
                faults.append(Fault(N_("The integrity check found: {reason}"), {"reason": str(line)}))
        for table, row, parent, _ in database.execute("PRAGMA foreign_key_check").fetchmany(_MOST_FAULTS):
            fields = {"table": str(table), "row": str(row), "parent": str(parent)}
            faults.append(Fault(N_("Row {row} of {table} points at nothing in {parent}."), fields))
    return faults


def is_database(path: Path) -> bool:
    """Say whether the file starts like a SQLite database."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _still(path: Path) -> sqlite3.Connection:
    """Open a file that nobody writes to, leaving nothing beside it."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _tables(database: sqlite3.Connection) -> Sequence[str]:
    query = (
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    return [name for (name,) in database.execute(query)]


def _count(database: sqlite3.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    count: int = database.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0]  # noqa: S608 - a quoted name
    return count


@contextmanager
def _explained(path: Path, to: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
            raise Unwritable(
                N_("There is no room left in {folder}; nothing was kept. Free some space and try again."),
                folder=to.parent,
            ) from error
        raise Refusal(N_("{path} cannot be read as a database: {reason}"), path=path, reason=str(error)) from error
