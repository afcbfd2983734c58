"""Proving that the book is as it was written: every row, every checkpoint, and the second place's memory.

The rows are checked in chunks that are perfect subtrees, in parallel processes; the parent joins the chunk roots.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Final

from accesscontrol.messages import N_
from accesscontrol.store import DamagedError, Store
from accesscontrol.trail import append, notes
from accesscontrol.trail.chunks import (
    CHANGED,
    DISCONNECTED,
    END_WAS_GONE,
    FORGED,
    MISSING,
    REORDERED,
    Chunk,
    Fault,
    check,
)
from accesscontrol.trail.notes import Checkpoint, MalformedNoteError, Verifier
from accesscontrol.trail.tree import EMPTY_ROOT, Frontier
from accesscontrol.trail.witness import Witness, WitnessError

__all__ = [
    "CHANGED",
    "DISCONNECTED",
    "END_WAS_GONE",
    "FORGED",
    "MISSING",
    "REORDERED",
    "Fault",
    "Verification",
    "verify",
]

CHUNK = 1 << 13
PARALLEL_FROM = CHUNK * 16
_JOBS_AT_ONCE: Final = 4

MISSING_FROM: Final = N_("The entries from here to the next are missing.")
BAD_NOTE = N_("The checkpoint's signature is wrong or is not by this console's key.")
BAD_ROOT = N_("The entries up to here are not those that the checkpoint sealed.")
END_GONE: Final = N_("The book did not end here: entries were cut off its end or put into it.")
CUT = N_("Entries that were sealed are gone: the trail was cut or an older file was put back.")
WITNESS_AHEAD = N_("The second place has seen a longer trail: this one was cut, emptied or put back.")
WITNESS_DIFFERS = N_("The second place has seen other entries: this trail was rewritten.")
WITNESS_FORGOT = N_("The second place has forgotten a checkpoint that it signed: its memory was put back.")
UNREADABLE = N_("The book can't be read: its file is damaged or was made over.")
WITNESS_SILENT = N_("The second place can't be read, so a trail put back as a whole would not be found.")


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome: how much was checked and everything that is wrong.

    ``sealed`` is the number of entries under a checkpoint that fits, ``anchored`` of those that the second place
    vouches for. What was written after these could be cut off unseen by whoever holds this host's secrets.
    """

    entries: int
    root: bytes
    checkpoints: int
    faults: Sequence[Fault] = field(default_factory=tuple)
    sealed: int = 0
    anchored: int = 0

    @property
    def ok(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.faults


def verify(store: Store, *, log: Verifier, witness: Witness | None = None) -> Verification:
    """Check the whole book as it stands now; appending goes on meanwhile.

    Names each changed, missing, added or reordered entry, each checkpoint that doesn't fit, and a second place that
    remembers more or other entries than there are (MO-LOG-01).
    """
    try:
        return _verify(store, log, witness)
    except (sqlite3.DatabaseError, DamagedError):
        return Verification(0, EMPTY_ROOT, 0, (Fault(0, UNREADABLE),))


def ends_as_marked(store: Store) -> bool:
    """Tell at once, without reading the book, whether it ends where it was last written."""
    (last,) = store.rows(append.LAST)
    return _ends(last, store)


def _ends(last: sqlite3.Row, store: Store) -> bool:
    return append.is_end(last["marked"], last["mark"], max(0, last["seq"] or 0), last["chain"], store.seal)


def _verify(store: Store, log: Verifier, witness: Witness | None) -> Verification:
    # in this order, so that what is appended, sealed and cosigned meanwhile never looks like a cut
    notes_here = store.rows("SELECT size, CAST(note AS BLOB) AS note FROM trail_checkpoint ORDER BY size")
    faults: list[Fault] = []
    sealed = list(_sealed(notes_here, log, faults))
    remembered = _remembered(notes_here, witness, faults)
    (last,) = store.rows(append.LAST)
    size = max(0, last["seq"] or 0)
    faults.extend(Fault(row[0], FORGED) for row in store.rows("SELECT seq FROM trail_entry WHERE seq < 1"))
    wanted = {each.size for each in sealed} | ({remembered.size} if remembered else set())
    roots = _roots(store, size, wanted, faults)
    if not _ends(last, store) and all(
        each.entry != size for each in faults
    ):  # else a fault of the last entry says more
        faults.append(Fault(size, END_GONE))
    for each in sealed:
        faults.extend(_compare(each, roots, size, BAD_ROOT, CUT))
    if remembered is not None:
        faults.extend(_compare(remembered, roots, size, WITNESS_DIFFERS, WITNESS_AHEAD))
    return Verification(
        size,
        roots[size],
        len(notes_here),
        tuple(faults),
        sealed=max((each.size for each in sealed if roots.get(each.size) == each.root), default=0),
        anchored=remembered.size if remembered and roots.get(remembered.size) == remembered.root else 0,
    )


def _sealed(rows: Sequence[sqlite3.Row], log: Verifier, faults: list[Fault]) -> Iterator[Checkpoint]:
    for row in rows:
        checkpoint = _signed_by(row["note"], log)
        if checkpoint is not None and checkpoint.size == row["size"] and checkpoint.origin == log.name:
            yield checkpoint
        else:
            faults.append(Fault(row["size"], BAD_NOTE))


def _signed_by(note: object, key: Verifier) -> Checkpoint | None:
    """Return the checkpoint in a stored note if ``key`` signed it, else None."""
    try:
        text = note.decode() if isinstance(note, bytes) else ""
        return notes.parse(text) if notes.verify(text, [key]) else None
    except (UnicodeDecodeError, MalformedNoteError):
        return None


def _remembered(rows: Sequence[sqlite3.Row], witness: Witness | None, faults: list[Fault]) -> Checkpoint | None:
    """Return the second place's last checkpoint; a memory older than its own signature here is a fault."""
    if witness is None:
        return None
    try:
        key, last = witness.verifier(), witness.last()
    except WitnessError:
        faults.append(Fault(0, WITNESS_SILENT))
        return None
    cosigned = next((row["size"] for row in reversed(rows) if _signed_by(row["note"], key)), 0)
    if cosigned > (last.size if last else 0):
        faults.append(Fault(cosigned, WITNESS_FORGOT))
    return last


def _compare(checkpoint: Checkpoint, roots: dict[int, bytes], size: int, differs: str, ahead: str) -> Iterator[Fault]:
    if checkpoint.size > size:
        yield Fault(checkpoint.size, ahead)
    elif roots.get(checkpoint.size) != checkpoint.root:
        yield Fault(checkpoint.size, differs)


def _roots(store: Store, size: int, wanted: set[int], faults: list[Fault]) -> dict[int, bytes]:
    """Return the root at each wanted size and at ``size``, and collect the faults of all rows."""
    whole = Frontier()
    roots = {0: whole.root()}
    for start, rows, chunk in _chunks(store, size, wanted | {size}):
        if start > whole.size:  # nobody wants to read of a million missing entries one by one
            faults.append(Fault(whole.size + 1, MISSING_FROM))
            _grow(whole, start - whole.size, None)
        faults.extend(chunk.faults)
        for count, hashes in sorted(chunk.frontiers.items()):
            edge = Frontier(whole.size, whole.hashes)
            _grow(edge, count, hashes)
            roots[start + count] = edge.root()
        _grow(whole, rows, chunk.frontiers[rows])
    return roots


def _grow(frontier: Frontier, count: int, hashes: Sequence[bytes] | None) -> None:
    """Append ``count`` leaves as perfect subtrees: those of ``hashes``, largest first, or zeros for missing ones."""
    given = iter(hashes or ())
    while count:
        width = 1 << count.bit_length() - 1
        if hashes is None and frontier.size:
            width = min(width, frontier.size & -frontier.size)
        frontier.append_subtree(next(given, bytes(32)), width)
        count -= width


def _chunks(store: Store, size: int, wanted: set[int]) -> Iterator[tuple[int, int, Chunk]]:
    """Yield (start, rows, what was found) for each chunk that has any row, in order."""
    jobs = [
        (
            store.path,
            store.seal,
            start,
            rows,
            sorted({each - start for each in wanted if start < each <= start + rows} | {rows}),
        )
        for start, rows in _stretches(store, size)
    ]
    if size < PARALLEL_FROM or (os.cpu_count() or 1) == 1:
        yield from ((job[2], job[3], check(*job)) for job in jobs)
        return
    # a fresh interpreter for each worker: a fork would copy the screen's threads and locks half-way
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for job, found in zip(jobs, pool.map(check, *zip(*jobs, strict=True), chunksize=_JOBS_AT_ONCE), strict=True):
            yield job[2], job[3], found


def _stretches(store: Store, size: int) -> Iterator[tuple[int, int]]:
    start = 0
    while start < size:
        following = store.rows("SELECT min(seq) FROM trail_entry WHERE seq > ?", (start,))[0][0]
        start += (following - start - 1) // CHUNK * CHUNK
        yield start, min(CHUNK, size - start)
        start += CHUNK
