"""Recorded terminal output drawn on a screen of cells that is not the reader's terminal.

Recorded bytes are never written to the real terminal: they may set its clipboard, ask it questions whose answers
arrive as typing, or lie about what was done. Here they move a cursor over cells, and only cells are shown, each made
safe. Sequences that a plain terminal screen doesn't need (titles, links, clipboards, device strings, questions,
window sizes) do nothing, and none can take more memory or time than its length.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from accesscontrol.sessions.masking import HELD_CHARACTERS, unfinished_at
from console.text.cells import cells
from console.text.safety import safe_text

if TYPE_CHECKING:
    from pyte.screens import Char

# final character of a control sequence -> how many parameters it takes
_TAKEN: Final = {"H": 2, "f": 2, "h": 16, "l": 16, "m": 32, "r": 2} | dict.fromkeys("@ABCDEFGJKLMPXadeg", 1)
_PRIVATE: Final = frozenset("hlJK")
_ESCAPES: Final = frozenset("cDEMH78")
_SEQUENCE: Final = re.compile(
    r"(?:\x1b\[|\x9b)(?P<mark>[<=>?]?)(?P<numbers>[\d;:]{0,128})[ -/]{0,8}(?P<final>[@-~])"
    rf"|\x1b[\]PX^_][^\x07\x1b]{{0,{HELD_CHARACTERS}}}(?:\x07|\x1b\\)"
    r"|\x1b[ -/]{0,8}(?P<escape>[0-~])"
    r"|[\x00-\x06\x0e-\x1f\x7f\x9b]"
)
_COLOUR: Final = re.compile(r"(38|48):(?:2:\d*:|2:|5:)([\d:]+)")
_SCREENS: Final = frozenset({"47", "1047", "1049"})  # another screen and back: ours is emptied
_SIZES: Final = frozenset({"3", "40"})  # 132 columns
_COMBINED: Final = 8  # marks on one letter
_SAVED: Final = 8
_INKS: Final = 64
_DATA, _ATTRIBUTES = itemgetter(0), itemgetter(slice(1, None))
_INSERT, _WRAP = 4, 7 << 5  # the library's names of the modes IRM and DECAWM
_CONTROLS: Final = re.compile(r"(\r\n|[\x07-\x0d])")
_SELECTORS: Final = re.compile("[\U000e0100-\U000e01ef]")


@dataclass(frozen=True, slots=True)
class Look:
    """How a run of cells looks. Colours are names (``red``) or six hexadecimal digits; empty is the screen's own."""

    front: str = ""
    back: str = ""
    bold: bool = False
    underlined: bool = False
    reverse: bool = False


Row = list[tuple[str, Look]]


class _Ink(dict[str, "Char"]):
    """The cells of one look, each made once."""

    def __init__(self, attributes: "Char") -> None:
        super().__init__()
        self._attributes = attributes

    def __missing__(self, character: str) -> "Char":
        self[character] = cell = self._attributes._replace(data=character)
        return cell


