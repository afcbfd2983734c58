"""What a reading of a host says, in words: what was not read is not available, and never shows as zero."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from accesscontrol.messages import N_
from console.dates import duration
from console.translation import _, ngettext
from console.widgets.details import Fact, Section
from console.widgets.rows import Cell
from monitors.hosts.model import STOPS_WORK, Disk, HostReading, KernelClock, Listener, Memory, SignedIn

Tone = Literal["", "high", "medium", "low", "good", "faint"]
_GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the overview: a label and what was read of it; the words are already translated."""

    name: str
    label: str
    words: str
    tone: Tone = ""
    more: Sequence[str] = ()


def gibibytes(octets: int) -> str:
    """Return a size in GiB with one digit after the point."""
    return f"{octets / _GIB:,.1f} GiB"


def figures(reading: HostReading, zone: ZoneInfo) -> Iterator[Figure]:
    """Yield the lines of the overview; what was not read says so, with the reason in its details."""
    yield Figure(name="system", label=_("System"), words=f"{reading.name}  {reading.system}")
    for figure in (_uptime(reading, zone), _clock(reading.clock), *_work(reading), *_memory(reading.memory)):
        yield _available(figure, reading)
    for figure in (_disks(reading.disks), _listeners(reading.listeners), _signed_in(reading.signed_in, zone)):
        yield _available(figure, reading)


def _available(figure: Figure, reading: HostReading) -> Figure:
    """Return ``figure``, or that it is not available and why."""
    if figure.words:
        return figure
    reason = reading.unread.get(figure.name, _("This host has no such figure."))
    words = _("not available")
    return Figure(name=figure.name, label=figure.label, words=words, tone="medium", more=(reason,))


def _uptime(reading: HostReading, zone: ZoneInfo) -> Figure:
    started = reading.booted_at
    return Figure(
        name="booted_at",
        label=_("Up for"),
        words="" if reading.uptime is None else duration(reading.uptime),
        more=[_("Started {at}").format(at=f"{started.astimezone(zone):%Y-%m-%d %H:%M:%S}")] if started else (),
    )


def _clock(clock: KernelClock | None) -> Figure:
    if clock is None:
        return Figure(name="clock", label=_("Clock"), words="")
    if not clock.synchronised:
        more = [_("The kernel knows of no time service that keeps this clock. Times in logs may be wrong.")]
        return Figure(name="clock", label=_("Clock"), words=_("not kept by a time service"), tone="medium", more=more)
    error = clock.largest_error.total_seconds()
    words = _("kept by a time service, at most {seconds} s wrong").format(seconds=f"{error:.3f}")
    return Figure(name="clock", label=_("Clock"), words=words, tone="good")


def _work(reading: HostReading) -> Iterator[Figure]:
    busy, load, cores = reading.busy_percent, reading.load, reading.processors
    words = "" if busy is None else f"{busy:.0f}%"
    if words and cores:
        words = ngettext("{busy} of {cores} processor", "{busy} of {cores} processors", cores)
        words = words.format(busy=f"{busy:.0f}%", cores=cores)
    yield Figure(name="busy_percent", label=_("Processors busy"), words=words)
    yield Figure(
        name="load",
        label=_("Load 1, 5, 15 min"),
        words="" if load is None else "  ".join(f"{value:.2f}" for value in load),
        tone="medium" if load and cores and load[1] > cores else "",
    )
    yield Figure(
        name="processes",
        label=_("Processes"),
        words="" if reading.processes is None else f"{reading.processes:,}",
    )


def _memory(memory: Memory | None) -> Iterator[Figure]:
    words = swap = ""
    if memory is not None:
        words = _("{free} of {total}").format(free=gibibytes(memory.available), total=gibibytes(memory.total))
        used = _("{used} of {total}").format(used=gibibytes(memory.swap_used), total=gibibytes(memory.swap_total))
        swap = used if memory.swap_total else _("no swap is set up")
    yield Figure(name="memory", label=_("Memory available"), words=words)
    yield Figure(name="memory", label=_("Swap used"), words=swap)


def _disks(disks: Sequence[Disk] | None) -> Figure:
    if not disks:
        return Figure(name="disks", label=_("Disks"), words="")
    least = min(disks, key=lambda disk: (not disk.stops_work, disk.percent_free))
    words = _("{mount} has {free} left ({percent}%)").format(
        mount=least.mount, free=gibibytes(least.free), percent=least.percent_free
    )
    return Figure(name="disks", label=_("Fullest disk"), words=words, tone=_disk_tone(least))


