"""Access logs of a city that does not exist: thirty ordinary days with known anomalies among them.

The same seed gives the same bytes. What is planted is told, so that a demo or a test can prove that each anomaly is
found, and that nothing ordinary is.
"""

import csv
import io
import random
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from monitors.calendars.hours import Calendar

_WORDS: Final[dict[str, Any]] = tomllib.loads(
    files("monitors.events").joinpath("ordinary.toml").read_text(encoding="utf-8")
)
_COLUMNS: Final[tuple[str, ...]] = tuple(_WORDS["header"].split(","))
_CELLS: Final = (
    "time",
    "office",
    "login",
    "name",
    "terminal",
    "act",
    "task",
    "outcome",
    "count",
    "keys",
    "resident",
    "target",
    "application",
)
_ABSENT: Final = 0.08
_MISTYPED: Final = 0.01
_ACTS: Final = ("search", "view", "print", "update")
_HOST: Final = "cs01"
_OUTSIDE: Final = "203.0.113.24"
_TRIED: Final = ("admin", "test", "oracle", "postgres", "guest", "ubuntu")


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Someone who works with the register system: login, name, office and usual terminal."""

    login: str
    office: str
    terminal: str
    name: str = ""
    server_login: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One anomaly among the ordinary: the rule that must find it, where, whose, and how many events it is."""

    rule: str
    system: str
    account: str
    count: int
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who plays which part. An empty one is not played, so that its anomaly is not planted.

    ``retired`` and ``unknown`` are logins of nobody who works here; the facts of the site must say so of them.
    """

    late: str = ""
    on_closed_day: str = ""
    forgetful: str = ""
    guessed: str = ""
    shared: str = ""
    curious: str = ""
    careless: str = ""
    outputs: str = ""
    retired: str = ""
    unknown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """The files that were written, and what was planted in them."""

    register: Path
    servers: Path
    planted: tuple[Planted, ...]


@dataclass(slots=True)
class _Book:
    """What was written so far."""

    random: random.Random
    register: list[tuple[datetime, list[str]]] = field(default_factory=list)
    servers: list[tuple[datetime, str]] = field(default_factory=list)
    planted: list[Planted] = field(default_factory=list)

    def act(self, at: datetime, who: Staff, act: str, *, outcome: str = "success", **told: str | int) -> None:
        """Write one line of the register system."""
        cells = {
            "time": f"{at:%Y/%m/%d %H:%M:%S}",
            "office": who.office,
            "login": who.login,
            "name": who.name,
            "terminal": who.terminal,
            "act": _WORDS["words"][act],
            "task": _WORDS["names"][act],
            "outcome": _WORDS["words"][outcome],
            "count": 0,
            **told,
        }
        self.register.append((at, [str(cells.get(name, "")) for name in _CELLS]))

    def ssh(self, at: datetime, pid: int, message: str) -> None:
        """Write one line of the servers' authentication log."""
        self.servers.append((at, f"{at:%b} {at.day:2d} {at:%H:%M:%S} {_HOST} sshd[{pid}]: {message}"))

    def plant(self, rule: str, system: str, account: str, count: int, day: date) -> None:
        """Tell that an anomaly was written."""
        self.planted.append(Planted(rule=rule, system=system, account=account, count=count, day=day))


def generate(
    folder: Path,
    staff: Sequence[Staff],
    cast: Cast,
    *,
    end: date,
    calendar: Calendar,
    days: int = 30,
    seed: int = 1,
    acts_a_day: int = 40,
    system: str = "register",
    servers: str = "servers",
) -> Logs:
    """Write the register system's log (CSV, CP932) and the servers' ``auth.log`` for ``days`` up to ``end``.

    ``staff`` work only while their office is open by ``calendar``; anomalies happen on the last open days. Each part
    of ``cast`` is a login in ``staff`` (but ``retired`` and ``unknown``). Times are the
    site's wall clock.
    """
    book = _Book(random.Random(seed))  # noqa: S311 - a made-up city needs no secrecy
    people = {each.login: each for each in staff}
    open_days, closed_days = working_days(end, days, calendar)
    for day in sorted(open_days + closed_days):
        for who in staff:
            _ordinary_day(book, who, day, calendar, acts_a_day)
        _ordinary_servers(book, staff, day, calendar)
    _plant(book, people, cast, open_days, closed_days, system, servers)
    return _write(folder, book)


