"""The console's one SQLite file: open, migrate, read, and change in one recorded transaction.

Several processes and threads use the file at once: each thread has its own connection, writers queue
(``BEGIN IMMEDIATE``) and readers never wait (WAL). ``synchronous=FULL`` makes a commit survive a power cut.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

import sqlite_utils
from sqlite_utils.migrations import Migrations

from accesscontrol import written
from accesscontrol.canonical import JSON
from accesscontrol.clock import Clock
from accesscontrol.database_address import address, as_it_lies, is_whole
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.trail import append
from accesscontrol.trail.migrations import migrations as trail_migrations

Parameters: TypeAlias = Sequence[Any] | Mapping[str, Any]
_Note: TypeAlias = Callable[["DamagedError"], None]

_BUSY_SECONDS = 30.0
_NOBODY = "system"  # scheduled work writes what it read, which is masked only
_NOT_DONE = frozenset({"refused", "failed", "unknown"})  # an entry of an attempt says what was wrong with it
_SESSIONS = "session."  # what hosts say stands there, and nothing may keep a session from being stopped
_UNWRITABLE = ("full", "readonly", "disk I/O", "locked", "unable to open")
_NO_TEXT = "Could not decode to UTF-8"
_DAMAGED = ("malformed", "not a database", "no such table", _NO_TEXT)
_NOTHING_DONE = N_("Nothing was done: {path} can't be written ({reason}). Free space or mend the disk, then try again.")
_NOT_SEALED = N_(
    "The trail isn't sealed: {path} can't be written ({reason}). Free space or mend the disk, then run"
    " `sekisho trail checkpoint`."
)


class DamagedError(Refusal):
    """The file can't be read: bytes of it were changed, or a table of it is gone."""


class _NotOpenedError(Refusal):
    """The file can't be opened as usual."""


class UnrecordedChangeError(Exception):
    """A transaction changed rows without a trail entry: a fault in the program, never a user's doing."""


