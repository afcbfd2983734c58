"""The expiry calendar: how many user IDs end on which day of the coming weeks, and where the year's cliff stands."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget

from accesscontrol.clock import local_day
from accesscontrol.messages import N_
from console.dates import weekday
from console.frame.screen import BaseScreen
from console.screens.accounts import expiry, menu, picture
from console.screens.accounts.bulk import Bulk
from console.screens.accounts.calendar_grid import WEEKS, CalendarGrid
from console.screens.accounts.picture import AccountRow
from console.seat import Seat
from console.translation import _, ngettext
from console.widgets.plain import Plain, joined, styled


class CalendarScreen(BaseScreen):
    """The coming 13 weeks, and every later day by turning pages."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", N_("Change"), id="accounts.edit", tooltip=N_("Extend or end the IDs of the day together")),
    ]
    DEFAULT_CSS = """
    CalendarScreen #day { height: auto; padding: 0 1; margin-top: 1; }
    """
    help_title = N_("Expiry calendar")
    help_text = N_(
        "How many user IDs end on which day, from what the ledger says of their periods now.\n"
        "e asks for another last day, or the end, of all IDs of the day as one request."
    )

    def __init__(self, seat: Seat, open_day: Callable[[date], BaseScreen]) -> None:
        """``open_day`` makes the screen that lists the IDs of a day."""
        super().__init__()
        self._seat, self._open_day = seat, open_day
        self._ends: Mapping[date, list[AccountRow]] = {}
        self._grid = CalendarGrid(seat.site.is_business_day)
        self._bulk = Bulk(self, seat, lambda: None)

    def body(self) -> Iterable[Widget]:
        """Show the weeks, and below them the day under the cursor."""
        yield self._grid
        yield Plain(id="day")

    def load(self) -> None:
        """Read the ends in a thread."""
        self.head(_("2 User IDs"), _("Expiry calendar"))
        self.next_step(_("Enter lists the IDs of the day, e extends them as one request"))
        self._read()
        self._grid.focus()

    def conceal(self) -> None:
        """Forget what was read."""
        super().conceal()
        self._ends = {}
        self.query_one("#day", Plain).say("")

    @work(thread=True, exclusive=True, group="read")
    def _read(self) -> None:
        site = self._seat.site
        try:
            found = picture.read(site)
        except Exception as error:  # noqa: BLE001 - said on the status line, with a trace kept
            self.app.call_from_thread(self.why, error)
            return
        today = local_day(found.at, site.zone)
        self.app.call_from_thread(self._show, expiry.by_day(found.rows, site.zone), today)

    def _show(self, ends: Mapping[date, list[AccountRow]], today: date) -> None:
        self._ends = ends
        counts = {day: len(rows) for day, rows in ends.items()}
        self._grid.show(counts, today, expiry.greatest(ends))
        coming = sum(number for day, number in counts.items() if (day - today).days < 7 * WEEKS)
        words = ngettext("{number} ID ends in 13 weeks", "{number} IDs end in 13 weeks", coming)
        self.head(_("2 User IDs"), _("Expiry calendar"), aside=words.format(number=f"{coming:,}"))

    @on(CalendarGrid.Moved)
    def _moved(self) -> None:
        self.query_one("#day", Plain).say(list(self._day_lines()))
        self.refresh_bindings()

    def _day_lines(self) -> Iterable[Content]:
        day = self._grid.cursor
        rows = self._ends.get(day, [])
        words = ngettext("{number} ID ends", "{number} IDs end", len(rows)).format(number=f"{len(rows):,}")
        systems = Counter(row.line.system for row in rows)
        parts = ", ".join(f"{name} {number:,}" for name, number in systems.most_common())
        yield joined(styled(f"{_named(day)}  ", "bold $accent"), styled(words, "bold"), f"  {parts}")
        most = expiry.greatest(self._ends)
        if most is not None:
            words = _("Most on one day: {day}, {number}")
            number = f"{len(self._ends[most]):,}"
            yield styled(words.format(day=_named(most), number=number), "$secondary")

    def why_not(self, action: str) -> str:
        """Say that nothing is to be changed on an empty day."""
        return _("No ID ends on this day.") if action == "edit" and self._grid.cursor not in self._ends else ""

    @work(exclusive=True, group="act")
    async def action_edit(self) -> None:
        """Ask for a change of all IDs of the day."""
        day = self._grid.cursor
        rows = self._ends[day]
        words = ngettext("What changes for {number} ID?", "What changes for {number} IDs?", len(rows))
        await menu.choose(self, words.format(number=f"{len(rows):,}"), list(self._bulk.entries(rows)))

    @on(CalendarGrid.Opened)
    async def _open(self, event: CalendarGrid.Opened) -> None:
        if event.day in self._ends:
            await self.app.push_screen(self._open_day(event.day))
        else:
            self.why(_("No ID ends on this day."))


def _named(day: date) -> str:
    return f"{day:%Y-%m-%d} ({weekday(day)})"