def working_days(end: date, days: int, calendar: Calendar) -> tuple[list[date], list[date]]:
    """Return the open and the closed days among the ``days`` up to ``end``; anomalies happen on the last two open."""
    span = [end - timedelta(days=number) for number in reversed(range(days))]
    return [day for day in span if calendar.hours("", day)], [day for day in span if not calendar.hours("", day)]


def _ordinary_day(book: _Book, who: Staff, day: date, calendar: Calendar, acts: int) -> None:
    hours = calendar.hours(who.office, day)
    if not hours or book.random.random() < _ABSENT:
        return
    start, end = hours[0][0], hours[-1][1]
    midnight = datetime.combine(day, datetime.min.time())
    minutes = sorted(book.random.uniform(start + 6, end - 6) for _ in range(book.random.randint(acts // 2, acts)))
    book.act(midnight + timedelta(minutes=book.random.uniform(start + 0.1, start + 5)), who, "login")
    for minute in minutes:
        at = midnight + timedelta(minutes=minute)
        act = book.random.choices(_ACTS, (5, 3, 2, 1))[0]
        resident = f"K{book.random.randrange(100_000):07d}"
        keys = book.random.choice(_WORDS["keys"]["usual"]) if act == "search" else ""
        book.act(at, who, act, count=1, keys=keys, resident=resident)
    if book.random.random() < _MISTYPED:
        book.act(midnight + timedelta(minutes=start), who, "login", outcome="failure")
    book.act(midnight + timedelta(minutes=book.random.uniform(end - 5, end - 0.1)), who, "logout")


def _ordinary_servers(book: _Book, staff: Sequence[Staff], day: date, calendar: Calendar) -> None:
    for number, who in enumerate(each for each in staff if each.server_login):
        hours = calendar.hours(who.office, day)
        if not hours:
            continue
        at = datetime.combine(day, datetime.min.time()) + timedelta(minutes=book.random.uniform(540, 900))
        pid = 1000 + book.random.randrange(30_000)
        address = f"10.20.0.{10 + number}"
        book.ssh(
            at, pid, f"Accepted publickey for {who.login} from {address} port {40_000 + pid} ssh2: ED25519 SHA256:x"
        )
        left = at + timedelta(minutes=book.random.uniform(5, 60))
        book.ssh(left, pid, f"Disconnected from user {who.login} {address} port {40_000 + pid}")


def _plant(
    book: _Book,
    people: dict[str, Staff],
    cast: Cast,
    open_days: Sequence[date],
    closed_days: Sequence[date],
    system: str,
    servers: str,
) -> None:
    last, before = open_days[-1], open_days[-2]
    parts: list[tuple[str, date, Callable[[_Book, Staff, date, str], None]]] = [
        (cast.late, before, _late),
        (cast.on_closed_day, closed_days[-1] if closed_days else last, _closed),
        (cast.forgetful, before, _burst),
        (cast.guessed, last, _guessed),
        (cast.shared, before, _shared),
        (cast.curious, before, _curious),
        (cast.careless, last, _careless),
        (cast.outputs, before, _output),
    ]
    for login, day, play in parts:
        if login:
            play(book, people[login], day, system)
    strangers = (cast.retired, "retired-id", before), (cast.unknown, "unknown-id", last)
    for number, (login, rule, day) in enumerate(strangers):
        if login:
            place = next(iter(people.values()))
            who = Staff(login=login, office=place.office, terminal=place.terminal)
            _stranger(book, who, day, rule, system, 10 + number)
    _attack(book, last, servers)


def _at(day: date, hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001 - the wall clock of a log


def _late(book: _Book, who: Staff, day: date, system: str) -> None:
    for number in range(9):
        book.act(_at(day, 22, 14 + number), who, "view", count=1, resident=f"K{number:07d}")
    book.plant("off-hours", system, who.login, 9, day)


def _closed(book: _Book, who: Staff, day: date, system: str) -> None:
    for number in range(14):
        book.act(_at(day, 10, 2 + number), who, "view", count=1, resident=f"K{number:07d}")
    book.plant("closed-day", system, who.login, 14, day)


def _burst(book: _Book, who: Staff, day: date, system: str) -> None:
    for number in range(6):
        book.act(_at(day, 8, 40, number * 9), who, "login", outcome="failure")
    book.plant("failure-burst", system, who.login, 6, day)


def _guessed(book: _Book, who: Staff, day: date, system: str) -> None:
    for number in range(7):
        book.act(_at(day, 11, 20, number * 7), who, "login", outcome="failure")
    book.act(_at(day, 11, 21), who, "login")
    book.plant("success-after-burst", system, who.login, 4, day)


def _shared(book: _Book, who: Staff, day: date, system: str) -> None:
    there = Staff(login=who.login, office=who.office, terminal=f"{who.terminal}-B", name=who.name)
    book.act(_at(day, 14, 3), who, "view", count=1, resident="K0000001")
    book.act(_at(day, 14, 5), there, "view", count=1, resident="K0000002")
    book.plant("two-terminals", system, who.login, 2, day)


def _curious(book: _Book, who: Staff, day: date, system: str) -> None:
    for number in range(110):
        at = _at(day, 13, 0) + timedelta(seconds=20 * number)
        book.act(at, who, "view", count=1, resident=f"K{number:07d}")
    book.plant("mass-search", system, who.login, 110, day)


def _careless(book: _Book, who: Staff, day: date, system: str) -> None:
    for number, keys in enumerate((_WORDS["keys"]["few"], _WORDS["keys"]["none"], "")):
        book.act(_at(day, 15, number), who, "search", count=40, keys=keys)
    book.plant("search-with-few-keys", system, who.login, 3, day)


def _output(book: _Book, who: Staff, day: date, system: str) -> None:
    book.act(_at(day, 16, 30), who, "media", count=320, target="USB-SSD", application="R-0000-0000")
    book.plant("output-without-approval", system, who.login, 1, day)


def _stranger(book: _Book, who: Staff, day: date, rule: str, system: str, hour: int) -> None:
    book.act(_at(day, hour, 30), who, "login")
    book.act(_at(day, hour, 33), who, "search", count=1, keys=_WORDS["keys"]["usual"][0])
    book.act(_at(day, hour, 40), who, "logout")
    book.plant(rule, system, who.login, 3, day)


def _attack(book: _Book, day: date, servers: str) -> None:
    for number, login in enumerate(_TRIED):
        at = _at(day, 10, 0) + timedelta(seconds=11 * number)
        pid = 31_000 + number
        book.ssh(at, pid, f"Invalid user {login} from {_OUTSIDE} port {50_000 + number}")
        book.ssh(at, pid, f"Failed password for invalid user {login} from {_OUTSIDE} port {50_000 + number} ssh2")
    book.plant("one-source-many-ids", servers, "", len(_TRIED), day)


def _lines(book: _Book) -> Iterator[list[str]]:
    yield [*_COLUMNS]
    for _, cells in sorted(book.register, key=lambda entry: entry[0]):
        yield cells


def _write(folder: Path, book: _Book) -> Logs:
    folder.mkdir(parents=True, exist_ok=True)
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(_lines(book))
    register = folder / "register.csv"
    register.write_bytes(text.getvalue().encode("cp932"))
    servers = folder / "auth.log"
    lines = [line for _, line in sorted(book.servers, key=lambda entry: entry[0])]
    servers.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return Logs(register=register, servers=servers, planted=tuple(book.planted))
