"""Events at the screen: the evidence of a finding, the hours around it, and the whole archive with its filter."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from accesscontrol.messages import N_
from accesscontrol.people.roles import ROLE_TITLES
from accesscontrol.refusals import Refusal
from backups.media.log_output import KIND
from console import event_words
from console.frame.commands import Command
from console.frame.dialogs import ChoiceDialog, MessageDialog
from console.frame.forms import Field, FormDialog
from console.frame.screen import BaseScreen
from console.screens.backups.export import ExportScreen
from console.screens.findings import event_pictures, taking_out
from console.screens.findings.archive_source import ArchiveSource, Event, Looks
from console.seat import Seat
from console.translation import _
from console.widgets.choices import Choice
from console.widgets.details import Fact, Section
from console.widgets.filter_line import FilterLine
from console.widgets.list_and_details import ListAndDetails
from console.widgets.paged_table import PagedTable
from console.widgets.rows import Cell, Column, ListSource, PageSource, Query
from monitors.events import expressions, paging
from monitors.events.expressions import NOTHING_ASKED, Condition
from monitors.events.times import milliseconds
from monitors.events.words import COLUMN_TITLES
from monitors.findings import reading
from monitors.findings.reading import Finding

_FAILED = frozenset({"failure", "error"})
_MOMENT = "%Y-%m-%dT%H:%M:%S%z"
_LOOK = 2.0  # seconds between two looks for fresh imports
_WIDTHS = {"user_id": 11, "action": 10, "outcome": 8, "terminal": 10, "src_ip": 15, "office": 14, "target_count": 7}
_USUAL = ("user_id", "action", "outcome", "terminal", "target_count", "office")


class EventsScreen(BaseScreen):
    """A list of events with their columns, and everything about the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "columns", N_("Columns"), id="events.columns"),
    ]
    help_title = N_("Events")
    help_text = N_("The events, one line each. Enter shows every column of one. k chooses the columns of the list.")

    def __init__(self, seat: Seat, source: PageSource[Event], *crumbs: str, evidence: Iterable[int] = ()) -> None:
        super().__init__()
        self._seat, self._crumbs = seat, crumbs
        self._evidence = frozenset(evidence)
        self._chosen = list(_USUAL)
        self._table: PagedTable[Event] = PagedTable(self._columns(), source, empty=N_("No event meets this."))
        self._split = ListAndDetails(self._table, self._explain, follows=True, check=self._wrong_filter)

    def _columns(self) -> list[Column[Event]]:
        zone = self._seat.site.zone
        columns: list[Column[Event]] = [Column(title=N_("When"), show=self._when, width=19, sort="ts")]
        for name in self._chosen:
            number = name in {"target_count", "search_keys", "line_no", "source_id"}
            columns.append(
                Column(
                    title=COLUMN_TITLES[name],
                    # mypy can't tell the type of a lambda with a default
                    show=lambda each, name=name: _cell(each, name, event_words.shown_value(each, name, zone)),  # type: ignore[misc]
                    width=_WIDTHS.get(name, 12),
                    grow=0 if number else 1,
                    align="right" if number else "left",
                )
            )
        return columns

    def _when(self, event: Event) -> Cell:
        when = event_words.shown_value(event, "ts", self._seat.site.zone)
        return Cell(when, "medium" if event["event_id"] in self._evidence else "")

    def body(self) -> Iterable[Widget]:
        """Show list and details."""
        yield self._split

    def load(self) -> None:
        """Read the events."""
        self.head(_("4 Findings"), *self._crumbs, _("Events"))
        self.next_step(_("Enter shows every column of an event, Esc goes back."))
        if not self._table.count:  # on the way back from a dialog it is still there
            self._table.reload()
        self._table.focus()

    def action_reload(self) -> None:
        """Read the events anew."""
        self._table.reload()

    def _explain(self, event: Event) -> list[Section]:
        zone = self._seat.site.zone
        facts = [Fact(_("When"), event_words.shown_value(event, "ts", zone))]
        return [Section(facts=facts + [Fact(title, value) for title, value in event_words.told(event, zone)])]

    def _wrong_filter(self, text: str) -> str:
        """Return what a filter needs to mean something; those of a short list are plain words."""
        del text
        return ""

    @on(FilterLine.Unclear)
    def _unclear(self, event: FilterLine.Unclear) -> None:
        self.why(event.reason)

    @on(PagedTable.Moved)
    @on(PagedTable.Counted)
    def _moved(self) -> None:
        self.position(self._table.position)

    @on(PagedTable.Failed)
    def _failed(self, event: PagedTable.Failed) -> None:
        self.why(event.reason)

    @work(exclusive=True, group="act")
    async def action_columns(self) -> None:
        """Choose which columns the list shows, one after the other."""
        picked: object = None
        while True:
            choices = [
                Choice(f"{'[x]' if name in self._chosen else '[ ]'} {_(title)}", name)
                for name, title in COLUMN_TITLES.items()
            ]
            picked = await self.app.ask(ChoiceDialog(_("Columns of the list"), choices, chosen=picked))
            if not isinstance(picked, str):
                return
            if picked in self._chosen:
                self._chosen.remove(picked)
            else:
                self._chosen.append(picked)
            self._table.lay_out(self._columns())


