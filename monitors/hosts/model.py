"""What one reading of a host tells. What could not be read is ``None``: not available, never zero and never good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final

STOPS_WORK: Final = 2 * 1024**3  # bytes free below which the console's acts may fail for want of space
NEARLY_FULL: Final = 10  # percent free below which a disk is worth a look


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Memory in bytes; ``available`` is what new work can have without swapping."""

    total: int
    available: int
    swap_total: int
    swap_used: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """One mounted file system, in bytes; ``free`` is what an ordinary user may still write."""

    mount: str
    device: str
    file_system: str
    total: int
    free: int
    read_only: bool
    holds_site: bool

    @property
    def percent_free(self) -> int:
        """Return the free share, rounded down."""
        return 100 * self.free // self.total if self.total else 0

    @property
    def stops_work(self) -> bool:
        """Tell whether the site's own disk has too little space left, or takes no writing at all."""
        return self.holds_site and (self.read_only or self.free < STOPS_WORK)

    @property
    def nearly_full(self) -> bool:
        """Tell whether little of a writable disk is left."""
        return not self.read_only and self.percent_free < NEARLY_FULL


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Listener:
    """A port at which something waits for others (MO-SYS-03).

    ``program`` (the executable's path) and ``uid`` are None where this process may not look; what is unknown
    is never taken for something allowed. Listeners are the same when all of these are, ``pid`` aside.
    """

    protocol: str
    port: int
    address: str
    program: str | None
    uid: int | None
    user: str | None = None
    pid: int | None = None

    @property
    def identity(self) -> tuple[str, str, int, str | None, int | None]:
        """Return what two readings are compared by; a name is not in it, because a process can write its own."""
        return self.protocol, self.address, self.port, self.program, self.uid

    @property
    def reachable_from_outside(self) -> bool:
        """Tell whether other hosts can reach it: anything but a loopback address."""
        return not ip_address(self.address.partition("%")[0]).is_loopback


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person signed in at the host itself."""

    name: str
    terminal: str
    origin: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelClock:
    """What the kernel thinks of its clock: whether a time service keeps it, and how wrong it may be at most."""

    synchronised: bool
    largest_error: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class HostReading:
    """One reading, taken at ``at`` (UTC). ``unread`` names what could not be read, with the reason."""

    name: str
    system: str
    at: datetime
    booted_at: datetime | None
    processors: int | None
    busy_percent: float | None
    load: tuple[float, float, float] | None
    memory: Memory | None
    disks: Sequence[Disk] | None
    listeners: Sequence[Listener] | None
    processes: int | None
    signed_in: Sequence[SignedIn] | None
    clock: KernelClock | None
    unread: dict[str, str]

    @property
    def uptime(self) -> timedelta | None:
        """Return how long the host has been up; a clock set back never makes it negative."""
        return None if self.booted_at is None else max(timedelta(), self.at - self.booted_at)
