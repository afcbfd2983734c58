"""Syslog lines as daemons write them to files: RFC 3164, RFC 3164 with an ISO time, and RFC 5424.

RFC 3164 writes no year. The year of the first line is given (see :func:`first_year`); it rolls over when the
calendar jumps back by more than half a year, and a late line of December in January belongs to the year before.
"message repeated N times" is N events.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from monitors.events.readers.readings import Decoded, Line, Outcome, Quarantined, Reading
from monitors.events.times import MONTHS, NotATimeError, TimeReader, milliseconds

MOST_REPEATS: Final = 10_000
_HALF_A_YEAR: Final = 183
_DAYS_IN_MONTH: Final = 31
_OLD: Final = re.compile(
    r"(?:<\d{1,3}>)?(?P<time>(?P<month>[A-Z][a-z]{2}) {1,2}(?P<day>\d{1,2}) (?P<clock>\d\d:\d\d:\d\d)(?:\.\d+)?) "
    r"(?P<rest>.*)",
    re.DOTALL,
)
_ISO: Final = re.compile(
    r"(?:<\d{1,3}>)?(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?) (?P<rest>.*)",
    re.DOTALL,
)
_NEW: Final = re.compile(
    r"<\d{1,3}>1 (?P<time>\S+) (?P<host>\S+) (?P<program>\S+) (?P<pid>\S+) \S+ "
    r'(?:-|(?:\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\])+)(?: (?P<message>.*))?',
    re.DOTALL,
)
_REST: Final = re.compile(
    r"(?P<host>\S+) (?:(?P<program>[^\s:\[]+)(?:\[(?P<pid>[^\]]*)\])?: ?)?(?P<message>.*)", re.DOTALL
)
_NO_HOST: Final = re.compile(
    r"(?:(?P<program>[^\s:\[]+)\[(?P<pid>\d+)\]:|\[(?P<metalog>[^\s\]]+)\]:?) ?(?P<message>.*)", re.DOTALL
)
_WRAPPED: Final = re.compile(r"message repeated (?P<times>\d{1,10}) times: \[ ?(?P<message>.*)\]", re.DOTALL)
_LAST: Final = re.compile(r"last message repeated (?P<times>\d{1,10}) times?")
_ISO_LAYOUTS: Final = tuple(
    f"%Y-%m-%d{mark}%H:%M:%S{fraction}{offset}"
    for mark in ("T", " ")
    for fraction in ("", ".%f", ",%f")
    for offset in ("%z", "")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One syslog message, its header taken apart."""

    host: str
    program: str
    pid: str
    text: str


Dialect = Callable[[Message], Mapping[str, str | int]]


@dataclass(slots=True)
class _Header:
    ts: int
    ts_raw: str
    message: Message


@dataclass(slots=True)
class _Calendar:
    """Gives RFC 3164 times their year, line after line."""

    year: int
    last_day: int = 0

    def ts(self, month: int, day: int, clock: str, zone: ZoneInfo) -> int:
        day_of_year = (month - 1) * _DAYS_IN_MONTH + day
        year = self.year
        if self.last_day - day_of_year > _HALF_A_YEAR:
            year = self.year = self.year + 1
        elif self.last_day and day_of_year - self.last_day > _HALF_A_YEAR:
            year -= 1  # a late line from before New Year
        if year == self.year:
            self.last_day = day_of_year
        hour, minute, second = (int(part) for part in clock.split(":"))
        return milliseconds(datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone))


def first_year(head: str, tail: str, latest: datetime, zone: ZoneInfo) -> int:
    """Return the year of the first RFC 3164 line, so that the last line is not after ``latest`` (a day's grace).

    ``head`` and ``tail`` are the first and the last lines of the file.
    """
    first, last = _month_days(head), _month_days(tail)
    limit = (latest + timedelta(days=1)).astimezone(zone)
    if not first or not last:
        return limit.year
    year = limit.year - (last[-1] > (limit.month, limit.day))
    return year - (first[0] > last[-1])


def _month_days(text: str) -> list[tuple[int, int]]:
    found = (_OLD.match(line) for line in text.splitlines())
    return [
        (MONTHS[match["month"].lower()], int(match["day"]))
        for match in found
        if match and match["month"].lower() in MONTHS
    ]


@dataclass(slots=True)
class SyslogReader:
    """Reads syslog lines; ``dialect`` tells what a program's message means."""

    zone: ZoneInfo
    year: int
    dialect: Dialect
    _calendar: _Calendar = field(init=False)
    _iso: TimeReader = field(init=False)
    _before: dict[str, Message] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._calendar = _Calendar(self.year)
        self._iso = TimeReader(_ISO_LAYOUTS, self.zone)

    def __call__(self, lines: Iterable[Decoded]) -> Iterator[Outcome]:
        """Read ``lines`` one by one."""
        for each in lines:
            if isinstance(each, Quarantined):
                yield each
                continue
            line, text = each
            try:
                header = self._header(text)
            except (NotATimeError, ValueError, KeyError):
                yield Quarantined(line, "time")
                continue
            yield self._outcome(line, header) if header else Quarantined(line, "syslog")

    def _outcome(self, line: Line, header: _Header) -> Outcome:
        message, times = header.message, 1
        if wrapped := _WRAPPED.fullmatch(message.text):
            times = int(wrapped["times"])
            message = Message(host=message.host, program=message.program, pid=message.pid, text=wrapped["message"])
        elif last := _LAST.fullmatch(message.text):
            times = int(last["times"])
            before = self._before.get(message.host)
            if before is None:
                return Quarantined(line, "repeated")
            message = before
        if not 1 <= times <= MOST_REPEATS:
            return Quarantined(line, "repeated")
        self._before[message.host] = message
        if len(self._before) > MOST_REPEATS:
            self._before.clear()
        fields = {
            "session": message.pid,
            "dest_system": message.host,
            "detail": f"{message.program}: {message.text}" if message.program else message.text,
            **self.dialect(message),
        }
        return Reading(line.number, header.ts, header.ts_raw, self.zone.key, fields, times)

    def _header(self, text: str) -> _Header | None:
        if new := _NEW.fullmatch(text):
            told = {name: "" if value in {None, "-"} else str(value) for name, value in new.groupdict().items()}
            message = Message(
                host=told["host"],
                program=told["program"],
                pid=told["pid"],
                text=told["message"].removeprefix("\ufeff"),
            )
            return _Header(self._iso(told["time"]), told["time"], message)
        if iso := _ISO.fullmatch(text):
            return self._rest(self._iso(iso["time"]), iso["time"], iso["rest"])
        if old := _OLD.fullmatch(text):
            month = MONTHS[old["month"].lower()]
            ts = self._calendar.ts(month, int(old["day"]), old["clock"], self.zone)
            return self._rest(ts, old["time"], old["rest"])
        return None

    def _rest(self, ts: int, ts_raw: str, rest: str) -> _Header | None:
        found = _NO_HOST.fullmatch(rest) or _REST.fullmatch(rest)
        if found is None:
            return None
        told = {"host": ""} | {name: value or "" for name, value in found.groupdict().items()}
        program = told["program"] or told.get("metalog", "")
        return _Header(ts, ts_raw, Message(host=told["host"], program=program, pid=told["pid"], text=told["message"]))
