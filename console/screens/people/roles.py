"""Choosing the roles of an operator: all of them in sight, marked with Space, checked for what may not meet."""

from collections.abc import Iterable

from textual import on
from textual.widget import Widget
from textual.widgets import Button

from accesscontrol.messages import N_
from accesscontrol.people.roles import ROLE_TITLES, Role, conflict
from console.frame.dialogs import Dialog
from console.translation import _
from console.widgets.paged_table import PagedTable
from console.widgets.plain import Plain
from console.widgets.push_button import PushButton
from console.widgets.rows import Column, ListSource

_ROLES = tuple(Role)


class RolesDialog(Dialog):
    """Answers the names of the marked roles, separated by commas, or None."""

    DEFAULT_CSS = """
    RolesDialog PagedTable { height: 11; }
    RolesDialog #error { min-height: 1; }
    .-short RolesDialog PagedTable { height: 5; }
    """
    help_title = N_("Roles")
    help_text = N_("The arrows move, Space marks a role or takes the mark away, Enter goes on to the buttons.")

    def __init__(self, title: str, held: Iterable[Role] = ()) -> None:
        super().__init__(title)
        self._table: PagedTable[Role] = PagedTable(
            (Column(title=N_("Roles"), show=lambda role: _(ROLE_TITLES[role]), width=30, grow=1),),
            markable=True,
        )
        self._held = {_ROLES.index(role) for role in held}

    def contents(self) -> Iterable[Widget]:
        """Show all roles, and a line for what is wrong."""
        yield self._table
        yield Plain(id="error", classes="error")

    def buttons(self) -> Iterable[PushButton]:
        """Offer the way back first."""
        yield PushButton(N_("Back"), id="safe")
        yield PushButton(N_("Go on"), id="act")

    def on_mount(self) -> None:
        """Show the roles with those marked that are held now."""
        self._table.show(ListSource(_ROLES))
        self._table.marked = set(self._held)
        self._table.focus()

    @on(PagedTable.Opened)
    def _to_the_button(self) -> None:
        self.query_one("#act").focus()

    @on(Button.Pressed, "#act")
    def _go_on(self) -> None:
        chosen = frozenset(_ROLES[number] for number in self._table.marked)
        wrong = _wrong(chosen)
        if wrong:
            self.query_one("#error", Plain).say(wrong)
            self._table.focus()
            return
        self.dismiss(", ".join(sorted(chosen)))


def _wrong(chosen: frozenset[Role]) -> str:
    if not chosen:
        return _("Mark at least one role with Space.")
    clash = conflict(chosen)
    if clash is None:
        return ""
    first, second = (_(ROLE_TITLES[role]) for role in clash)
    return _("One person can't hold the roles {first} and {second} together.").format(first=first, second=second)