class EmulatedScreen:
    """A screen of ``columns`` by ``rows`` cells, on which output is drawn."""

    def __init__(self, columns: int, rows: int) -> None:
        import pyte

        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self._rest = ""
        self._inks: dict[Char, _Ink] = {}

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        return self._screen.columns, self._screen.lines

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row of the cursor, from 0."""
        return min(self._screen.cursor.x, self._screen.columns - 1), self._screen.cursor.y

    def resize(self, columns: int, rows: int) -> None:
        """Make the screen another size; what no longer fits is gone."""
        self._screen.resize(rows, columns)
        self._screen.cursor.x = min(self._screen.cursor.x, columns)
        self._screen.cursor.y = min(self._screen.cursor.y, rows - 1)

    def clear(self) -> None:
        """Begin anew with an empty screen."""
        self._screen.reset()
        self._rest = ""

    def feed(self, text: str) -> None:
        """Draw ``text``; a sequence that it doesn't finish is finished by the next."""
        text = self._rest + text
        end = unfinished_at(text)
        self._rest, text = text[end:], text[:end]
        at = 0
        for match in _SEQUENCE.finditer(text):
            self._draw(text[at : match.start()])
            self._obey(match)
            at = match.end()
        self._draw(text[at:])

    def _obey(self, match: re.Match[str]) -> None:
        final, escape = match["final"], match["escape"]
        if escape in _ESCAPES and len(match.group()) == len("\x1b") + 1:
            self._stream.feed(match.group())
            del self._screen.savepoints[:-_SAVED]
        elif final in _TAKEN and (not match["mark"] or (match["mark"] == "?" and final in _PRIVATE)):
            self._control(match["mark"], match["numbers"], final)

    def _control(self, mark: str, numbers: str, final: str) -> None:
        given = [number.partition(":")[0][:4] for number in _plain_colours(numbers).split(";")][: _TAKEN[final]]
        if mark and final in "hl":
            if _SCREENS.intersection(given):
                self._stream.feed("\x1b[2J\x1b[H")
            given = [number for number in given if number not in _SIZES | _SCREENS]
            if not given:
                return
        self._stream.feed(f"\x1b[{mark}{';'.join(given)}{final}")

    def _draw(self, text: str) -> None:
        for piece in _CONTROLS.split(text):
            if piece == "\r\n":
                self._screen.carriage_return()
                self._screen.linefeed()
            elif piece and piece[0] < " ":
                self._stream.feed(piece)
            elif piece.isascii() and not self._unusual():
                self._put(piece)
            elif piece:
                self._stream.feed(piece if piece.isascii() else self._wrapped(piece))

    def _unusual(self) -> bool:
        """Tell whether text is inserted, or doesn't go on in the next row: the library's slow way knows how."""
        return _INSERT in self._screen.mode or _WRAP not in self._screen.mode

    def _put(self, text: str) -> None:
        """Put plain text into cells, row by row."""
        screen, cursor = self._screen, self._screen.cursor
        ink = self._inks.setdefault(cursor.attrs, _Ink(cursor.attrs))
        if len(self._inks) > _INKS:
            self._inks = {}
        while text:
            if cursor.x >= screen.columns:
                screen.carriage_return()
                screen.linefeed()
            part, text = text[: screen.columns - cursor.x], text[screen.columns - cursor.x :]
            screen.buffer[cursor.y].update(
                zip(range(cursor.x, cursor.x + len(part)), map(ink.__getitem__, part), strict=True)
            )
            cursor.x += len(part)

    def _wrapped(self, text: str) -> str:
        """Return safe text in which no wide character lies over the right edge and no letter has many marks."""
        column, columns = self._screen.cursor.x, self._screen.columns
        marks = self._marks_before_cursor()
        drawn: list[str] = []
        for character in safe_text(_SELECTORS.sub("", text)):
            width = cells(character)
            if width == 0 or unicodedata.combining(character):
                marks += 1
                if marks > _COMBINED or not unicodedata.combining(character):
                    continue
            else:
                marks = 0
                if column >= columns:
                    column = 0
                if width > 1 and column == columns - 1 and columns > 1:
                    drawn.append(" ")
                    column = 0
                column += width
            drawn.append(character)
        return "".join(drawn)

    def _marks_before_cursor(self) -> int:
        cursor = self._screen.cursor
        row, column = (cursor.y, cursor.x - 1) if cursor.x else (cursor.y - 1, self._screen.columns - 1)
        return len(self._screen.buffer[row][column].data) - 1 if row >= 0 else 0

    # -- what is shown --------------------------------------------------------------------------------

    def row(self, number: int) -> Row:
        """Return one row as runs of the same look, exactly as many cells as the screen has columns."""
        line, columns = self._screen.buffer[number], self._screen.columns
        blank = line.default
        chars = [line.get(column, blank) for column in range(columns)]
        text = "".join(map(_DATA, chars))
        if len(text) != columns or not (text.isascii() and text.isprintable()):
            return [
                ("".join(piece for piece, _ in run), _look_of(attributes))
                for attributes, run in groupby(_fitted(chars), key=lambda piece: piece[1][1:])
            ]
        row, start = [], 0  # what most rows are: one character a cell
        for attributes, run in groupby(chars, key=_ATTRIBUTES):
            end = start + len(list(run))
            row.append((text[start:end], _look_of(attributes)))
            start = end
        return row

    def text(self) -> str:
        """Return the rows as plain text, without the spaces at their ends."""
        rows = ("".join(text for text, _ in self.row(number)).rstrip() for number in range(self._screen.lines))
        return "\n".join(rows)


def _fitted(chars: "list[Char]") -> "Iterator[tuple[str, Char]]":
    """Yield what stands in each cell, safe; a wide character of which a half was overwritten is an empty cell."""
    column, columns = 0, len(chars)
    while column < columns:
        char = chars[column]
        width = cells(char.data)
        # a wide one
        fits = width == 1 or (width == 2 and column + 1 < columns and not chars[column + 1].data)  # noqa: PLR2004
        yield (safe_text(char.data) if fits else " "), char
        column += width if fits else 1


def _plain_colours(numbers: str) -> str:
    """Return parameters in which colours with colons, as some programs write them, stand with semicolons."""

    def plain(match: re.Match[str]) -> str:
        values = [value for value in match[2].split(":") if value]
        return ";".join([match[1], "2" if len(values) > 1 else "5", *values])

    return _COLOUR.sub(plain, numbers) if ":" in numbers else numbers


@lru_cache(maxsize=_INKS)
def _look_of(attributes: tuple[Any, ...]) -> Look:
    """Return the look of a cell with these attributes, as the library keeps them behind its character."""
    front, back = _name(attributes[0]), _name(attributes[1])
    if front == back:  # text that can't be seen is shown
        front = back = ""
    return Look(front, back, bold=attributes[2], underlined=attributes[4], reverse=attributes[6])


def _name(colour: str) -> str:
    return "" if colour == "default" else colour.replace("brown", "yellow")
