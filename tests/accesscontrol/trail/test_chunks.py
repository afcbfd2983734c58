"""A book is checked in stretches, side by side; wherever one ends, the answer is the same."""

from collections.abc import Callable

import pytest

from accesscontrol.trail import verification
from accesscontrol.trail.chain import CHAIN_START
from accesscontrol.trail.tree import root_of
from accesscontrol.trail.verification import BAD_ROOT, CHANGED, DISCONNECTED, FORGED, MISSING, MISSING_FROM
from tests.accesscontrol.trail.conftest import Book
from tests.accesscontrol.trail.intruder import Intruder, Row, body, forged


class TestChunks:
    @pytest.fixture(params=[1, 2, 4, 8])
    def chunk(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
        monkeypatch.setattr(verification, "CHUNK", request.param)
        return int(request.param)

    def test_the_root_at_every_size_is_the_plain_one(self, book: Book, chunk: int) -> None:
        for _ in range(19):
            book.write(1)
            book.seal()
            leaves = [row[2] for row in Intruder(book.store.path).rows()]
            found = book.verify()
            assert (found.root, found.faults, found.checkpoints) == (root_of(leaves), (), len(leaves))

    @pytest.mark.parametrize("seq", [1, 4, 5, 8, 9, 16, 17, 19])
    @pytest.mark.parametrize(
        ("change", "named", "follower"),
        [
            pytest.param(lambda row, _: [(row[0], body(row[0]), *row[2:])], CHANGED, False, id="edit"),
            pytest.param(lambda row, _: [], MISSING, True, id="delete"),
            pytest.param(lambda row, before: [forged(row[0], before)], FORGED, True, id="replace"),
            pytest.param(lambda row, _: [(*row[:3], bytes(32))], FORGED, False, id="edit the chain value"),
        ],
    )
    def test_the_same_entries_are_named_at_every_border(
        self,
        book: Book,
        chunk: int,
        seq: int,
        change: Callable[[Row, bytes], list[Row]],
        named: str,
        *,
        follower: bool,
    ) -> None:
        book.write(20)
        rows = Intruder(book.store.path).rows()
        before = rows[seq - 2][3] if seq > 1 else CHAIN_START
        Intruder(book.store.path).replace([*rows[: seq - 1], *change(rows[seq - 1], before), *rows[seq:]])
        found = book.faults()
        if named == MISSING and chunk == 1:
            named = MISSING_FROM
        assert found == [(seq, named), *([(seq + 1, DISCONNECTED)] if follower else [])]

    def test_a_long_gap_is_named_once_and_leaves_no_root_standing(self, book: Book, chunk: int) -> None:
        book.write(4)
        book.seal()
        book.write(36)
        book.seal()
        Intruder(book.store.path).edit(lambda rows: [*rows[:4], *rows[36:]])
        found = book.faults()
        assert (37, DISCONNECTED) in found
        assert (40, BAD_ROOT) in found
        assert len(found) < 4 + 2 * chunk
        assert not {entry for entry, _ in found} & {1, 2, 3, 4, 38, 39}

    def test_processes_side_by_side_find_what_one_finds(self, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
        for _ in range(3):
            book.write(9)
            book.seal()
        alone = book.verify()
        monkeypatch.setattr(verification, "CHUNK", 8)
        monkeypatch.setattr(verification, "PARALLEL_FROM", 1)
        monkeypatch.setattr("os.cpu_count", lambda: 2)
        assert book.verify() == alone
        Intruder(book.store.path).set(13, body=body(13))
        assert book.faults() == [(13, CHANGED), (18, BAD_ROOT), (27, BAD_ROOT)]
