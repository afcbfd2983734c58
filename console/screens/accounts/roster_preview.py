"""What one roster would change, person by person; from here it is taken, or handed in where it takes from many."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from accesscontrol.accounts.model import DISABLE_REASON_TITLES, Person
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.rosters import batches
from accesscontrol.rosters.batches import BATCH_STATE_TITLES, Batch, BatchState
from accesscontrol.rosters.comparing import CONSEQUENCE_TITLES, Change, Comparison, Consequence
from accesscontrol.rosters.model import Roster
from console import rosters
from console.account_words import last_day
from console.frame.dialogs import ConfirmDialog, ReasonDialog
from console.screens.accounts import settling
from console.screens.views import Part, View, ViewsScreen
from console.seat import Seat
from console.text import mask
from console.translation import _, filled
from console.widgets.details import Fact, Section
from console.widgets.list_and_details import ListAndDetails
from console.widgets.plain import Plain, styled
from console.widgets.rows import Cell, Column


@dataclass(frozen=True, slots=True)
class Draft:
    """A roster with what it would change; ``batch`` once it is kept, ``day`` from whose 00:00 on it is to hold."""

    roster: Roster
    day: date | None
    comparison: Comparison
    batch: Batch | None = None


class PreviewScreen(ViewsScreen):
    """The changes of one roster."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "take", N_("Take in"), id="preview.take", tooltip=N_("Let it change what stands here")),
        Binding("n", "hand_in", N_("Hand in"), id="preview.hand-in", tooltip=N_("Ask for its approval")),
        Binding("j", "settle", N_("Decide"), id="preview.settle", tooltip=N_("Say who a disputed line is")),
    ]
    DEFAULT_CSS = """
    PreviewScreen #brake { height: 1; padding: 0 1; }
    """
    help_title = N_("Preview of a roster")
    help_text = N_(
        "Everybody whom the roster concerns, and the IDs that end or lose rights by it. A disputed line changes\n"
        "nothing until somebody decides (j) who it is. f shows one sort of change.\n"
        "g takes the roster, at once or at 00:00 of its day; n hands it in, which it needs when it takes from many."
    )

    def __init__(self, seat: Seat, draft: Draft) -> None:
        self._seat, self._draft = seat, draft
        super().__init__()

    def views(self) -> Iterable[View[Any]]:
        """Return the list of changes."""
        zone = self._seat.site.zone
        return (
            View[Change](
                title=N_("Changes"),
                columns=(
                    Column(title=N_("Consequence"), show=_what, width=12, sort="what"),
                    Column(title=N_("Staff no."), show=lambda each: each.staff_number, width=9, sort="number"),
                    Column(title=N_("Name"), show=lambda each: mask(each.name), width=8),
                    Column(title=N_("Office"), show=_office, width=12, grow=1),
                    Column(title=N_("Until"), show=lambda each: _until(each.after, self._seat), width=10),
                    Column(title=N_("User IDs that end"), show=_ending, width=17, grow=2),
                ),
                read=lambda: self._draft.comparison.changes,
                key=lambda each: (each.consequence, each.staff_number),
                words=_words,
                explain=lambda each: list(_explain(each, zone)),
                parts=tuple(Part(CONSEQUENCE_TITLES[each], _is(each)) for each in Consequence),
                order={
                    "what": lambda each: (list(Consequence).index(each.consequence), each.staff_number),
                    "number": lambda each: each.staff_number,
                },
                empty=N_("This roster changes nothing."),
            ),
        )

    def body(self) -> Iterable[Widget]:
        """Show what the brake says above the list."""
        line = [Plain(id="brake")]
        for widget in super().body():
            if isinstance(widget, ListAndDetails) and line:
                yield line.pop()
            yield widget

    def _head(self) -> None:
        super()._head()
        draft = self._draft
        part = self.source.part
        counts = draft.comparison.counts
        aside = "  ".join(
            f"{_(title)} {counts[each]:,}" for each, title in CONSEQUENCE_TITLES.items() if counts.get(each)
        )
        crumbs = [_(part.title)] if part else []
        self.head(_("2 User IDs"), _("Rosters"), draft.roster.source, *crumbs, aside=aside)
        for line in self.query("#brake").results(Plain):
            line.say(styled(self._brake_words(), "bold $warning" if self._needs_approval else "$secondary"))

    @property
    def _needs_approval(self) -> bool:
        batch = self._draft.batch
        if batch is not None and batch.state is BatchState.APPROVED:
            return False
        return self._seat.site.brake.acts(self._draft.comparison)

    def _brake_words(self) -> str:
        brake, found = self._seat.site.brake, self._draft.comparison
        words = _("takes from {number} of {known} persons; more than {count} persons or {percent}% need approval")
        said = words.format(number=len(found.taking), known=found.known, count=brake.count, percent=brake.percent)
        return f"!! {said}" if self._needs_approval else said

    def advise(self, row: Any) -> None:
        """Say what to do next."""
        if isinstance(row, Change) and row.doubts:
            self.next_step(_("j decides who this is; until then the line changes nothing"))
            return
        words = N_("n hands it in for approval") if self._needs_approval else N_("g takes it as it stands here")
        self.next_step(_(words))

    def why_not(self, action: str) -> str:
        """Say why the roster can't be taken or handed in."""
        batch = self._draft.batch
        if action in {"take", "hand_in"} and not self._draft.comparison.changes:
            return _("This roster changes nothing.")
        if action == "take" and self._needs_approval:
            return _("It takes from so many that it needs approval. n hands it in.")
        if action == "take" and batch is not None and batch.effective > self._seat.site.clock.now():
            return _("It is prepared, and applied by itself on its day.")
        if action == "hand_in" and batch is not None and batch.state is BatchState.APPROVED:
            return _("It is approved already.")
        if action == "settle":
            return self._not_to_settle(self.row if self.is_attached else None)
        return ""

    def _not_to_settle(self, row: Any) -> str:
        if not isinstance(row, Change) or not row.doubts:
            return _("Nothing is disputed under the cursor.")
        return settling.obstacle(row, self._draft.roster.kind)

    @work(exclusive=True, group="act")
    async def action_take(self) -> None:
        """Take the roster after a question."""
        draft, site = self._draft, self._seat.site
        taking = len(draft.comparison.taking)
        lines = [
            filled(
                N_("{number} persons change, {taking} of them lose something."),
                {"number": len(draft.comparison.changes), "taking": taking},
            ),
            _("It holds from {day} 00:00 on.").format(day=draft.day) if draft.day else _("It holds from now on."),
        ]
        if not await self.app.ask(ConfirmDialog(_("Take this roster?"), lines, act=N_("Take in"))):
            return
        try:
            actor = self._seat.acting
            if draft.batch is None:
                batch = rosters.take(site, draft.roster, draft.day, actor)
            else:
                batch = rosters.apply(site, draft.batch, actor)
        except Refusal as refusal:
            self.why(refusal)
            return
        self._keep(batch)
        words = _("Batch {number}: {state}")
        self.done(words.format(number=batch.number, state=_(BATCH_STATE_TITLES[batch.state])))

    @work(exclusive=True, group="act")
    async def action_hand_in(self) -> None:
        """Keep the roster, and ask for its approval."""
        draft, site = self._draft, self._seat.site
        text = _("The security officer reads everybody concerned and the IDs that end before approving.")
        reason = await self.app.ask(ReasonDialog(_("Hand in this roster"), text, act=N_("Hand in")))
        if reason is None:
            return
        try:
            actor = self._seat.acting
            batch = draft.batch or rosters.prepare(site, draft.roster, draft.day, actor)
            self._keep(batch)
            request = rosters.hand_in(site, batch, actor, reason=reason)
        except Refusal as refusal:
            self.why(refusal)
        else:
            self.done(_("{id} waits for approval.").format(id=request))

    @work(exclusive=True, group="act")
    async def action_settle(self) -> None:
        """Say who the disputed line under the cursor is, and work the preview out anew."""
        site, actor, change = self._seat.site, self._seat.acting, self.row
        answer: str | None = await self.app.ask(settling.dialog(site, change))
        if answer is None:
            return
        try:
            settling.settle(site, change, answer, actor)
            found = self._compared()
        except Refusal as refusal:
            self.why(refusal)
            return
        self._draft = replace(self._draft, comparison=found)
        self.action_reload()
        self._advised = None  # the row that comes under the cursor now is news of the act, not of a move
        still = any(each.staff_number == change.staff_number and each.doubts for each in found.changes)
        said = _("It is kept. There is more to decide of this line.") if still else _("It is decided who this is.")
        self.done(said)

    def _compared(self) -> Comparison:
        site, draft = self._seat.site, self._draft
        if draft.batch is not None:
            return batches.consequences(site.store, draft.batch, site.zone)
        return rosters.compared(site, draft.roster, draft.day)

    def _keep(self, batch: Batch) -> None:
        self._draft = replace(self._draft, batch=batch)
        self.refresh_bindings()


