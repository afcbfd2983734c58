"""Masking: nothing that must be hidden is ever written, however it is cut up, and nothing else is touched."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accesscontrol.individual_numbers import check_digit, mask_individual_numbers
from accesscontrol.people.secret import Secret
from accesscontrol.sessions.masking import HELD_CHARACTERS, Masking, masked_whole, shown_text

SECRET = Secret("correct-horse 7")
COLOURS = (
    "\x1b[31m",
    "\x1b[0m",
    "\x1b[38;2;1;2;3m",
    "\x1b]0;title\x07",
    "\x1b]8;;http://a\x1b\\",
    "\x1bP1$r\x1b\\",
    "\x00",
)

bodies = st.text("0123456789", min_size=11, max_size=11)
numbers = bodies.map(lambda body: body + check_digit(body))
escapes = st.sampled_from(["", *COLOURS])
plain = st.text(st.sampled_from("ab住民 \n:.;zx"), max_size=12)


@st.composite
def hidden(draw: st.DrawFn) -> str:
    """A number or the secret, with escape sequences between its characters."""
    what = draw(st.one_of(numbers, st.just(SECRET.text())))
    if what != SECRET.text() and draw(st.booleans()):
        what = draw(st.sampled_from(" -\u3000")).join((what[:4], what[4:8], what[8:])).replace("\u3000", " ")
    return "".join(each + draw(escapes) for each in what)


@st.composite
def cut_up(draw: st.DrawFn) -> list[str]:
    """A text with things to hide in it, cut into chunks anywhere."""
    parts = draw(st.lists(st.tuples(plain, hidden()), min_size=1, max_size=4))
    text = "".join(f"{before}|{secret}|" for before, secret in parts)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def written(chunks: list[str]) -> str:
    masking = Masking([SECRET])
    return "".join([*(masking.feed(chunk) for chunk in chunks), masking.finish()])


@given(cut_up())
def test_what_must_be_hidden_is_never_written_however_it_is_cut(chunks: list[str]) -> None:
    text, out = "".join(chunks), written(chunks)
    assert len(out) == len(text)
    assert out == written([text])
    shown = shown_text(out)
    assert SECRET.text() not in shown
    assert mask_individual_numbers(shown) == shown
    assert not any(re.sub(r"\D", "", piece) for piece in shown.split("|")[1::2])


@given(st.lists(st.text(st.sampled_from("ab 12-\n\x1b[m;]"), max_size=20), max_size=10))
def test_cutting_never_changes_what_is_written(chunks: list[str]) -> None:
    assert written(chunks) == written(["".join(chunks)])


@given(cut_up(), st.sets(st.integers(0, 12)))
def test_what_was_held_too_long_comes_out_without_what_it_may_tell(chunks: list[str], waits: set[int]) -> None:
    """However often the wait runs out in the middle, no more than four characters at a stretch come out."""
    masking, out = Masking([SECRET]), ""
    for number, chunk in enumerate(chunks):
        out += masking.feed(chunk)
        if number in waits:
            out += masking.expire()
            assert masking.held == 0
    out += masking.finish()
    assert len(out) == len("".join(chunks))
    for piece in shown_text(out).split("|")[1::2]:
        assert len(re.sub(r"[\D]", "", piece)) <= 4


def test_a_number_inside_a_title_that_no_screen_shows_is_masked_too() -> None:
    body = "12345678901"
    number = body + check_digit(body)
    assert masked_whole(f"\x1b]0;{number}\x07done") == f"\x1b]0;{'*' * 12}\x07done"


@pytest.mark.parametrize("text", ["20261124", "123456789012345", "1234-5678", "0120-444-444", "193,114 rows"])
def test_other_digits_stay(text: str) -> None:
    assert masked_whole(text) == text


def test_a_digest_that_arrives_in_two_pieces_keeps_its_digits() -> None:
    body = "12345678901"
    digest = "ab" * 10 + body + check_digit(body) + "cd" * 16
    for cut in range(1, len(digest)):
        assert written([digest[:cut], digest[cut:]]) == digest


def test_full_width_digits_are_masked() -> None:
    body = "12345678901"
    wide = (body + check_digit(body)).translate({ord(each): ord(each) + 0xFEE0 for each in "0123456789"})
    assert masked_whole(f"番号 {wide} です") == f"番号 {'*' * 12} です"


@pytest.mark.parametrize(
    "bomb",
    [
        "\x1b]" + "a" * 200_000,
        "\x1b[" + "1;" * 100_000,
        "\x1b[31m" * 200_000,
        "\x1b" * 100_000,
        "\x1bP" * 60_000,
        "12 " * 60_000,
    ],
)
def test_a_bomb_of_escapes_holds_back_little_and_ends(bomb: str) -> None:
    masking = Masking([SECRET])
    out = ""
    for start in range(0, len(bomb), 32_768):
        out += masking.feed(bomb[start : start + 32_768])
        assert masking.held <= HELD_CHARACTERS + 300
        assert len(masking._text) <= 3 * HELD_CHARACTERS + 600
    out += masking.finish()
    assert len(out) == len(bomb)


def test_the_masking_shows_no_secret_in_its_representation() -> None:
    masking = Masking([SECRET])
    masking.feed("x correct-ho")
    assert "correct" not in repr(masking)
