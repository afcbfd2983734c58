"""All that can be done about what is marked or under the cursor: one menu, and the same acts by name."""

from collections.abc import Callable, Sequence
from typing import Any

from console.frame.screen import BaseScreen
from console.screens.accounts.acts import Acts
from console.screens.accounts.bulk import Bulk
from console.screens.accounts.desk import Desk
from console.screens.accounts.menu import Entry
from console.screens.accounts.orders import Orders
from console.screens.accounts.picture import AccountRow
from console.screens.accounts.system_list import SystemRow
from console.seat import Seat
from console.translation import _, ngettext


class Changes:
    """What one screen offers. ``made`` is called when a request about many IDs was handed in."""

    def __init__(self, screen: BaseScreen, seat: Seat, made: Callable[[], None]) -> None:
        self.requests, self.desk = Acts(screen, seat), Desk(screen, seat)
        self.bulk, self._orders = Bulk(screen, seat, made), Orders(screen, seat)

    def entries(self, row: Any, marked: Sequence[AccountRow]) -> list[Entry]:
        """Return what can be done about the marked IDs together, or else about ``row``."""
        if marked:
            return list(self.bulk.entries(marked))
        if isinstance(row, AccountRow) and row.line.user_id:
            return [*self.requests.entries(row), *self.desk.entries(row)]
        if isinstance(row, SystemRow):
            words = _("at once, by the security officer")
            glass = Entry(_("Name an ID for emergencies"), lambda: self.desk.name_break_glass(row.name), words)
            return [*self._orders.entries(row.name), glass]
        return []

    @property
    def many(self) -> Entry:
        """What asks for many IDs at once, from a file."""
        return Entry(_("Many IDs from a file"), self.bulk.from_file, _("one request, from a table (CSV)"))

    @staticmethod
    def title(row: Any, marked: Sequence[AccountRow]) -> str:
        """Return the question above the menu."""
        if marked:
            words = ngettext("What changes for {number} ID?", "What changes for {number} IDs?", len(marked))
            return words.format(number=f"{len(marked):,}")
        return _("What changes for {id}?").format(id=row.name if isinstance(row, SystemRow) else row.subject)