def _is(consequence: Consequence) -> Any:
    return lambda change: change.consequence is consequence


def _what(change: Change) -> Cell:
    tone: Any = "high" if change.consequence is Consequence.LEAVES else "medium" if change.takes else ""
    if change.consequence is Consequence.DISPUTED:
        tone = "medium"
    mark = "- " if change.takes else "? " if tone else "+ " if change.before is None else "  "
    return Cell(mark + _(CONSEQUENCE_TITLES[change.consequence]), tone)


def _office(change: Change) -> str:
    before = change.before.office if change.before else ""
    after = change.after.office if change.after else ""
    return f"{before} → {after}" if before and after and before != after else after or before


def _until(person: Person | None, seat: Seat) -> str:
    return last_day(person.valid_until, seat.site.zone) if person else "-"


def _ending(change: Change) -> str:
    if change.staff_number in change.doubts:
        return _("another name than before?")
    if change.doubts:
        return _("or {numbers}?").format(numbers=", ".join(change.doubts))
    return ", ".join(change.user_ids)


def _words(change: Change) -> str:
    title = _(CONSEQUENCE_TITLES[change.consequence])
    return " ".join((title, change.staff_number, mask(change.name), _office(change), *change.user_ids))


def _explain(change: Change, zone: Any) -> Iterator[Section]:
    facts = [Fact(_("Consequence"), _(CONSEQUENCE_TITLES[change.consequence]))]
    for title, person in ((N_("Until now"), change.before), (N_("By this roster"), change.after)):
        if person is not None:
            until = _("until {day}").format(day=last_day(person.valid_until, zone))
            where = (person.office, person.company, until if person.valid_until else _("no end"))
            facts.append(Fact(_(title), "  ".join(filter(None, where))))
    if change.ending is not None:
        facts.append(Fact(_("Reason"), _(DISABLE_REASON_TITLES[change.ending])))
    yield Section(f"{mask(change.name)} ({change.staff_number})", facts)
    if change.user_ids:
        yield Section(_("User IDs that end or lose rights"), sentences=[f"- {each}" for each in change.user_ids])
    if change.staff_number in change.doubts:
        words = _("The ledger knows this number under another name: a new name, or somebody else got the number?")
        yield Section(_("Disputed"), sentences=[words])
    elif change.doubts:
        words = _("The line may mean another person of that name. It changes nothing until somebody settles it:")
        numbers = [f"- {each}" for each in change.doubts]
        yield Section(_("May also be"), sentences=[words, *numbers])
