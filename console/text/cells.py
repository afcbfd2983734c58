"""Text measured and cut in terminal cells, never in characters.

A kanji is two cells wide, a combining mark none. Text is cut only between graphemes and only here. The tables of
widths are loaded with the first text that needs them.
"""

import unicodedata
from collections.abc import Iterator
from typing import Literal

ELLIPSIS = "…"
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


def _words(text: str) -> Iterator[str]:
    """Yield the pieces between which a line may break; closing marks stay with what they close."""
    from wcwidth import iter_graphemes

    word = ""
    for grapheme in iter_graphemes(text):
        closes = unicodedata.category(grapheme[0]) in {"Pe", "Pf", "Po"}
        wide = cells(grapheme) > 1
        if word and not closes and grapheme != " " and (wide or cells(word[-1]) > 1 or word[-1] == " "):
            yield word
            word = ""
        word += grapheme
    if word:
        yield word
