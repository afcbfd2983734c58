"""Sealing the book: a signed checkpoint of all entries so far, kept here and at the second place."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accesscontrol.clock import to_text
from accesscontrol.store import Store
from accesscontrol.trail import notes
from accesscontrol.trail.notes import Checkpoint
from accesscontrol.trail.tree import Frontier, consistency_proof
from accesscontrol.trail.witness import Witness, WitnessError


@dataclass(frozen=True, slots=True)
class Sealed:
    """The outcome of one checkpoint."""

    checkpoint: Checkpoint
    note: str
    witnessed: bool
    trouble: str = ""


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
            connection.execute(
                "INSERT OR IGNORE INTO trail_checkpoint (size, at, note, frontier) VALUES (?, ?, ?, ?)",
                (frontier.size, to_text(self._store.clock.now()), note, frontier.to_bytes()),
            )
        return self._witnessed(checkpoint, note)

    def _witnessed(self, checkpoint: Checkpoint, note: str) -> Sealed:
        if self._witness is None:
            return Sealed(checkpoint, note, witnessed=False)
        try:
            last = self._witness.last()
            if last is not None and last.size > checkpoint.size:
                raise WitnessError("the witness has seen a longer trail than this one")
            proof = self._proof(last.size, checkpoint.size) if last else []
            line = self._witness.add(note, proof)
        except WitnessError as error:
            return Sealed(checkpoint, note, witnessed=False, trouble=str(error))
        cosigned = note + line
        with self._store.bookkeeping() as connection:
            connection.execute(
                "UPDATE trail_checkpoint SET note = ? WHERE size = ? AND note = ?",
                (cosigned, checkpoint.size, note),
            )
        return Sealed(checkpoint, cosigned, witnessed=True)

    def _proof(self, old: int, new: int) -> list[bytes]:
        rows = self._store.rows("SELECT leaf FROM trail_entry WHERE seq <= ? ORDER BY seq", (new,))
        return consistency_proof([row["leaf"] for row in rows], old)


def advance(connection: sqlite3.Connection) -> Frontier:
    """Return the frontier over all present entries, grown from the last checkpoint's."""
    row = connection.execute("SELECT size, frontier FROM trail_checkpoint ORDER BY size DESC LIMIT 1").fetchone()
    frontier = Frontier.from_bytes(row["size"], row["frontier"]) if row else Frontier()
    for (leaf,) in connection.execute("SELECT leaf FROM trail_entry WHERE seq > ? ORDER BY seq", (frontier.size,)):
        frontier.append(leaf)
    return frontier
