"""The file of the book: whoever makes it over or flips a bit of it is found."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accesscontrol.clock import FixedClock
from accesscontrol.store import Store
from accesscontrol.trail.verification import UNREADABLE
from tests.accesscontrol.conftest import SEAL
from tests.accesscontrol.trail.conftest import Book
from tests.accesscontrol.trail.intruder import Intruder


class TestTheFile:
    @pytest.mark.parametrize(
        "statement",
        ["DROP TABLE trail_entry", "DROP TABLE trail_checkpoint", "ALTER TABLE trail_entry RENAME COLUMN chain TO x"],
    )
    def test_that_was_made_over_is_named(self, book: Book, statement: str) -> None:
        book.write(4)
        book.seal()
        Intruder(book.store.path).run(statement)
        assert book.faults() == [(0, UNREADABLE)]

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(0, 11), st.integers(0, 200))
    def test_with_any_flipped_bit_inside_an_entry_is_named(self, book: Book, row: int, offset: int) -> None:
        if not Intruder(book.store.path).rows():
            book.write(12)
        book.store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        book.store.close()
        octets = book.store.path.read_bytes()
        content = Intruder(book.store.path).rows()[row][1]
        at = octets.index(content) + offset % len(content)
        book.store.path.write_bytes(octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :])
        named = book.faults()
        book.store.close()
        book.store.path.write_bytes(octets)
        assert [entry for entry, _ in named] == [row + 1]

    def test_in_a_folder_with_an_odd_name_is_read_all_the_same(self, tmp_path: Path, clock: FixedClock) -> None:
        folder = tmp_path / "市民課 #1 100%?"
        folder.mkdir()
        book = Book(Store(folder / "sekisho.sqlite3", clock, seal=SEAL), Ed25519PrivateKey.generate())
        book.store.migrate()
        book.write(3)
        book.seal()
        assert book.verify().ok
        book.store.close()