class ArchiveScreen(EventsScreen):
    """All events, or those of a condition: filtered by typing, jumped through by time, followed as they come in."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "jump", N_("Jump"), id="events.jump"),
        Binding("f", "follow", N_("Follow"), id="events.follow"),
        Binding("e", "export", N_("Take out"), id="events.export", tooltip=N_("Ask to take these out of the house")),
        Binding("m", "map", N_("Map"), id="events.map"),
    ]
    _HELP = N_(
        "All events of the archive, newest first; s turns the order, h jumps to a time, f follows fresh imports,\n"
        "k chooses the columns, m shows how many there are by weekday and hour, Enter every column of one event.\n"
        "e seals what the filter shows and asks for the approval to take it out of the house.\n"
        "/ filters as you type: words anywhere, or field:value, all of which must hold. A comma means or, - before\n"
        "a term denies it, * stands for any letters, quotes keep spaces. Width, case and kana don't matter.\n"
        "Fields: {fields}\n"
        "Examples: account:s00* act:search,view -outcome:success persons:>=10 time:2026-11-20..2026-11-23"
    )

    def __init__(
        self,
        seat: Seat,
        *crumbs: str,
        base: Condition = NOTHING_ASKED,
        scope: str = "",
        subject: str = "",
        evidence: Iterable[int] = (),
    ) -> None:
        """Show the events of ``base``, a condition that always holds; ``scope`` is the same as an expression."""
        self._scope = scope
        self._archive = ArchiveSource(seat, base, subject)
        super().__init__(seat, self._archive, *crumbs, evidence=evidence)
        self._follows = False
        self._stamp = paging.stamp(seat.site.store)

    def on_mount(self) -> None:
        """Look for fresh imports now and then, while asked to."""
        self.set_interval(_LOOK, self._look)

    def on_unmount(self) -> None:
        """Stop what is being read."""
        self._archive.close()

    def load(self) -> None:
        """Read the events, and say what the keys do."""
        self.help_text = _(self._HELP).format(fields=", ".join(event_words.vocabulary().names))
        super().load()
        self._advise()

    def _advise(self) -> None:
        if self._follows:
            self.next_step(_("Following fresh imports; f stops."))
        else:
            self.next_step(_("/ filters (? lists the fields), h jumps to a time."))

    def _look(self) -> None:
        now = paging.stamp(self._seat.site.store)
        if self._follows and not self.app.is_locked and now != self._stamp:
            self._stamp = now
            self._table.cursor = 0
            self._table.show(self._archive)

    def action_follow(self) -> None:
        """Follow fresh imports, or stop it."""
        self._follows = not self._follows
        self._stamp = paging.stamp(self._seat.site.store)
        if self._follows:
            self._table.cursor = 0
            self._table.show(self._archive)
        self._advise()

    @work(exclusive=True, group="act")
    async def action_jump(self) -> None:
        """Go to a time."""
        hint = _("For example 2026-11-24, 2026-11-24 09:30 or R8.11.24")
        fields = (Field(name="time", label=_("Time"), hint=hint, check=self._wrong_time),)
        values = await self.app.ask(FormDialog(_("Jump to a time"), fields, act=N_("Jump")))
        if values is not None:
            first, last = expressions.moment(values["time"], self._seat.site.zone)
            self._go(first if self._table.query_now.sort == "ts" and not self._table.query_now.descending else last)

    def commands(self) -> Iterable[Command]:
        """Offer what is done now and then by its name."""
        yield Command(_("Ask for the erasure of events past their period"), self.action_erase)

    @work(exclusive=True, group="act")
    async def action_erase(self) -> None:
        """Ask that the events which need not be kept any more are erased."""
        words = await taking_out.erase(self, self._seat)
        if words:
            self.next_step(words)

    def why_not(self, action: str) -> str:
        """Say that an empty list, or one that is still counted, can't be taken out, and who may ask for it."""
        if action != "export" or not self.is_attached:
            return ""
        able = self._seat.site.desk.kind(KIND).requesters
        if not able & self._seat.roles:
            titles = ", ".join(_(ROLE_TITLES[each]) for each in sorted(able))
            return _("An export is asked for by: {roles}.").format(roles=titles)
        if not (self._table.count and self._table.is_counted):
            return _("Only events that are listed and counted can be taken out.")
        return ""

    @work(exclusive=True, group="act")
    async def action_export(self) -> None:
        """Seal the events that the filter shows, and ask that they may leave."""
        expression = f"{self._scope} {self._table.query_now.text}".strip()
        sealed = await taking_out.seal(self, self._seat, expression, self._table.count)
        if sealed is not None and self.is_current:
            self.app.push_screen(ExportScreen(self._seat, sealed))

    @work(thread=True, exclusive=True, group="map")
    def action_map(self) -> None:
        """Show how many of the events that meet the filter there are day by day, and on each weekday and hour."""
        listing = self._archive.listing
        if listing is None:
            return
        try:
            counts = listing.by_day_and_hour()
        except Exception as error:  # noqa: BLE001 - said on the status line, with a trace kept
            self.app.call_from_thread(self.why, error)
            return
        self.app.call_from_thread(self._show_map, counts)

    def _show_map(self, counts: Mapping[tuple[int, int], int]) -> None:
        lines = [_("{number} in all").format(number=f"{sum(counts.values()):,}"), *event_pictures.drawn(counts)]
        self.app.push_screen(MessageDialog(_("Events by weekday and hour"), lines))

    def _wrong_filter(self, text: str) -> str:
        try:
            expressions.read(text, self._seat.site.zone, event_words.vocabulary())
        except Refusal as refusal:
            return self.app.words_for(refusal)
        return ""

    @on(FilterLine.Asked)
    @on(FilterLine.Closed)
    def _understood(self) -> None:
        self._advise()

    def _wrong_time(self, text: str) -> str:
        try:
            expressions.moment(text, self._seat.site.zone)
        except Refusal as refusal:
            return self.app.words_for(refusal)
        return ""

    @work(thread=True, exclusive=True, group="jump")
    def _go(self, ts: int) -> None:
        listing = self._archive.listing
        if listing is None:
            return
        try:
            place = listing.place_of(ts)
        except Exception as error:  # noqa: BLE001 - said on the status line, with a trace kept
            self.app.call_from_thread(self.why, error)
            return
        self.app.call_from_thread(self._arrive, place)

    def _arrive(self, place: int) -> None:
        self._table.cursor = place
        self._advise()

    @on(PagedTable.Failed)
    def _failed(self, event: PagedTable.Failed) -> None:
        self.why(event.reason)


