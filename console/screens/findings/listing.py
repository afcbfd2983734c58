"""The list of findings with the explanation of the one under the cursor; every act is one letter."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from accesscontrol.messages import N_
from accesscontrol.store import Store
from console import detection
from console.finding_words import title_of
from console.frame.forms import Field, FormDialog
from console.frame.progress import Outcome, Progress, ProgressDialog
from console.frame.screen import BaseScreen
from console.screens.findings.events import EventsScreen
from console.screens.findings.explanation import explain
from console.screens.findings.judging import Judging
from console.seat import Seat
from console.translation import _
from console.widgets.details import Section
from console.widgets.list_and_details import ListAndDetails
from console.widgets.paged_table import PagedTable
from console.widgets.rows import Cell, Column, Query
from console.widgets.severity import severity_cell
from monitors.events.plans import Wish
from monitors.findings import reading
from monitors.findings.reading import Finding
from monitors.findings.states import TITLES, State

_TONES = {State.NEW: "medium", State.INCIDENT: "high", State.LEGITIMATE: "good"}


class FindingSource:
    """Findings as a long list."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def index(self, query: Query) -> Iterator[Sequence[int]]:
        """Yield the numbers of the findings that contain the filter's text."""
        yield from reading.index(self._store, query.text, order=query.sort, descending=query.descending)

    def rows(self, ids: Sequence[int]) -> Sequence[Finding | None]:
        """Return these findings."""
        return reading.numbered(self._store, ids)


