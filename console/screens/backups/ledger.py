"""The ledger of what left on media: what is out, what should be back, what came back; found by medium number."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from accesscontrol.messages import N_
from backups import ledger
from backups.ledger import ENDINGS, STATE_TITLES, Output
from console.dates import age, date_and_time, short_date
from console.frame.forms import Field, FormDialog
from console.frame.screen import BaseScreen
from console.retelling import retold
from console.screens.backups.facts import every_output
from console.screens.backups.words import ENDING_TITLES, STYLES, Tone, in_groups, size_words, state_words
from console.screens.people_words import person
from console.seat import Seat
from console.translation import _
from console.widgets.choices import Choice
from console.widgets.details import Fact, Section
from console.widgets.list_and_details import ListAndDetails
from console.widgets.paged_table import PagedTable
from console.widgets.rows import Cell, Column, Query
from console.wiring import Installation

VIEWS = (N_("all"), N_("out"), N_("overdue"), N_("ended"))


@dataclass
class LedgerSource:
    """The lines of the ledger, newest first, of one view."""

    site: Installation
    view: str = VIEWS[0]
    broken_off: frozenset[int] = frozenset()
    counts: dict[str, int] = field(default_factory=dict)

    def index(self, query: Query) -> Iterator[Sequence[int]]:
        """Yield the numbers of the lines of this view that contain the filter's text."""
        now = self.site.clock.now()
        self.broken_off = frozenset(each.number for each in ledger.broken_off(self.site.store))
        outputs = list(every_output(self.site))
        self.counts = {view: sum(self._belongs(each, view, now) for each in outputs) for view in VIEWS}
        wanted = query.text.casefold()
        yield [
            each.number for each in outputs if self._belongs(each, self.view, now) and wanted in self._words(each, now)
        ]

    def rows(self, ids: Sequence[int]) -> Sequence[Output | None]:
        """Return these lines."""
        return [ledger.find(self.site.store, number) for number in ids]

    def standing(self, output: Output, now: datetime) -> tuple[str, Tone]:
        """Return the mark and the word for where a line stands."""
        overdue = output.overdue(now, self.site.zone)
        return state_words(output.state, overdue=overdue, broken_off=output.number in self.broken_off)

    def _belongs(self, output: Output, view: str, now: datetime) -> bool:
        if view == "out":
            return output.state == "out"
        if view == "overdue":
            return output.overdue(now, self.site.zone)
        return view == "all" or output.state in ENDINGS.values()

    def _words(self, output: Output, now: datetime) -> str:
        words = (
            *(output.medium, output.content, output.request, output.carrier, output.destination, output.purpose),
            *(output.folder, output.sha256, self.standing(output, now)[0]),
        )
        return " ".join(words).casefold()


