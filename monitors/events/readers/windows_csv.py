"""Windows events that were exported as CSV: by the Event Viewer (English or Japanese) or by PowerShell.

The text of an event spans lines, and what it tells stands behind labels. Where a label comes twice (the account that
reports and the account that signs in), the last one is meant for sign-ins, the first one for administration.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from monitors.events.readers import connections, windows
from monitors.events.readers.connections import OPENSSH, Told
from monitors.events.readers.evtx import WindowsEvent
from monitors.events.readers.readings import Decoded, Outcome, Quarantined, Reading
from monitors.events.readers.records import records
from monitors.events.times import NotATimeError, TimeReader

_LAYOUTS: Final = (
    *("%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z"),
    *("%m/%d/%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%EY/%m/%d %H:%M:%S"),
)
_TWELVE_HOURS: Final = re.compile(r"(?P<day>\S+) (?P<hour>\d{1,2})(?P<rest>:\d\d:\d\d) (?P<half>[AaPp])[Mm]")
_LABELLED: Final = re.compile(
    r"^[ \t\u3000]*(?P<label>[^:\n]+?)[ \t]*[:：][ \t\u3000]*(?P<value>.*?)[ \t]*$", re.MULTILINE
)
_FIRST: Final = frozenset({"SubjectUserName"})
_PROVIDERS: Final = {"Microsoft Windows security auditing.": "Microsoft-Windows-Security-Auditing"}
_NOON: Final = 12


def fits(first_line: str) -> bool:
    """Tell whether a header is that of exported Windows events."""
    names = {name.strip().strip('"') for name in first_line.split(",")}
    return all(any(each in names for each in windows.WORDS["columns"][name]) for name in ("time", "id", "provider"))


def read(lines: Iterable[Decoded], zone: ZoneInfo) -> Iterator[Outcome]:
    """Read exported events; times without an offset stand in ``zone``, the site's."""
    return windows.exported(_read(lines, zone))


def _read(lines: Iterable[Decoded], zone: ZoneInfo) -> Iterator[Told | Quarantined]:
    times = TimeReader(_LAYOUTS, zone)
    places: Mapping[str, int] | None = None
    for each in records(lines):
        if isinstance(each, Quarantined):
            yield each
            continue
        line, cells = each
        if places is None:
            places = _places(cells)
            continue
        row = {name: cells[place] for name, place in places.items() if place < len(cells)}
        try:
            ts = times(_day_hours(row.get("time", "")))
        except NotATimeError:
            yield Quarantined(line, "time")
            continue
        if not row.get("id", "").strip().isdecimal():
            yield Quarantined(line, "columns")
            continue
        yield Reading(line.number, ts, row["time"], zone.key), _event(row)


def _places(header: Sequence[str]) -> dict[str, int]:
    """Return where each column stands; the Event Viewer gives the text's column no name, it follows the last one."""
    names = [name.strip() for name in header]
    columns: Mapping[str, Sequence[str]] = windows.WORDS["columns"]
    found = {
        name: next(names.index(each) for each in titles if each in names)
        for name, titles in columns.items()
        if any(each in names for each in titles)
    }
    return {"message": len(names), **found}


def _day_hours(text: str) -> str:
    """Return a time of twelve hours, as English Windows writes it, as one of twenty-four."""
    found = _TWELVE_HOURS.fullmatch(text.strip())
    if found is None:
        return text
    hour = int(found["hour"]) % _NOON + (_NOON if found["half"].lower() == "p" else 0)
    return f"{found['day']} {hour:02}{found['rest']}"


def _event(row: Mapping[str, str]) -> WindowsEvent:
    message = row.get("message", "")
    provider = row.get("provider", "")
    told, payload, process = _labelled(message), message.removeprefix("sshd: "), row.get("process", "")
    return WindowsEvent(
        event_id=int(row["id"]),
        provider=_PROVIDERS.get(provider, provider),
        channel=row.get("channel", ""),
        computer=row.get("computer", ""),
        record=int(row["record"]) if row.get("record", "").isdecimal() else 0,
        process=process,
        connection=process or (connections.peer(payload) if provider == OPENSSH else ""),
        data={**told, "payload": payload, "text": message.partition("\n")[0]},
    )


def _labelled(message: str) -> dict[str, str]:
    pairs = [(found["label"].strip(), found["value"].strip()) for found in _LABELLED.finditer(message)]
    told: dict[str, str] = {}
    for name, labels in windows.WORDS["labels"].items():
        values = [value for label, value in pairs if label in labels]
        if values:
            told[name] = values[0] if name in _FIRST else values[-1]
    return told
