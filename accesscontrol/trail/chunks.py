"""Checking one stretch of the book, alone or in a process of its own: its rows, their chain, and the tree over them.

This module imports little, so that a process that only checks starts at once.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from accesscontrol.database_address import connected_to_read
from accesscontrol.messages import N_
from accesscontrol.trail.chain import CHAIN_START, keyed

CHANGED: Final = N_("The entry was changed after it was written.")
MISSING: Final = N_("The entry is missing.")
REORDERED: Final = N_("The entry stands in another's place.")
FORGED: Final = N_("The entry was not written by this console (added, replaced, or chained anew).")
END_WAS_GONE: Final = N_("Entries that stood before this one had been cut off or put in when it was written.")
DISCONNECTED: Final = N_("The entry doesn't follow the one that now stands before it.")

END_MISSING: Final = "trail.end-missing"  # the act of the entry that tells of a cut
_TOLD: Final = END_MISSING.encode()
_BUSY_SECONDS: Final = 30.0
_Row = tuple[Any, ...]
_RANGE: Final = "FROM trail_entry WHERE seq > ? AND seq <= ? ORDER BY seq"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: the entry that it is at (0: the book as a whole) and what."""

    entry: int
    fault: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """What was found in a stretch: its faults, and for each wanted number of its rows the subtree roots over them."""

    faults: Sequence[Fault]
    frontiers: dict[int, list[bytes]]


def check(path: Path, seal: bytes, start: int, rows: int, wanted: Sequence[int]) -> Chunk:
    """Check the ``rows`` entries after entry ``start``; raises ``sqlite3.DatabaseError`` when they can't be read."""
    with closing(connected_to_read(path, _BUSY_SECONDS)) as connection:
        connection.execute("BEGIN")  # both readings below see one state of the file
        found = connection.execute(f"SELECT body, leaf, chain {_RANGE}", (start, start + rows))
        leaves = _intact(found, rows, _chain_at(connection, start), seal)
        faults: list[Fault] = []
        if leaves is None:
            overlapping = connection.execute(
                f"SELECT seq, body, leaf, chain {_RANGE}", (max(start - 1, 0), start + rows)
            ).fetchall()
            previous = _chain_at(connection, start - 1)
            leaves, faults = _name_faults(overlapping, max(start - 1, 0), start + rows, previous, seal)
            leaves = leaves[-rows:]
            faults = [each for each in faults if each.entry > start]
    return Chunk(faults, _frontiers(leaves, wanted))


def _chain_at(connection: sqlite3.Connection, seq: int) -> bytes:
    row = connection.execute("SELECT chain FROM trail_entry WHERE seq = ? AND seq > 0", (seq,)).fetchone()
    return CHAIN_START if row is None else _octets(row[0])


def _octets(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def _intact(found: Iterable[_Row], rows: int, previous: bytes, seal: bytes) -> list[bytes] | None:
    """Return the leaf hashes, checked against the stored bytes, when nothing at all is wrong; else None.

    Row by row as SQLite gives them, because a row that is still in the processor's cache is checked sooner.
    """
    link = keyed(seal)
    leaves: list[bytes] = []
    try:
        for body, leaf, chain in found:
            if sha256(b"\x00" + body).digest() != leaf or link(previous, leaf) != chain or _TOLD in body:
                return None
            leaves.append(leaf)
            previous = chain
    except TypeError:  # something else than octets
        return None
    return leaves if len(leaves) == rows else None


def _name_faults(
    found: Iterable[_Row], start: int, end: int, previous: bytes, seal: bytes
) -> tuple[list[bytes], list[Fault]]:
    """Return the leaf hashes of the entries ``start`` + 1 to ``end`` and a fault for each entry that is wrong.

    A missing row stands as zeros. An entry follows the one before it if it continues either the chain value that is
    stored there or the one that belongs there, so that an altered chain value doesn't blame the entry after it.
    """
    leaves: list[bytes] = []
    faults: list[Fault] = []
    link = keyed(seal)
    stored = belongs = previous
    sound, expected = True, start
    for seq, *values in found:
        body, leaf, chain = map(_octets, values)
        faults += [Fault(missing, MISSING) for missing in range(expected + 1, seq)]
        leaves += [bytes(32)] * (seq - expected - 1)
        sound = sound and seq == expected + 1
        computed = sha256(b"\x00" + body).digest()
        linked = chain in {link(stored, leaf), link(belongs, leaf)}
        fault = _fault(seq, body, same=computed == leaf, linked=linked, sound=sound)
        if fault:
            faults.append(Fault(seq, fault))
        leaves.append(computed)
        stored, belongs = chain, chain if linked else link(belongs, leaf)
        sound, expected = fault is None, seq
    faults += [Fault(missing, MISSING) for missing in range(expected + 1, end + 1)]
    leaves += [bytes(32)] * (end - expected)
    return leaves, faults


def _fault(seq: int, body: bytes, *, same: bool, linked: bool, sound: bool) -> str | None:
    if same and linked:
        return END_WAS_GONE if _TOLD in body and _told(body, "act") == END_MISSING else None
    if _told(body, "number", seq) != seq:
        return REORDERED
    if not same:
        return CHANGED
    return FORGED if sound else DISCONNECTED


def _told(body: bytes, name: str, otherwise: object = None) -> object:
    try:
        return json.loads(body)[name]
    except (ValueError, TypeError, KeyError, RecursionError):
        return otherwise


def _frontiers(leaves: list[bytes], wanted: Sequence[int]) -> dict[int, list[bytes]]:
    """Return the perfect-subtree roots, largest first, of the first n leaves for each wanted n."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        pairs = zip(levels[-1][::2], levels[-1][1::2], strict=False)
        levels.append([sha256(b"\x01" + left + right).digest() for left, right in pairs])
    frontiers: dict[int, list[bytes]] = {}
    for count in wanted:
        position, hashes = 0, []
        for height in reversed(range(count.bit_length())):
            if count & (1 << height):
                hashes.append(levels[height][position >> height])
                position += 1 << height
        frontiers[count] = hashes
    return frontiers
