"""Place 1: what waits for the person who sits here, and the state of the site, each number with its time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from textual import on, work
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget

from accesscontrol.clock import from_text, local_day
from accesscontrol.messages import N_
from console import queues, status
from console.dates import age as spoken_age
from console.dates import long_date
from console.frame.screen import HEIGHTS, BaseScreen
from console.queues import Queue
from console.screens.backups.words import brief_age
from console.screens.failures import Failures, failures
from console.seat import Seat
from console.text import fit
from console.translation import _, ngettext
from console.widgets.paged_table import PagedTable
from console.widgets.plain import Plain, joined, styled
from console.widgets.rows import Cell, Column, ListSource

_PLACES = {
    "requests": "5",
    "reviews": "3",
    "findings": "4",
    "checks": "4",
    "people": "2",
    "backups": "6",
    "trail": "9",
    "controls": "0",
}
_LABEL = 24
_ROOMY = 30  # rows from which the map of failures has room


@dataclass(frozen=True, slots=True)
class _Picture:
    """What one reading of the site gave."""

    queues: list[Queue]
    found: dict[str, Any]
    at: datetime


class TodayScreen(BaseScreen):
    """The first place of the day."""

    BINDINGS: ClassVar[list[BindingType]] = []
    VERTICAL_BREAKPOINTS = [*HEIGHTS, (_ROOMY, "-roomy")]  # noqa: RUF012 - as Textual declares it
    DEFAULT_CSS = """
    TodayScreen PagedTable { height: 1fr; min-height: 4; }
    TodayScreen #state { height: auto; padding: 0 1; margin-top: 1; }
    TodayScreen #failures { height: auto; padding: 0 1; }
    TodayScreen #heat { height: auto; padding: 0 1; margin-top: 1; display: none; }
    TodayScreen.-roomy #heat.-known { display: block; }
    TodayScreen.-roomy #failures { display: none; }
    TodayScreen.-short #state { margin: 0; }
    """
    help_title = N_("Today")
    help_text = N_(
        "The list shows the work that waits for you, by your roles. Enter goes to the place where it is done.\n"
        "Below stands the state of the site, each number with the time at which it was read."
    )

    def __init__(self, seat: Seat) -> None:
        super().__init__()
        self._seat = seat
        self._at = ""  # the name of the work under the cursor
        zone = seat.site.zone
        self._table: PagedTable[Queue] = PagedTable(
            (
                Column(title=N_("Waiting work"), show=_title, width=30, grow=4),
                Column(title=N_("Due"), show=lambda each: self._due(each, zone), width=14, grow=1),
                Column(title=N_("Count"), show=lambda each: f"{each.count:,}", width=6, align="right"),
            ),
            empty=N_("Nothing waits for you."),
        )

    def body(self) -> Iterable[Widget]:
        """Show the queues, the state and the picture."""
        yield self._table
        yield Plain(id="state")
        yield Plain(id="failures")
        yield Plain(id="heat")

    def load(self) -> None:
        """Read the queues and the state in a thread."""
        at = self._seat.site.clock.now()
        self.head(_("1 Today"), aside=self._day(at))
        self._read()
        self._table.focus()

    def _day(self, at: datetime) -> str:
        site = self._seat.site
        day = at.astimezone(site.zone).date()
        kind = _("open day") if site.is_business_day(day) else _("closed day")
        return f"{long_date(day)}  {kind}"

    @work(thread=True, exclusive=True, group="read")
    def _read(self) -> None:
        site = self._seat.site
        try:
            found = _Picture(queues.queues(site, self._seat.acting), status.ages(site), site.clock.now())
        except Exception as error:  # noqa: BLE001 - said on the status line, with a trace kept
            self.app.call_from_thread(self.why, error)
            return
        self.app.call_from_thread(self._show, found)
        try:
            picture = failures(site)
        except Exception as error:  # noqa: BLE001 - an archive that can't be read leaves the rest of the morning's work
            self.app.call_from_thread(self.why, error)
            return
        self.app.call_from_thread(self._draw, picture)

    def _show(self, picture: _Picture) -> None:
        source: ListSource[Queue] = ListSource(picture.queues, _words)
        place = next((number for number, each in enumerate(picture.queues) if each.name == self._at), None)
        self._table.show(source)
        if place is not None:  # on the same work, whatever came before it meanwhile
            self._table.go_to(place)
        self.query_one("#state", Plain).say(list(_state_lines(picture, self._seat.site.zone)))
        loud = next((each for each in picture.queues if each.loud), None)
        if loud is not None:
            self.next_step(_("{title}: look at this first").format(title=_(loud.title)))
        elif picture.queues:
            self.next_step(_("Enter goes to the work under the cursor."))
        else:
            self.next_step(_("nothing waits for you"))

    def _draw(self, found: Failures) -> None:
        line = joined(styled(fit(_("Failed sign-ins, 30 d"), _LABEL), "$secondary"), found.line) if found.map else ""
        self.query_one("#failures", Plain).say(line)
        place = self.query_one("#heat", Plain)
        place.set_class(bool(found.map), "-known")
        place.say(found.map)

    def _due(self, queue: Queue, zone: ZoneInfo) -> Cell:
        if queue.due is None:
            return Cell("")
        now = self._seat.site.clock.now()
        left = queue.due - now
        if left < timedelta():
            return Cell(_("overdue"), "high")
        if left < queues.SOON:
            words = _("today {time}") if local_day(queue.due, zone) == local_day(now, zone) else _("tomorrow {time}")
            return Cell(words.format(time=f"{queue.due.astimezone(zone):%H:%M}"), "medium")
        return Cell(ngettext("in {days} day", "in {days} days", left.days).format(days=left.days))

    @on(PagedTable.Moved)
    @on(PagedTable.Counted)
    def _moved(self) -> None:
        self.position(self._table.position)
        if self._table.row is not None:
            self._at = self._table.row.name

    @on(PagedTable.Opened)
    async def _open(self, event: PagedTable.Opened) -> None:
        await self.app.action_place(_PLACES.get(event.row.place, "5"))
        screen = self.app.screen
        if event.row.first and isinstance(screen, BaseScreen):
            screen.point(event.row.first)


def _words(queue: Queue) -> str:
    return _(queue.title)


def _title(queue: Queue) -> Cell:
    return Cell(f"{'[!!] ' if queue.loud else ''}{_(queue.title)}", "high" if queue.loud else "")


def _state_lines(picture: _Picture, zone: ZoneInfo) -> Iterable[Content]:
    found = picture.found
    yield joined(
        styled(fit(_("State of the site"), _LABEL), "bold $accent"),
        styled(_("read at {time}").format(time=f"{picture.at.astimezone(zone):%H:%M}"), "$secondary"),
    )
    seal = joined(styled("   " + _("sealed") + " ", "$secondary"), *_age(found["last_checkpoint"], picture.at, zone))
    entries = ngettext("{entries} entry", "{entries} entries", found["entries"])
    yield from _of_backups(found, picture.at, zone)
    yield _line(_("Last import of logs"), *_age(found["last_import"], picture.at, zone))
    yield _line(_("Trail"), entries.format(entries=f"{found['entries']:,}"), seal)


def _of_backups(found: dict[str, Any], now: datetime, zone: ZoneInfo) -> Iterable[Content]:
    """Tell how old backup and proof are, and how long restoring took, each with its limit (BK-BAK-03)."""
    limits = found["sources"][0]["targets"]
    yield _line(_("Last backup"), *_age(found["last_backup"], now, zone), _limit(limits["backup"]))
    took = max((each["drill_took"] for each in found["sources"] if each["drill_took"] is not None), default=None)
    proof = [*_age(found["last_proof"], now, zone), _limit(limits["drill"])]
    if took is not None:
        words = _("it took {duration}").format(duration=brief_age(timedelta(seconds=took)))
        proof += [styled("   " + words, "$secondary"), _limit(limits["restore"])]
    yield _line(_("Last proof by restoring"), *proof)
    if ahead := [each["ahead"] for each in found["sources"] if each["ahead"]]:
        wrong = _("dated later than now: {names}. Check the clock.").format(names=", ".join(ahead))
        yield _line("", styled("!! " + wrong, "bold $warning"))


def _limit(seconds: float) -> Content:
    return styled("   " + _("limit {duration}").format(duration=brief_age(timedelta(seconds=seconds))), "$secondary")


def _line(title: str, *values: str | Content) -> Content:
    return joined(styled(fit(title, _LABEL), "$secondary"), *values)


def _age(age: dict[str, Any], now: datetime, zone: ZoneInfo) -> Iterable[Content]:
    if age["at"] is None:
        yield styled(_("never"), "bold $warning")
        return
    at = from_text(age["at"]).astimezone(zone)
    yield styled(f"{at:%m-%d %H:%M}  {spoken_age(at, now)}")
    if age["stale"]:
        yield styled("  !! " + _("overdue"), "bold $warning")