class LedgerScreen(BaseScreen):
    """What left, in whose hands, until when."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "view", N_("Part"), id="ledger.view", tooltip=N_("All, out, overdue, ended")),
        Binding("i", "end", N_("Check in"), id="ledger.end", tooltip=N_("Enter its return or destruction")),
    ]
    DEFAULT_CSS = "LedgerScreen Details { scrollbar-gutter: stable; }"
    help_title = N_("Ledger of media")
    help_text = N_(
        "Each line is one output, from its first byte to its return or end, broken-off ones too.\n"
        "f turns between all, out, overdue and ended. / searches: a medium's number, a carrier, a destination.\n"
        "i enters that one came back or was destroyed, and how that was seen."
    )

    def __init__(self, seat: Seat) -> None:
        super().__init__()
        self._seat = seat
        site = seat.site
        self._source = LedgerSource(site)
        self._table: PagedTable[Output] = PagedTable(
            (
                Column(title=N_("No."), show=lambda each: str(each.number), width=4, align="right"),
                Column(title=N_("State"), show=self._state, width=14),
                Column(title=N_("Medium"), show=lambda each: each.medium or "-", width=8),
                Column(title=N_("Content"), show=lambda each: each.content, width=8, grow=1),
                Column(title=N_("Due"), show=lambda each: short_date(each.due), width=8),
                Column(title=N_("Destination"), show=lambda each: each.destination, width=12, grow=3, from_width=60),
                Column(title=N_("Carrier"), show=lambda each: each.carrier, width=10, grow=1, from_width=70),
            ),
            self._source,
            empty=N_("Nothing left."),
        )

    def body(self) -> Iterable[Widget]:
        """Show list and details."""
        yield ListAndDetails(self._table, self._explain)

    def load(self) -> None:
        """Read the ledger."""
        self._headline()
        self._table.reload()

    def _headline(self) -> None:
        counts = self._source.counts
        aside = _("{out} out, {overdue} overdue").format(out=counts.get("out", 0), overdue=counts.get("overdue", 0))
        self.head(_("6 Backups and media"), _("Ledger"), _(self._source.view), aside=aside if counts else "")

    def _state(self, output: Output) -> Cell:
        words, tone = self._source.standing(output, self._seat.site.clock.now())
        return Cell(words, tone)

    @on(PagedTable.Counted)
    def _counted(self) -> None:
        self.position(self._table.position)
        self._headline()
        overdue = self._source.counts.get("overdue", 0)
        if overdue and self._source.view == VIEWS[0]:
            self.why(_("{number} should be back by now; f shows them.").format(number=overdue))

    @on(ListAndDetails.Explained)
    def _moved(self) -> None:
        self.position(self._table.position)
        self.refresh_bindings()

    @on(PagedTable.Failed)
    def _failed(self, event: PagedTable.Failed) -> None:
        self.why(event.reason)

    def why_not(self, action: str) -> str:
        """Say why nothing can be entered for the line under the cursor."""
        if action != "end" or not self.is_attached:
            return ""
        output = self._table.row
        if output is None:
            return _("There is no line under the cursor.")
        return "" if output.state == "out" else _("No. {number} is not out.").format(number=output.number)

    def action_view(self) -> None:
        """Turn to the next view."""
        self._source.view = VIEWS[(VIEWS.index(self._source.view) + 1) % len(VIEWS)]
        self.load()

    @work(exclusive=True, group="act")
    async def action_end(self) -> None:
        """Ask how the output under the cursor ended, and enter it."""
        output = self._table.row
        if output is None:
            return
        fields = (
            Field(
                name="state",
                label=_("What happened"),
                kind="choice",
                choices=[Choice(_(STATE_TITLES[state]), state) for state in ENDINGS.values()],
                initial=ENDINGS[output.ending],
            ),
            Field(name="note", label=_("How it was seen"), hint=_("By whom, where, with which certificate.")),
        )

        def submit(values: dict[str, Any]) -> bool:
            acting = self._seat.acting
            ledger.end(
                self._seat.site.store,
                output.number,
                state=values["state"],
                actor=acting.staff_number,
                terminal=acting.terminal,
                note=values["note"],
            )
            return True

        words = _("{content} on {medium}, approved to end so: {ending}, last day {day}").format(
            content=output.content,
            medium=output.medium or output.folder,
            ending=_(ENDING_TITLES[output.ending]),
            day=short_date(output.due),
        )
        title = _("End of output No. {number}").format(number=output.number)
        if await self.app.ask(FormDialog(title, fields, text=words, act=N_("Enter it"), submit=submit)):
            self.load()
            self.done(_("No. {number} is entered.").format(number=output.number))

    def _explain(self, output: Output) -> list[Section]:
        site = self._seat.site
        now = site.clock.now()
        words, tone = self._source.standing(output, now)
        title = _("No. {number}  {medium}").format(number=output.number, medium=output.medium or "-")
        ended = [
            Fact(_("Ended"), f"{date_and_time(output.ended_at, site.zone)}  {person(site.store, output.ended_by)}")
            for _line in [output]
            if output.ended_at
        ]
        where = [
            Fact(_("State"), words, STYLES[tone]),
            Fact(_("Due"), f"{output.due.isoformat()}  {_(ENDING_TITLES[output.ending])}"),
            Fact(_("Medium"), output.medium or "-"),
            Fact(_("Destination"), output.destination),
            Fact(_("Carrier"), output.carrier),
            Fact(_("Purpose"), output.purpose),
            *ended,
            *([Fact(_("Note"), retold(output.note))] if output.note else []),
        ]
        written = (
            f"{date_and_time(output.written_at, site.zone)}  {age(output.written_at, now)}"
            if output.written_at
            else "-"
        )
        what = [
            Fact(_("Content"), f"{output.content}  {size_words(output.size)}"),
            Fact(_("Written"), written),
            Fact(_("Written by"), f"{person(site.store, output.actor)}  {output.terminal}"),
            Fact(_("Written to"), output.folder),
            Fact(_("Request"), output.request),
            Fact("SHA-256", in_groups(output.sha256)),
        ]
        return [Section(title, where), Section(_("What left"), what)]
