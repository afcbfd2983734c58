"""The end of the book is marked under the site's seal: whoever cuts it is found without any checkpoint."""

import json

import pytest

from accesscontrol.trail.verification import END_GONE, END_WAS_GONE, ends_as_marked
from tests.accesscontrol.trail.conftest import Book
from tests.accesscontrol.trail.intruder import Intruder


@pytest.mark.parametrize("left", [1, 2, 11])
def test_a_cut_at_the_end_is_named_without_any_checkpoint(book: Book, left: int) -> None:
    book.write(12)
    Intruder(book.store.path).edit(lambda rows: rows[:left])
    assert book.faults() == [(left, END_GONE)]


def test_a_book_emptied_before_its_first_checkpoint_is_named(book: Book) -> None:
    book.write(3)
    Intruder(book.store.path).edit(lambda rows: [])
    assert book.faults() == [(0, END_GONE)]


@pytest.mark.parametrize(
    "spoil", ["DELETE FROM trail_end", "UPDATE trail_end SET seq = 9", "UPDATE trail_end SET mark = x''"]
)
def test_a_cut_with_its_mark_taken_away_or_changed_is_named(book: Book, spoil: str) -> None:
    book.write(12)
    intruder = Intruder(book.store.path)
    intruder.edit(lambda rows: rows[:9])
    intruder.run(spoil)
    assert book.faults() == [(9, END_GONE)]


def test_the_next_honest_entry_tells_of_the_cut_for_ever(book: Book) -> None:
    book.write(12)
    Intruder(book.store.path).run("DROP TRIGGER trail_entry_kept", "DELETE FROM trail_entry WHERE seq > 10")
    book.write(2)
    told = json.loads(book.store.rows("SELECT body FROM trail_entry WHERE seq = 11")[0]["body"])
    assert (told["act"], told["details"]) == ("trail.end-missing", {"last_entry": 10, "marked_entry": 12})
    assert book.faults() == [(11, END_WAS_GONE)]


def test_an_entry_that_only_speaks_of_a_cut_is_no_fault(book: Book) -> None:
    book.write(3, reason="trail.end-missing")
    assert book.faults() == []


def test_a_cut_end_is_told_at_once_too(book: Book) -> None:
    book.write(12)
    assert ends_as_marked(book.store)
    Intruder(book.store.path).edit(lambda rows: rows[:11])
    assert not ends_as_marked(book.store)
