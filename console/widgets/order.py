"""The order of a list's rows as it becomes known, and the pages of rows that are at hand."""

from array import array
from collections import OrderedDict
from collections.abc import Sequence
from typing import Generic

from console.widgets.rows import Row

PAGE = 200  # rows read at once
KEPT = 64  # pages kept at hand


class Order:
    """Row ids in order; grows while the index is read in the background."""

    def __init__(self) -> None:
        self.ids = array("q")
        self.complete = False

    def __len__(self) -> int:
        return len(self.ids)

    def place_of(self, row_id: int) -> int | None:
        """Return where ``row_id`` stands, or None while or because it is not there."""
        try:
            return self.ids.index(row_id)
        except ValueError:
            return None

    def page(self, number: int) -> list[int]:
        """Return the ids of page ``number``."""
        return self.ids[number * PAGE : (number + 1) * PAGE].tolist()


class Pages(Generic[Row]):
    """The pages that were read last, the least used given up first."""

    def __init__(self) -> None:
        self._pages: OrderedDict[int, Sequence[Row | None]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pages)

    def knows(self, place: int) -> bool:
        """Return whether the page of ``place`` is at hand."""
        number, offset = divmod(place, PAGE)
        return self.holds(number, offset + 1)

    def row(self, place: int) -> Row | None:
        """Return the row at ``place``, or None if its page is not at hand or the row is gone."""
        number, offset = divmod(place, PAGE)
        page = self._pages.get(number)
        if page is None or offset >= len(page):
            return None
        self._pages.move_to_end(number)
        return page[offset]

    def holds(self, number: int, rows: int) -> bool:
        """Return whether page ``number`` is at hand with at least ``rows`` rows."""
        return number in self._pages and len(self._pages[number]) >= rows

    def put(self, number: int, rows: Sequence[Row | None]) -> None:
        """Keep ``rows`` as page ``number``."""
        self._pages[number] = rows
        self._pages.move_to_end(number)
        while len(self._pages) > KEPT:
            self._pages.popitem(last=False)

    def clear(self) -> None:
        """Forget all rows."""
        self._pages.clear()
