"""Every attack on the book is named: by the chain, by the checkpoints, or by the second place."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accesscontrol.clock import FixedClock
from accesscontrol.store import Store
from accesscontrol.trail import notes, verification
from accesscontrol.trail.chain import CHAIN_START
from accesscontrol.trail.notes import Checkpoint
from accesscontrol.trail.tree import Frontier, leaf_hash, root_of
from accesscontrol.trail.verification import (
    BAD_NOTE,
    BAD_ROOT,
    CHANGED,
    CUT,
    DISCONNECTED,
    END_GONE,
    FORGED,
    MISSING,
    MISSING_FROM,
    REORDERED,
    WITNESS_AHEAD,
    WITNESS_DIFFERS,
    WITNESS_FORGOT,
    WITNESS_SILENT,
)
from accesscontrol.trail.witness import DirectoryWitness
from tests.accesscontrol.conftest import SEAL
from tests.accesscontrol.processes import finish, let_go, start, wait_for_line
from tests.accesscontrol.trail.conftest import ORIGIN, Book
from tests.accesscontrol.trail.intruder import OTHER_SEAL, Intruder, Row, body, forged, hashed

Change = Callable[[list[Row]], list[Row]]


def renumbered(rows: list[Row]) -> list[Row]:
    """The rows in this order under the numbers 1, 2, 3…, inside their bodies too, as a careful forger leaves them."""
    return [
        (seq, json.dumps({**json.loads(row[1]), "number": seq}).encode(), *row[2:]) for seq, row in enumerate(rows, 1)
    ]


@pytest.fixture
def sealed(book: Book) -> Book:
    """Twelve entries, checkpoints at 4, 8 and 12, and no second place."""
    for _ in range(3):
        book.write(4)
        book.seal()
    return book


@pytest.fixture
def witnessed(book: Book, second_place: DirectoryWitness) -> Book:
    """Twelve entries, checkpoints at 4, 8 and 12, all cosigned by a second place."""
    for _ in range(3):
        book.write(4)
        assert book.seal().witnessed
    return book


def test_a_book_that_nobody_touched_is_proven(witnessed: Book) -> None:
    found = witnessed.verify()
    leaves = [row[2] for row in Intruder(witnessed.store.path).rows()]
    assert (found.ok, found.entries, found.root, found.checkpoints) == (True, 12, root_of(leaves), 3)


def test_it_is_told_how_far_the_book_is_sealed_and_how_far_the_second_place_vouches_for_it(
    witnessed: Book, tmp_path: Path
) -> None:
    witnessed.write(2)
    found = witnessed.verify()
    assert (found.entries, found.sealed, found.anchored) == (14, 12, 12)
    (tmp_path / "medium").rename(tmp_path / "away")
    witnessed.seal()
    (tmp_path / "away").rename(tmp_path / "medium")
    witnessed.write(1)
    found = witnessed.verify()
    assert (found.entries, found.sealed, found.anchored) == (15, 14, 12)
    Intruder(witnessed.store.path).set(13, body=body(13))
    found = witnessed.verify()
    assert (found.sealed, found.anchored) == (12, 12)


def test_an_empty_book_is_proven(book: Book) -> None:
    assert book.verify().ok


class TestWithoutTheSeal:
    """The chain alone names the very entry, with no checkpoint over it."""

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            pytest.param(lambda rows: [*rows[:4], (5, body(5), *rows[4][2:]), *rows[5:]], [(5, CHANGED)], id="edit the body"),
            pytest.param(
                lambda rows: [*rows[:4], (5, body(5), leaf_hash(body(5)), rows[4][3]), *rows[5:]],
                [(5, FORGED)],
                id="edit the body and its hash",
            ),
            pytest.param(
                lambda rows: [*rows[:4], forged(5, rows[3][3]), *rows[5:]],
                [(5, FORGED), (6, DISCONNECTED)],
                id="replace an entry",
            ),
            pytest.param(
                lambda rows: [*rows[:4], (*rows[4][:3], bytes(32)), *rows[5:]], [(5, FORGED)], id="edit a chain value"
            ),
            pytest.param(lambda rows: [*rows[:4], (5, rows[4][1], bytes(32), rows[4][3]), *rows[5:]], [(5, CHANGED)], id="edit a hash"),
            pytest.param(lambda rows: [*rows[:4], *rows[5:]], [(5, MISSING), (6, DISCONNECTED)], id="delete an entry"),
            pytest.param(
                lambda rows: [*rows[:4], *rows[6:]], [(5, MISSING), (6, MISSING), (7, DISCONNECTED)], id="delete two"
            ),
            pytest.param(lambda rows: rows[1:], [(1, MISSING), (2, DISCONNECTED)], id="delete the first"),
            pytest.param(
                lambda rows: [*rows[:4], (5, *rows[5][1:]), (6, *rows[4][1:]), *rows[6:]],
                [(5, REORDERED), (6, REORDERED), (7, DISCONNECTED)],
                id="swap two entries",
            ),
            pytest.param(lambda rows: [*rows, forged(13, rows[-1][3])], [(13, FORGED)], id="add one at the end"),
            pytest.param(lambda rows: [forged(0, CHAIN_START), *rows], [(0, FORGED)], id="add one before the first"),
            pytest.param(lambda rows: [forged(-9, CHAIN_START), *rows], [(-9, FORGED)], id="add one far before"),
            pytest.param(lambda rows: [*rows, forged(13, rows[-1][3], number=5)], [(13, REORDERED)], id="repeat an entry"),
            pytest.param(
                lambda rows: hashed(rows, OTHER_SEAL), [(1, FORGED), *((n, DISCONNECTED) for n in range(2, 13))],
                id="chain everything anew",
            ),
            pytest.param(lambda rows: [(5, None, None, None) if row[0] == 5 else row for row in rows], [(5, CHANGED), (6, DISCONNECTED)], id="empty an entry"),
            pytest.param(lambda rows: [(5, "text", "text", 7) if row[0] == 5 else row for row in rows], [(5, CHANGED), (6, DISCONNECTED)], id="put something else than octets"),
        ],
    )  # fmt: skip
    def test_the_entry_is_named(self, book: Book, change: Change, named: list[tuple[int, str]]) -> None:
        book.write(12)
        Intruder(book.store.path).edit(change)
        assert book.faults() == named

    def test_an_entry_slipped_in_between_is_named(self, book: Book) -> None:
        book.write(4)

        def slip_in(rows: list[Row]) -> list[Row]:
            return [*rows[:2], forged(3, rows[1][3]), *((seq + 1, *row) for seq, *row in rows[2:])]

        Intruder(book.store.path).edit(slip_in)
        assert book.faults() == [(3, FORGED), (4, REORDERED), (5, END_GONE)]

    def test_entries_far_beyond_the_end_are_named_at_once(self, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(verification, "CHUNK", 64)
        book.write(3)
        Intruder(book.store.path).edit(lambda rows: [*rows, forged(1 << 60, rows[-1][3])])
        found = book.faults()
        assert found[-1] == (1 << 60, DISCONNECTED)
        assert (65, MISSING_FROM) in found

    def test_the_next_honest_entry_does_not_heal_anything(self, book: Book) -> None:
        book.write(3)
        Intruder(book.store.path).set(2, chain=bytes(32))
        second = Store(book.store.path, book.store.clock, seal=SEAL)
        book.write(2)
        assert book.faults() == [(2, FORGED)]
        second.close()

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(1, 12), st.sampled_from(["body", "leaf", "chain"]), st.integers(0), st.integers(0, 7))
    def test_any_flipped_bit_in_any_column_of_any_entry_is_named(
        self, book: Book, seq: int, column: str, position: int, bit: int
    ) -> None:
        if not Intruder(book.store.path).rows():
            book.write(12)
        intruder = Intruder(book.store.path)
        before = intruder.rows()
        octets = bytearray(before[seq - 1][("seq", "body", "leaf", "chain").index(column)])
        octets[position % len(octets)] ^= 1 << bit
        intruder.set(seq, **{column: bytes(octets)})
        named = book.faults()
        intruder.replace(before)
        assert [entry for entry, _ in named] == [seq]


class TestWithTheSeal:
    """An intruder who can make the chain anew is caught by the signed checkpoints."""

    @pytest.mark.parametrize(
        ("change", "spoilt"),
        [
            pytest.param(lambda rows: [*rows[:4], (5, body(5), b"", b""), *rows[5:]], [8, 12], id="edit"),
            pytest.param(lambda rows: renumbered([*rows[:4], *rows[5:]]), [4, 8], id="delete"),
            pytest.param(lambda rows: renumbered([*rows[:8], forged(9, b""), *rows[8:]]), [4, 8, 12], id="add"),
            pytest.param(lambda rows: renumbered([*rows[:9], rows[10], rows[9], rows[11]]), [4, 8, 12], id="reorder"),
        ],
    )
    def test_the_checkpoints_over_the_rewritten_entries_are_named(
        self, sealed: Book, change: Change, spoilt: list[int]
    ) -> None:
        intruder = Intruder(sealed.store.path)
        intruder.edit(lambda rows: hashed(change(rows), SEAL))
        intruder.mark_end(SEAL)
        named = sealed.faults()
        assert [entry for entry, fault in named if fault == BAD_ROOT] == spoilt
        assert {fault for _, fault in named} <= {BAD_ROOT, CUT}

    def test_a_cut_tail_is_named_by_the_checkpoint_that_sealed_it(self, sealed: Book) -> None:
        cut(sealed, 10)
        assert sealed.faults() == [(12, CUT)]

    def test_a_cut_after_the_last_checkpoint_is_the_window_that_only_a_newer_checkpoint_closes(
        self, sealed: Book
    ) -> None:
        sealed.write(3)
        whole = Intruder(sealed.store.path).rows()
        cut(sealed, 13)
        assert sealed.faults() == []
        Intruder(sealed.store.path).replace(whole)
        sealed.seal()
        cut(sealed, 13)
        assert sealed.faults() == [(15, CUT)]

    def test_a_cut_that_was_grown_over_is_named_still(self, sealed: Book) -> None:
        cut(sealed, 10)
        store = Store(sealed.store.path, sealed.store.clock, seal=SEAL)
        sealed.write(5)
        assert sealed.faults() == [(12, BAD_ROOT)]
        store.close()

    @pytest.mark.parametrize(
        "spoil",
        [
            "note = replace(note, char(10) || '8' || char(10), char(10) || '9' || char(10))",
            "note = substr(note, 1, length(note) - 1)",
            "note = ''",
            "note = CAST(x'fffe' AS TEXT)",
            "note = replace(note, 'city', 'town')",
            "note = (SELECT note FROM trail_checkpoint WHERE size = 4)",
            "size = 9",
            "note = replace(note, char(10) || '8' || char(10), char(10) || printf('%05000d', 8) || char(10))",
        ],
    )
    def test_a_tampered_checkpoint_is_named(self, sealed: Book, spoil: str) -> None:
        Intruder(sealed.store.path).run(f"UPDATE trail_checkpoint SET {spoil} WHERE size = 8")
        assert [fault for _, fault in sealed.faults()] == [BAD_NOTE]
        assert sealed.faults()[0][0] in {8, 9}

    def test_a_checkpoint_by_another_key_is_named(self, sealed: Book) -> None:
        impostor = notes.sign(Checkpoint(ORIGIN, 12, sealed.verify().root), ORIGIN, Ed25519PrivateKey.generate())
        Intruder(sealed.store.path).run(f"UPDATE trail_checkpoint SET note = '{impostor}' WHERE size = 12")
        assert sealed.faults() == [(12, BAD_NOTE)]


def cut(book: Book, left: int) -> None:
    """Leave ``left`` rows and mark the last one as the end, as whoever holds the seal can."""
    intruder = Intruder(book.store.path)
    intruder.edit(lambda rows: rows[:left])
    intruder.mark_end(SEAL)


class TestWithTheSigningKey:
    """An intruder who holds every secret of this host is caught by the second place."""

    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            pytest.param(lambda rows: [*rows[:4], (5, body(5), b"", b""), *rows[5:]], WITNESS_DIFFERS, id="edit"),
            pytest.param(lambda rows: renumbered([*rows[:4], *rows[5:]]), WITNESS_AHEAD, id="delete"),
            pytest.param(lambda rows: [*rows, forged(13, b"")], None, id="add after the last checkpoint"),
            pytest.param(lambda rows: rows[:10], WITNESS_AHEAD, id="cut the tail"),
            pytest.param(lambda rows: [], WITNESS_AHEAD, id="empty the book"),
        ],
    )
    def test_a_book_made_anew_with_all_keys_is_named(self, witnessed: Book, change: Change, fault: str | None) -> None:
        rewrite_with_all_keys(witnessed, change)
        assert witnessed.faults() == ([(12, fault)] if fault else [])
        witnessed.witness = None
        assert witnessed.faults() == []

    def test_an_older_file_that_was_put_back_is_named(self, witnessed: Book, tmp_path: Path) -> None:
        backup = tmp_path / "last-month.sqlite3"
        witnessed.store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(witnessed.store.path, backup)
        witnessed.write(5)
        witnessed.seal()
        witnessed.store.close()
        for each in witnessed.store.path.parent.glob("sekisho.sqlite3*"):
            each.unlink()
        shutil.copy(backup, witnessed.store.path)
        assert witnessed.faults() == [(17, WITNESS_AHEAD)]
        assert witnessed.seal().contradicted
        witnessed.write(9)
        assert witnessed.faults() == [(17, WITNESS_DIFFERS)]
        assert witnessed.seal().contradicted

    def test_a_second_place_that_can_not_be_read_is_named(self, witnessed: Book, tmp_path: Path) -> None:
        (tmp_path / "medium").rename(tmp_path / "away")
        assert witnessed.faults() == [(0, WITNESS_SILENT)]

    def test_a_second_place_whose_memory_was_put_back_is_named(self, witnessed: Book, tmp_path: Path) -> None:
        last = tmp_path / "medium" / "last"
        last.write_text(witnessed.store.rows("SELECT note FROM trail_checkpoint WHERE size = 8")[0]["note"])
        assert witnessed.faults() == [(12, WITNESS_FORGOT)]
        last.unlink()
        assert witnessed.faults() == [(12, WITNESS_FORGOT)]

    def test_a_new_second_place_owes_nothing_of_what_another_cosigned(
        self, witnessed: Book, tmp_path: Path, clock: FixedClock
    ) -> None:
        witnessed.witness = DirectoryWitness.create(tmp_path / "new", "vault", witnessed.key.public_key(), clock)
        assert witnessed.faults() == []


def rewrite_with_all_keys(book: Book, change: Change) -> None:
    """Rewrite the rows, chain them under the site's seal, and sign all checkpoints over them with the site's key."""
    intruder = Intruder(book.store.path)
    intruder.edit(lambda rows: hashed(change(rows), SEAL))
    intruder.mark_end(SEAL)
    intruder.run("DELETE FROM trail_checkpoint")
    rows = intruder.rows()
    for size in (4, 8, 12):
        if size <= len(rows):
            frontier = Frontier()
            for row in rows[:size]:
                frontier.append(row[2])
            note = notes.sign(Checkpoint(ORIGIN, size, frontier.root()), ORIGIN, book.key)
            frontier_hex = frontier.to_bytes().hex()
            intruder.run(f"INSERT INTO trail_checkpoint VALUES ({size}, '', '{note}', x'{frontier_hex}')")


WRITE = """
import sys
from pathlib import Path
from accesscontrol.clock import SystemClock
from accesscontrol.store import Store
from accesscontrol.trail.checkpoints import Sealer
from accesscontrol.trail.witness import DirectoryWitness
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

store = Store(Path(sys.argv[1]), SystemClock(), seal=bytes(range(32)))
key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(sys.argv[2]))
witness = DirectoryWitness(Path(sys.argv[3]), SystemClock())
sealer = Sealer(store, origin="city/trail", load_key=lambda: key, witness=witness)
print("ready", flush=True)
sys.stdin.readline()
for number in range(40):
    with store.transaction() as tx:
        tx.record("door.opened", actor="100001", number=number)
    sealed = sealer.seal()
    assert not sealed.contradicted, sealed
"""


def test_what_others_append_and_seal_meanwhile_never_looks_like_tampering(witnessed: Book, tmp_path: Path) -> None:
    secret = witnessed.key.private_bytes_raw().hex()
    writers = [start(WRITE, witnessed.store.path, secret, tmp_path / "medium") for _ in range(2)]
    for each in writers:
        wait_for_line(each, b"ready")
    for each in writers:
        let_go(each)
    faults = []
    while any(each.poll() is None for each in writers):
        faults.extend(witnessed.faults())
    for each in writers:
        finish(each)
    found = witnessed.verify()
    assert faults == []
    assert found.ok
    assert found.entries >= 92
