"""Every restore is entered before its first plain byte: a killed one leaves no unsealed copy that nobody knows of.

The folder is locked while the restore runs, and the kernel lets go when it dies. So what is open in the list and not
locked was broken off.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store, Transaction
from backups.folders import Busy
from backups.newfile import PART
from backups.records import Backup, backup_id

OPENED = "opened"
"""The name of the opened content until it is unpacked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenOff:
    """A restore whose process died; ``left`` are the names of what it may have unpacked and a person must remove."""

    number: int
    backup: str
    folder: Path
    left: Sequence[str]


@contextmanager
def entered(store: Store, backup: Backup, folder: Path, *, actor: str, terminal: str) -> Iterator[int]:
    """Enter that ``backup`` is opened into ``folder``, and hold the folder while it is; yield the entry's number."""
    with _locked(folder):
        with store.transaction() as tx:
            number = tx.execute(
                "INSERT INTO backup_opening (backup, folder, at, actor, terminal) VALUES (?, ?, ?, ?, ?)",
                (backup.number, str(folder.absolute()), to_text(tx.at), actor, terminal),
            ).lastrowid
            tx.record(
                "backup.restore-begun", actor=actor, terminal=terminal, subject=backup.id, folder=str(folder.absolute())
            )
        try:
            yield int(number or 0)
        except BaseException as error:
            with suppress(Refusal), store.transaction() as tx:  # else it stays open and is found as broken off
                end(tx, int(number or 0))
                tx.record(
                    "backup.restored",
                    actor=actor,
                    terminal=terminal,
                    subject=backup.id,
                    outcome="failed",
                    reason=str(error) or type(error).__name__,
                )
            raise


def end(tx: Transaction, number: int) -> None:
    """Say that a restore came to its end; what it saw is recorded beside it."""
    tx.execute("UPDATE backup_opening SET ended_at = ? WHERE number = ?", (to_text(tx.at), number))


def clear_away(store: Store) -> list[BrokenOff]:
    """Close the restores that were killed, remove what they had opened, and return what a person must look at."""
    rows = store.rows("SELECT * FROM backup_opening WHERE ended_at IS NULL ORDER BY number")
    found = [_closed(store, row["number"], backup_id(row["backup"]), Path(row["folder"])) for row in rows]
    return [each for each in found if each is not None]


def _closed(store: Store, number: int, backup: str, folder: Path) -> BrokenOff | None:
    try:
        with _locked(folder):
            for name in (OPENED, OPENED + PART):
                (folder / name).unlink(missing_ok=True)
            left = sorted(path.name for path in folder.iterdir())
    except Busy:
        return None  # it is under way
    except OSError:
        left = []  # the folder is gone, and with it what stood in it
    with store.transaction() as tx:
        end(tx, number)
        tx.record(
            "backup.restore-broken-off",
            actor="system",
            subject=backup,
            outcome="failed",
            folder=str(folder),
            left=left,
        )
    return BrokenOff(number=number, backup=backup, folder=folder, left=left)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder alone; Busy when another process does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(
                N_("Another process is writing in {folder}; try again when it is done."), folder=folder
            ) from None
        yield
    finally:
        os.close(descriptor)