def evidence_screen(seat: Seat, finding: Finding) -> EventsScreen:
    """Return the events that are the evidence of ``finding``, oldest first."""
    return EventsScreen(seat, _Evidence(seat, finding), finding.id)


def hour_screen(seat: Seat, finding: Finding, margin: timedelta) -> ArchiveScreen:
    """Return what the account of ``finding`` did from ``margin`` before to ``margin`` after, its evidence marked."""
    since, until = (
        (finding.first - margin).astimezone(seat.site.zone),
        (finding.last + margin).astimezone(seat.site.zone),
    )
    base = Condition(
        sql="system = ? AND user_id = ?",
        parameters=(finding.system, finding.account),
        first=milliseconds(since),
        last=milliseconds(until),
    )
    scope = f'system:"{finding.system}" account:"{finding.account}" time:{since:{_MOMENT}}..{until:{_MOMENT}}'
    evidence = reading.events_of(seat.site.store, finding.number)
    crumbs = (finding.id, f"{finding.account} ±1 h")
    return ArchiveScreen(seat, *crumbs, base=base, scope=scope, subject=finding.id, evidence=evidence)


class _Evidence:
    """The evidence of one finding as a list; whoever looks is entered first (MO-LOG-04)."""

    def __init__(self, seat: Seat, finding: Finding) -> None:
        self._seat, self._finding = seat, finding
        self._looks = Looks(seat, finding.id)
        self._list: ListSource[Event] = ListSource([])

    def index(self, query: Query) -> Iterator[Sequence[int]]:
        """Read the events, and yield their places."""
        site = self._seat.site
        ids = reading.events_of(site.store, self._finding.number)
        zone = site.zone
        self._looks.enter()
        found = site.archive.events(ids)
        self._list = ListSource(found, lambda each: " ".join(value for _title, value in event_words.told(each, zone)))
        yield from self._list.index(query)

    def rows(self, ids: Sequence[int]) -> Sequence[Event | None]:
        """Return these events."""
        return self._list.rows(ids)


def _cell(event: Event, column: str, words: str) -> Cell:
    return Cell(words, "medium" if column == "outcome" and event["outcome"] in _FAILED else "")
