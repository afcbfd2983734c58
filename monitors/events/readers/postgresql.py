"""PostgreSQL's own logs: stderr with its usual prefixes, csvlog (records span lines) and jsonlog.

Sign-ins need ``log_connections``, sign-outs ``log_disconnections``, statements ``log_statement``. Failures are told by
their SQLSTATE where it is written (class 28), so that they are found in any language; messages are those of English
and Japanese servers.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib.resources import files
from ipaddress import ip_address
from typing import Any, Final
from zoneinfo import ZoneInfo

from monitors.events.readers.json_lines import objects
from monitors.events.readers.readings import Decoded, Line, Outcome, Quarantined, Reading
from monitors.events.readers.records import records
from monitors.events.schema import Action
from monitors.events.schema import Outcome as Ending
from monitors.events.times import NotATimeError, TimeReader, instant_of, milliseconds

_WORDS: Final[dict[str, Any]] = tomllib.loads(
    files("monitors.events.readers").joinpath("postgresql.toml").read_text(encoding="utf-8")
)
_PATTERNS: Final = {
    name: tuple(re.compile(pattern, re.DOTALL) for pattern in _WORDS[name])
    for name in ("opened", "closed", "refused", "received", "denied", "statement")
}
_SECONDARY: Final = "|".join(_WORDS["secondary"])
_MESSAGE: Final = rf"(?P<level>DEBUG\d?|INFO|NOTICE|WARNING|LOG|ERROR|FATAL|PANIC|{_SECONDARY}):  ?(?P<message>.*)"
_STDERR: Final = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? (?:[A-Za-z]+|[+-]\d\d(?::?\d\d)?))"
    rf"(?P<prefix>.*?){_MESSAGE}",
    re.DOTALL,
)
_BY_SYSLOG: Final = re.compile(rf"(?:\[\d+(?:-\d+)?\] ?)?(?P<prefix>.*?){_MESSAGE}", re.DOTALL)
_STARTS: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_PID: Final = re.compile(r"\[(\d+)(?:-\d+)?\]")
_NAMED: Final = {
    "user": re.compile(r"(?:user|usr)=([^,\s]*)"),
    "database": re.compile(r"(?:db|database)=([^,\s]*)"),
}
_HOST: Final = re.compile(r"(?:client|host|remote)=([^,\s()]*)")
_QUOTED: Final = re.compile(r'"([^"]+)"')
_CLOUD: Final = re.compile(  # time, peer, user and database between colons, as managed servers write them
    r":(?P<host>\S*?)(?:\(\d+\))?:(?P<user>[^\s@:]*)@(?P<database>[^\s:]*):\[(?P<pid>\d+)\]:? ?"
)
_AT: Final = re.compile(r"(?P<user>[^\s@\[\]]+)@(?P<database>[^\s@\[\]:]+)")
_PASSWORD: Final = re.compile(r"(password\s*)(?:'(?:[^']|'')*'|\$(\w*)\$.*?\$\2\$)", re.IGNORECASE | re.DOTALL)
_FIRST_WORD: Final = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/|\()*(?P<word>[A-Za-z]+)", re.DOTALL)
_COLUMNS: Final = (
    *("time", "user", "database", "pid", "peer", "session", "line", "tag", "started", "vxid", "xid", "level", "state"),
    *("message", "detail", "hint", "internal", "internal_at", "context", "sql", "at", "location", "application"),
)
_LAYOUTS: Final = ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S")
_UTC: Final = frozenset({"UTC", "GMT", "Z"})
_FATAL: Final = "FATAL:  "
_LONGEST: Final = 1000  # lines of one message
_REMEMBERED: Final = 10_000  # processes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """One message, whichever way it was written."""

    time: str
    user: str = ""
    database: str = ""
    pid: str = ""
    host: str = ""
    session: str = ""
    level: str = ""
    state: str = ""
    message: str = ""
    detail: str = ""
    sql: str = ""


class _Clock:
    """Reads PostgreSQL's times, whose zone is an abbreviation: one of the server's own zone, UTC, or an offset."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._here = TimeReader(_LAYOUTS, zone)
        self._there = TimeReader(_LAYOUTS, ZoneInfo("UTC"))
        self._offset = TimeReader([f"{layout} %z" for layout in _LAYOUTS], zone)

    def __call__(self, text: str) -> int:
        stamp, _, zone = text.rpartition(" ")
        if zone in _UTC:
            return self._there(stamp)
        if zone[:1] in {"+", "-"}:
            return self._offset(text)
        ts = self._here(stamp)
        local = instant_of(ts).astimezone(self._zone)
        if local.tzname() == zone:
            return ts
        later: datetime = local.replace(fold=1)  # the hour that comes twice, the second time
        if later.tzname() == zone:
            return milliseconds(later)
        raise NotATimeError(text)


