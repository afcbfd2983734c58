"""What a fuzzer holds the readers of logs to: no input crashes one, holds it, or loses a line.

Each input is looked at as an import would: it is refused in words, or every line of it comes back, as a reading or in
quarantine. The seeds are the sample layouts that ship, and lines as real daemons write them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol.refusals import Refusal
from monitors.events import expressions, plans
from monitors.events.normalise import Normaliser
from monitors.events.plans import Wish
from monitors.events.readers import mapping
from monitors.events.readers.formats import NAMES
from monitors.events.readers.readings import Outcome, Quarantined
from tests.monitors.events.readers import evtx_file

_ZONE: Final = ZoneInfo("Asia/Tokyo")
_NOW: Final = datetime(2026, 11, 24, tzinfo=UTC)
_LINES: Final = {
    "syslog": (
        "Dec 10 06:55:46 lab sshd[24200]: Failed password for invalid user a from 203.0.113.9 port 1 ssh2",
        '<38>1 2026-11-24T08:31:07.003+09:00 cs01 sshd 4711 - [a@1 b="c"] Invalid user x from 203.0.113.9 port 1',
        "Nov 24 08:31:09 cs01 last message repeated 2 times",
    ),
    "postgresql": (
        "2026-11-24 09:00:00.000 JST [7] sato@city LOG:  statement: SELECT 1",
        '2026-11-24 09:00:00 JST:192.0.2.1(5):sato@city:[7]:FATAL:  role "x" does not exist',
        "\tand goes on",
    ),
    "postgresql-csv": (
        '2026-11-24 09:00:00.000 JST,"sato","city",7,"192.0.2.1:5",6.7,1,"SELECT",2026-11-24 08:00:00 JST,3/4,0,LOG,"00",',
        '"and a record that stands open',
    ),
    "postgresql-json": ('{"timestamp":"2026-11-24 09:00:00.000 JST","user":"sato","message":"x","pid":7}',),
    "windows-xml": (
        '<?xml version="1.0" encoding="utf-8" standalone="yes"?>',
        (
            "<Events><Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
            "<Provider Name='OpenSSH'/><EventID>4</EventID><TimeCreated SystemTime='2026-11-24T00:31:07.1234567Z'/>"
            "<EventRecordID>1</EventRecordID><Execution ProcessID='712'/><Computer>cs01</Computer></System><EventData>"
            "<Data Name='payload'>Invalid user a from 203.0.113.9 port 1</Data></EventData></Event></Events>"
        ),
    ),
    "windows-csv": ('"Level","Date and Time","Source","Event ID","Task Category"', '"Information","x","y","4625","z"'),
}
_JOINS_LINES: Final = frozenset({"csv", "postgresql", "postgresql-csv", "windows-csv"})  # several may be one record
_EXPRESSION: Final = "expression"
TARGETS: Final = (*sorted(set(NAMES)), _EXPRESSION)


def look_at(format_: str, data: bytes, folder: Path) -> None:
    """Read ``data`` as a log in ``format_``; raises ``AssertionError`` when a line of it is lost."""
    if format_ == _EXPRESSION:
        _read_expression(data.decode("utf-8", "replace"))
        return
    path = folder / "fuzzed.log"
    path.write_bytes(data)
    normaliser = Normaliser(system="x", source_id=1, zone=_ZONE)
    try:
        plan = plans.make(path, Wish(system="x", format=format_), home=folder, zone=_ZONE, latest=_NOW)
        found = list(plan.outcomes())
    except Refusal as refusal:
        str(refusal)
        return
    for each in found:
        if not isinstance(each, Quarantined):
            next(normaliser.rows(each, 1))
    if format_ == "windows-xml":
        told = sorted(each.line.number if isinstance(each, Quarantined) else each.line_no for each in found)
        assert told == [*range(1, len(found) + 1)], "a piece is lost"
    elif format_ != "evtx":
        _account(format_, data, found, header=plan.format == "csv")


def _read_expression(text: str) -> None:
    try:
        expressions.read(text, _ZONE)
    except Refusal as refusal:
        str(refusal)


def _account(format_: str, data: bytes, found: Sequence[Outcome], *, header: bool) -> None:
    told = [each.line.number if isinstance(each, Quarantined) else each.line_no for each in found]
    lines = {
        number
        for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1)
        if line.removesuffix(b"\r")
    }
    assert len(set(told)) == len(told), "a line came back twice"
    assert set(told) <= lines, "a line came back that is not there"
    if data[:4] in {b"PK\x03\x04", b"\x28\xb5\x2f\xfd"} or data.startswith(b"\x1f\x8b"):
        return  # what was packed has lines of its own
    if format_ not in _JOINS_LINES:
        assert len(told) == len(lines) - (header and bool(lines)), "a line is lost"


def seeds(format_: str) -> list[bytes]:
    """Return inputs to begin with."""
    samples = [each.sample.strip().encode() for each in mapping.shipped().values() if each.format == NAMES.get(format_)]
    lines = _LINES.get(NAMES.get(format_, ""), ())
    told = "\n".join(lines).encode()
    signed_in = evtx_file.WindowsEvent(4624, {"TargetUserName": "sato", "LogonType": "10", "IpAddress": "192.0.2.1"})
    events = [evtx_file.file_of(evtx_file.chunk([signed_in]))] if format_ == "evtx" else []
    words = [b'account:s00* act:search,view -outcome:success "a b" time:2026-11-20..R8.11.23 persons:>=10']
    return [*samples, *([told] if told else []), *events, *(words if format_ == _EXPRESSION else [])]
