"""A list of any length: it draws only the lines in sight and reads only the pages that they need.

The order of the rows (their ids) is read in the background, batch by batch, so that the first page stands
at once and every place can be reached; rows come in pages of 200, of which 64 are kept. Reading happens in
threads; a row that is not there yet shows as an ellipsis. The cost grows with the page, not with the list.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Generic

from rich.style import Style
from textual import events, work
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.worker import get_current_worker

from accesscontrol.messages import N_
from console.translation import _, ngettext
from console.widgets.line_view import LineView
from console.widgets.order import PAGE, Order, Pages
from console.widgets.row_lines import RowLines
from console.widgets.rows import Column, PageSource, Query, Row, next_sort

_WAITING = "…"
_GONE = "-"


class PagedTable(LineView, Generic[Row], can_focus=True):
    """Shows the rows of a :class:`~console.widgets.rows.PageSource` in columns, with a cursor."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--head", "table--cursor", "table--away", "table--high", "table--medium", "table--low", "table--good",
        "table--faint", "table--marked",
    }  # fmt: skip
    DEFAULT_CSS = """
    PagedTable { height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; }
    PagedTable > .table--head { color: $secondary; }
    PagedTable > .table--cursor { background: $row-cursor; text-style: bold; }
    PagedTable > .table--away { background: $row-cursor-away; }
    PagedTable > .table--high { color: $error; text-style: bold; }
    PagedTable > .table--medium { color: $warning; }
    PagedTable > .table--low { color: $accent; }
    PagedTable > .table--good { color: $success; }
    PagedTable > .table--faint { color: $secondary; }
    PagedTable > .table--marked { color: $accent; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("Open"), id="table.open"),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "turn(-1)", show=False),
        Binding("pagedown", "turn(1)", show=False),
        Binding("home", "edge(False)", show=False),
        Binding("end", "edge(True)", show=False),
        Binding("s", "sort", N_("Sort"), id="table.sort"),
        Binding("space", "mark", N_("Mark"), id="table.mark"),
    ]
    help_title = N_("List")
    help_text = N_(
        "The arrows, PgUp, PgDn, Home and End move. Enter opens a row, s sorts by the next column.\n"
        "The number on the right of the status line says where in the list you are."
    )
    cursor = reactive(0, repaint=False)

    class Moved(Message):
        """The cursor stands on another row, or its row has arrived; ``row`` is None until then and in an empty list."""

        def __init__(self, table: "PagedTable[Any]", row: Any) -> None:
            super().__init__()
            self.table, self.row = table, row

        @property
        def control(self) -> "PagedTable[Any]":
            """The table, for ``@on``."""
            return self.table

    class Opened(Moved):
        """Someone pressed Enter on a row that is there."""

    class Counted(Message):
        """More of the list is known."""

        def __init__(self, table: "PagedTable[Any]") -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> "PagedTable[Any]":
            """The table, for ``@on``."""
            return self.table

    class Failed(Message):
        """The source could not be read; ``reason`` is a Refusal or another error whose text stays unsaid."""

        def __init__(self, table: "PagedTable[Any]", reason: Exception) -> None:
            super().__init__()
            self.table, self.reason = table, reason

        @property
        def control(self) -> "PagedTable[Any]":
            """The table, for ``@on``."""
            return self.table

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        source: PageSource[Row] | None = None,
        *,
        query: Query = Query(),  # noqa: B008 - immutable
        markable: bool = False,
        empty: str = N_("Nothing here."),
        **attributes: Any,
    ) -> None:
        """``empty`` (a msgid) is said when there is no row; ``markable`` lets Space mark rows for one act on many."""
        super().__init__(**attributes)
        self._source, self.query_now = source, query
        self._markable, self._empty = markable, empty
        self.marked: set[int] = set()
        self._order, self._pages = Order(), Pages[Row]()
        self._fresh: Order | None = None  # the order that is being read while the old one still shows
        self._reading = False
        self._return_to: int | None = None
        self._styles: dict[str, Style] = {}
        self._lines = RowLines(columns, self._style)

    # -- what a screen asks ---------------------------------------------------------------------------

    @property
    def row(self) -> Row | None:
        """The row under the cursor, or None while it is not there."""
        return self._pages.row(self.cursor)

    @property
    def row_id(self) -> int | None:
        """The id under the cursor, or None in an empty list."""
        return self._order.ids[self.cursor] if self.cursor < len(self._order) else None

    @property
    def count(self) -> int:
        """How many rows are known so far."""
        return len(self._order)

    @property
    def is_counted(self) -> bool:
        """Whether the whole list is known."""
        return self._order.complete and self._fresh is None

    @property
    def position(self) -> str:
        """Where the cursor stands, for the status line."""
        if not self.count:
            return _("empty") if self.is_counted else _WAITING
        words = ngettext("row {place} of {number}", "row {place} of {number}", self.count)
        number = f"{self.count:,}" + ("" if self.is_counted else "+")
        return words.format(place=f"{self.cursor + 1:,}", number=number)

    def show(self, source: PageSource[Row], query: Query | None = None) -> None:
        """Show ``source`` from its beginning."""
        self._source = source
        self.query_now = query or self.query_now
        self.marked.clear()
        self.conceal()
        self._return_to = None
        self.reload()

    def lay_out(self, columns: Sequence[Column[Row]]) -> None:
        """Show the rows in other columns."""
        self._lines = RowLines(columns, self._style)
        self.refresh()

    def ask(self, query: Query) -> None:
        """Show what matches ``query``; the cursor stays on its row where that is still there."""
        self.query_now = query
        self.reload()

    def reload(self) -> None:
        """Read the list again; the old one stays in sight until the new one begins to arrive."""
        if self._source is not None and self.is_attached:
            if self._return_to is None:
                self._return_to = self.row_id
            self._fresh = Order()
            self._read_order(self._source, self.query_now, self._fresh)

    def go_to(self, row_id: int) -> None:
        """Put the cursor on this row as soon as it is known; where it isn't, the cursor stays."""
        self._return_to = row_id
        self._find_the_old_place()

    def conceal(self) -> None:
        """Forget all rows; ``reload`` brings them back."""
        if self._return_to is None:
            self._return_to = self.row_id
        self.workers.cancel_node(self)
        self._order, self._fresh = Order(), None
        self._pages.clear()
        self._reading = False
        self._stretch()

    # -- reading --------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Begin to read."""
        self.reload()

    @work(thread=True, exclusive=True, group="order", exit_on_error=False)
    def _read_order(self, source: PageSource[Row], query: Query, order: Order) -> None:
        worker = get_current_worker()
        try:
            for batch in source.index(query):
                if worker.is_cancelled:
                    return
                self.app.call_from_thread(self._learn, order, batch)
        except Exception as error:  # noqa: BLE001 - whatever the source raises is told, not lost
            self.app.call_from_thread(self._fail, order, error)
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._learn, order, None)

    def _learn(self, order: Order, batch: Sequence[int] | None) -> None:
        """Take in a batch of ids, or the end of the list."""
        if order is self._fresh:
            self._order, self._fresh = order, None
            self._pages.clear()
            self._reading = False
        if order is not self._order:
            return
        if batch is None:
            order.complete = True
        else:
            order.ids.extend(batch)
        self._find_the_old_place()
        self._stretch()
        self.post_message(self.Counted(self))
        if order.complete and not len(order):
            self.post_message(self.Moved(self, None))  # whatever follows the cursor still shows the last row

    def _find_the_old_place(self) -> None:
        wanted = self._return_to
        place = None if wanted is None else self._order.place_of(wanted)
        if place is None and self._order.complete:
            place = self.cursor
        if place is not None:
            self._return_to, self.cursor = None, place

    def _fail(self, order: Order, error: Exception) -> None:
        if order in (self._order, self._fresh):  # else nobody waits for it any more
            self._reading, self._fresh = False, None
            self._order.complete = True
            self.post_message(self.Failed(self, error))

    def _stretch(self) -> None:
        """Let the scroll bar and the view follow the number of rows."""
        self.virtual_size = Size(0, len(self._order) + 1)
        self._follow()
        self._want_pages()
        self.refresh()

    def _want_pages(self) -> None:
        """Have the pages read that are in sight and not at hand."""
        if self._reading or self._source is None or not len(self._order):
            return
        top = self.scroll_offset.y
        bottom = min(len(self._order) - 1, top + max(1, self.size.height))
        for number in {self.cursor // PAGE, *range(top // PAGE, bottom // PAGE + 1)}:
            ids = self._order.page(number)
            if not self._pages.holds(number, len(ids)):
                self._reading = True
                self._read_page(self._source, self._order, number, ids)
                return

    @work(thread=True, group="page", exit_on_error=False)
    def _read_page(self, source: PageSource[Row], order: Order, number: int, ids: Sequence[int]) -> None:
        try:
            rows = source.rows(ids)
        except Exception as error:  # noqa: BLE001 - whatever the source raises is told, not lost
            self.app.call_from_thread(self._fail, order, error)
        else:
            self.app.call_from_thread(self._arrived, order, number, rows)

    def _arrived(self, order: Order, number: int, rows: Sequence[Row | None]) -> None:
        if order is not self._order:
            return
        self._reading = False
        self._pages.put(number, rows)
        self._want_pages()
        self.refresh()
        if self.cursor // PAGE == number:
            self.post_message(self.Moved(self, self.row))

    # -- moving ---------------------------------------------------------------------------------------

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a row."""
        return max(0, min(cursor, max(0, len(self._order) - 1)))

    def watch_cursor(self, old: int, new: int) -> None:
        """Draw the two lines anew, keep the cursor in sight, and tell."""
        top, width = self.scroll_offset.y, self.size.width
        self.refresh(Region(0, old - top + 1, width, 1), Region(0, new - top + 1, width, 1))
        self._follow()
        self._want_pages()
        self.post_message(self.Moved(self, self.row))

    def _follow(self) -> None:
        height = self.scrollable_content_region.height - 1
        top = self.scroll_offset.y
        if height > 0 and not top <= self.cursor < top + height:
            target = self.cursor if self.cursor < top else self.cursor - height + 1
            self.scroll_to(y=target, animate=False, force=True, immediate=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Read what came into sight."""
        super().watch_scroll_y(old_value, new_value)
        self._want_pages()

    def on_resize(self) -> None:
        """Keep the cursor in sight, and read what came into it."""
        self._follow()
        self._want_pages()

    def action_move(self, step: int) -> None:
        """Move by ``step`` rows."""
        self.cursor += step

    def action_turn(self, direction: int) -> None:
        """Move by one page."""
        self.cursor += direction * max(1, self.size.height - 2)

    def action_edge(self, last: bool) -> None:  # noqa: FBT001 - from a key
        """Move to the first or the last known row."""
        self.cursor = len(self._order) if last else 0

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if self.row is not None:
            self.post_message(self.Opened(self, self.row))

    def action_mark(self) -> None:
        """Mark or unmark the row under the cursor, and go on to the next."""
        if self._markable and self.row_id is not None:
            self.marked ^= {self.row_id}
            self.action_move(1)
            self.refresh()

    def action_sort(self) -> None:
        """Sort by the next column: each one first upward, then downward, then the source's own order."""
        self.ask(next_sort(self._lines.columns, self.query_now))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show no key that this list does not have."""
        del parameters
        if action == "mark":
            return self._markable
        if action == "sort":
            return any(column.sort for column in self._lines.columns)
        return True

    async def on_click(self, event: events.Click) -> None:
        """Move the cursor to where the mouse points; a second click opens."""
        place = event.y - 1 + self.scroll_offset.y
        if event.y >= 1 and place < len(self._order):
            again = place == self.cursor
            self.cursor = place
            if again:
                self.action_open()

    # -- drawing --------------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        """Forget the styles of another theme."""
        super().notify_style_update()
        self._styles.clear()

    def render_line(self, y: int) -> Strip:
        """Draw the head or one row."""
        width = self.scrollable_content_region.width
        if y == 0:
            return self._lines.head(self.query_now, width)
        place = y - 1 + self.scroll_offset.y
        if place < len(self._order):
            mark = "*" if self.marked and self._order.ids[place] in self.marked else " "
            cursor = ("cursor" if self.has_focus else "away") if place == self.cursor else ""
            absent = _GONE if self._pages.knows(place) else _WAITING
            return self._lines.row(self._pages.row(place), width, absent=absent, cursor=cursor, mark=mark)
        empty = N_("Nothing meets the filter.") if self.query_now.text else self._empty
        said = y == 1 and not len(self._order)
        return self._lines.words((_(empty) if self.is_counted else _WAITING) if said else "", width)

    def _style(self, name: str) -> Style:
        """Return a style by name; tones are laid over the row, the others stand for themselves."""
        if name not in self._styles:
            whole = not name or name in {"cursor", "away"}
            component = self.get_component_rich_style(f"table--{name}", partial=not whole) if name else Style()
            self._styles[name] = self.rich_style + component if name in {"", "head"} else component
        return self._styles[name]