def _listeners(listeners: Sequence[Listener] | None) -> Figure:
    if listeners is None:
        return Figure(name="listeners", label=_("Listeners"), words="")
    outside = [each for each in listeners if each.reachable_from_outside]
    unknown = [each for each in outside if each.program is None]
    words = _("{all}, {outside} reachable from outside, {unknown} of them unknown").format(
        all=len(listeners), outside=len(outside), unknown=len(unknown)
    )
    return Figure(name="listeners", label=_("Listeners"), words=words, tone="medium" if unknown else "")


def _signed_in(people: Sequence[SignedIn] | None, zone: ZoneInfo) -> Figure:
    lines = [
        f"{each.name}  {each.terminal}  {each.origin}  {each.since.astimezone(zone):%m-%d %H:%M}"
        for each in people or ()
    ]
    words = "" if people is None else f"{len(people):,}"
    return Figure(name="signed_in", label=_("Signed in here"), words=words, more=lines)


def explain_figure(figure: Figure) -> list[Section]:
    """Return one line of the overview in full."""
    return [Section(figure.label, sentences=[figure.words, *figure.more])]


# -- disks ---------------------------------------------------------------------------------------------


def _disk_tone(disk: Disk) -> Tone:
    return "high" if disk.stops_work else "medium" if disk.nearly_full else ""


def free_cell(disk: Disk) -> Cell:
    """Return the free space of a disk."""
    return Cell(gibibytes(disk.free), _disk_tone(disk))


def disk_note(disk: Disk) -> Cell:
    """Return what to know of a disk: whether it holds the site, and whether it is in trouble."""
    notes = []
    if disk.stops_work and not disk.read_only:
        notes.append(_("TOO FULL: work stops"))
    elif disk.nearly_full:
        notes.append(_("nearly full"))
    if disk.read_only:
        notes.append(_("read only"))
    if disk.holds_site:
        notes.append(_("this site"))
    return Cell(", ".join(notes), _disk_tone(disk))


def explain_disk(disk: Disk) -> list[Section]:
    """Return one disk in full."""
    facts = [
        Fact(_("Device"), disk.device or _("not available")),
        Fact(_("File system"), disk.file_system or _("not available")),
        Fact(_("Size"), gibibytes(disk.total)),
        Fact(_("Free"), f"{gibibytes(disk.free)}  {disk.percent_free}%", "bold $error" if disk.stops_work else ""),
        Fact(_("Writable"), _("no") if disk.read_only else _("yes")),
    ]
    words = N_(
        "The site lies here. Below {least} free, acts are refused sooner or later, because nothing can be written."
    )
    note = _(words).format(least=gibibytes(STOPS_WORK))
    return [Section(disk.mount, facts, [note] if disk.holds_site else [])]


# -- listeners -----------------------------------------------------------------------------------------


def program_cell(listener: Listener) -> Cell:
    """Return the program that listens, or that it is unknown."""
    return Cell(_("unknown"), "medium") if listener.program is None else Cell(listener.program)


def user_words(listener: Listener) -> str:
    """Return the user whose program listens: name and number, or that it is unknown."""
    if listener.uid is None:
        return _("unknown")
    return f"{listener.user} ({listener.uid})" if listener.user else str(listener.uid)


def reach_cell(listener: Listener) -> Cell:
    """Return who can reach it."""
    return Cell(_("outside"), "medium") if listener.reachable_from_outside else Cell(_("this host"), "faint")


def explain_listener(listener: Listener) -> list[Section]:
    """Return one listener in full."""
    facts = [
        Fact(_("Port"), f"{listener.port}/{listener.protocol}"),
        Fact(_("Address"), listener.address),
        Fact(_("Program"), program_cell(listener).text, "$warning" if listener.program is None else ""),
        Fact(_("User"), user_words(listener)),
        Fact(_("Process"), str(listener.pid) if listener.pid is not None else _("unknown")),
    ]
    sentences = []
    if listener.reachable_from_outside:
        sentences.append(_("Other hosts can reach this port unless a firewall stops them."))
    if listener.program is None:
        sentences.append(_("This program may not be looked at from here, so it can't count as allowed (MO-SYS-03)."))
    return [Section(facts=facts, sentences=sentences)]
