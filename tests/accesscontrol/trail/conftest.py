"""A sealed book: entries, the log's key, and a second place that has seen them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accesscontrol.clock import FixedClock
from accesscontrol.store import Store
from accesscontrol.trail import verification
from accesscontrol.trail.checkpoints import Sealed, Sealer
from accesscontrol.trail.notes import Verifier
from accesscontrol.trail.verification import Verification
from accesscontrol.trail.witness import DirectoryWitness, Witness

ORIGIN = "city/trail"


@dataclass
class Book:
    """The trail of a site, written and sealed by short calls."""

    store: Store
    key: Ed25519PrivateKey
    witness: Witness | None = None

    @property
    def log(self) -> Verifier:
        return Verifier(ORIGIN, self.key.public_key())

    @property
    def sealer(self) -> Sealer:
        return Sealer(self.store, origin=ORIGIN, load_key=lambda: self.key, witness=self.witness)

    def write(self, number: int, **details: Any) -> None:
        for _ in range(number):
            with self.store.transaction() as tx:
                tx.record("door.opened", actor="100001", subject="B-1", **details)

    def seal(self) -> Sealed:
        sealed = self.sealer.seal()
        assert sealed is not None
        return sealed

    def verify(self) -> Verification:
        return verification.verify(self.store, log=self.log, witness=self.witness)

    def faults(self) -> list[tuple[int, str]]:
        return [(each.entry, each.fault) for each in self.verify().faults]


@pytest.fixture
def book(store: Store) -> Book:
    """A book with its own checkpoints only."""
    return Book(store, Ed25519PrivateKey.generate())


@pytest.fixture
def second_place(book: Book, tmp_path: Path, clock: FixedClock) -> DirectoryWitness:
    """A directory on another medium that remembers the book's checkpoints."""
    book.witness = DirectoryWitness.create(tmp_path / "medium", "vault", book.key.public_key(), clock)
    return book.witness


Attack = Callable[[Book], None]