class Transaction:
    """One all-or-nothing change, with its trail entries inside (MO-LOG-01)."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        db: sqlite_utils.Database,
        clock: Clock,
        seal: bytes,
        note_damage: _Note,
    ) -> None:
        self.db = db
        self.note_damage = note_damage
        self.at: datetime = clock.now()
        self._uptime = clock.uptime()  # read together with ``at``: a long transaction is no stepped clock
        self._connection = connection
        self._seal = seal
        self._recorded = 0

    def execute(self, sql: str, parameters: Parameters = ()) -> sqlite3.Cursor:
        """Run one statement inside the transaction; one that is over takes none."""
        if not self._connection.in_transaction:
            raise UnrecordedChangeError("the transaction is over")
        return self._connection.execute(sql, parameters)

    def rows(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        """Return all rows of a query, read inside the transaction."""
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except sqlite3.OperationalError as error:
            return _legible(self._connection, error, sql, parameters, self.note_damage)

    def row(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        """Return the first row of a query, or None, read inside the transaction."""
        try:
            found: sqlite3.Row | None = self._connection.execute(sql, parameters).fetchone()
        except sqlite3.OperationalError:
            return next(iter(self.rows(sql, parameters)), None)
        return found

    def record(
        self, act: str, *, actor: str, subject: str = "", outcome: str = "done", terminal: str = "", **details: JSON
    ) -> int:
        """Append the trail entry of this act and return its number.

        ``act`` is ``thing.verb-past`` (``backup.taken``); ``actor`` a staff number, or ``system`` for scheduled
        work; ``details`` are JSON values, in which individual numbers are masked before they are written. In the words
        of a person they are refused, so that they don't stand beside the trail either (``written.WORDS``).
        """
        if actor != _NOBODY and outcome not in _NOT_DONE and not act.startswith(_SESSIONS):
            written.check_entry(details)
        entry = append.NewEntry(
            act=act, actor=actor, subject=subject, outcome=outcome, terminal=terminal, details=details
        )
        self._recorded += 1
        return append.append(self._connection, entry, at=self.at, uptime=self._uptime, seal=self._seal)

    def notice(self) -> int:
        """Write what is wrong with the end of the book or the clock, if anything, and return the number of entries."""
        written = append.notice(self._connection, at=self.at, uptime=self._uptime, seal=self._seal)
        self._recorded += written
        return written

    @property
    def recorded(self) -> bool:
        """Tell whether this transaction has a trail entry."""
        return self._recorded > 0


class Store:
    """The site's SQLite file, shared by threads and processes.

    ``seal`` is the secret with which the trail's row chain is keyed; a site's home provides it.
    """

    def __init__(self, path: Path, clock: Clock, *, seal: bytes = b"") -> None:
        self.path = path
        self.clock = clock
        self.seal = seal
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._opening = threading.Lock()
        self.damage: dict[str, DamagedError] = {}  # what was found damaged and passed over since the file was opened

    def note_damage(self, damage: DamagedError) -> None:
        """Remember a row that can't be read and was passed over, so that it is told."""
        self.damage.setdefault(str(damage), damage)

    @property
    def _writing(self) -> sqlite3.Connection:
        """This thread's connection for transactions, to which nothing else has access."""
        connection: sqlite3.Connection | None = getattr(self._local, "writing", None)
        if connection is None:
            connection = self._open()
            self._local.writing = connection
            self._local.db = sqlite_utils.Database(connection, execute_plugins=False, strict=True)
        return connection

    @property
    def _reading(self) -> sqlite3.Connection:
        """This thread's connection for queries: it can't write, and inside a transaction it is the transaction's."""
        writing: sqlite3.Connection | None = getattr(self._local, "writing", None)
        if writing is not None and writing.in_transaction:
            return writing
        connection: sqlite3.Connection | None = getattr(self._local, "reading", None)
        if connection is None:
            try:
                connection = self._open()
            except _NotOpenedError:
                return self._lying()
            connection.execute("PRAGMA query_only=ON")
            self._local.reading = connection
        return connection

    def _lying(self) -> sqlite3.Connection:
        """Return this thread's connection to the file as it lies, for as long as it can't be opened as usual.

        On a full disk SQLite finds no space for what it keeps beside the file, even to read. Nobody can write then
        either, so that it may be read without: unless changes are still beside it.
        """
        if not is_whole(self.path):
            return self._open()
        connection: sqlite3.Connection | None = getattr(self._local, "lying", None)
        if connection is None:
            connection = self._local.lying = self._connect(as_it_lies(self.path))
        return connection

    def _connect(self, uri: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        with self._opening:
            self._opened.append(connection)
        connection.row_factory = sqlite3.Row
        return connection

    def _open(self) -> sqlite3.Connection:
        try:
            with suppress(OSError):  # SQLite gives the files beside it the same rights, and says what is wrong
                os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            connection = self._connect(address(self.path, "rwc"))
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # the latter of a schema with a flipped bit
            kind = _NotOpenedError if isinstance(error, sqlite3.OperationalError) else Refusal
            raise kind(
                N_(
                    "The file {path} can't be opened ({reason}). Check the disk, its free space and the folder's"
                    " rights."
                ),
                path=str(self.path),
                reason=str(error),
            ) from None
        return connection

    def close(self) -> None:
        """Close every connection that any thread has opened through this store."""
        with self._opening:
            for connection in self._opened:
                connection.close()
            self._opened.clear()
        self._local = threading.local()

    def migrate(self, *migrations: Migrations) -> None:
        """Bring the file to the newest schema of the trail and of each given set; applied ones are skipped.

        Raises ``Refusal`` for a file of an older version that can't be written, such as a copy on a read-only medium.
        """
        try:
            self._writing  # noqa: B018 - opens this thread's connection
            db = self._local.db
        except _NotOpenedError:
            db = sqlite_utils.Database(self._lying(), execute_plugins=False, strict=True)
        pending = [each for each in (trail_migrations, *migrations) if each.pending(db)]
        if not pending:
            return
        try:
            with db.conn:
                db.execute("BEGIN IMMEDIATE")  # of two processes that open an older file, the second finds it done
                for each in pending:
                    each.apply(db)
        except sqlite3.OperationalError as error:
            if not any(word in str(error) for word in _UNWRITABLE):
                raise
            raise Refusal(
                N_(
                    "{path} is of an older version and can't be brought up to date ({reason}). Copy it to where it can."
                ),
                path=str(self.path),
                reason=str(error),
            ) from None

    def rows(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        """Return all rows of a query; raises ``DamagedError`` when the file can't be read."""
        try:
            return self._reading.execute(sql, parameters).fetchall()
        except (sqlite3.DatabaseError, OverflowError) as error:
            try:
                return _legible(self._reading, error, sql, parameters, self.note_damage)
            except (sqlite3.DatabaseError, OverflowError):
                raise self._told(error) from None

    def row(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        """Return the first row of a query, or None; raises ``DamagedError`` when the file can't be read."""
        try:
            found: sqlite3.Row | None = self._reading.execute(sql, parameters).fetchone()
        except (sqlite3.DatabaseError, OverflowError):
            return next(iter(self.rows(sql, parameters)), None)
        return found

    def _told(self, error: Exception, cannot_write: str = "") -> Exception:
        """Return what to tell of a file that is damaged or can't be written, or of a number that no row can have.

        Other faults are returned as they are.
        """
        if cannot_write and any(word in str(error) for word in _UNWRITABLE):
            return Refusal(cannot_write, control="MO-LOG-01", path=str(self.path), reason=str(error))
        if "SQLite INTEGER" in str(error):
            return Refusal(N_("A number is too large: nothing here can have it. Check what was entered."))
        if any(word in str(error) for word in _DAMAGED):
            words = N_("The file {path} is damaged ({reason}). Stop working with it and restore the newest backup.")
            return DamagedError(words, control="MO-LOG-01", path=str(self.path), reason=_without_text(error))
        return error

    def transaction(self) -> "_Recorded":
        """Change the store: everything inside commits together, or nothing does.

        Raises ``UnrecordedChangeError`` and rolls back when rows were changed and no trail entry was written,
        and ``Refusal`` when the file can't be written (a full or read-only disk) or is damaged: then the act has not
        happened.
        """
        return _Recorded(self)

    def bookkeeping(self) -> "_Bookkeeping":
        """Write the trail's own seals (checkpoints), which are about the book and so not entries in it.

        Raises ``Refusal`` when the file can't be written; what stands in the book already stays there.
        """
        return _Bookkeeping(self)


def _legible(
    connection: sqlite3.Connection, error: Exception, sql: str, parameters: Parameters, note: _Note
) -> list[sqlite3.Row]:
    r"""Return rows of which a text is no UTF-8, its strange bytes as ``\xff``, and note them; raise any other error.

    One lost bit makes such a text. It holds up no other row; where it had to mean something, its row is damaged.
    """
    if _NO_TEXT not in str(error):
        raise error
    words = N_("The database holds a text that is none ({reason}): no act wrote it so. Restore the newest backup.")
    note(DamagedError(words, control="MO-LOG-01", reason=_without_text(error)))
    connection.text_factory = lambda text: text.decode("utf-8", "backslashreplace")
    try:
        return connection.execute(sql, parameters).fetchall()
    finally:
        connection.text_factory = str


def _without_text(error: Exception) -> str:
    """Return what SQLite says without the text that it quotes, which may be a secret."""
    return str(error).partition(" with text ")[0]


class _Whole:
    """What is done inside commits together, or nothing of it does.

    Entering and leaving are methods, because generators would cost an act more than all the hashes of its entry.
    """

    cannot_write = _NOTHING_DONE

    def __init__(self, store: Store) -> None:
        self._store = store
        self._connection = store._writing  # noqa: SLF001 - the store hands it to its own transactions alone

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._commit()
        except BaseException as failed:
            self._undo(failed)
            raise
        if error is not None:
            self._undo(error)

    def _begin(self) -> sqlite3.Connection:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.DatabaseError as error:
            self._tell(error)
            raise
        return self._connection

    def _commit(self) -> None:
        self._connection.execute("COMMIT")

    def _undo(self, error: BaseException) -> None:
        """Roll back, and raise what people are to be told of ``error``, if that is something else."""
        try:
            if self._connection.in_transaction:  # a full disk makes SQLite roll back by itself
                self._connection.execute("ROLLBACK")
        except sqlite3.DatabaseError as second:
            error = second
        self._tell(error)

    def _tell(self, error: BaseException) -> None:
        if isinstance(error, sqlite3.DatabaseError | OverflowError):
            told = self._store._told(error, self.cannot_write)  # noqa: SLF001 - as above
            if told is not error:
                raise told from error


class _Recorded(_Whole):
    """A change of the store, which its trail entry must go with (MO-LOG-01)."""

    def __enter__(self) -> Transaction:
        connection, store = self._begin(), self._store
        try:
            db = store._local.db  # noqa: SLF001 - as above
            self._transaction = Transaction(connection, db, store.clock, store.seal, store.note_damage)
            self._before = connection.total_changes
        except BaseException as error:
            self._undo(error)
            raise
        return self._transaction

    def _commit(self) -> None:
        if not self._transaction.recorded and self._connection.total_changes != self._before:
            raise UnrecordedChangeError("rows were changed without a trail entry")
        super()._commit()


class _Bookkeeping(_Whole):
    """A writing of the trail's own seals."""

    cannot_write = _NOT_SEALED

    def __enter__(self) -> sqlite3.Connection:
        return self._begin()
