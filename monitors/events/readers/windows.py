"""What events of Windows mean: of the security log, OpenSSH and database servers, and of anything else its text."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import IO, Any, Final
from zoneinfo import ZoneInfo

from monitors.events.readers import connections, credentials, evtx, postgresql
from monitors.events.readers.attempts import AuthLog
from monitors.events.readers.connections import OPENSSH, Told
from monitors.events.readers.evtx import WindowsEvent
from monitors.events.readers.readings import Outcome, Quarantined
from monitors.events.readers.syslog import Message
from monitors.events.schema import Action
from monitors.events.schema import Outcome as Ending

WORDS: Final[dict[str, Any]] = tomllib.loads(
    files("monitors.events.readers").joinpath("windows.toml").read_text(encoding="utf-8")
)
_SECURITY: Final = "Microsoft-Windows-Security-Auditing"
_EVENT_LOG: Final = "Microsoft-Windows-Eventlog"
_POSTGRESQL: Final = "PostgreSQL"
_SQL_SERVER: Final = re.compile(r"MSSQLSERVER|MSSQL\$.+")
_CLIENT: Final = re.compile(
    r".*\[[^\[\]:：]+[:：] ?(?P<ip>[^\[\]]+)\]", re.DOTALL
)  # the last one: a name may hold another
_QUOTED: Final = re.compile(r"[^']*'(?P<user>[^']*)'.*", re.DOTALL)
_BY_PEOPLE: Final = frozenset({"", "2", "3", "7", "8", "9", "10", "11", "12", "13"})  # not services and batch jobs
_ON_THE_SPOT: Final = frozenset({"", "-", "::1", "127.0.0.1", "LOCAL"})
_CHECK: Final = 4776
_REFUSED: Final = 4625
_CLEARED: Final = frozenset({104, 1102, 1100})
_NO_REFUSAL: Final = frozenset({0x0, 0x19})  # the second one only asks for more proof (RFC 4120, section 7.5.9)
_NOBODY: Final = ("S-1-5-7", "S-1-5-18", "S-1-5-19", "S-1-5-20", "S-1-5-90-", "S-1-5-96-")  # well known, of no person
_NOTHING: Final = "-"
_PAYLOAD: Final = "payload"  # what OpenSSH writes, which is told by itself


def read(stream: IO[bytes], zone: ZoneInfo) -> Iterator[Outcome]:
    """Read the records of an event log in order; a record's line is its place in the file, the first is 1."""
    return credentials.told_once(evtx.read(stream, zone, Meanings()))


def exported(given: Iterable[Told | Quarantined]) -> Iterator[Outcome]:
    """Tell what exported events mean, which may begin with the newest."""
    return credentials.told_once(_meant(connections.in_order(given)))


def _meant(given: Iterable[Told | Quarantined]) -> Iterator[Outcome]:
    meaning = Meanings()
    for each in given:
        yield each if isinstance(each, Quarantined) else replace(each[0], fields=meaning(each[1]))


@dataclass(slots=True)
class Meanings:
    """Tells what the events of one log mean, in their order: OpenSSH's belong together as in any other log."""

    _ssh: AuthLog = field(default_factory=AuthLog)

    def __call__(self, event: WindowsEvent) -> Mapping[str, str | int]:
        """Return the fields that an event tells; the running number is the record's, where the file has it."""
        return {**self._told(event), "dest_system": event.computer, "sequence": event.record}

    def _told(self, event: WindowsEvent) -> Mapping[str, str | int]:
        if event.provider == OPENSSH:
            text = event.data.get(_PAYLOAD, "")
            said = Message(host=event.computer, program="sshd", pid=event.process or event.connection, text=text)
            told = self._ssh(said)
            user = _account(str(told.get("user_id", "")))
            return {**told, "user_id": user, "detail": f"sshd: {text}", "session": event.process}
        if str(event.event_id) in WORDS["security"] and _is_of_security(event):
            return _security(event) | _beside(event)
        if event.provider == _POSTGRESQL:
            return postgresql.by_syslog(event.data.get("Data") or event.data.get("text", ""))
        if str(event.event_id) in WORDS["sql-server"] and _SQL_SERVER.fullmatch(event.provider):
            return _sql_server(event)
        return {"action": Action.OTHER, "outcome": Ending.UNKNOWN, "detail": _detail(event)}


