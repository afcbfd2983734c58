"""The events that are a finding's evidence, one line each, as the archive holds them."""

from collections.abc import Iterable
from typing import Any

from textual import on, work
from textual.widget import Widget

from accesscontrol.messages import N_
from console.archive import spoken_time
from console.frame.screen import BaseScreen
from console.seat import Seat
from console.translation import _
from console.widgets.details import Fact, Section
from console.widgets.list_and_details import ListAndDetails
from console.widgets.paged_table import PagedTable
from console.widgets.rows import Cell, Column, ListSource
from monitors.findings import reading
from monitors.findings.reading import Finding

_HIDDEN = {"event_id", "ts", "day", "minute", "source_id"}
_FAILED = {"failure", "error"}


class EventsScreen(BaseScreen):
    """The evidence of one finding."""

    help_title = N_("Events")
    help_text = N_("The events that are the evidence of the finding, oldest first. Enter shows every column.")

    def __init__(self, seat: Seat, finding: Finding) -> None:
        super().__init__()
        self._seat, self._finding = seat, finding
        zone = seat.site.zone
        self._table: PagedTable[dict[str, Any]] = PagedTable(
            (
                Column(title=N_("When"), show=lambda each: spoken_time(each["ts"], zone), width=19),
                Column(title=N_("Account"), show=lambda each: each["user_id"] or "-", width=12, grow=1),
                Column(title=N_("Act"), show=lambda each: _(each["action"]), width=10),
                Column(title=N_("Outcome"), show=_outcome, width=8),
                Column(title=N_("Terminal"), show=lambda each: each["terminal"] or each["src_ip"], width=14, grow=1),
                Column(title=N_("Persons"), show=lambda each: str(each["target_count"] or ""), width=7, align="right"),
            )
        )
        self._split = ListAndDetails(self._table, self._explain)

    def body(self) -> Iterable[Widget]:
        """Show list and details."""
        yield self._split

    def load(self) -> None:
        """Read the events in a thread."""
        self.head(_("4 Findings"), self._finding.id, _("Events"))
        self._table.focus()
        self._read()

    @work(thread=True, exclusive=True, group="read")
    def _read(self) -> None:
        site = self._seat.site
        try:
            ids = reading.events_of(site.store, self._finding.number)
            found = site.archive.events(ids)
        except Exception as error:  # noqa: BLE001 - said on the status line, with a trace kept
            self.app.call_from_thread(self.why, error)
            return
        self.app.call_from_thread(self._show, found)

    def _show(self, found: list[dict[str, Any]]) -> None:
        source: ListSource[dict[str, Any]] = ListSource(found, lambda each: " ".join(map(str, each.values())))
        self._table.show(source)
        self.next_step(_("Enter shows every column, Esc goes back."))

    def _explain(self, event: dict[str, Any]) -> list[Section]:
        facts = [Fact(_("When"), spoken_time(event["ts"], self._seat.site.zone))]
        told = {name: value for name, value in event.items() if name not in _HIDDEN and value not in ("", 0)}
        facts += [Fact(name, str(value)) for name, value in told.items()]
        return [Section(facts=facts)]

    @on(PagedTable.Moved)
    def _moved(self) -> None:
        self.position(self._table.position)

    @on(PagedTable.Failed)
    def _failed(self, event: PagedTable.Failed) -> None:
        self.why(event.reason)


def _outcome(event: dict[str, Any]) -> Cell:
    return Cell(_(event["outcome"]), "medium" if event["outcome"] in _FAILED else "")
