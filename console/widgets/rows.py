"""Where a long list gets its rows: the protocol, the query, the columns."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

Row = TypeVar("Row")
Row_co = TypeVar("Row_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a source: the typed filter, and the column to sort by (empty: the source's own order)."""

    text: str = ""
    sort: str = ""
    descending: bool = False


class PageSource(Protocol[Row_co]):
    """A long list, read a page at a time. Both methods are called in threads and may take their time.

    A row is named by an integer that never changes (a rowid, or a segment and line number packed in one).
    """

    def index(self, query: Query) -> Iterator[Sequence[int]]:
        """Yield the ids of all rows that match ``query``, in order, in batches; the first one small and soon."""
        ...

    def rows(self, ids: Sequence[int]) -> Sequence[Row_co | None]:
        """Return the rows of ``ids`` in the same order, None for one that is gone."""
        ...


class ListSource(Generic[Row]):
    """A source over a short list in memory. ``words`` gives the text that the filter searches."""

    def __init__(self, rows: Sequence[Row], words: Callable[[Row], str] = str) -> None:
        self._rows, self._words = list(rows), words

    def index(self, query: Query) -> Iterator[Sequence[int]]:
        """Yield the numbers of the rows that contain the filter's text, whatever its case."""
        wanted = query.text.casefold()
        numbers = [n for n, row in enumerate(self._rows) if not wanted or wanted in self._words(row).casefold()]
        yield list(reversed(numbers)) if query.descending else numbers

    def rows(self, ids: Sequence[int]) -> Sequence[Row]:
        """Return the rows of these numbers."""
        return [self._rows[number] for number in ids]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell with a meaning: ``tone`` is one of the table's tones and only adds to the words."""

    text: str
    tone: Literal["", "high", "medium", "low", "good", "faint"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Generic[Row]):
    """One column. ``title`` is a msgid; ``show`` turns a row into words, which are made safe and cut to fit."""

    title: str
    show: Callable[[Row], "str | Cell"]
    width: int  # cells, at the least
    grow: int = 0  # share of the room that is left over
    align: Literal["left", "right"] = "left"
    sort: str = ""  # name for Query.sort; empty: cannot be sorted by
    from_width: int = 0  # shown only where the table has at least so many cells


def fitted(columns: Sequence[Column[Row]], width: int) -> list[tuple[Column[Row], int]]:
    """Return the columns that fit into ``width`` cells, each with its cells; one blank stands between two."""
    chosen: list[Column[Row]] = []
    room = width
    for column in columns:
        needed = column.width + (1 if chosen else 0)
        if column.from_width <= width and (needed <= room or not chosen):
            chosen.append(column)
            room -= needed
    shares = sum(column.grow for column in chosen)
    result = []
    for column in chosen:
        extra = max(0, room) * column.grow // shares if shares else 0
        result.append((column, min(column.width + extra, max(1, width))))
    return result


def next_sort(columns: Sequence[Column[Row]], query: Query) -> Query:
    """Return ``query`` sorted by what comes next: each column upward, then downward, then the source's own order."""
    turns = [Query(query.text)]
    for column in columns:
        if column.sort:
            turns += [Query(query.text, column.sort), Query(query.text, column.sort, descending=True)]
    at = turns.index(query) if query in turns else 0
    return turns[(at + 1) % len(turns)]
