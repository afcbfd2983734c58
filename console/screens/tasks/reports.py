"""Reports of differences, and one report worked through line by line. No value of a record is shown."""

from collections.abc import Iterable
from typing import Any, ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType

from accesscontrol.messages import N_
from console import maintenance
from console.evidence_words import PLACE_TITLES
from console.frame.forms import Field, FormDialog
from console.screens.people_words import name_of
from console.screens.views import Part, View, ViewsScreen
from console.seat import Seat
from console.task_words import SERVER_TITLES, item_names, kind_of, kind_title, place
from console.translation import _
from console.widgets.choices import Choice
from console.widgets.details import Fact, Section
from console.widgets.rows import Cell, Column
from console.wiring import Installation
from registry.tasks import differences, yearly
from registry.tasks.catalogue import CATALOGUE
from registry.tasks.differences import STATE_TITLES, UNSETTLED, Line, LineState, Report

_MOST: Final = 100_000
_DECIDED: Final = (LineState.explained, LineState.handled, LineState.escalated, LineState.open)


def view(site: Installation) -> View[Report]:
    """Return the list of reports, newest first."""
    zone = site.zone
    return View(
        title=N_("Reports"),
        columns=(
            Column(title=N_("Report"), show=lambda each: str(each.number), width=7, align="right"),
            Column(title=N_("Task"), show=_task_title, width=20, grow=3),
            Column(title=N_("Made"), show=lambda each: f"{each.made_at.astimezone(zone):%m-%d %H:%M}", width=11),
            Column(
                title=N_("Differences"), show=lambda each: f"{sum(each.counts.values()):,}", width=12, align="right"
            ),
            Column(title=N_("Still open"), show=_unsettled, width=11, align="right"),
        ),
        read=lambda: differences.reports(site.store, limit=1000),
        key=lambda each: each.number,
        words=lambda each: f"{each.number} {_task_title(each)}",
        explain=lambda each: _explained(site, each),
        parts=(Part(N_("still open"), lambda each: bool(each.unsettled)),),
        empty=N_("No task has reported differences yet."),
        hint=N_("l works through the report line by line."),
    )


def _task_title(report: Report) -> str:
    for server, title in SERVER_TITLES.items():
        if report.task == yearly.report_name(server):
            return f"{_(yearly.RESULT.title)}: {_(title)}"
    return _(CATALOGUE[report.task].title) if report.task in CATALOGUE else report.task


def _unsettled(report: Report) -> Cell:
    return Cell(f"{report.unsettled:,}", "high" if report.unsettled else "good")


def _explained(site: Installation, report: Report) -> list[Section]:
    counts = [Fact(kind_title(kind), f"{count:,}") for kind, count in report.counts.items()]
    states = [Fact(_(STATE_TITLES[state]), f"{count:,}") for state, count in report.states.items()]
    made = f"{report.made_at.astimezone(site.zone):%Y-%m-%d %H:%M}"
    by = name_of(site.store, report.actor)
    return [
        Section(_task_title(report), [Fact(_("Made"), f"{made}  {by}"), Fact("SHA-256", report.sha256[:32])]),
        Section(_("Differences"), counts),
        Section(_("Lines"), states),
    ]


class LinesScreen(ViewsScreen):
    """One report: each line is decided with a word why, and the cursor goes on to the next."""

    place_title = N_("7 Maintenance")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("j", "decide", N_("Decide"), id="lines.decide")]
    help_title = N_("Differences")
    help_text = N_(
        "Every difference is a line, named by the keys of its records and the numbers of its items, never by a value.\n"
        "j says what became of the line and why: explained, handled, escalated, or open again. A line that is still\n"
        "on its way needs nobody. f shows only what is open."
    )

    def __init__(self, seat: Seat, report: Report) -> None:
        self._seat, self._report = seat, report
        super().__init__()
        self.show_part(N_("open"))

    def views(self) -> Iterable[View[Any]]:
        """Return the one list."""
        site, number = self._seat.site, self._report.number
        return (
            View(
                title=N_("Lines"),
                columns=(
                    Column(title=N_("Line"), show=lambda each: str(each.number), width=6, align="right"),
                    Column(title=N_("Difference"), show=kind_of, width=18, grow=2),
                    Column(title=N_("Place"), show=place, width=20, grow=3),
                    Column(title=N_("State"), show=_state, width=12, grow=1),
                ),
                read=lambda: differences.lines_of(site.store, number, limit=_MOST),
                key=lambda each: each.number,
                words=lambda each: f"{each.number} {kind_of(each)} {place(each)} {_(STATE_TITLES[each.state])}",
                explain=self._explain_line,
                parts=(
                    Part(N_("open"), lambda each: each.state in UNSETTLED),
                    Part(N_("decided"), lambda each: each.state not in UNSETTLED),
                ),
                empty=N_("No line is open."),
                hint=N_("j decides the line."),
            ),
        )

    def aside(self) -> str:
        """Name the report."""
        return _("Report {number}").format(number=self._report.number)

    def why_not(self, action: str) -> str:
        """Say why there is nothing to decide."""
        if action == "decide" and self.is_attached and self.row is None:
            return _("There is no line under the cursor.")
        return super().why_not(action)

    def _explain_line(self, line: Line) -> list[Section]:
        facts = [Fact(_("State"), _(STATE_TITLES[line.state]))]
        facts += [Fact(_(PLACE_TITLES.get(table, table)), f"{key:,}") for table, key in line.place.items()]
        if line.items:
            facts.append(Fact(_("Items"), ", ".join(item_names(line))))
        if line.at is not None:
            at = f"{line.at.astimezone(self._seat.site.zone):%m-%d %H:%M}"
            facts.append(Fact(_("Decided"), f"{at}  {name_of(self._seat.site.store, line.actor)}"))
        return [Section(kind_of(line), facts, [line.note] if line.note else [])]

    @work(exclusive=True, group="act")
    async def action_decide(self) -> None:
        """Say what became of the line under the cursor."""
        line: Line | None = self.row
        if line is None:
            return
        choices = [Choice(_(STATE_TITLES[state]), state) for state in _DECIDED if state is not line.state]
        fields = (
            Field(name="state", label=_("It is"), kind="choice", choices=choices),
            Field(name="note", label=_("Found out"), hint=_("No number of a person.")),
        )

        def submit(values: dict[str, Any]) -> Line:
            site, actor = self._seat.site, self._seat.acting
            return maintenance.decide(
                site, self._report.number, line.number, values["state"], note=values["note"], actor=actor
            )

        title = _("Line {number}: {difference}").format(number=line.number, difference=kind_of(line))
        decided = await self.app.ask(FormDialog(title, fields, text=place(line), act=N_("Decide"), submit=submit))
        if decided is not None:
            words = _("Line {number} is {state}.")
            self.done(words.format(number=decided.number, state=_(STATE_TITLES[decided.state])))
            self._advised = None  # the row that comes under the cursor now is news of the act, not of a move
            self.split.table.reload()


def _state(line: Line) -> Cell:
    return Cell(_(STATE_TITLES[line.state]), "high" if line.state in UNSETTLED else "good")
