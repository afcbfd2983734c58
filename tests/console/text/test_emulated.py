"""Recorded output on a screen of cells: what a person saw is shown, and nothing of it reaches the real terminal."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.text import cells
from console.text.emulated import EmulatedScreen, Look


def drawn(text: str, columns: int = 20, rows: int = 4) -> EmulatedScreen:
    screen = EmulatedScreen(columns, rows)
    screen.feed(text)
    return screen


def lines(text: str, columns: int = 20, rows: int = 4) -> list[str]:
    return drawn(text, columns, rows).text().rstrip("\n").split("\n")


def test_text_moves_overwrites_and_scrolls_as_on_a_terminal() -> None:
    assert lines("one\r\ntwo\r\n\x1b[1;2HX") == ["oXe", "two"]
    assert lines("10%\r20%\r\x1b[K30%") == ["30%"]
    assert lines("a\r\nb\r\nc\r\nd\r\ne") == ["b", "c", "d", "e"]


def test_wide_characters_take_two_cells_and_never_lie_over_the_edge() -> None:
    assert lines("住民票の写し", columns=5) == ["住民", "票の", "写し"]
    screen = drawn("住民\x1b[1;2Hx", columns=5)
    assert screen.row(0)[0][0] == " x民 "


def test_colours_with_semicolons_and_colons_are_looks() -> None:
    row = drawn("\x1b[1;31mA\x1b[0m\x1b[38:2::1:2:3mB\x1b[0;48:5:196mC\x1b[0;4:3mD\x1b[0;7mE").row(0)
    assert row[:5] == [
        ("A", Look("red", "", bold=True)),
        ("B", Look("010203", "")),
        ("C", Look("", "ff0000")),
        ("D", Look(underlined=True)),
        ("E", Look(reverse=True)),
    ]


def test_text_in_the_colour_of_its_ground_is_shown() -> None:
    text, look = drawn("\x1b[31;41mhidden").row(0)[0]
    assert text.startswith("hidden")
    assert look == Look()


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b]52;c;ZXZpbA==\x07",
        "\x1b]0;title\x1b\\",
        "\x1b]8;;file:///etc/passwd\x1b\\",
        "\x1bPq#0;2;0;0;0\x1b\\",
        "\x1b_Gf=24\x1b\\",
        "\x1b[c",
        "\x1b[6n",
        "\x1b[>4;2m",
        "\x1b[?3h",
        "\x1b[8;1;1t",
        "\x1b[?5A",
        "\x1b[1;2;3;4A",
        "\x1b(0",
        "\x1b#8",
        "\x1b%G",
        "\x07",
        "\x00\x01\x0e\x0f\x7f",
    ],
)
def test_what_a_screen_does_not_need_does_nothing(sequence: str) -> None:
    screen = drawn(f"ab{sequence}cd")
    assert screen.text().split("\n")[0].replace("\u2400", "") == "abcd"
    assert screen.size == (20, 4)


def test_the_other_screen_of_a_program_is_an_empty_one() -> None:
    assert lines("shell\x1b[?1049heditor\x1b[?1049lback") == ["back"]


def test_a_sequence_in_two_pieces_is_one() -> None:
    screen = drawn("a\x1b[3")
    screen.feed("1mb\x1b]0;ti")
    screen.feed("tle\x07c")
    assert screen.text().split("\n")[0] == "abc"


def test_marks_that_turn_the_writing_direction_are_seen() -> None:
    assert lines("a\u202eb\u200dc") == ["a\u2426b\u2426c"]


@given(st.text(st.sampled_from("ab住\u0301\u200d\x1b[;:?0159hlmHJKABCDrcM78]\x07\\P(#\r\n\t\b"), max_size=200))
@example("\x1b[" + "9" * 5000 + "C" + "x")
@example("\x1b[0;0H\x1b[999;999H住")
@example("\x1b[5;2r\x1b[L\x1b[M\x1bM\n")
def test_no_text_fails_and_every_row_is_as_wide_as_the_screen(text: str) -> None:
    screen = drawn(text, columns=7, rows=3)
    assert screen.size == (7, 3)
    for number in range(3):
        row = screen.row(number)
        assert sum(cells(part) for part, _ in row) == 7
        assert not any(unicodedata.category(each) in {"Cc", "Cf"} for part, _ in row for each in part)


@pytest.mark.parametrize(
    "bomb",
    [
        "e" + "\u0301" * 40_000,
        "e" + "\u0301\x1b[m" * 5_000,
        "\x1b7" * 20_000,
        "\x1b[9999L" * 500,
        "\x1b]" + "x" * 100_000,
        "\x1b[" + "9" * 100_000,
    ],
)
def test_a_bomb_takes_no_more_than_its_length(bomb: str) -> None:
    screen = drawn(bomb)
    assert len(screen.text()) < 400
    assert len(screen._screen.savepoints) <= 8
    assert len(screen._rest) <= 4_200


def test_another_size_keeps_the_cursor_inside() -> None:
    screen = drawn("one\r\ntwo\r\nthree")
    screen.resize(3, 2)
    screen.feed("x")
    assert screen.size == (3, 2)
    column, row = screen.cursor
    assert column < 3
    assert row < 2
