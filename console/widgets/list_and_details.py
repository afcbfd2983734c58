"""A list and the explanation of its row: side by side where there is room, one at a time where there is not.

From 100 columns the details stand on the right and follow the cursor. Below that Enter shows them in the
list's place and Esc goes back to the list.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.message import Message
from textual.widgets import Input

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from console.translation import render
from console.widgets.details import Details, Section
from console.widgets.filter_line import FilterLine
from console.widgets.paged_table import PagedTable
from console.widgets.rows import Query


class ListAndDetails(Container):
    """Holds a :class:`PagedTable` with its filter and a :class:`Details`; ``explain`` turns a row into sections.

    ``follows`` and ``check`` are those of its :class:`FilterLine`.
    """

    SCOPED_CSS = False  # a scope would bind all but the first selector of a rule to the wrong place
    DEFAULT_CSS = """
    ListAndDetails { layout: horizontal; height: 1fr; }
    ListAndDetails > #list { width: 1fr; height: 1fr; }
    ListAndDetails > Details { display: none; width: 1fr; }
    ListAndDetails.-opened > #list { display: none; }
    ListAndDetails.-opened > Details { display: block; }
    .-wide ListAndDetails > #list, .-widest ListAndDetails > #list { display: block; width: 1fr; }
    .-wide ListAndDetails > Details, .-widest ListAndDetails > Details { display: block; width: 1fr;
        border-left: solid $border; }
    .-wide ListAndDetails > Details:focus, .-widest ListAndDetails > Details:focus { border-left: solid $accent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        # priority: whoever types on at once must not have the first letters taken for acts
        Binding("slash", "filter", N_("Filter"), id="table.filter", priority=True),
        Binding("escape", "to_list", N_("Back"), id="frame.back"),
    ]

    class Explained(Message):
        """The row under the cursor changed, or was opened or left; ``row`` is None while there is none."""

        def __init__(self, row: Any) -> None:
            super().__init__()
            self.row = row

    def __init__(
        self,
        table: PagedTable[Any],
        explain: Callable[[Any], Sequence[Section]],
        *,
        follows: bool = False,
        check: Callable[[str], str] | None = None,
        **attributes: Any,
    ) -> None:
        super().__init__(**attributes)
        self.table, self._explain = table, explain
        self._follows, self._check = follows, check
        self.details = Details()

    def compose(self) -> ComposeResult:
        """Put the list and its filter on the left, the details on the right."""
        with Vertical(id="list"):
            yield self.table
            yield FilterLine(self.table.query_now.text, follows=self._follows, check=self._check)
        yield self.details

    @property
    def row(self) -> Any:
        """The row under the cursor, or None."""
        return self.table.row

    @property
    def is_explaining(self) -> bool:
        """Whether somebody opened the details."""
        return self.has_class("-opened")

    @on(PagedTable.Moved)
    def _follow(self, event: PagedTable.Moved) -> None:
        if isinstance(event, PagedTable.Opened):
            return
        self.details.show(() if event.row is None else self._sections(event.row))
        self.post_message(self.Explained(event.row))

    @on(PagedTable.Opened)
    def _open(self, event: PagedTable.Opened) -> None:
        event.stop()
        self.details.show(self._sections(event.row))
        self.add_class("-opened")
        self.details.focus()
        self.post_message(self.Explained(event.row))

    def _sections(self, row: Any) -> Sequence[Section]:
        """Explain ``row``; what can't be explained any more says why instead of ending the console."""
        try:
            return self._explain(row)
        except Refusal as refusal:
            return (Section(sentences=[render(refusal)]),)

    @on(FilterLine.Asked)
    def _ask(self, event: FilterLine.Asked) -> None:
        now = self.table.query_now
        self.table.ask(Query(event.text, now.sort, now.descending))

    @on(FilterLine.Closed)
    def _keys_back(self) -> None:
        self.table.focus()

    def action_filter(self) -> None:
        """Type a filter."""
        self.action_to_list()
        self.query_one(FilterLine).open()

    def action_to_list(self) -> None:
        """Go back to the list."""
        self.screen.set_focus(self.table)
        if self.is_explaining:
            self.remove_class("-opened")
            self.post_message(self.Explained(self.row))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Take Esc only while the details have it, and the slash only while nobody types."""
        del parameters
        if action == "filter":
            return not isinstance(self.app.focused, Input)
        return self.has_class("-opened") or self.details.has_focus if action == "to_list" else True
