"""The embedded register: one SQLite file beside the console, for a demonstration or a small municipality."""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from registry.databases.interface import TABLES
from registry.files.tables import SCHEMA_VERSION, Dialect, create_statements, index_statements

_BUSY_SECONDS = 30.0
_LOOK_EVERY = 50_000  # steps of SQLite's machine: some milliseconds


class SqliteRegistry:
    """An open SQLite register. WAL, durable commits, erased records overwritten on the medium."""

    dialect = Dialect.sqlite

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> Self:
        """Open the register at ``path``; :class:`Refusal` when there is none or it is of another kind."""
        if not path.is_file():
            raise Refusal(N_("There is no registry at {path}; create one or check the setting."), path=str(path))
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}",
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
        )
        try:
            registry = cls(connection)
            registry._require_schema(path)
            if not read_only:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA secure_delete = ON")
        except BaseException:
            connection.close()
            raise
        return registry

    def _require_schema(self, path: Path) -> None:
        try:
            version = self.meta().get("schema_version")
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise Refusal(
                    N_("The registry at {path} could not be opened: {reason}"), path=str(path), reason=str(error)
                ) from None
            version = None
        except sqlite3.DatabaseError:
            version = None
        if version is None:
            raise Refusal(N_("{path} is not a registry."), path=str(path))
        if version != str(SCHEMA_VERSION):
            raise Refusal(
                N_("The registry {path} has schema version {found}, this program needs {needed}."),
                path=str(path),
                found=version,
                needed=SCHEMA_VERSION,
            )

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Return the rows of a query, streaming."""
        return self._connection.execute(sql, parameters)

    def scan(self, table: str, columns: Sequence[str] = ()) -> Iterator[tuple[Any, ...]]:
        """Return ``record_id`` and the columns (default: all items) of each record of ``table``, streaming."""
        wanted = ", ".join(["record_id", *columns]) if columns else "*"
        return self._connection.execute(f"SELECT {wanted} FROM {table}")  # noqa: S608 - names of our own schema

    def heed(self, stopped: Callable[[], bool]) -> None:
        """Break a statement off, and take its transaction back, as soon as ``stopped`` says so."""
        self._connection.set_progress_handler(stopped, _LOOK_EVERY)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold one state of the register for every query inside; a change that is open holds one already."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("COMMIT")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold one all-or-nothing change; what fails inside leaves the register as it was."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:  # SQLite itself takes back a change that was broken off
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run one changing statement; return the number of rows it touched."""
        return self._connection.execute(sql, parameters).rowcount

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Insert ``rows``, streaming; return how many there were."""
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - names of our own schema
        return self._connection.executemany(sql, rows).rowcount

    def columns_of(self, table: str) -> tuple[str, ...]:
        """Return the columns of ``table`` in order; empty when it is missing."""
        return tuple(row[1] for row in self._connection.execute(f"PRAGMA table_info({table})"))

    def meta(self) -> Mapping[str, str]:
        """Return the facts about the register itself."""
        return dict(self._connection.execute("SELECT name, value FROM registry_meta").fetchall())

    def counts(self) -> dict[str, int]:
        """Return the number of rows of each table."""
        count = "SELECT count(*) FROM {}"
        return {table: self._connection.execute(count.format(table)).fetchone()[0] for table in TABLES}

    def integrity(self) -> list[str]:
        """Return what SQLite finds damaged in the file (at most 100 lines); empty when it is sound."""
        try:
            lines = [row[0] for row in self._connection.execute("PRAGMA integrity_check")]
        except sqlite3.DatabaseError as error:
            return [str(error)]
        return [] if lines == ["ok"] else lines

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        """Use the register in a ``with`` block that closes it."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the register."""
        self.close()


def _exists(path: Path) -> Refusal:
    return Refusal(N_("There is a registry at {path} already; move it away first."), path=str(path))


@contextmanager
def building(path: Path, meta: Mapping[str, str]) -> Iterator[SqliteRegistry]:
    """Build a new register that appears at ``path`` whole or not at all.

    It is written without a journal under a temporary name beside ``path``, indexed, flushed to the medium and
    renamed. :class:`Refusal` when something is at ``path`` already (a register is never written over) or when
    there is no room or no right to write there.
    """
    if path.exists():
        raise _exists(path)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with _tables(partial, meta) as registry:
            yield registry
        _flush(partial)
        try:
            os.link(partial, path)  # refuses, unlike a rename, when somebody else was faster
        except FileExistsError:
            raise _exists(path) from None
        _flush(path.parent)
    except (OSError, sqlite3.OperationalError) as error:
        raise Refusal(
            N_("The registry at {path} could not be written: {reason}"), path=str(path), reason=str(error)
        ) from None
    finally:
        for left in path.parent.glob(f"{partial.name}*"):
            left.unlink()


@contextmanager
def _tables(path: Path, meta: Mapping[str, str]) -> Iterator[SqliteRegistry]:
    """Create the tables in an empty file, let them be filled, then index them."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        for statement in create_statements(Dialect.sqlite):
            connection.execute(statement)
        facts = {"schema_version": str(SCHEMA_VERSION), **meta}
        connection.executemany("INSERT INTO registry_meta VALUES (?, ?)", facts.items())
        connection.execute("BEGIN")
        yield SqliteRegistry(connection)
        connection.execute("COMMIT")
        for statement in index_statements():
            connection.execute(statement)
        connection.execute("ANALYZE")
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
