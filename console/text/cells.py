"""Text measured and cut in terminal cells, never in characters.

A kanji is two cells wide, a combining mark none. Text is cut only between graphemes and only here. The tables of
widths are loaded with the first text that needs them.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final, Literal

ELLIPSIS = "…"
_CLOSING: Final = frozenset({"Pe", "Pf", "Po"})  # categories of Unicode
_OPENING: Final = frozenset({"Ps", "Pi"})
_KANA: Final = map(chr, range(0x3041, 0x30FF))
_SMALL_KANA: Final = frozenset(kana for kana in _KANA if "LETTER SMALL" in unicodedata.name(kana, ""))
_NEVER_FIRST: Final = _SMALL_KANA | frozenset("\u3005\u303b\u309d\u309e\u30fc\u30fd\u30fe\u301c\uff5e\u2026")
"""What begins no line besides closing marks: small kana, marks of repetition and of length, dots."""
Alignment = Literal["left", "right", "centre"]


def cells(text: str) -> int:
    """Return how many cells ``text`` takes; an unsafe character counts as one, the mark it would become."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth, wcwidth

    width = wcswidth(text)
    return width if width >= 0 else sum(max(1, wcwidth(character)) for character in text)


def fit(text: str, width: int, align: Alignment = "left") -> str:
    """Return ``text`` as exactly ``width`` cells: filled with spaces, or cut with an ellipsis.

    ``text`` is expected to be safe already. A width below one gives an empty string.
    """
    if width <= 0:
        return ""
    taken = cells(text)
    if taken > width:
        text = _head(text, width - 1) + ELLIPSIS
        taken = cells(text)
    space = width - taken
    if align == "right":
        return " " * space + text
    if align == "centre":
        return " " * (space // 2) + text + " " * (space - space // 2)
    return text + " " * space


def _head(text: str, width: int) -> str:
    """Return the longest beginning of ``text`` that takes at most ``width`` cells."""
    if text.isascii():
        return text[:width]
    from wcwidth import iter_graphemes

    end = 0
    taken = 0
    for grapheme in iter_graphemes(text):
        taken += cells(grapheme)
        if taken > width:
            break
        end += len(grapheme)
    return text[:end]


def wrap(text: str, width: int) -> Iterator[str]:
    """Yield the lines of one paragraph, each at most ``width`` cells; no space is needed to break kanji.

    Western words are kept whole where they fit; a width below two is treated as two.
    """
    width = max(2, width)
    line = ""
    for word in _words(text):
        if line and cells(line) + cells(word.rstrip(" ")) > width:
            yield line.rstrip(" ")
            line = ""
        line += word
        while cells(line.rstrip(" ")) > width:
            head = _head(line, width)
            yield head
            line = line[len(head) :]
    yield line.rstrip(" ")


def spans(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Yield where each line of :func:`wrap` begins and ends in ``text``."""
    begin = 0
    for line in wrap(text, width):
        begin = text.index(line, begin)
        yield begin, begin + len(line)
        begin += len(line)


def _words(text: str) -> Iterator[str]:
    """Yield the pieces between which a line may break (JIS X 4051).

    Closing marks, small kana and marks of length or repetition stay with what is before them, opening marks with what
    follows.
    """
    from wcwidth import iter_graphemes

    word = ""
    for grapheme in iter_graphemes(text):
        closes = unicodedata.category(grapheme[0]) in _CLOSING or grapheme[0] in _NEVER_FIRST
        opened = bool(word) and unicodedata.category(word[-1]) in _OPENING
        wide = cells(grapheme) > 1
        between = wide or (bool(word) and (cells(word[-1]) > 1 or word[-1] == " "))
        if word and between and not closes and not opened and grapheme != " ":
            yield word
            word = ""
        word += grapheme
    if word:
        yield word
