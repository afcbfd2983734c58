"""Nothing that comes from outside can drive the terminal."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from console.text import cells, safe_text

anything = st.text(st.characters(exclude_categories=[]))


@given(anything)
def test_no_control_direction_or_invisible_character_survives(text: str) -> None:
    for character in safe_text(text):
        assert ord(character) >= 0x20
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(anything)
def test_each_character_leaves_exactly_one_visible_mark(text: str) -> None:
    assert len(safe_text(text)) == len(text)


@given(anything)
def test_making_text_safe_twice_changes_nothing_more(text: str) -> None:
    assert safe_text(safe_text(text)) == safe_text(text)


@given(anything)
def test_safe_text_can_be_encoded_for_the_terminal(text: str) -> None:
    safe_text(text).encode("utf-8")


@given(anything)
def test_the_screen_library_and_we_agree_on_the_width_of_safe_text(text: str) -> None:
    assert cell_len(safe_text(text)) == cells(safe_text(text))


def test_they_agree_on_every_mark_that_is_drawn_with_the_letter_before_it() -> None:
    marks = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)).startswith("M")]
    shown = [safe_text(f"0{mark}") for mark in marks]
    assert [text for text in shown if cell_len(text) != cells(text)] == []


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[2J", "␛[2J"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("\x9b2J", "␦2J"),
        ("a\u202eb", "a␦b"),
        ("a\u200bb", "a␦b"),
        ("a\ufeffb", "a␦b"),
        ("one\ntwo\r\n", "one␊two␍␊"),
        ("a\u2028b\x85c", "a␤b␤c"),
        ("\x7f", "␡"),
        ("\ue000", "〓"),
        ("\udc81", "〓"),
        ("\U000f0000", "〓"),
        ("⚠\ufe0f", "⚠␦"),
        ("見本　太郎", "見本　太郎"),
        ("[/etc/passwd] [@click=app.quit]", "[/etc/passwd] [@click=app.quit]"),
    ],
)
def test_unsafe_characters_become_marks_and_the_rest_stays(raw: str, shown: str) -> None:
    assert safe_text(raw) == shown


def test_a_variation_selector_of_a_name_stays() -> None:
    name = "渡邉\U000e0100"
    assert safe_text(name) == name


def test_an_object_is_shown_by_its_text() -> None:
    assert safe_text(42) == "42"
    assert safe_text(None) == "None"
