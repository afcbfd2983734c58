"""This host: its figures, its disks, and the ports at which something waits; what can't be read says so."""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from console.screens.hosts import wording
from console.screens.hosts.wording import Figure, gibibytes
from console.screens.views import Part, View, ViewsScreen
from console.seat import Seat
from console.translation import _
from console.widgets.paged_table import PagedTable
from console.widgets.rows import Cell, Column
from monitors.hosts.local import read_host
from monitors.hosts.model import Disk, HostReading, Listener

_EVERY_SECONDS = 30.0


class HostsScreen(ViewsScreen):
    """Place 8."""

    place_title = N_("8 Hosts")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("r", "reload", N_("Read anew"), id="frame.reload")]
    help_title = N_("Hosts")
    help_text = N_(
        "This host, read anew every half minute and with r: figures, disks, and the ports at which something waits.\n"
        "What can't be read here shows as not available, with the reason in its details. A program that may not be\n"
        "looked at is unknown, and never counts as allowed. The time on the right says when all this was read."
    )

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._reading: HostReading | None = None
        super().__init__()

    def views(self) -> Iterable[View[Any]]:
        """Return figures, disks and listeners."""
        return (self._figures(), self._disks(), self._listeners())

    def on_mount(self) -> None:
        """Read anew from time to time, while this is what is looked at."""
        self.set_interval(_EVERY_SECONDS, self._again)

    def _again(self) -> None:
        if self.is_current and not self.app.is_locked:
            self.split.table.reload()

    def _read(self) -> HostReading:
        """Read the host (in a thread), and remember the reading for the heading."""
        site = self._seat.site
        self._reading = read_host(site.clock, site.home.path)
        return self._reading

    def _part(self, name: str) -> Any:
        """Read the host and return one part; one that can't be read is refused with the reason, not shown as empty."""
        reading = self._read()
        if name in reading.unread:
            raise Refusal(N_("This can't be read here: {reason}."), reason=reading.unread[name])
        return getattr(reading, name)

    def aside(self) -> str:
        """Say which host was read, and when."""
        reading = self._reading
        if reading is None:
            return _("being read…")
        at = f"{reading.at.astimezone(self._seat.site.zone):%H:%M:%S}"
        return f"{reading.name}  {_('read at {time}').format(time=at)}"

    def advise(self, row: Any) -> None:
        """Say what is wrong before what may be done next."""
        trouble = self._trouble()
        if trouble:
            self.why(trouble)
        else:
            super().advise(row)

    @on(PagedTable.Counted)
    def _warn(self) -> None:
        trouble = self._trouble()
        if trouble:
            self.why(trouble)

    def _trouble(self) -> str:
        disks = (self._reading.disks if self._reading else None) or ()
        full = next((disk for disk in disks if disk.stops_work), None)
        if full is None:
            return ""
        words = N_("{mount} has {free} left: work stops when it is full. Free space now.")
        return _(words).format(mount=full.mount, free=gibibytes(full.free))

    # -- the lists ------------------------------------------------------------------------------------

    def _figures(self) -> View[Figure]:
        return View(
            title=N_("This host"),
            columns=(
                Column(title=N_("Figure"), show=lambda each: each.label, width=18),
                Column(title=N_("Read"), show=lambda each: Cell(each.words, each.tone), width=30, grow=1),
            ),
            read=lambda: list(wording.figures(self._read(), self._seat.site.zone)),
            key=lambda each: (each.name, each.label),
            words=lambda each: f"{each.label} {each.words}",
            explain=wording.explain_figure,
            hint=N_("→ shows disks and listeners. r reads anew."),
        )

    def _disks(self) -> View[Disk]:
        return View(
            title=N_("Disks"),
            columns=(
                Column(title=N_("Mounted at"), show=lambda each: each.mount, width=16, grow=2),
                Column(title=N_("Free"), show=wording.free_cell, width=12, align="right"),
                Column(title=N_("of"), show=lambda each: gibibytes(each.total), width=10, align="right"),
                Column(title=N_("Note"), show=wording.disk_note, width=22, grow=2),
                Column(title=N_("Device"), show=lambda each: each.device or "-", width=12, from_width=76),
            ),
            read=lambda: self._part("disks"),
            key=lambda each: each.mount,
            words=lambda each: f"{each.mount} {each.device} {each.file_system}",
            explain=wording.explain_disk,
            hint=N_("Enter shows one disk."),
        )

    def _listeners(self) -> View[Listener]:
        return View(
            title=N_("Listeners"),
            columns=(
                Column(title=N_("Port"), show=lambda each: f"{each.port}/{each.protocol}", width=11, sort="port"),
                Column(title=N_("Address"), show=lambda each: each.address, width=15, sort="address"),
                Column(title=N_("Program"), show=wording.program_cell, width=18, grow=3, sort="program"),
                Column(title=N_("User"), show=wording.user_words, width=12, sort="user"),
                Column(title=N_("Reach"), show=wording.reach_cell, width=12),
            ),
            read=lambda: self._part("listeners"),
            key=lambda each: (each.identity, each.pid),
            words=lambda each: f"{each.port} {each.protocol} {each.address} {each.program or _('unknown')}",
            explain=wording.explain_listener,
            parts=(
                Part(N_("reachable from outside"), lambda each: each.reachable_from_outside),
                Part(N_("program unknown"), lambda each: each.program is None),
            ),
            order={
                "port": lambda each: each.port,
                "address": lambda each: each.address,
                "program": lambda each: each.program or "",
                "user": lambda each: -1 if each.uid is None else each.uid,
            },
            empty=N_("Nothing listens."),
            hint=N_("f shows what others can reach, or what is unknown."),
        )
