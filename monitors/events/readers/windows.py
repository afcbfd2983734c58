"""What events of Windows mean: those of the security log, of OpenSSH, and of anything else no more than their text."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from monitors.events.readers import dialects
from monitors.events.readers.evtx import WindowsEvent
from monitors.events.readers.syslog import Message
from monitors.events.schema import Action, Outcome

WORDS: Final[dict[str, Any]] = tomllib.loads(
    files("monitors.events.readers").joinpath("windows.toml").read_text(encoding="utf-8")
)
_SECURITY: Final = "Microsoft-Windows-Security-Auditing"
_EVENT_LOG: Final = "Microsoft-Windows-Eventlog"
_OPENSSH: Final = "OpenSSH"
_BY_PEOPLE: Final = frozenset({"", "2", "3", "7", "8", "9", "10", "11", "12", "13"})  # not services and batch jobs
_ON_THE_SPOT: Final = frozenset({"", "-", "::1", "127.0.0.1", "LOCAL"})
_CLEARED: Final = frozenset({104, 1102, 1100})
_NO_REFUSAL: Final = frozenset({0x0, 0x19})  # the second one only asks for more proof (RFC 4120, section 7.5.9)
_NOTHING: Final = "-"
_PAYLOAD: Final = "payload"  # what OpenSSH writes, which is told by itself


def meaning(event: WindowsEvent) -> Mapping[str, str | int]:
    """Return the fields that an event tells; the running number is the record's, where the file has it."""
    told: dict[str, str | int]
    if event.provider == _OPENSSH:
        told = {**dialects.auth(Message(host="", program="sshd", pid="", text=event.data.get(_PAYLOAD, "")))}
        told["detail"] = f"sshd: {event.data.get('payload', '')}"
    elif str(event.event_id) in WORDS["security"] and _is_of_security(event):
        told = _security(event)
    else:
        told = {"action": Action.OTHER, "outcome": Outcome.UNKNOWN, "detail": _detail(event)}
    return {**told, "dest_system": event.computer, "sequence": event.record}


def _is_of_security(event: WindowsEvent) -> bool:
    return event.provider == _SECURITY or (event.provider == _EVENT_LOG and event.event_id in _CLEARED)


def _security(event: WindowsEvent) -> dict[str, str | int]:
    action, outcome, account, object_ = WORDS["security"][str(event.event_id)]
    data = event.data
    user = _told(data, account)
    if action == Action.LOGIN and outcome == Outcome.SUCCESS and not _is_person(user, data):
        action = Action.OTHER
    if str(event.event_id) in WORDS["refused"] and _is_refusal(data.get("Status", "")):
        action, outcome = WORDS["refused"][str(event.event_id)], Outcome.FAILURE
    told = _told(data, "Channel") or event.channel if event.event_id in _CLEARED else _told(data, object_)
    address = _told(data, "IpAddress")
    return {
        "action": action,
        "outcome": outcome,
        "user_id": user,
        "terminal": _told(data, "WorkstationName"),
        "src_ip": "" if address in _ON_THE_SPOT else address.removeprefix("::ffff:"),
        "session": _told(data, "TargetLogonId"),
        "object": told,
        "reason": WORDS["reasons"].get(str(event.event_id), "") or _status(data),
        "detail": _detail(event),
    }


def _is_person(user: str, data: Mapping[str, str]) -> bool:
    """Tell whether somebody signed in, and no machine, service or batch job did."""
    return not user.endswith("$") and data.get("LogonType", "") in _BY_PEOPLE


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
