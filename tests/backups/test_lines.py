"""What a person may enter into a ledger."""

import pytest

from backups.lines import is_filled_line, is_line


@pytest.mark.parametrize("text", ["山田　太郎", "Yamada", "〇〇倉庫 2階", "①", "𠮷野"])
def test_names_and_places_as_they_are_written_are_lines(text: str) -> None:
    assert is_filled_line(text)


@pytest.mark.parametrize("text", ["a\nb", "\x1b[2J", "\x9b2J", "a\u202eb", "a\u200bb", "a\u2028b", "a\tb", "\x00"])
def test_what_could_hide_or_drive_a_terminal_is_not(text: str) -> None:
    assert not is_line(text)


@pytest.mark.parametrize("text", ["", " ", "　"])
def test_nothing_is_not_filled(text: str) -> None:
    assert is_line(text)
    assert not is_filled_line(text)
