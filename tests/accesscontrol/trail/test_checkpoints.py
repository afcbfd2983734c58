"""Checkpoints: the root of all entries, signed, kept, and shown to the second place, at any moment and by anyone."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from accesscontrol.trail import notes
from accesscontrol.trail.checkpoints import Sealer
from accesscontrol.trail.notes import Checkpoint
from accesscontrol.trail.tree import root_of
from accesscontrol.trail.witness import DirectoryWitness, WitnessError
from tests.accesscontrol.conftest import SEAL
from tests.accesscontrol.trail.conftest import ORIGIN, Book
from tests.accesscontrol.trail.intruder import Intruder


def leaves(book: Book) -> list[bytes]:
    return [row["leaf"] for row in book.store.rows("SELECT leaf FROM trail_entry ORDER BY seq")]


def kept(book: Book) -> list[tuple[int, str]]:
    return [(row["size"], row["note"]) for row in book.store.rows("SELECT size, note FROM trail_checkpoint")]


def test_an_empty_book_has_nothing_to_seal(book: Book) -> None:
    assert book.sealer.seal() is None
    assert book.verify().ok


def test_a_checkpoint_is_the_signed_root_of_every_entry_so_far(book: Book) -> None:
    book.write(5)
    sealed = book.seal()
    assert sealed.checkpoint == Checkpoint(ORIGIN, 5, root_of(leaves(book)))
    assert notes.verify(sealed.note, [book.log]) == [book.log]
    assert kept(book) == [(5, sealed.note)]
    assert (sealed.witnessed, sealed.trouble, sealed.contradicted) == (False, "", False)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.integers(0, 5), min_size=1, max_size=4))
def test_checkpoints_grow_on_each_other_to_the_same_root(book: Book, steps: list[int]) -> None:
    for number in steps:
        book.write(number)
        sealed = book.sealer.seal()
        assert sealed is None or sealed.checkpoint.root == root_of(leaves(book))
    assert book.verify().ok


def test_sealing_twice_keeps_one_checkpoint(book: Book) -> None:
    book.write(2)
    assert book.seal() == book.seal()
    assert len(kept(book)) == 1


def test_a_checkpoint_is_no_entry_and_needs_none(book: Book) -> None:
    book.write(2)
    book.seal()
    assert book.verify().entries == 2


@pytest.mark.parametrize("damage", ["x''", "x'00'", "randomblob(length(frontier))"])
def test_a_damaged_shortcut_is_noticed_and_the_next_root_is_right_all_the_same(book: Book, damage: str) -> None:
    book.write(3)
    book.seal()
    Intruder(book.store.path).run(f"UPDATE trail_checkpoint SET frontier = {damage}")
    book.write(4)
    assert book.seal().checkpoint.root == root_of(leaves(book))
    assert book.verify().ok


def test_a_book_shorter_than_its_own_checkpoint_contradicts_it(book: Book) -> None:
    book.write(5)
    book.seal()
    Intruder(book.store.path).edit(lambda rows: rows[:3])
    sealed = book.seal()
    assert (sealed.contradicted, sealed.trouble) == (True, "sealed entries are gone")


def test_a_full_disk_refuses_the_checkpoint_in_words(book: Book) -> None:
    book.write(1)
    book.store._writing.execute(f"PRAGMA max_page_count = {book.store.rows('PRAGMA page_count')[0][0]}")
    with pytest.raises(Refusal, match="isn't sealed"), book.store.bookkeeping() as connection:
        connection.execute("INSERT INTO trail_checkpoint VALUES (1, '', '', zeroblob(1000000))")
    assert kept(book) == []


def test_a_name_that_no_note_could_hold_is_refused_at_once(store: Store) -> None:
    with pytest.raises(ValueError, match="key name"):
        Sealer(store, origin="two words", load_key=Ed25519PrivateKey.generate)


class TestWithASecondPlace:
    def test_a_checkpoint_carries_the_cosignature(self, book: Book, second_place: DirectoryWitness) -> None:
        book.write(3)
        sealed = book.seal()
        key = second_place.verifier()
        assert sealed.witnessed
        assert notes.verify(sealed.note, [book.log, key]) == [book.log, key]
        assert kept(book) == [(3, sealed.note)]
        assert second_place.last() == sealed.checkpoint

    @pytest.mark.parametrize("known", [True, False])
    def test_each_newer_checkpoint_is_proven_to_only_add(
        self, book: Book, second_place: DirectoryWitness, *, known: bool
    ) -> None:
        for number in (3, 1, 6, 5):
            book.write(number)
            assert book.seal().witnessed
            if not known:
                Intruder(book.store.path).run("DELETE FROM trail_checkpoint")
        assert second_place.last() == Checkpoint(ORIGIN, 15, root_of(leaves(book)))

    def test_an_unreachable_one_lets_the_work_go_on_and_is_told(
        self, book: Book, tmp_path: Path, clock: FixedClock
    ) -> None:
        book.witness = DirectoryWitness(tmp_path / "unplugged", clock)
        book.write(2)
        sealed = book.seal()
        assert not sealed.witnessed
        assert not sealed.contradicted
        assert "unplugged" in sealed.trouble
        assert len(kept(book)) == 1

    def test_one_that_comes_back_catches_up(self, book: Book, second_place: DirectoryWitness, tmp_path: Path) -> None:
        book.write(2)
        book.seal()
        (tmp_path / "medium").rename(tmp_path / "away")
        book.write(3)
        assert not book.seal().witnessed
        (tmp_path / "away").rename(tmp_path / "medium")
        book.write(1)
        assert book.seal().witnessed
        assert second_place.last() == book.seal().checkpoint
        assert book.verify().ok

    def test_one_that_remembers_a_longer_book_contradicts_this_one(
        self, book: Book, second_place: DirectoryWitness
    ) -> None:
        book.write(4)
        book.seal()
        Intruder(book.store.path).run("DELETE FROM trail_checkpoint")
        Intruder(book.store.path).edit(lambda rows: rows[:2])
        sealed = book.seal()
        assert (sealed.witnessed, sealed.contradicted) == (False, True)
        assert second_place.last() == Checkpoint(ORIGIN, 4, second_place_root(second_place))

    def test_one_that_remembers_other_entries_contradicts_this_book(
        self, book: Book, second_place: DirectoryWitness
    ) -> None:
        book.write(4)
        book.seal()
        Intruder(book.store.path).run("DELETE FROM trail_checkpoint")
        Intruder(book.store.path).set(2, leaf=bytes(32))
        assert book.seal().contradicted

    def test_one_that_has_seen_more_meanwhile_from_another_process_is_content(
        self, book: Book, second_place: DirectoryWitness, clock: FixedClock
    ) -> None:
        """Two processes seal at once; the later checkpoint reaches the witness first."""
        book.write(2)
        overtaking = Overtaking(second_place, book, Store(book.store.path, clock, seal=SEAL))
        book.witness = overtaking
        sealed = book.seal()
        assert (sealed.checkpoint.size, sealed.witnessed, sealed.contradicted) == (2, True, False)
        last = second_place.last()
        assert last is not None
        assert last.size == 5
        assert book.verify().ok
        overtaking.other.store.close()


def second_place_root(witness: DirectoryWitness) -> bytes:
    last = witness.last()
    assert last is not None
    return last.root


class Overtaking:
    """A witness that another process reaches first, just before this one's checkpoint arrives."""

    def __init__(self, real: DirectoryWitness, book: Book, store: Store) -> None:
        self.real = real
        self.other = Book(store, book.key, real)
        self.overtaken = False

    def last(self) -> Checkpoint | None:
        return self.real.last()

    def verifier(self) -> notes.Verifier:
        return self.real.verifier()

    def add(self, note: str, proof: Sequence[bytes]) -> str:
        if not self.overtaken:
            self.overtaken = True
            self.other.write(3)
            assert self.other.seal().witnessed
        return self.real.add(note, proof)


def test_a_witness_error_is_a_trouble_and_never_a_crash(book: Book) -> None:
    class Broken:
        def last(self) -> Checkpoint | None:
            return None

        def verifier(self) -> notes.Verifier:
            raise WitnessError("no key")

        def add(self, note: str, proof: object) -> str:
            raise WitnessError("the medium is full")

    book.witness = Broken()
    book.write(1)
    assert book.seal().trouble == "the medium is full"
