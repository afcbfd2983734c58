"""The rosters that were taken or wait, and what a new file would change before anybody lets it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.rosters import batches
from accesscontrol.rosters.batches import BATCH_STATE_TITLES, Batch, BatchState
from accesscontrol.rosters.comparing import CONSEQUENCE_TITLES, Comparison
from accesscontrol.rosters.model import ROSTER_KIND_TITLES, RosterKind
from console import rosters
from console.frame.dialogs import ReasonDialog
from console.frame.forms import Field, FormDialog
from console.screens.accounts.explanation import when
from console.screens.accounts.roster_preview import Draft, PreviewScreen
from console.screens.people_words import person
from console.screens.views import Part, View, ViewsScreen
from console.seat import Seat
from console.translation import _
from console.widgets.choices import Choice
from console.widgets.details import Fact, Section
from console.widgets.rows import Cell, Column

_TONES: dict[BatchState, Any] = {BatchState.HELD: "high", BatchState.PREPARED: "medium", BatchState.APPROVED: "good"}


class RostersScreen(ViewsScreen):
    """Every roster, newest first."""

    place_title = N_("2 User IDs")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", N_("New"), id="rosters.new", tooltip=N_("Choose a roster's file and see what it changes")),
        Binding("o", "changes", N_("Changes"), id="rosters.changes", tooltip=N_("Who is concerned, and which IDs end")),
        Binding("w", "withdraw", N_("Withdraw"), id="rosters.withdraw", tooltip=N_("Take it back before its day")),
    ]
    help_title = N_("Rosters")
    help_text = N_(
        "The rosters of staff and of contractors: who appears, leaves or moves by them, and whose IDs end by that.\n"
        "n chooses a file and shows what it would change; nothing changes before one takes it or hands it in there.\n"
        "One that takes from many is held until its request is approved. o shows what a waiting one would change,\n"
        "w takes it back."
    )

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        super().__init__()

    def views(self) -> Iterable[View[Any]]:
        """Return the list of rosters."""
        site = self._seat.site
        return (
            View[Batch](
                title=N_("Rosters"),
                columns=(
                    Column(title=N_("No."), show=lambda each: str(each.number), width=4, align="right"),
                    Column(title=N_("Roster"), show=lambda each: _(ROSTER_KIND_TITLES[each.roster.kind]), width=14),
                    Column(title=N_("State"), show=_state, width=14, grow=1),
                    Column(title=N_("In force from"), show=lambda each: when(site, each.effective), width=16),
                    Column(
                        title=N_("Persons"), show=lambda each: f"{len(each.roster.lines):,}", width=7, align="right"
                    ),
                    Column(title=N_("File"), show=lambda each: each.roster.source, width=12, grow=2),
                ),
                read=lambda: batches.every(site.store),
                key=lambda each: each.number,
                words=lambda each: f"{each.roster.source} {_(BATCH_STATE_TITLES[each.state])}",
                explain=lambda each: list(self._explain(each)),
                parts=(Part(N_("waiting"), lambda each: each.open),),
                empty=N_("No roster was taken yet."),
                hint=N_("n chooses a roster's file and shows what it would change."),
            ),
        )

    def _head(self) -> None:
        super()._head()
        part = self.source.part
        self.head(_(self.place_title), _("Rosters"), *([_(part.title)] if part else []))

    def _explain(self, batch: Batch) -> Iterator[Section]:
        site = self._seat.site
        facts = [
            Fact(
                _("State"), _(BATCH_STATE_TITLES[batch.state]), "bold $error" if batch.state is BatchState.HELD else ""
            ),
            Fact(_("In force from"), when(site, batch.effective)),
            Fact(_("File"), batch.roster.source),
            Fact("SHA-256", batch.roster.sha256[:32]),
            Fact(_("Prepared"), f"{when(site, batch.prepared_at)}  {person(site.store, batch.prepared_by)}"),
            *([Fact(_("Request"), batch.request)] if batch.request else []),
        ]
        yield Section(f"{batch.number}  {_(ROSTER_KIND_TITLES[batch.roster.kind])}", facts)
        if batch.open:
            found = batches.consequences(site.store, batch, site.zone)
            yield Section(_("What it would change now"), list(count_facts(found)))

    def why_not(self, action: str) -> str:
        """Say why a key is off for the roster under the cursor."""
        if action not in {"changes", "withdraw"} or not self.is_attached:
            return ""
        if not isinstance(self.row, Batch):
            return _("There is no roster under the cursor.")
        return "" if self.row.open else _("This roster was applied or cancelled already.")

    @work(exclusive=True, group="act")
    async def action_new(self) -> None:
        """Choose a file, and show what it would change."""
        draft: Draft | None = await self.app.ask(self._choosing())
        if draft is not None:
            self.app.push_screen(PreviewScreen(self._seat, draft))

    def _choosing(self) -> FormDialog:
        site = self._seat.site
        kinds = [Choice(_(ROSTER_KIND_TITLES[kind]), kind) for kind in RosterKind]
        fields = (
            Field(name="file", label=_("File"), hint=_("CSV in UTF-8 or CP932, with its headings.")),
            Field(name="kind", label=_("Roster"), kind="choice", choices=kinds, initial=RosterKind.PERSONNEL),
            Field(
                name="day", label=_("In force from"), kind="date", required=False, hint=_("From now on if left empty.")
            ),
        )

        def submit(values: dict[str, Any]) -> Draft:
            roster, day = rosters.read(Path(values["file"]).expanduser(), values["kind"]), values["day"]
            return Draft(roster=roster, day=day, comparison=rosters.compared(site, roster, day))

        words = _("Nothing changes by looking: you see who is concerned and which IDs end.")
        return FormDialog(_("Preview of a roster"), fields, text=words, act=N_("Preview"), submit=submit)

    def action_changes(self) -> None:
        """Show what the roster under the cursor would change."""
        if isinstance(batch := self.row, Batch):
            site = self._seat.site
            found = batches.consequences(site.store, batch, site.zone)
            self.app.push_screen(PreviewScreen(self._seat, Draft(batch.roster, None, found, batch)))

    @work(exclusive=True, group="act")
    async def action_withdraw(self) -> None:
        """Take the roster under the cursor back."""
        if not isinstance(batch := self.row, Batch):
            return
        title = _("Withdraw roster {number}").format(number=batch.number)
        reason = await self.app.ask(ReasonDialog(title, _("Nothing of it will be done."), act=N_("Withdraw")))
        if reason is None:
            return
        try:
            rosters.cancel(self._seat.site, batch.number, self._seat.acting, reason=reason)
        except Refusal as refusal:
            self.why(refusal)
            return
        self.split.table.reload()
        self.done(_("Batch {number} is cancelled.").format(number=batch.number))


def count_facts(comparison: Comparison) -> Iterator[Fact]:
    """Yield how many persons each consequence has."""
    for consequence, title in CONSEQUENCE_TITLES.items():
        if number := comparison.counts.get(consequence, 0):
            yield Fact(_(title), f"{number:,}")


def _state(batch: Batch) -> Cell:
    return Cell(_(BATCH_STATE_TITLES[batch.state]), _TONES.get(batch.state, ""))