def read_stderr(lines: Iterable[Decoded], zone: ZoneInfo) -> Iterator[Outcome]:
    """Read lines of stderr; a line without a prefix belongs to the message before it."""
    reader = _Stderr(zone, _Clock(zone))
    held: list[tuple[Line, str]] = []
    for each in lines:
        if isinstance(each, Quarantined):
            yield from reader.message(held)
            held = []
            yield each
        elif _STARTS.match(each[1]) or not held or len(held) >= _LONGEST:
            yield from reader.message(held)
            held = [each]
        else:
            held.append(each)
    yield from reader.message(held)


@dataclass(slots=True)
class _Stderr:
    """Makes messages of lines; who connected is told once for each process, so it is remembered."""

    zone: ZoneInfo
    clock: _Clock
    hosts: dict[str, str] = field(default_factory=dict)

    def message(self, held: list[tuple[Line, str]]) -> Iterator[Outcome]:
        if not held:
            return
        found = _STDERR.fullmatch("\n".join(text for _line, text in held))
        if found is None:
            yield from (Quarantined(line, "postgresql") for line, _text in held)
            return
        told = _told(found)
        if (received := _match("received", told.message)) is not None:
            if len(self.hosts) >= _REMEMBERED:
                self.hosts.clear()
            self.hosts[told.pid] = received["host"]
        else:  # what the server says of a connection goes before what a prefix seems to say
            told = replace(told, host=self.hosts.get(told.pid) or told.host)
        yield _reading(held[0][0], told, self.zone, self.clock)


def by_syslog(text: str) -> Mapping[str, str | int]:
    """Return what a message of the server that came by syslog tells, of the rest of one nothing but its text."""
    found = _BY_SYSLOG.fullmatch(text)
    told = _fields(_told(found)) if found else {"action": Action.OTHER, "outcome": Ending.UNKNOWN}
    told.pop("session", None)  # the process, as syslog names it
    return {**told, "detail": _masked(text)}


def _told(found: re.Match[str]) -> _Told:
    prefix = found["prefix"]
    named = {name: match[1] for name, pattern in _NAMED.items() if (match := pattern.search(prefix))}
    if cloud := _CLOUD.fullmatch(prefix):
        named |= {name: value for name, value in cloud.groupdict().items() if name != "pid"}
    elif "user" not in named and (both := _AT.search(prefix)):
        named |= both.groupdict()
    pid = _PID.search(prefix)
    level, message = found["level"], found["message"]
    _before, fatal, rest = message.rpartition(_FATAL)
    if fatal and _match("statement", message) is None and _match("refused", rest) is not None:
        level, message = "FATAL", rest  # the name that somebody came with looks like a message itself
    if not cloud:
        named["host"] = _host(prefix, message if level == "FATAL" else "")
    return _Told(
        time=found.groupdict().get("time", ""),
        pid=pid[1] if pid else "",
        level=level,
        message=message,
        **{name: "" if value == "[unknown]" else value for name, value in named.items()},
    )


def _host(prefix: str, refusal: str) -> str:
    """Return the address in a prefix: what is called so, or stands by itself before the name.

    Whoever was refused may have come with a name that looks like one, so the names that the refusal tells don't count.
    """
    for name in _QUOTED.findall(refusal):
        prefix = prefix.replace(name, "")
    if called := _HOST.search(prefix):
        return called[1]
    return next((word for each in prefix.partition("@")[0].split() if _is_address(word := each.partition("(")[0])), "")


def _is_address(word: str) -> bool:
    try:
        return bool(ip_address(word))
    except ValueError:
        return False


