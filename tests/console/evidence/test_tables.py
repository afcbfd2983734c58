"""A table that leaves the console calculates nothing, obeys nothing, and is written once or not at all."""

import csv
import errno
import hashlib
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accesscontrol.refusals import Refusal
from console.evidence import tables
from tests.console.town import Town


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1", "+81-3-1234", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u3000=1", "\u00a0@x",
        "＝cmd|'/C calc'!A0", "＋1", "－1", "＠x", "|calc", "%0A=1",
    ],
)  # fmt: skip
def test_a_cell_that_begins_like_a_formula_is_made_text(cell: str) -> None:
    assert tables.harmless(cell).startswith("'")


@pytest.mark.parametrize("cell", ["佐藤＊＊", "S0101", "2026-11-24", "a=b", "", 12])
def test_an_ordinary_cell_stays_as_it_is(cell: object) -> None:
    assert tables.harmless(cell) == str(cell)


def test_a_cell_cannot_drive_the_terminal_of_whoever_looks_at_the_file() -> None:
    assert "\x1b" not in tables.harmless("a\x1b]0;title\x07b")
    assert "\u202e" not in tables.harmless("a\u202eb")


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_any_table_comes_back_row_by_row_with_no_formula_in_it(rows: list[list[str]]) -> None:
    text = tables.as_csv(["one", "two"], rows).decode("utf-8-sig")
    back = list(csv.reader(text.splitlines()))
    assert back == [["one", "two"], *([tables.harmless(cell) for cell in row] for row in rows)]
    assert not any(cell.lstrip(" \u3000\u00a0").startswith(("=", "+", "-", "@")) for row in back for cell in row)


def test_a_spreadsheet_is_told_the_encoding() -> None:
    assert tables.as_csv(["氏名"], []).startswith(b"\xef\xbb\xbf")


def write(town: Town, file: Path, data: bytes = b"one") -> str:
    return tables.write(town.site, file, data, about="rights", rows=1, actor=town.acting("ito"))


def test_a_file_is_private_and_its_fingerprint_is_in_the_trail(tmp_path: Path) -> None:
    town = Town.copied_to(tmp_path)
    file = tables.folder(town.site) / "one.csv"
    digest = write(town, file)
    assert digest == hashlib.sha256(b"one").hexdigest()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    (entry,) = town.entries("evidence.written")
    assert (entry.actor, entry.subject, entry.details["sha256"]) == ("J0201", "rights", digest)


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    town = Town.copied_to(tmp_path)
    file = tmp_path / "one.csv"
    file.write_bytes(b"mine")
    with pytest.raises(Refusal, match="Choose another name"):
        write(town, file)
    assert file.read_bytes() == b"mine"
    assert town.entries("evidence.written") == []


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    town = Town.copied_to(tmp_path)
    target = tmp_path / "elsewhere"
    (tmp_path / "one.csv").symlink_to(target)
    with pytest.raises(Refusal):
        write(town, tmp_path / "one.csv")
    assert not target.exists()


def test_without_its_entry_nothing_is_left_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town = Town.copied_to(tmp_path)

    def full(*_: object, **__: object) -> int:
        raise Refusal("The disk is full.")

    monkeypatch.setattr("accesscontrol.store.Transaction.record", full)
    with pytest.raises(Refusal):
        write(town, tmp_path / "one.csv")
    assert not (tmp_path / "one.csv").exists()


def test_a_full_disk_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town = Town.copied_to(tmp_path)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("console.evidence.tables.os.fsync", full)
    with pytest.raises(Refusal, match="Nothing is left of it"):
        write(town, tmp_path / "one.csv")
    assert not (tmp_path / "one.csv").exists()
    assert town.entries("evidence.written") == []
