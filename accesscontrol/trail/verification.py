"""Proving that the book is as it was written: every row, every checkpoint, and the second place's memory.

The rows are checked in chunks that are perfect subtrees, in parallel processes; the parent joins the chunk roots.
"""

import hmac
import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from accesscontrol.messages import N_
from accesscontrol.store import Store
from accesscontrol.trail import notes
from accesscontrol.trail.append import CHAIN_START
from accesscontrol.trail.notes import Checkpoint, MalformedNoteError, Verifier
from accesscontrol.trail.tree import Frontier
from accesscontrol.trail.witness import Witness, WitnessError

if TYPE_CHECKING:
    from collections.abc import Iterable

CHUNK = 1 << 15
_PARALLEL_FROM = CHUNK * 4

CHANGED = N_("The entry was changed after it was written.")
MISSING = N_("The entry is missing.")
REORDERED = N_("The entry stands in another's place.")
FORGED = N_("The entry was not written by this console (added, replaced, or chained anew).")
BAD_NOTE = N_("The checkpoint's signature is wrong or is not by this console's key.")
BAD_ROOT = N_("The entries up to here are not those that the checkpoint sealed.")
CUT = N_("Entries that were sealed are gone: the trail was cut or an older file was put back.")
WITNESS_AHEAD = N_("The second place has seen a longer trail: this one was cut, emptied or put back.")
WITNESS_DIFFERS = N_("The second place has seen other entries: this trail was rewritten.")
WITNESS_SILENT = N_("The second place can't be read, so a trail put back as a whole would not be found.")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: the entry that it is at (0: the book as a whole) and what."""

    entry: int
    fault: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome: how much was checked and everything that is wrong."""

    entries: int
    root: bytes
    checkpoints: int
    faults: Sequence[Fault] = field(default_factory=tuple)

    @property
    def ok(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What one process found in rows ``first``..``last``."""

    faults: list[Fault]
    frontiers: dict[int, list[bytes]]  # by number of rows of this chunk
    rows: int


def verify(store: Store, *, log: Verifier, witness: Witness | None = None) -> Verification:
    """Check the whole book as it stands now; appending goes on meanwhile.

    Names each changed, missing, added or reordered entry, each checkpoint that doesn't fit, and a second place that
    remembers more or other entries than there are (MO-LOG-01).
    """
    size = store.rows("SELECT coalesce(max(seq), 0) FROM trail_entry")[0][0]
    checkpoints = store.rows("SELECT size, note FROM trail_checkpoint ORDER BY size")
    faults: list[Fault] = []
    sealed = list(_sealed(checkpoints, log, faults))
    remembered = _remembered(witness, faults)
    wanted = {each.size for each in sealed} | ({remembered.size} if remembered else set())
    roots = _roots(store, size, wanted, faults)
    for each in sealed:
        faults.extend(_compare(each, roots, size, BAD_ROOT, CUT))
    if remembered is not None:
        faults.extend(_compare(remembered, roots, size, WITNESS_DIFFERS, WITNESS_AHEAD))
    return Verification(size, roots[size], len(checkpoints), tuple(faults))


def _sealed(rows: "Iterable[sqlite3.Row]", log: Verifier, faults: list[Fault]) -> Iterator[Checkpoint]:
    for row in rows:
        try:
            checkpoint = notes.parse(row["note"])
            signed = notes.verify(row["note"], [log])
        except MalformedNoteError:
            signed = []
        if signed and checkpoint.size == row["size"] and checkpoint.origin == log.name:
            yield checkpoint
        else:
            faults.append(Fault(row["size"], BAD_NOTE))


def _remembered(witness: Witness | None, faults: list[Fault]) -> Checkpoint | None:
    if witness is None:
        return None
    try:
        return witness.last()
    except WitnessError:
        faults.append(Fault(0, WITNESS_SILENT))
        return None


def _compare(checkpoint: Checkpoint, roots: dict[int, bytes], size: int, differs: str, ahead: str) -> Iterator[Fault]:
    if checkpoint.size > size:
        yield Fault(checkpoint.size, ahead)
    elif roots[checkpoint.size] != checkpoint.root:
        yield Fault(checkpoint.size, differs)


def _roots(store: Store, size: int, wanted: set[int], faults: list[Fault]) -> dict[int, bytes]:
    """Return the root at each wanted size and at ``size``, and collect the faults of all rows."""
    wanted = {each for each in wanted if each <= size} | {size}
    whole = Frontier()
    roots = {0: whole.root()}
    for start, chunk in _chunks(store, size, wanted):
        faults.extend(chunk.faults)
        for rows, hashes in sorted(chunk.frontiers.items()):
            edge = Frontier(whole.size, whole.hashes)
            width = 1 << max(rows.bit_length() - 1, 0)
            for each in hashes:
                while not rows & width:
                    width >>= 1
                edge.append_subtree(each, width)
                width >>= 1
            roots[start + rows] = edge.root()
            if rows == min(CHUNK, size - start):
                whole = edge
    return roots


def _chunks(store: Store, size: int, wanted: set[int]) -> Iterator[tuple[int, _Chunk]]:
    starts = range(0, size, CHUNK)
    jobs = [(store.path, store.seal, start, min(CHUNK, size - start), _within(wanted, start, size)) for start in starts]
    if size < _PARALLEL_FROM or (os.cpu_count() or 1) == 1:
        yield from ((job[2], _check_chunk(*job)) for job in jobs)
        return
    # a fresh interpreter for each worker: a fork would copy the screen's threads and locks half-way
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for job, found in zip(jobs, pool.map(_check_chunk, *zip(*jobs, strict=True)), strict=True):
            yield job[2], found


def _within(wanted: set[int], start: int, size: int) -> list[int]:
    rows = min(CHUNK, size - start)
    return sorted({each - start for each in wanted if start < each <= start + rows} | {rows})


def _check_chunk(path: Path, seal: bytes, start: int, rows: int, wanted: list[int]) -> _Chunk:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        before = connection.execute("SELECT chain FROM trail_entry WHERE seq <= ? ORDER BY seq DESC", (start,))
        previous = (before.fetchone() or (CHAIN_START,))[0]
        found = connection.execute(
            "SELECT seq, body, leaf, chain FROM trail_entry WHERE seq > ? AND seq <= ? ORDER BY seq",
            (start, start + rows),
        )
        faults: list[Fault] = []
        leaves = _check_rows(found, start, rows, previous, seal, faults)
    return _Chunk(faults, _frontiers(leaves, wanted), rows)


def _check_rows(
    found: sqlite3.Cursor, start: int, rows: int, previous: bytes, seal: bytes, faults: list[Fault]
) -> list[bytes]:
    """Return the leaf hashes as recomputed from the stored bytes; a missing row stands as zeros."""
    leaves: list[bytes] = []
    expected = start
    prefix, keyed = b"\x00", hmac.digest
    for seq, body, leaf, chain in found:
        expected += 1
        while expected < seq:
            faults.append(Fault(expected, MISSING))
            leaves.append(bytes(32))
            expected += 1
        computed = sha256(prefix + body).digest()
        linked = keyed(seal, previous + leaf, "sha256")
        if computed != leaf or linked != chain:
            faults.append(Fault(seq, _kind_of_fault(seq, body, intact=computed == leaf)))
        leaves.append(computed)
        previous = chain
    faults.extend(Fault(seq, MISSING) for seq in range(expected + 1, start + rows + 1))
    leaves.extend(bytes(32) for _ in range(rows - len(leaves)))
    return leaves


def _kind_of_fault(seq: int, body: bytes, *, intact: bool) -> str:
    try:
        number = json.loads(body)["number"]
    except (ValueError, TypeError, KeyError):
        return CHANGED
    if number != seq:
        return REORDERED
    return FORGED if intact else CHANGED


def _frontiers(leaves: list[bytes], wanted: list[int]) -> dict[int, list[bytes]]:
    """Return the perfect-subtree roots, largest first, of the first n leaves for each wanted n."""
    levels = [leaves]
    prefix = b"\x01"
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([sha256(prefix + below[at] + below[at + 1]).digest() for at in range(0, len(below) - 1, 2)])
    frontiers: dict[int, list[bytes]] = {}
    for count in wanted:
        position, hashes = 0, []
        for height in reversed(range(len(levels))):
            if count & (1 << height):
                hashes.append(levels[height][position >> height])
                position += 1 << height
        frontiers[count] = hashes
    return frontiers
