"""The last gate before the terminal: characters that it cannot draw are replaced, cell for cell.

Widgets draw with lines and blocks as if every terminal could; this filter makes the result fit the
profile. Each replacement is as wide as what it replaces, so columns never move.
"""

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.filter import LineFilter

from console.terminal import Glyphs, Profile
from console.text import cells

if TYPE_CHECKING:
    from textual.color import Color

_LOW_GLYPHS = "☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼"  # what CP437 draws below the space
_CP437 = frozenset(bytes(range(32, 127)).decode("ascii") + bytes(range(128, 255)).decode("cp437") + _LOW_GLYPHS)

_TO_CP437 = str.maketrans(
    {
        "…": ".", "▸": "►", "◂": "◄", "▁": "_", "▂": "_", "▃": "▄", "▅": "▄", "▆": "█", "▇": "█", "▔": "─",
        "━": "═", "╸": "═", "╺": "═", "┃": "║", "●": "•", "✓": "√", "✗": "x", "×": "x", "▏": "│", "▎": "│",
        "▍": "▌", "▊": "█", "▉": "█", "▋": "▌", "–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"',
    }
)  # fmt: skip
_TO_ASCII = str.maketrans(
    {
        "─": "-", "━": "-", "═": "=", "│": "|", "┃": "|", "║": "|", "┌": "+", "┐": "+", "└": "+", "┘": "+",
        "├": "+", "┤": "+", "┬": "+", "┴": "+", "┼": "+", "▸": ">", "►": ">", "◂": "<", "◄": "<", "▲": "^",
        "▼": "v", "…": ".", "·": ".", "•": "*", "●": "*", "○": "o", "✓": "v", "✗": "x", "×": "x",
        "░": ".", "▒": "=", "▓": "%", "█": "#", "▁": "_", "▂": ".", "▃": ":", "▄": "-", "▅": "=", "▆": "+",
        "▇": "*", "▔": "-", "▌": "|", "▐": "|", "▏": "|", "▎": "|", "▍": "|", "▋": "#", "▊": "#", "▉": "#",
        "→": ">", "←": "<", "↑": "^", "↓": "v", "–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"',
        "§": "S", "¶": "P", "√": "v", "▀": "#",
    }
)  # fmt: skip


class GlyphFilter(LineFilter):
    """Replaces what a terminal of few glyphs cannot draw."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(enabled=profile.glyphs is not Glyphs.UNICODE)
        self._profile = profile

    def apply(self, segments: list[Segment], background: "Color") -> list[Segment]:
        """Return ``segments`` with other text of the same widths."""
        del background
        profile = self._profile
        return [
            segment
            if segment.control or segment.text.isascii()
            else Segment(drawable(segment.text, profile.glyphs, profile.kanji), segment.style)
            for segment in segments
        ]


@lru_cache(4096)
def drawable(text: str, glyphs: Glyphs, kanji: bool) -> str:  # noqa: FBT001 - a key of the cache
    """Return ``text`` in the characters that ``glyphs`` allows, in the same number of cells."""
    if glyphs is Glyphs.UNICODE:
        return text
    text = text.translate(_TO_CP437 if glyphs is Glyphs.CP437 else _TO_ASCII)
    if text.isascii():
        return text
    from wcwidth import iter_graphemes

    # by grapheme, because a combining mark may or may not widen what it stands on
    return "".join(_drawable(grapheme, glyphs, kanji) for grapheme in iter_graphemes(text))


def _drawable(grapheme: str, glyphs: Glyphs, kanji: bool) -> str:  # noqa: FBT001 - a case of a table
    if grapheme.isascii() or (glyphs is Glyphs.CP437 and grapheme in _CP437):
        return grapheme
    width = cells(grapheme)
    if kanji and all(unicodedata.east_asian_width(character) != "A" for character in grapheme):
        return grapheme
    plain = unicodedata.normalize("NFKD", grapheme)[0]
    return plain.ljust(width) if plain.isascii() and plain.isprintable() and width else "?" * width
