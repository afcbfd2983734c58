"""Many user IDs as one request: what it would do to each stands here before anybody hands it in."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from accesscontrol.accounts.model import CAUSE_TITLES, DISABLE_REASON_TITLES, AccountState, Cause, Purpose
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from console import account_bulk, account_desk
from console.account_bulk import Act, Effect
from console.account_words import last_day
from console.frame.dialogs import ReasonDialog
from console.frame.forms import Field, FormDialog
from console.frame.screen import BaseScreen
from console.screens.accounts.menu import Entry
from console.screens.accounts.picture import AccountRow
from console.screens.people_words import person
from console.screens.views import View, ViewsScreen
from console.seat import Seat
from console.system_titles import id_named, titles
from console.translation import _, ngettext
from console.widgets.choices import Choice
from console.widgets.details import Fact, Section
from console.widgets.rows import Cell, Column

_PROLONGING = (Cause.CONTRACT_START, Cause.APPOINTMENT, Cause.TRANSFER)


@dataclass(frozen=True, slots=True)
class Draft:
    """Acts that nobody has handed in yet, what they come to in words, and what they would do to each ID."""

    acts: Sequence[Act]
    title: str
    effects: Sequence[Effect]


class Bulk:
    """One change of many IDs, run from a worker of ``screen``; ``made`` is called when it was handed in."""

    def __init__(self, screen: BaseScreen, seat: Seat, made: Callable[[], None]) -> None:
        self._screen, self._seat, self._made = screen, seat, made

    def entries(self, rows: Sequence[AccountRow]) -> Iterator[Entry]:
        """Yield what can be asked for about ``rows`` together."""
        yield Entry(_("Another last day"), lambda: self.extend(rows), _("one request: an extension"))
        words = _("one request: with their sessions, keys and rights")
        yield Entry(_("The end of these IDs"), lambda: self.revoke(rows), words)

    async def extend(self, rows: Sequence[AccountRow]) -> str:
        """Ask for another last day of all, and show what each would get."""
        causes = [Choice(_(CAUSE_TITLES[each]), each) for each in _PROLONGING]
        fields = (
            Field(name="cause", label=_("Trigger"), kind="choice", choices=causes, initial=_PROLONGING[0]),
            Field(name="last_day", label=_("Last day"), kind="date", hint=_("Roster and contract may end it earlier.")),
        )

        def acts(keys: Sequence[tuple[str, str]], values: dict[str, Any]) -> list[Act]:
            return account_bulk.extensions(keys, values["cause"], values["last_day"])

        return await self._show(rows, _("Another last day"), fields, acts)

    async def revoke(self, rows: Sequence[AccountRow]) -> str:
        """Ask for the end of all, and show what each would lose."""
        grounds = [Choice(_(DISABLE_REASON_TITLES[each]), each) for each in account_desk.DISABLING]
        fields = (Field(name="ground", label=_("Why it ends"), kind="choice", choices=grounds),)

        def acts(keys: Sequence[tuple[str, str]], values: dict[str, Any]) -> list[Act]:
            return account_bulk.revocations(keys, values["ground"])

        return await self._show(rows, _("The end of these IDs"), fields, acts)

    async def from_file(self) -> str:
        """Ask for all acts of a file, and show what they would do."""
        draft: Draft | None = await self._screen.app.ask(_from_file(self._seat))
        if draft is not None:
            self._screen.app.push_screen(BulkScreen(self._seat, draft, self._made))
        return ""

    async def _show(self, rows: Sequence[AccountRow], title: str, fields: Sequence[Field], acts: Any) -> str:
        chosen = [row for row in rows if _can_be_asked_for(row)]
        words = ngettext("{number} ID as one request.", "{number} IDs as one request.", len(chosen))
        lines = [words.format(number=f"{len(chosen):,}")]
        if len(chosen) < len(rows):
            left = _("{number} are left out: they have lapsed, stand in no ledger, or are for emergencies.")
            lines.append(left.format(number=f"{len(rows) - len(chosen):,}"))
        if not chosen:
            self._screen.why(lines[-1])
            return ""

        def submit(values: dict[str, Any]) -> Draft:
            found = acts([row.key for row in chosen], values)
            return Draft(found, title, account_bulk.rehearse(self._seat.site, found))

        dialog = FormDialog(title, fields, text=lines, act=N_("Preview"), submit=submit)
        draft: Draft | None = await self._screen.app.ask(dialog)
        if draft is not None:
            self._screen.app.push_screen(BulkScreen(self._seat, draft, self._made))
        return ""


def _from_file(seat: Seat) -> FormDialog:
    """Return the dialog that takes acts from a file; its answer is what they would do."""
    field = Field(
        name="file", label=_("File"), hint=_("CSV with the columns act, system, user_id and what the act needs.")
    )
    words = _("Issues, changes, extensions and ends, a line each, as one request. First you see what it would do.")

    def submit(values: dict[str, Any]) -> Draft:
        file = Path(values["file"]).expanduser()
        acts = account_bulk.from_file(file)
        return Draft(acts, file.name, account_bulk.rehearse(seat.site, acts))

    return FormDialog(_("Many IDs from a file"), [field], text=words, act=N_("Preview"), submit=submit)


def _can_be_asked_for(row: AccountRow) -> bool:
    """Tell whether a change of many may take the ID in: what has lapsed comes back by a request of its own only."""
    if row.line.state not in {AccountState.LIVE, AccountState.PLANNED}:
        return False
    return row.account is not None and row.account.purpose is Purpose.PERSONAL


class BulkScreen(ViewsScreen):
    """The listed effect of one request about many IDs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "hand_in", N_("Hand in"), id="bulk.hand-in", tooltip=N_("Ask for its approval")),
    ]
    help_title = N_("Many IDs as one request")
    help_text = N_(
        "What the request would do to each ID, worked out by the rules as they stand now: an end of roster, contract\n"
        "or employment that comes first stays the end. n hands it in; the approver reads this same list, and all of\n"
        "it is carried out, or nothing."
    )

    def __init__(self, seat: Seat, draft: Draft, made: Callable[[], None]) -> None:
        self._seat, self._draft, self._tell = seat, draft, made
        self._made = ""
        super().__init__()

    def views(self) -> Iterable[View[Any]]:
        """Return the list of effects."""
        called = titles(self._seat.site)
        return (
            View[Effect](
                title=N_("Effect"),
                columns=(
                    Column(
                        title=N_("System"),
                        show=lambda each: called(each.system),
                        width=9,
                        grow=1,
                        sort="system",
                    ),
                    Column(title=N_("User ID"), show=lambda each: each.user_id, width=10, grow=1),
                    Column(title=N_("Staff no."), show=lambda each: each.owner, width=9, from_width=90),
                    Column(title=N_("Last day now"), show=self._now, width=12, sort="now"),
                    Column(title=N_("Last day then"), show=self._then, width=13),
                    Column(title=N_("Rights"), show=self._rights, width=9, grow=2, from_width=96),
                    Column(title=N_("Rule"), show=lambda each: _(each.rule) if each.rule else "", width=16, grow=3),
                ),
                read=lambda: self._draft.effects,
                key=lambda each: (each.system, each.user_id),
                words=lambda each: " ".join(
                    (called(each.system), each.system, each.user_id, each.owner, _(each.rule) if each.rule else "")
                ),
                explain=lambda each: list(self._explain(each)),
                order={
                    "system": lambda each: (each.system, each.user_id),
                    "now": lambda each: each.before.timestamp() if each.before else float("inf"),
                },
                hint=N_("n hands all of it in as one request"),
            ),
        )

    def _day(self, end: datetime | None) -> str:
        return last_day(end, self._seat.site.zone) if end else _("no end")

    def _now(self, each: Effect) -> str:
        return self._day(each.before) if each.held else "-"

    def _then(self, each: Effect) -> Cell:
        if not each.holds:
            return Cell(_("ends now"), "high")
        if not each.changes:
            return Cell(_("unchanged"), "faint")
        return Cell(self._day(each.after), "medium")

    @staticmethod
    def _rights(each: Effect) -> Cell:
        gone = [f"-{right}" for right in each.rights if right not in each.new_rights]
        come = [f"+{right}" for right in each.new_rights if right not in each.rights]
        return Cell(" ".join((*gone, *come)), "medium")

    def _explain(self, each: Effect) -> Iterator[Section]:
        owner = person(self._seat.site.store, each.owner) if each.owner else _("nobody")
        facts = [
            Fact(_("Person"), owner),
            Fact(_("Last day now"), self._now(each)),
            Fact(_("Last day then"), self._then(each).text),
            Fact(_("Rights now"), ", ".join(each.rights) or "-"),
            Fact(_("Rights then"), ", ".join(each.new_rights) or "-"),
            *([Fact(_("Rule"), _(each.rule))] if each.rule else []),
        ]
        yield Section(id_named(self._seat.site, each.system, each.user_id), facts)

    def advise(self, row: Any) -> None:
        """Say what to do next, and how many would stay as they are."""
        same = sum(not each.changes for each in self._draft.effects)
        if same:
            words = _("{number} stay as they are: their roster, contract or employment ends first")
            self.next_step(words.format(number=f"{same:,}"))
        else:
            super().advise(row)

    def _head(self) -> None:
        super()._head()
        words = ngettext("{number} ID", "{number} IDs", len(self._draft.effects))
        aside = words.format(number=f"{len(self._draft.effects):,}")
        self.head(_("2 User IDs"), _("One request"), self._draft.title, aside=aside)

    def why_not(self, action: str) -> str:
        """Say why it can't be handed in once more."""
        if action == "hand_in" and self._made:
            return _("It is handed in already: {id}.").format(id=self._made)
        return ""

    @work(exclusive=True, group="act")
    async def action_hand_in(self) -> None:
        """Hand the request in, with a reason."""
        text = _("The approver reads this list. Nothing changes before the approval.")
        reason = await self.app.ask(ReasonDialog(_("Hand in as one request"), text, act=N_("Hand in")))
        if reason is None:
            return
        try:
            self._made = account_bulk.hand_in(self._seat.site, self._draft.acts, self._seat.acting, reason=reason)
        except Refusal as refusal:
            self.why(refusal)
            return
        self._tell()
        self.refresh_bindings()
        self.done(_("{id} waits for approval.").format(id=self._made))
