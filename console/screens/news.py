"""What came of an act stays in sight until the cursor goes on; otherwise the line says what to do with the row."""

from typing import Any

from console.frame.screen import BaseScreen
from console.widgets.paged_table import PagedTable


class News:
    """The words of the status line of a screen whose list is read anew after each act."""

    def __init__(self, screen: BaseScreen, table: PagedTable[Any]) -> None:
        self._screen, self._table = screen, table
        self._held = False
        self._row: int | None = None  # where the cursor came to rest after the act

    def tell(self, words: str) -> None:
        """Say what happened, before the list is read anew."""
        self._held, self._row = True, None
        self._screen.done(words)

    def hold(self) -> None:
        """Keep what was just said; while the list is being read, its row is not known yet."""
        self._held = True
        self._row = self._table.row_id if self._table.is_counted else None

    def counted(self) -> None:
        """Take note of where the cursor came to rest; called when the list tells that more of it is known."""
        if self._held and self._table.is_counted:
            self._row = self._table.row_id

    def advise(self, words: str) -> None:
        """Say what to do with the row under the cursor, unless news is still fresh."""
        if not self._held or self._row not in {None, self._table.row_id}:
            self._held = False
            self._screen.next_step(words)
