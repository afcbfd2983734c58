"""The list of findings with the explanation of the one under the cursor; every act is one letter."""

import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.worker import get_current_worker

from accesscontrol.messages import N_
from console.finding_words import title_of
from console.frame.commands import Command
from console.frame.screen import BaseScreen
from console.screens.findings import background, bringing_in
from console.screens.findings.background import Background
from console.screens.findings.explanation import explain
from console.screens.findings.judging import Judging
from console.screens.findings.searching import FindingSource
from console.screens.news import News
from console.seat import Seat
from console.text import cells
from console.translation import _
from console.widgets.details import Section
from console.widgets.list_and_details import ListAndDetails
from console.widgets.paged_table import PagedTable
from console.widgets.rows import Cell, Column
from console.widgets.severity import severity_cell
from monitors.findings import reading
from monitors.findings.reading import Finding
from monitors.findings.states import SEVERITIES, TITLES, State

_TONES = {State.NEW: "medium", State.INCIDENT: "high", State.LEGITIMATE: "good"}
_PAUSE = 0.08  # seconds for which the cursor must rest before the archive is asked
_WIDE = 66  # cells from which the list has room for the number of events
_WIDEST = 88  # and for the state, which is nearly the same in each line while only what waits is shown


class FindingsScreen(BaseScreen):
    """Place 4."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "judge", N_("Judge"), id="findings.judge"),
        Binding("h", "hour", N_("Hour"), id="findings.hour"),
        Binding("e", "events", N_("Events"), id="findings.events"),
        Binding("b", "bulk", N_("All alike"), id="findings.bulk"),
        Binding("l", "lock", N_("Lock"), id="findings.lock"),
        Binding("c", "comment", N_("Comment"), id="findings.comment"),
        Binding("t", "take", N_("Take"), id="findings.take"),
        Binding("v", "archive", N_("All events"), id="findings.archive"),
        Binding("p", "reviews", N_("Checks"), id="findings.reviews"),
        Binding("z", "scope", N_("Open/all"), id="findings.scope"),
        Binding("i", "import", N_("Import"), id="findings.import"),
        Binding("d", "detect", N_("Detect"), id="findings.detect"),
        Binding("o", "reopen", N_("Reopen"), id="findings.reopen", show=False),
        Binding("f", "confirm", N_("Confirm"), id="findings.confirm", show=False),
        Binding("right", "step(1)", N_("Next one"), id="findings.next"),
        Binding("left", "step(-1)", show=False),
    ]
    DEFAULT_CSS = """
    FindingsScreen.-wide ListAndDetails > #list, FindingsScreen.-widest ListAndDetails > #list { width: 3fr; }
    FindingsScreen.-wide ListAndDetails > Details, FindingsScreen.-widest ListAndDetails > Details { width: 2fr; }
    """
    help_title = N_("Findings")
    help_text = N_(
        "What the rules found in the logs and nobody has judged yet, gravest first; z shows the judged ones too.\n"
        "Enter explains the one under the cursor, h shows its account an hour before and after, e its evidence.\n"
        "While one is explained, the right and left arrows go to the next and the previous one.\n"
        "j judges it: legitimate (with its application number), incident, or false alarm. Space marks several for j,\n"
        "b judges at once all alike, or all of the same ID. t takes it, c comments, l locks the person and the\n"
        "account, o opens a judged one again, f confirms as a second person that its like stays quiet.\n"
        "v shows the whole archive of events, p the regular checks and their signatures. i imports a log file,\n"
        "d runs the rules.\n"
        "/ looks for words: a title, a state, a severity, an ID, a system, a number such as F-00012."
    )

    def __init__(self, seat: Seat) -> None:
        super().__init__()
        self._seat = seat
        self._only_open = True
        self._known: dict[int, Background] = {}
        self._table: PagedTable[Finding] = PagedTable(
            self._columns(),
            FindingSource(seat, lambda: self._only_open),
            markable=True,
            empty=N_("Nothing waits for a judgement. i imports a log file, z shows the judged ones."),
        )
        self._split = ListAndDetails(self._table, self._explain, follows=True)
        self._judging = Judging(self, seat)
        self._news = News(self, self._table)

    def _columns(self) -> tuple[Column[Finding], ...]:
        grave = max(cells(severity_cell(level).text) for level in SEVERITIES)
        states = max(cells(_(title)) for title in TITLES.values())
        state_from = _WIDEST if self._only_open else 0
        return (
            Column(title=N_("Severity"), show=lambda each: severity_cell(each.severity), width=grave, sort="severity"),
            Column(title=N_("When"), show=self._when, width=11, sort="last"),
            Column(title=N_("Account"), show=lambda each: each.account or "-", width=9, sort="account"),
            Column(title=N_("What"), show=title_of, width=18, grow=1),
            Column(title=N_("State"), show=_state, width=states, sort="state", from_width=state_from),
            Column(title=N_("Events"), show=_events, width=6, align="right", from_width=_WIDE),
        )

    def _when(self, finding: Finding) -> str:
        return f"{finding.last.astimezone(self._seat.site.zone):%m-%d %H:%M}"

    def body(self) -> Iterable[Widget]:
        """Show list and explanation."""
        yield self._split

    def load(self) -> None:
        """Read the findings."""
        store = self._seat.site.store
        scope = _("not judged") if self._only_open else _("all")
        count = _("{open} not judged").format(open=f"{reading.open_count(store):,}")
        self.head(_("4 Findings"), scope, aside=count)
        self._known.clear()
        self._table.reload()
        (self._split.details if self._split.is_explaining else self._table).focus()

    def why(self, reason: str | Exception) -> None:
        """Say why something does not go, until the cursor goes on."""
        super().why(reason)
        self._news.hold()

    def conceal(self) -> None:
        """Forget what was gathered, too."""
        super().conceal()
        self._known.clear()

    # -- the explanation ------------------------------------------------------------------------------

    def _explain(self, finding: Finding) -> list[Section]:
        known = self._known.get(finding.number)
        if known is None:
            self._gather(finding)
        return explain(self._seat, finding, known)

    @work(thread=True, exclusive=True, group="background")
    def _gather(self, finding: Finding) -> None:
        """Read the archive once the cursor rests, so that running through the list stays quick."""
        worker = get_current_worker()
        time.sleep(_PAUSE)
        if worker.is_cancelled:
            return
        try:
            found = background.gather(self._seat.site, finding)
        except Exception as error:  # noqa: BLE001 - said on the status line, with a trace kept
            self.app.call_from_thread(self.why, error)
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._gathered, finding, found)

    def _gathered(self, finding: Finding, found: Background) -> None:
        self._known[finding.number] = found
        row = self._table.row
        if row is not None and row.number == finding.number and not self.app.is_locked:
            self._split.details.show(explain(self._seat, row, found), from_top=False)

    @on(ListAndDetails.Explained)
    def _moved(self, event: ListAndDetails.Explained) -> None:
        self.position(self._table.position)
        self.refresh_bindings()
        if event.row is not None:
            self._news.advise(self._advice(event.row))

    def action_step(self, step: int) -> None:
        """Explain the next finding, or the one before."""
        self._table.action_move(step)

    def _advice(self, finding: Finding) -> str:
        if finding.is_open and self._split.is_explaining:
            return _("j judges, h the hour, e its events, → the next, Esc back.")
        if finding.is_open:
            return _("Enter explains it, j judges it, b judges all alike.")
        if self._is_proposed(finding):
            return _("f confirms, as a second person, that its like stays quiet.")
        return _("It is judged. o opens it again when new facts appear.")

    def _is_proposed(self, finding: Finding) -> bool:
        store = self._seat.site.store
        me = self._seat.session.operator.staff_number
        return reading.is_proposed(store, finding.number, store.clock.now(), to=me)

    @on(PagedTable.Counted)
    def _counted(self) -> None:
        self._news.counted()
        self.position(self._table.position)

    @on(PagedTable.Failed)
    def _failed(self, event: PagedTable.Failed) -> None:
        self.why(event.reason)

    # -- the acts -------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the way from one explanation to the next only where one is open."""
        return self._split.is_explaining if action == "step" else super().check_action(action, parameters)

    def why_not(self, action: str) -> str:
        """Say what an act needs that the finding under the cursor lacks."""
        if action not in _NEEDS_ROW or not self.is_attached:
            return ""
        finding = self._table.row
        if finding is None:
            return _("There is no finding under the cursor.")
        if action in _NEEDS_OPEN and not finding.is_open:
            return _("It is judged already; o opens it again.")
        if action == "reopen" and finding.is_open:
            return _("It is not judged yet; j judges it.")
        if action == "hour" and not finding.account:
            return _("This finding concerns no single account; e shows its events.")
        return ""

    @work(exclusive=True, group="act")
    async def action_judge(self) -> None:
        """Judge the finding under the cursor, or the marked ones."""
        marked = [each for each in reading.numbered(self._seat.site.store, sorted(self._table.marked)) if each]
        waiting = [each for each in marked if each.is_open]
        if waiting or self._table.row is not None:
            # a row is a Finding
            self._after(await self._judging.judge(waiting or [self._table.row]))  # type: ignore[list-item]

    @work(exclusive=True, group="act")
    async def action_bulk(self) -> None:
        """Judge at once all open findings of the same rule and system, or all of the same account."""
        row = self._table.row
        together = await self._judging.together(row) if row is not None else ()
        if together:
            self._after(await self._judging.judge(together))

    def action_take(self) -> None:
        """Take the finding into one's own hands."""
        self._act(self._judging.take)

    def action_give(self) -> None:
        """Give the finding to a colleague."""
        self._act(self._judging.give)

    def commands(self) -> Iterable[Command]:
        """Offer what is done now and then by its name."""
        yield Command(_("Give this finding to a colleague"), self.action_give)

    def action_lock(self) -> None:
        """Lock the account and its person."""
        self._act(self._judging.lock)

    def action_comment(self) -> None:
        """Write to the finding."""
        self._act(self._judging.comment)

    def action_reopen(self) -> None:
        """Open a judged finding again."""
        self._act(self._judging.reopen)

    def action_confirm(self) -> None:
        """Confirm, as a second person, that its like stays quiet."""
        self._act(self._judging.confirm)

    @work(exclusive=True, group="act")
    async def _act(self, act: Callable[[Finding], Awaitable[bool]]) -> None:
        row = self._table.row
        if row is not None:
            self._after(await act(reading.get(self._seat.site.store, row.number)))

    def _after(self, done: bool) -> None:  # noqa: FBT001 - an answer
        if done:
            self._table.marked.clear()
            self._news.tell(_("It is in the trail."))
            self.load()

    def action_scope(self) -> None:
        """Show the judged ones too, or only those that wait."""
        self._only_open = not self._only_open
        self._table.lay_out(self._columns())
        self._table.marked.clear()
        self.load()

    @work(exclusive=True, group="act")
    async def action_import(self) -> None:
        """Import a log file."""
        self._brought(await bringing_in.import_file(self, self._seat))

    @work(exclusive=True, group="act")
    async def action_detect(self) -> None:
        """Run the rules over what was imported since."""
        self._brought(await bringing_in.detect(self, self._seat))

    def _brought(self, words: str) -> None:
        if words:
            self._news.tell(words)
            self.load()

    # -- deeper ---------------------------------------------------------------------------------------

    def action_events(self) -> None:
        """Show the events that are the evidence."""
        from console.screens.findings.events import evidence_screen

        if self._table.row is not None:
            self.app.push_screen(evidence_screen(self._seat, self._table.row))

    def action_hour(self) -> None:
        """Show what the account did from an hour before to an hour after."""
        from console.screens.findings.events import hour_screen

        if self._table.row is not None:
            self.app.push_screen(hour_screen(self._seat, self._table.row, timedelta(hours=1)))

    def action_archive(self) -> None:
        """Show all events."""
        from console.screens.findings.events import ArchiveScreen

        self.app.push_screen(ArchiveScreen(self._seat))

    def action_reviews(self) -> None:
        """Show the regular checks that were signed."""
        from console.screens.findings.checks import ChecksScreen

        self.app.push_screen(ChecksScreen(self._seat))


_NEEDS_ROW = frozenset({"judge", "hour", "events", "bulk", "lock", "comment", "take", "reopen", "confirm"})
_NEEDS_OPEN = frozenset({"judge", "bulk", "take"})


def _state(finding: Finding) -> Cell:
    tone: Any = _TONES.get(finding.state, "")
    return Cell(_(TITLES[finding.state]), tone)


def _events(finding: Finding) -> str:
    return f"{finding.count:,}"