class FindingsScreen(BaseScreen):
    """Place 4."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "act('judge')", N_("Judge"), id="findings.judge"),
        Binding("t", "take", N_("Take"), id="findings.take"),
        Binding("e", "events", N_("Events"), id="findings.events"),
        Binding("l", "act('lock')", N_("Lock"), id="findings.lock"),
        Binding("c", "act('comment')", N_("Comment"), id="findings.comment"),
        Binding("b", "bulk", N_("All alike"), id="findings.bulk"),
        Binding("o", "act('reopen')", N_("Reopen"), id="findings.reopen", show=False),
        Binding("f", "act('confirm')", N_("Confirm"), id="findings.confirm", show=False),
        Binding("i", "import", N_("Import"), id="findings.import"),
        Binding("d", "detect", N_("Detect"), id="findings.detect"),
    ]
    help_title = N_("Findings")
    help_text = N_(
        "What the rules found in the logs, newest first. Enter explains the one under the cursor.\n"
        "j judges it: legitimate (with its application number), incident, or false alarm. b judges all alike at once.\n"
        "t takes it, c comments, e shows its events, l locks the person and the account, o opens a judged one again,\n"
        "f confirms as a second person that its like stays quiet. i imports a log file, d runs the rules."
    )

    def __init__(self, seat: Seat) -> None:
        super().__init__()
        self._seat = seat
        self._table: PagedTable[Finding] = PagedTable(
            (
                Column(title=N_("Severity"), show=lambda each: severity_cell(each.severity), width=9, sort="severity"),
                Column(title=N_("When"), show=self._when, width=11, sort="last"),
                Column(title=N_("Account"), show=lambda each: each.account or "-", width=12, grow=1, sort="account"),
                Column(title=N_("What"), show=title_of, width=20, grow=3),
                Column(title=N_("State"), show=_state, width=8, sort="state"),
                Column(title=N_("Events"), show=lambda each: f"{each.count:,}", width=6, align="right", from_width=76),
            ),
            markable=True,
            empty=N_("No finding. i imports a log file, d runs the rules."),
        )
        self._split = ListAndDetails(self._table, self._explain)
        self._judging = Judging(self, seat)

    def _when(self, finding: Finding) -> str:
        return f"{finding.last.astimezone(self._seat.site.zone):%m-%d %H:%M}"

    def body(self) -> Iterable[Widget]:
        """Show list and explanation."""
        yield self._split

    def load(self) -> None:
        """Read the findings."""
        store = self._seat.site.store
        aside = _("{open} not judged").format(open=f"{reading.open_count(store):,}")
        self.head(_("4 Findings"), aside=aside)
        self._table.show(FindingSource(store))
        self._table.focus()

    def _explain(self, finding: Finding) -> list[Section]:
        return explain(self._seat.site, finding)

    @on(ListAndDetails.Explained)
    def _moved(self, event: ListAndDetails.Explained) -> None:
        self.position(self._table.position)
        self.refresh_bindings()
        if event.row is not None and event.row.is_open:
            self.next_step(_("Enter explains it, j judges it, b judges all alike."))

    @on(PagedTable.Failed)
    def _failed(self, event: PagedTable.Failed) -> None:
        self.why(event.reason)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out what needs a finding, or another state of it."""
        if action not in {"act", "events", "bulk", "take"} or not self.is_attached:
            return super().check_action(action, parameters)
        finding = self._table.row
        if finding is None:
            return None
        if action in {"bulk", "take"} or parameters == ("judge",):
            return True if finding.is_open else None
        if parameters == ("reopen",):
            return None if finding.is_open else True
        return True

    @work(exclusive=True, group="act")
    async def action_act(self, name: str) -> None:
        """Do one act on the finding under the cursor, or judge the marked ones."""
        row = self._table.row
        if row is None:
            return
        finding = reading.get(self._seat.site.store, row.number)
        if name == "judge":
            marked = [each for each in reading.numbered(self._seat.site.store, sorted(self._table.marked)) if each]
            self._after(await self._judging.judge(marked or [finding]))
            return
        act: Callable[[Finding], Awaitable[bool]] = getattr(self._judging, name)
        self._after(await act(finding))

    @work(exclusive=True, group="act")
    async def action_take(self) -> None:
        """Take the finding into one's own hands."""
        if self._table.row is not None:
            self._after(await self._judging.take(self._table.row))

    @work(exclusive=True, group="act")
    async def action_bulk(self) -> None:
        """Judge all open findings of the same rule and system at once."""
        if self._table.row is not None:
            alike = reading.alike(self._seat.site.store, self._table.row)
            self._after(await self._judging.judge([self._table.row, *alike]))

    def _after(self, done: bool) -> None:  # noqa: FBT001 - an answer
        if done:
            self._table.marked.clear()
            self.load()
            self.done(_("It is in the trail."))

    def action_events(self) -> None:
        """Show the events that are the evidence."""
        if self._table.row is not None:
            self.app.push_screen(EventsScreen(self._seat, self._table.row))

    @work(exclusive=True, group="act")
    async def action_import(self) -> None:
        """Import a log file."""
        fields = (
            Field(name="file", label=_("File")),
            Field(name="system", label=_("System"), initial="register"),
            Field(
                name="format",
                label=_("Format"),
                required=False,
                hint=_("csv, tsv, jsonl or syslog; found out if left empty."),
            ),
        )
        values = await self.app.ask(FormDialog(_("Import a log file"), fields, act=N_("Import")))
        if values is None:
            return
        site = self._seat.site

        def run(progress: Progress) -> Any:
            progress.report(0, 0, _("Reading every line…"))
            actor = self._seat.acting
            wish = Wish(system=values["system"], format=values["format"])
            path = Path(values["file"]).expanduser()
            report = site.archive.import_file(path, wish, actor=actor.staff_number, terminal=actor.terminal)
            progress.report(0, 0, _("Running the rules…"))
            return report, detection.detect(site)

        outcome: Outcome = await self.app.ask(ProgressDialog(_("Import"), run, cancellable=False))
        if outcome.error is not None:
            self.why(outcome.error)
            return
        report, found = outcome.value
        words = N_(
            "{read} lines: {imported} imported, {duplicate} known, {quarantined} quarantined; {raised} new findings"
        )
        self.load()
        self.done(
            _(words).format(
                read=report.read,
                imported=report.imported,
                duplicate=report.duplicate,
                quarantined=report.quarantined,
                raised=found["raised"],
            )
        )

    @work(exclusive=True, group="act")
    async def action_detect(self) -> None:
        """Run the rules over what was imported since."""
        site = self._seat.site

        def run(progress: Progress) -> dict[str, Any]:
            progress.report(0, 0, _("Running the rules…"))
            return detection.detect(site)

        outcome: Outcome = await self.app.ask(ProgressDialog(_("Detect"), run, cancellable=False))
        if outcome.error is not None:
            self.why(outcome.error)
            return
        self.load()
        self.done(_("{raised} new findings").format(raised=outcome.value["raised"]))


def _state(finding: Finding) -> Cell:
    tone: Any = _TONES.get(finding.state, "")
    return Cell(_(TITLES[finding.state]), tone)
