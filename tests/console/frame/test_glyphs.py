"""What a terminal cannot draw is replaced, cell for cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.frame.glyphs import drawable
from console.terminal import Glyphs
from console.text import cells, safe_text

text = st.text(st.characters(exclude_categories=[])).map(safe_text)


@given(text, st.sampled_from([Glyphs.CP437, Glyphs.ASCII]), st.booleans())
def test_a_replacement_is_as_wide_as_what_it_replaces(words: str, glyphs: Glyphs, kanji: bool) -> None:  # noqa: FBT001 - a case of a table
    assert cells(drawable(words, glyphs, kanji)) == cells(words)


@given(text)
def test_plain_ascii_stays_plain_ascii(words: str) -> None:
    assert drawable(words, Glyphs.ASCII, False).isascii()


@pytest.mark.parametrize(
    ("drawn", "glyphs", "kanji", "shown"),
    [
        ("┌─┐ ▸ …", Glyphs.ASCII, False, "+-+ > ."),
        ("┌─┐ ▸ …", Glyphs.CP437, False, "┌─┐ ► ."),
        ("住基DB ─", Glyphs.ASCII, True, "住基DB -"),
        ("住基DB ─", Glyphs.ASCII, False, "????DB -"),
        ("Ｄé①", Glyphs.ASCII, False, "D e1"),
        ("┌─┐", Glyphs.UNICODE, True, "┌─┐"),
    ],
)
def test_lines_and_marks_become_their_nearest(drawn: str, glyphs: Glyphs, kanji: bool, shown: str) -> None:  # noqa: FBT001 - a case of a table
    assert drawable(drawn, glyphs, kanji) == shown
