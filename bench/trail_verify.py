"""Verification of a long trail, against reading its rows from SQLite and chaining them with hashlib."""

from __future__ import annotations

import hmac
import json
import secrets
import sqlite3
from contextlib import closing, contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accesscontrol.clock import SystemClock, to_text
from accesscontrol.store import Store
from accesscontrol.trail import verification
from accesscontrol.trail.chain import CHAIN_START, end_mark
from accesscontrol.trail.notes import Verifier
from accesscontrol.trail.tree import leaf_hash
from bench.harness import Figure, timed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = 1_000_000
SEAL = bytes(32)
INSERT = "INSERT INTO trail_entry (seq, body, leaf, chain) VALUES (?, ?, ?, ?)"


def rows() -> Iterator[tuple[int, bytes, bytes, bytes]]:
    """Yield rows as the store writes them, without a commit for each; the verification itself vouches for them."""
    chain = CHAIN_START
    at = to_text(SystemClock().now())
    for number in range(1, ROWS + 1):
        entry = {
            "act": "finding.disposed",
            "actor": "100001",
            "at": at,
            "details": {"reason": "ordinary work"},
            "number": number,
            "outcome": "done",
            "salt": secrets.token_hex(16),
            "subject": f"F-{number}",
            "terminal": "SR-01",
        }
        body = json.dumps(entry, separators=(",", ":")).encode()
        leaf = leaf_hash(body)
        chain = hmac.digest(SEAL, chain + leaf, "sha256")
        yield number, body, leaf, chain


def read_and_chain(path: Path) -> None:
    """Do the least that any verification has to do: read each row and hash it onto the last."""
    previous = CHAIN_START
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        for _seq, body, _leaf, _chain in connection.execute(
            "SELECT seq, body, leaf, chain FROM trail_entry ORDER BY seq"
        ):
            previous = sha256(previous + body).digest()


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure over a trail of a million entries."""
    path = folder / "trail.sqlite3"
    store = Store(path, SystemClock(), seal=SEAL)
    store.migrate()
    with store.bookkeeping() as connection:
        connection.executemany(INSERT, rows())
        ((seq, chain),) = connection.execute("SELECT seq, chain FROM trail_entry ORDER BY seq DESC LIMIT 1").fetchall()
        connection.execute("INSERT INTO trail_end VALUES (1, ?, ?)", (seq, end_mark(SEAL, seq, chain)))
    log = Verifier("bench", Ed25519PrivateKey.generate().public_key())

    def verify() -> None:
        found = verification.verify(store, log=log)
        if not found.ok or found.entries != ROWS:
            raise RuntimeError(f"the trail of the benchmark does not verify: {found.faults[:3]}")

    yield Figure(
        name=f"trail verify, {ROWS:,} entries",
        reference="bare SQLite read + hashlib chain",
        aim=1.5,
        ours=lambda: timed(verify),
        against=lambda: timed(lambda: read_and_chain(path)),
        runs=5,
    )
    store.close()
