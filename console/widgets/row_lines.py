"""The lines of a list: its columns laid out for a width, a row drawn into them cell for cell."""

from collections.abc import Callable, Sequence
from typing import Generic

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from console.text import fit, safe_text
from console.translation import _
from console.widgets.rows import Cell, Column, Query, Row, fitted

_MARGIN = 2  # cells for the cursor and the mark


class RowLines(Generic[Row]):
    """Draws lines; ``style`` gives a style by name (``head``, ``cursor``, ``away``, a tone, or empty for the rest)."""

    def __init__(self, columns: Sequence[Column[Row]], style: Callable[[str], Style]) -> None:
        self.columns = tuple(columns)
        self._style = style
        self._layout: list[tuple[Column[Row], int]] = []
        self._laid_for = -1  # the width for which it is laid out

    def _columns(self, width: int) -> list[tuple[Column[Row], int]]:
        if width != self._laid_for:
            self._laid_for, self._layout = width, fitted(self.columns, max(1, width - _MARGIN))
        return self._layout

    def head(self, query: Query, width: int) -> Strip:
        """Draw the titles, and a mark at the column by which ``query`` sorts."""
        titles = []
        for column, cells in self._columns(width):
            mark = ("▼" if query.descending else "▲") if column.sort and column.sort == query.sort else ""
            titles.append(fit(_(column.title) + mark, cells, column.align))
        return self._strip([Segment(" " * _MARGIN + " ".join(titles), self._style("head"))], width)

    def words(self, words: str, width: int) -> Strip:
        """Draw a line of words where there is no row."""
        text = " " * _MARGIN + fit(words, max(0, width - _MARGIN))
        return self._strip([Segment(text, self._style("") + self._style("faint"))], width)

    def row(self, row: Row | None, width: int, *, absent: str, cursor: str, mark: str) -> Strip:
        """Draw ``row``, or ``absent`` in each cell; ``cursor`` is the style of the line under the cursor, or empty.

        Neighbours without a tone of their own become one segment, because each change of style costs bytes.
        """
        base = self._style(cursor)
        segments = [Segment(("▸" if cursor else " ") + mark, base)]
        plain = ""
        for number, (column, cells) in enumerate(self._columns(width)):
            cell = column.show(row) if row is not None else absent
            text, tone = (cell.text, cell.tone) if isinstance(cell, Cell) else (cell, "")
            piece = (" " if number else "") + fit(safe_text(text), cells, column.align)
            if not tone:
                plain += piece
                continue
            if plain:
                segments.append(Segment(plain, base))
                plain = ""
            segments.append(Segment(piece, base + self._style(tone)))
        return self._strip([*segments, Segment(plain, base)], width, base)

    def _strip(self, segments: list[Segment], width: int, style: Style | None = None) -> Strip:
        return Strip(segments).adjust_cell_length(width, style or self._style(""))
