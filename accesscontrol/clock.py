"""The only source of "now", and the exact ends of days in the site's zone."""

import time as host
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo


class Uptime(NamedTuple):
    """A steady count of seconds within one boot: it cannot be set, only a restart begins it anew."""

    boot: str
    seconds: float


class Clock(Protocol):
    """Tells the time as an aware UTC instant, and how long the host has been up."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def uptime(self) -> Uptime:
        """Return the steady seconds since the host started, with the name of that start."""
        ...


@cache
def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()


class SystemClock:
    """The host's clock."""

    def now(self) -> datetime:
        """Return the host's present instant, aware, in UTC."""
        return datetime.now(UTC)

    def uptime(self) -> Uptime:
        """Return the seconds since the host started, suspended time included."""
        return Uptime(_boot(), host.clock_gettime(host.CLOCK_BOOTTIME))


class FixedClock:
    """A clock that stands where it was put: for building a demo city's past, and for tests."""

    def __init__(self, instant: datetime) -> None:
        self._instant = instant.astimezone(UTC)
        self._error = timedelta()

    def now(self) -> datetime:
        """Return the instant at which this clock stands."""
        return self._instant

    def set(self, instant: datetime) -> None:
        """Put the clock at ``instant`` (aware)."""
        self._instant = instant.astimezone(UTC)

    def advance(self, step: timedelta) -> None:
        """Let time pass by ``step``."""
        self._instant += step

    def leap(self, step: timedelta) -> None:
        """Set the wall clock wrong by ``step`` while no time passes."""
        self._instant += step
        self._error += step

    def uptime(self) -> Uptime:
        """Return the seconds that have really passed, whatever the wall clock was set to."""
        return Uptime("fixed", (self._instant - self._error).timestamp())


def to_text(instant: datetime) -> str:
    """Return ``instant`` (aware) as ISO 8601 in UTC with microseconds, so that text order is time order."""
    if instant.tzinfo is None:
        raise ValueError("an instant must be aware")
    here = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    return here.isoformat(timespec="microseconds")


def from_text(text: str) -> datetime:
    """Return the aware UTC instant that :func:`to_text` wrote; ``ValueError`` for any other text."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant must be aware")
    return instant if instant.tzinfo is UTC else instant.astimezone(UTC)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day of ``instant`` in ``zone``."""
    return instant.astimezone(zone).date()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of ``day`` in ``zone``, in UTC."""
    if day == date.min:  # east of Greenwich it begins before the first instant that can be told
        return datetime.min.replace(tzinfo=UTC)
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant after ``day`` in ``zone``, in UTC.

    A last day of validity (満了日, AC-USR-03) is valid to its end: an instant before this one is in time.
    """
    if day == date.max:  # 9999-12-31, by which many systems say "no end": the day after it does not exist
        return datetime.combine(day, time.max, tzinfo=zone).astimezone(UTC)
    return start_of_day(day + timedelta(days=1), zone)
