"""Thirteen weeks at a glance: a line a week, a cell a day with how much ends on it, a bar for the week."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from accesscontrol.messages import N_
from console.dates import weekday_names
from console.text import fit
from console.translation import _
from console.widgets.plain import joined, lines, styled

WEEKS: Final = 13
_DAY: Final = timedelta(days=1)
_SPAN: Final = timedelta(weeks=WEEKS)
_SIDE: Final = 6  # cells of the week's first day
_CELL: Final = 7
_TOTAL: Final = 6
_MANY: Final = 10  # from so many on a day stands out


class CalendarGrid(Widget, can_focus=True):
    """Shows counts by day from ``today`` on; the arrows move, Enter opens the day under the cursor."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    CalendarGrid { height: 14; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("Open"), id="table.open"),
        Binding("left", "move(-1)", show=False),
        Binding("right", "move(1)", N_("Day"), key_display="←→↑↓", id="calendar.move"),
        Binding("up", "move(-7)", show=False),
        Binding("down", "move(7)", show=False),
        Binding("pageup", "move(-91)", show=False),
        Binding("pagedown", "move(91)", show=False),
        Binding("home", "go_to_today", show=False),
        Binding("end", "go_to_greatest", N_("Most"), key_display="End", id="calendar.most"),
    ]
    help_title = N_("Calendar")
    help_text = N_(
        "A line is a week, a number how many IDs may be used on that day for the last time. The arrows move by days\n"
        "and weeks, PgUp and PgDn by 13 weeks, Home goes to today, End to the day on which most end.\n"
        "Enter lists the IDs of the day."
    )
    cursor: reactive[date] = reactive(date.min)

    class Moved(Message):
        """The cursor is on another day."""

    class Opened(Message):
        """Someone wants to see the IDs of a day."""

        def __init__(self, day: date) -> None:
            super().__init__()
            self.day = day

    def __init__(self, is_open: Callable[[date], bool]) -> None:
        """``is_open`` tells whether a day is a business day."""
        super().__init__(id="grid")
        self._is_open = is_open
        self._today, self._greatest = date.min, date.min
        self._counts: Mapping[date, int] = {}

    def show(self, counts: Mapping[date, int], today: date, greatest: date | None) -> None:
        """Show ``counts``; the cursor stays, or begins on the first day on which something ends."""
        self._counts, self._today, self._greatest = counts, today, greatest or today
        if self.cursor < today:
            self.cursor = next((day for day in counts if day >= today), today)
        self.refresh()
        self.post_message(self.Moved())

    def conceal(self) -> None:
        """Forget the counts."""
        self._counts = {}
        self.refresh()

    # -- moving ---------------------------------------------------------------------------------------

    def validate_cursor(self, cursor: date) -> date:
        """Keep the cursor between today and the last day that matters."""
        last = max([self._today + _SPAN - _DAY, *self._counts])
        return max(self._today, min(cursor, last))

    def watch_cursor(self) -> None:
        """Tell where the cursor is."""
        self.post_message(self.Moved())

    def action_move(self, days: int) -> None:
        """Move by ``days``."""
        self.cursor += timedelta(days=days)

    def action_go_to_today(self) -> None:
        """Move to today."""
        self.cursor = self._today

    def action_go_to_greatest(self) -> None:
        """Move to the day on which most ends."""
        self.cursor = self._greatest

    def action_open(self) -> None:
        """Open the day."""
        self.post_message(self.Opened(self.cursor))

    # -- drawing --------------------------------------------------------------------------------------

    @property
    def first(self) -> date:
        """The Monday with which the weeks in sight begin."""
        monday = self._today - timedelta(days=self._today.weekday())
        return monday + (self.cursor - monday) // _SPAN * _SPAN

    def render(self) -> Content:
        """Draw the weeks."""
        if self._today == date.min:
            return Content("")
        return lines(list(self._lines()))

    def _lines(self) -> Iterator[Content]:
        names = "".join(fit(f" {name}", _CELL) for name in weekday_names())  # over the days, which stand left
        yield styled(" " * _SIDE + names + fit(_("Week"), _TOTAL, "right"), "$secondary")
        weeks = [self.first + timedelta(weeks=number) for number in range(WEEKS)]
        for monday in weeks:
            days = [monday + timedelta(days=number) for number in range(7)]
            total = sum(self._counts.get(day, 0) for day in days)
            label = styled(fit(f"{monday:%m/%d}", _SIDE), "$secondary")
            number = styled(f"{total:>{_TOTAL},}" if total else " " * _TOTAL, "$foreground")
            yield joined(label, *map(self._cell, days), number, " ", styled(self._bar(total), "$accent"))

    def _cell(self, day: date) -> Content:
        count = self._counts.get(day, 0)
        if day < self._today:
            return Content(" " * _CELL)
        number = f"{count:,}" if count else ""
        if day == self.cursor:
            return joined(" ", styled(f"{day.day:>2}{number:>4}", "reverse bold" if self.has_focus else "reverse"))
        faint = "$secondary" if self._is_open(day) else "$foreground 40%"
        return joined(" ", styled(f"{day.day:>2}", faint), styled(f"{number:>4}", _tone(count)))

    def _bar(self, total: int) -> str:
        """Return the week's bar; the longest is that of the fullest week of all, in sight or not."""
        room = self.size.width - _SIDE - 7 * _CELL - _TOTAL - 2
        most = max(self._week_totals().values(), default=0)
        return "█" * max(1, room * total // most) if total and room > 0 else ""

    def _week_totals(self) -> Mapping[date, int]:
        found: dict[date, int] = {}
        for day, count in self._counts.items():
            monday = day - timedelta(days=day.weekday())
            found[monday] = found.get(monday, 0) + count
        return found


def _tone(count: int) -> str:
    return "bold $warning" if count >= _MANY else "bold"