def read_csv(lines: Iterable[Decoded], zone: ZoneInfo) -> Iterator[Outcome]:
    """Read csvlog of any version since 9.0."""
    clock = _Clock(zone)
    for each in records(lines):
        if isinstance(each, Quarantined):
            yield each
            continue
        line, cells = each
        if len(cells) < len(_COLUMNS):
            yield Quarantined(line, "columns")
            continue
        row = dict(zip(_COLUMNS, cells, strict=False))
        peer = row["peer"].rpartition(":")[0] or row["peer"]
        names = ("time", "user", "database", "pid", "session", "level", "state", "message", "detail", "sql")
        yield _reading(line, _Told(host=peer, **{name: row[name] for name in names}), zone, clock)


def read_json(lines: Iterable[Decoded], zone: ZoneInfo) -> Iterator[Outcome]:
    """Read jsonlog (version 15 and later)."""
    clock = _Clock(zone)
    for each in objects(lines):
        if isinstance(each, Quarantined):
            yield each
            continue
        line, row = each

        def told(name: str, row: Mapping[str, Any] = row) -> str:
            value = row.get(name)
            return "" if value is None else str(value)

        yield _reading(
            line,
            _Told(
                time=told("timestamp"),
                user=told("user"),
                database=told("dbname"),
                pid=told("pid"),
                host=told("remote_host"),
                session=told("session_id"),
                level=told("error_severity"),
                state=told("state_code"),
                message=told("message"),
                detail=told("detail"),
                sql=told("statement"),
            ),
            zone,
            clock,
        )


def _reading(line: Line, told: _Told, zone: ZoneInfo, clock: _Clock) -> Outcome:
    try:
        ts = clock(told.time)
    except NotATimeError:
        return Quarantined(line, "time")
    return Reading(line.number, ts, told.time, zone.key, _fields(told))


def _fields(told: _Told) -> dict[str, str | int]:
    action, outcome, found = _meaning(told)
    host = found.get("host") or told.host
    return {
        "action": action,
        "outcome": outcome,
        "user_id": found.get("user") or told.user,
        "src_ip": "" if host == "[local]" else host,
        "session": told.session or told.pid,
        "object": told.database or found.get("database", ""),
        "reason": told.state if told.state not in {"", "00000"} else told.level,
        "detail": _masked(told.message),
    }


def _masked(text: str) -> str:
    return _PASSWORD.sub(r"\1'***'", text)


def _meaning(told: _Told) -> tuple[Action, Ending, dict[str, str]]:
    """Return what a message means; only messages of the server itself are believed, not what statements contain."""
    if told.level == "FATAL":
        refused = _match("refused", told.message)
        if told.state.startswith("28") or refused is not None:
            return Action.LOGIN, Ending.FAILURE, refused or {}
        return Action.OTHER, Ending.ERROR, {}
    if told.level == "ERROR":
        is_denied = told.state == "42501" or _match("denied", told.message) is not None
        return _act(told.sql), Ending.FAILURE if is_denied else Ending.ERROR, {}
    if told.level == "LOG":
        return _logged(told.message)
    return Action.OTHER, Ending.UNKNOWN, {}


def _logged(message: str) -> tuple[Action, Ending, dict[str, str]]:
    for name, action in (("opened", Action.LOGIN), ("closed", Action.LOGOUT)):
        if (found := _match(name, message)) is not None:
            return action, Ending.SUCCESS, found
    if (statement := _match("statement", message)) is not None:
        return _act(statement["sql"]), Ending.SUCCESS, {}
    return Action.OTHER, Ending.UNKNOWN, _match("received", message) or {}


def _match(name: str, message: str) -> dict[str, str] | None:
    for pattern in _PATTERNS[name]:
        if found := pattern.fullmatch(message):
            return {key: value or "" for key, value in found.groupdict().items()}
    return None


def _act(sql: str) -> Action:
    """Return what a statement does by its first word; ``COPY ... FROM`` brings data in, other copies take it out."""
    found = _FIRST_WORD.match(sql)
    word = found["word"].upper() if found else ""
    if word == "COPY" and re.search(r"\bfrom\b", sql, re.IGNORECASE) and not re.search(r"\bto\b", sql, re.IGNORECASE):
        return Action.UPDATE
    return Action(_WORDS["acts"].get(word, Action.OTHER))
