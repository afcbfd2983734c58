"""Sealing the book: a signed checkpoint of all entries so far, kept here and at the second place."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.store import Store
from accesscontrol.trail import notes
from accesscontrol.trail.notes import Checkpoint
from accesscontrol.trail.tree import Frontier, growth_proof
from accesscontrol.trail.witness import Witness, WitnessError

AHEAD: Final = N_("the second place remembers a longer or another trail than this one")


@dataclass(frozen=True, slots=True)
class Sealed:
    """The outcome of one checkpoint.

    ``contradicted`` says that the book is shorter than an earlier checkpoint, or that the second place remembers a
    longer or another one: it was cut, put back or rewritten, and nothing may rest on it until a person has looked.
    ``trouble`` is a msgid, or the words of ``error`` where there is one.
    """

    checkpoint: Checkpoint
    note: str
    witnessed: bool
    trouble: str = ""
    contradicted: bool = False
    error: WitnessError | None = None


class Sealer:
    """Makes checkpoints with the site's key and has them cosigned by the witness, if there is one.

    ``origin`` names this log and its key for ever; ``load_key`` reads the signing key for one use.
    """

    def __init__(
        self,
        store: Store,
        *,
        origin: str,
        load_key: Callable[[], Ed25519PrivateKey],
        witness: Witness | None = None,
    ) -> None:
        self._store = store
        self._origin = notes.check_name(origin)
        self._load_key = load_key
        self._witness = witness

    def seal(self) -> Sealed | None:
        """Sign the present size and root, store the note, and hand it to the witness.

        An unreachable witness doesn't stop the work: the note waits here, ``witnessed`` is False and the age of the
        last cosigned one grows visibly. Returns None for an empty book.
        """
        with self._store.bookkeeping() as connection:
            frontier = advance(connection)
            if not frontier.size:
                return None
            checkpoint = Checkpoint(self._origin, frontier.size, frontier.root())
            note = notes.sign(checkpoint, self._origin, self._load_key())
            (last,) = connection.execute("SELECT max(seq) FROM trail_entry").fetchone()
            if (last or 0) < frontier.size:
                return _contradicted(checkpoint, note, N_("sealed entries are gone"))
            connection.execute(
                "INSERT OR IGNORE INTO trail_checkpoint (size, at, note, frontier) VALUES (?, ?, ?, ?)",
                (frontier.size, to_text(self._store.clock.now()), note, frontier.to_bytes()),
            )
        if self._witness is None:
            return Sealed(checkpoint, note, witnessed=False)
        try:
            return self._witnessed(self._witness, self._witness.last(), checkpoint, note)
        except WitnessError as error:
            return Sealed(checkpoint, note, witnessed=False, trouble=str(error), error=error)

    def _witnessed(self, witness: Witness, last: Checkpoint | None, checkpoint: Checkpoint, note: str) -> Sealed:
        older, added = self._since(last.size, checkpoint.size) if last else (Frontier(), [])
        if last is not None and (older.size, older.root()) != (last.size, last.root):
            return _contradicted(checkpoint, note, AHEAD)
        if older.size > checkpoint.size:  # another process was there first, with this and more
            return Sealed(checkpoint, note, witnessed=True)
        try:
            line = witness.add(note, growth_proof(older, added) if added else ())
        except WitnessError:
            newer = witness.last()
            if newer is None or newer == last:
                raise
            return self._witnessed(witness, newer, checkpoint, note)
        cosigned = note + line
        with self._store.bookkeeping() as connection:
            connection.execute(
                "UPDATE trail_checkpoint SET note = ? WHERE size = ? AND note = ?",
                (cosigned, checkpoint.size, note),
            )
        return Sealed(checkpoint, cosigned, witnessed=True)

    def _since(self, old: int, new: int) -> tuple[Frontier, list[bytes]]:
        """Return the frontier at ``old`` and the leaves from there to ``new``."""
        row = self._store.row("SELECT size, note, frontier FROM trail_checkpoint WHERE size = ?", (old,))
        older = _stored(row)
        if older is None:
            older = Frontier()
            for (leaf,) in self._store.rows(
                "SELECT leaf FROM trail_entry WHERE seq BETWEEN 1 AND ? ORDER BY seq", (old,)
            ):
                older.append(leaf)
        rows = self._store.rows("SELECT leaf FROM trail_entry WHERE seq > ? AND seq <= ? ORDER BY seq", (old, new))
        return older, [row["leaf"] for row in rows]


def _contradicted(checkpoint: Checkpoint, note: str, trouble: str) -> Sealed:
    return Sealed(checkpoint, note, witnessed=False, trouble=trouble, contradicted=True)


def advance(connection: sqlite3.Connection) -> Frontier:
    """Return the frontier over all present entries, grown from the last checkpoint's."""
    row = connection.execute("SELECT size, note, frontier FROM trail_checkpoint ORDER BY size DESC LIMIT 1").fetchone()
    frontier = _stored(row) or Frontier()
    for (leaf,) in connection.execute("SELECT leaf FROM trail_entry WHERE seq > ? ORDER BY seq", (frontier.size,)):
        frontier.append(leaf)
    return frontier


def _stored(row: sqlite3.Row | None) -> Frontier | None:
    """Return the frontier kept with a checkpoint if it still makes the checkpoint's root, else None."""
    if row is None:
        return None
    try:
        frontier = Frontier.from_bytes(row["size"], row["frontier"])
        return frontier if notes.parse(row["note"]).root == frontier.root() else None
    except (ValueError, TypeError):
        return None
