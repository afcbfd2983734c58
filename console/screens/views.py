"""Several lists in one place: left and right turn from one to the next, f shows a part, / filters by words.

A place declares its :class:`View` values; each is a list with its details. What is shown is read in threads, and
forgotten when the console locks.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from accesscontrol.messages import N_
from console.frame.screen import BaseScreen
from console.translation import _
from console.widgets.details import Section
from console.widgets.list_and_details import ListAndDetails
from console.widgets.paged_table import PagedTable
from console.widgets.plain import Plain, joined, styled
from console.widgets.rows import Column, Query

Row = TypeVar("Row")
_NOTHING: Hashable = object()


@dataclass(frozen=True, slots=True)
class Part(Generic[Row]):
    """A part of a list, shown by ``f``; ``title`` is a msgid."""

    title: str
    holds: Callable[[Row], bool]


@dataclass(frozen=True, kw_only=True)
class View(Generic[Row]):
    """One list. ``read`` runs in a thread, ``key`` names a row for good, ``words`` are what the filter searches.

    ``order`` gives what a column's ``sort`` sorts by, ``markable`` lets Space mark rows. Titles are msgids.
    """

    title: str
    columns: Sequence[Column[Row]]
    read: Callable[[], Iterable[Row]]
    key: Callable[[Row], Hashable]
    words: Callable[[Row], str]
    explain: Callable[[Row], Sequence[Section]]
    parts: Sequence[Part[Row]] = ()
    order: Mapping[str, Callable[[Row], Any]] = field(default_factory=dict)
    empty: str = N_("Nothing here.")
    hint: str = ""
    markable: bool = False


class ViewSource(Generic[Row]):
    """The rows of one view as a page source: the part that is chosen, what the filter matches, sorted."""

    def __init__(self, view: View[Row]) -> None:
        self._view = view
        self._numbers: dict[Hashable, int] = {}
        self._rows: dict[int, Row] = {}
        self.part: Part[Row] | None = None
        self.chosen: Sequence[int] = ()
        """The numbers of what was wanted at the last reading, in order."""
        self.query = Query()

    def index(self, query: Query) -> Iterator[Sequence[int]]:
        """Read everything anew and yield the numbers of what is wanted; a row keeps its number."""
        self.query = query
        wanted = query.text.casefold()
        found = {self._number(row): row for row in self._view.read()}
        self._rows = found
        chosen = [
            number
            for number, row in found.items()
            if (self.part is None or self.part.holds(row)) and wanted in self._view.words(row).casefold()
        ]
        by = self._view.order.get(query.sort)
        if by is not None:
            chosen.sort(key=lambda number: by(found[number]), reverse=query.descending)
        self.chosen = chosen
        yield chosen

    def rows(self, ids: Sequence[int]) -> Sequence[Row | None]:
        """Return these rows."""
        return [self._rows.get(number) for number in ids]

    def numbers(self, rows: Iterable[Row]) -> set[int]:
        """Return the numbers by which the table knows ``rows``."""
        return {self._number(row) for row in rows}

    def forget(self) -> None:
        """Forget what was read."""
        self._rows = {}

    def number(self, key: Hashable) -> int:
        """Return the number by which the table knows the row of this key, also before it was read."""
        return self._numbers.setdefault(key, len(self._numbers))

    def _number(self, row: Row) -> int:
        return self.number(self._view.key(row))


class ViewsScreen(BaseScreen):
    """A place with several lists. Override ``place_title`` and ``views()``."""

    place_title: ClassVar[str] = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", show=False, priority=True),
        Binding("right", "turn(1)", N_("List"), key_display="←→", priority=True, id="views.turn"),
        Binding("f", "part", N_("Part"), id="views.part"),
    ]
    DEFAULT_CSS = """
    ViewsScreen #views { height: 1; padding: 0 1; }
    ViewsScreen ListAndDetails { display: none; }
    ViewsScreen ListAndDetails.-shown { display: block; }
    ViewsScreen Details { padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._views = tuple(self.views())
        self._sources = [ViewSource(view) for view in self._views]
        self._splits: list[ListAndDetails] = []
        self._at = 0
        self._advised: Hashable = _NOTHING  # the row that the status line speaks of
        self._spoke = False  # whether an act said something since

    def views(self) -> Iterable[View[Any]]:
        """Return the lists of this place, in order; called once."""
        return ()

    def body(self) -> Iterable[Widget]:
        """Show the names of the lists, and one list."""
        if len(self._views) > 1:
            yield Plain(id="views")
        self._splits = [
            ListAndDetails(
                PagedTable(view.columns, query=source.query, empty=view.empty, markable=view.markable), view.explain
            )
            for view, source in zip(self._views, self._sources, strict=True)
        ]  # made anew when the language changes
        yield from self._splits

    # -- what a place asks ----------------------------------------------------------------------------

    @property
    def view(self) -> View[Any]:
        """The view that is shown."""
        return self._views[self._at]

    @property
    def source(self) -> ViewSource[Any]:
        """Where the rows of the view that is shown come from."""
        return self._sources[self._at]

    @property
    def split(self) -> ListAndDetails:
        """The list and details that are shown."""
        return self._splits[self._at]

    @property
    def row(self) -> Any:
        """The row under the cursor, or None."""
        return self.split.table.row if self._splits else None

    def aside(self) -> str:
        """Return a fact for the right end of the heading, already translated."""
        return ""

    def explain_again(self) -> None:
        """Lay out the details of the present row anew."""
        row = self.row
        if row is not None:
            self.split.details.show(self.view.explain(row), from_top=False)

    # -- showing --------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the list that is shown."""
        self._head()
        for number, split in enumerate(self._splits):
            split.set_class(number == self._at, "-shown")
        table = self.split.table
        if table.count or table.row_id is not None:
            table.reload()
        else:
            table.show(self._sources[self._at], table.query_now)
        self.split.action_to_list()
        self._advise()

    def _head(self) -> None:
        part = self._sources[self._at].part
        self.head(_(self.place_title), *([_(part.title)] if part else []), aside=self.aside())
        for line in self.query("#views").results(Plain):
            names = (
                styled(f" {_(view.title)} ", "reverse bold" if view is self.view else "$secondary")
                for view in self._views
            )
            line.say(joined(*names, between=" "))

    def advise(self, row: Any) -> None:
        """Say what to do next with ``row``, which is None in an empty list."""
        del row
        self.next_step(_(self.view.hint))

    def advised_by(self, row: Any) -> Hashable:
        """Return what the advice on ``row`` depends on: its key, unless a place says more."""
        return self.view.key(row)

    def conceal(self) -> None:
        """Forget all rows that were read."""
        super().conceal()
        self._advised = _NOTHING
        for source in self._sources:
            source.forget()

    @on(ListAndDetails.Explained)
    def _explained(self) -> None:
        self.position(self.split.table.position)
        self.refresh_bindings()
        self._advise()

    def _advise(self) -> None:
        """Advise on another row than before: what an act said stays until one moves on."""
        row = self.row
        name = None if row is None else (self._at, self.advised_by(row))
        if name == self._advised or (name is None and self._advised is not _NOTHING):
            return
        first_row_after_an_act = self._advised is None and self._spoke
        self._advised, self._spoke = name, False
        if not first_row_after_an_act:
            self.advise(row)

    def done(self, text: str | Content) -> None:
        """Say what happened, and let it stand when rows arrive because of it."""
        self._spoke = True
        super().done(text)

    def why(self, reason: str | Exception) -> None:
        """Say why something does not go, and let it stand when rows arrive because of it."""
        self._spoke = True
        super().why(reason)

    @on(PagedTable.Counted)
    def _counted(self) -> None:
        self._head()
        self.position(self.split.table.position)

    @on(PagedTable.Failed)
    def _failed(self, event: PagedTable.Failed) -> None:
        self.why(event.reason)

    # -- turning --------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the arrows to whoever types, and show no key that this list does not have."""
        if action == "turn":
            return len(self._views) > 1 and not isinstance(self.focused, Input)
        if action == "part":
            return bool(self.view.parts)
        return super().check_action(action, parameters)

    def action_turn(self, step: int) -> None:
        """Show the next or the previous list."""
        self._at = (self._at + step) % len(self._views)
        self.position("")
        self._advised = _NOTHING
        self.load()
        self.refresh_bindings()

    def action_part(self) -> None:
        """Show the next part of this list, and after the last all of it."""
        source = self._sources[self._at]
        turns = [None, *self.view.parts]
        source.part = turns[(turns.index(source.part) + 1) % len(turns)]
        self._head()
        self.split.table.reload()

    def show_part(self, title: str) -> None:
        """Show the part with this title (a msgid), as a place that one comes to for it."""
        source = self._sources[self._at]
        source.part = next((part for part in self.view.parts if part.title == title), None)