def _beside(event: WindowsEvent) -> dict[str, str | int]:
    """Return whose refusal an event tells, if another one may tell it, too."""
    whose = f"{event.computer}\\{_account(_told(event.data, 'TargetUserName'))}".casefold()
    if event.event_id == _CHECK and _is_refusal(event.data.get("Status", "")):
        return {credentials.CHECKED: whose}
    return {credentials.REFUSED: whose} if event.event_id == _REFUSED else {}


def _is_of_security(event: WindowsEvent) -> bool:
    return event.provider == _SECURITY or (event.provider == _EVENT_LOG and event.event_id in _CLEARED)


def _security(event: WindowsEvent) -> dict[str, str | int]:
    action, outcome, account, object_ = WORDS["security"][str(event.event_id)]
    data = event.data
    user = _account(_told(data, account))
    if action == Action.LOGIN and outcome == Ending.SUCCESS and not _is_person(user, data):
        action = Action.OTHER
    if str(event.event_id) in WORDS["refused"] and _is_refusal(data.get("Status", "")):
        action, outcome = WORDS["refused"][str(event.event_id)], Ending.FAILURE
    told = _told(data, "Channel") or event.channel if event.event_id in _CLEARED else _told(data, object_)
    address = _told(data, "IpAddress").removeprefix("::ffff:")
    is_remote = address not in _ON_THE_SPOT
    terminal = _told(data, "WorkstationName") or _told(data, "Workstation")
    return {
        "action": action,
        "outcome": outcome,
        "user_id": user,
        "terminal": "" if is_remote and _is_itself(terminal, event.computer) else terminal,
        "src_ip": address if is_remote else "",
        "session": _told(data, "TargetLogonId"),
        "object": told,
        "reason": WORDS["reasons"].get(str(event.event_id), "") or _status(data),
        "detail": _detail(event),
    }


def _account(name: str) -> str:
    r"""Return the account of a name that somebody may come with: itself, ``DOMAIN\name`` or ``name@domain``."""
    account = name.rpartition("\\")[2]
    return account.partition("@")[0] or account


def _is_itself(terminal: str, computer: str) -> bool:
    """Tell whether a sign-in from elsewhere names as its terminal the server, as those by remote desktop do."""
    return terminal.casefold() == computer.partition(".")[0].casefold()


def _is_person(user: str, data: Mapping[str, str]) -> bool:
    """Tell whether somebody signed in, and no machine, service, batch job, desktop or anonymous peer did."""
    if user.endswith("$") or data.get("LogonType", "") not in _BY_PEOPLE:
        return False
    names = (data.get("TargetDomainName", "").casefold(), user.casefold())
    return not (data.get("TargetUserSid", "").startswith(_NOBODY) or any(name in WORDS["nobody"] for name in names))


def _sql_server(event: WindowsEvent) -> dict[str, str | int]:
    """Read a sign-in of SQL Server, whose strings are the name, the reason and the client's address."""
    action, outcome = WORDS["sql-server"][str(event.event_id)]
    text = event.data.get("text", "")
    told = " ".join(event.data.values())
    user = event.data.get("Data1") or ((found := _QUOTED.fullmatch(text)) and found["user"]) or ""
    address = found["ip"] if (found := _CLIENT.match(told)) else ""
    return {
        "action": action,
        "outcome": outcome,
        "user_id": user,
        "src_ip": "" if address.startswith("<") else address,
        "reason": "",
        "detail": _detail(event),
    }


def _is_refusal(status: str) -> bool:
    """Tell whether a status (hexadecimal) says that somebody was turned away."""
    try:
        return int(status, 16) not in _NO_REFUSAL
    except ValueError:
        return False


def _status(data: Mapping[str, str]) -> str:
    for name in ("SubStatus", "Status"):
        code = data.get(name, "").lower()
        if code in WORDS["statuses"]:
            return str(WORDS["statuses"][code])
    return f"type {data['LogonType']}" if data.get("LogonType") else ""


def _told(data: Mapping[str, str], name: str) -> str:
    value = data.get(name, "").strip() if name else ""
    return "" if value == _NOTHING else value


def _detail(event: WindowsEvent) -> str:
    told = " ".join(
        f"{name}={value}" for name, value in event.data.items() if value and value != _NOTHING and name != _PAYLOAD
    )
    return f"{event.provider} {event.event_id} {told}".strip()
