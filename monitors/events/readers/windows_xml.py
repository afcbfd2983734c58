"""Windows events that were exported as XML: by the Event Viewer or by wevtutil, with one root or with none.

The file is cut behind each ``</Event>``, and every event is parsed by itself: memory stays small, and damage stays
where it is. What stands between events is quarantined, unless it belongs to the root. A parser never sees what stands
before an event, so no entity can be declared for it: one that names any is quarantined as damaged.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Final
from xml.parsers import expat
from zoneinfo import ZoneInfo

from monitors.events.readers import encodings, evtx, windows
from monitors.events.readers.connections import Told
from monitors.events.readers.evtx import WindowsEvent
from monitors.events.readers.readings import Outcome, Quarantined, Reading
from monitors.events.readers.sources import BLOCK, LINE_LIMIT
from monitors.events.times import NotATimeError, TimeReader

UTF_16: Final = "utf-16"
_UTF_16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_END: Final = b"</Event>"
_EVENT: Final = re.compile(rb"<Event[\s>]")
_ROOT: Final = re.compile(rb"(?:<\?xml[^<>]*\?>|</?Events(?:\s[^<>]*)?>|\s)*+")
_BEGINNING: Final = re.compile(r"\s*(?P<rooted><\?xml[^<>]*\?>\s*(?=<Event)|(?=<Events))?<Events?[\s>]")
_NOT_IN_XML: Final = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|&#x0*(?:[0-8BbCcEeFf]|1[0-9A-Fa-f]);")
_LAYOUTS: Final = ("%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z")
_EVENT_DATA: Final = ["Event", "EventData"]
_USER_DATA: Final = ["Event", "UserData"]
_UNNAMED: Final = "Data"


def fits(head: bytes) -> bool:
    """Tell whether a file that begins so is an export as XML, in UTF-8 or, with its mark, in UTF-16."""
    return _beginning(head) is not None


def encoding_of(head: bytes) -> str:
    """Return the encoding of a whole document; nothing for mere events (wevtutil), where the console decided."""
    if is_utf_16(head):
        return UTF_16
    found = _beginning(head)
    return encodings.UTF_8 if found and found["rooted"] is not None else ""


def _beginning(head: bytes) -> re.Match[str] | None:
    return _BEGINNING.match(head.decode(UTF_16 if is_utf_16(head) else "utf-8-sig", "replace"))


def is_utf_16(head: bytes) -> bool:
    """Tell whether a file that begins so is in UTF-16."""
    return head.startswith(_UTF_16_MARKS)


def read(stream: IO[bytes], zone: ZoneInfo, encoding: str) -> Iterator[Outcome]:
    """Read the events of ``stream``; a record's line is its place in the file, the first is 1."""
    return windows.exported(_read(stream, zone, encoding))


def _read(stream: IO[bytes], zone: ZoneInfo, encoding: str) -> Iterator[Told | Quarantined]:
    times = TimeReader(_LAYOUTS, zone)
    is_wide = encoding == UTF_16
    cut = _cut(_narrowed(stream) if is_wide else _blocks(stream))
    for number, piece in enumerate(_pieces(cut), start=1):
        yield _told(number, piece, encodings.UTF_8 if is_wide else encoding, times)


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    while block := stream.read(BLOCK):
        yield block


def _narrowed(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield UTF-16 as UTF-8, what is no character of it as what is none of UTF-8 either."""
    decoder = codecs.getincrementaldecoder(UTF_16)("surrogatepass")
    for block in _blocks(stream):
        yield decoder.decode(block).encode("utf-8", "surrogatepass")
    yield decoder.getstate()[0]


def _cut(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the bytes up to each end of an event, and those behind the last; what is too long for one in parts."""
    rest = b""
    for block in blocks:
        *whole, rest = (rest + block).split(_END)
        yield from (each + _END for each in whole)
        if len(rest) > LINE_LIMIT:
            yield rest[: -len(_END)]
            rest = rest[-len(_END) :]
    yield rest


def _pieces(cut: Iterator[bytes]) -> Iterator[bytes]:
    """Yield events, and what stands between them and does not belong to the root."""
    for number, each in enumerate(cut):
        part = each.removeprefix(codecs.BOM_UTF8) if number == 0 else each
        at = max((found.start() for found in _EVENT.finditer(part)), default=len(part))
        if not _ROOT.fullmatch(part, 0, at):
            yield part[:at]
        if at < len(part):
            yield part[at:]


def _told(number: int, piece: bytes, encoding: str, times: TimeReader) -> Told | Quarantined:
    if len(piece) > LINE_LIMIT:
        return evtx.quarantined(number, piece, "too-long")
    text = encodings.decode(piece, encoding)
    if text is None:
        return evtx.quarantined(number, piece, "encoding")
    parsed = _Event()
    try:
        parsed.parse(_NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text))
        event = parsed.event()
    except (expat.ExpatError, KeyError, ValueError):
        return evtx.quarantined(number, piece, "xml")
    try:
        ts = times(parsed.at)
    except NotATimeError:
        return evtx.quarantined(number, piece, "time")
    return Reading(number, ts, parsed.at, "UTC"), event


@dataclass(slots=True)
class _Event:
    """One event while it is parsed: the texts of its ``System`` part and of its data."""

    _path: list[str] = field(default_factory=list)
    _name: str = ""
    _text: list[str] = field(default_factory=list)
    _system: dict[str, str] = field(default_factory=dict)
    _attributes: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _data: dict[str, str] = field(default_factory=dict)
    _unnamed: list[str] = field(default_factory=list)

    def parse(self, text: str) -> None:
        """Read one event. Raises ``ExpatError`` for what is not well formed, or names an entity of its own."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._begin
        parser.CharacterDataHandler = self._text.append
        parser.EndElementHandler = self._end
        parser.Parse(text, True)

    @property
    def at(self) -> str:
        """The time as it was written."""
        return self._attributes.get("TimeCreated", {}).get("SystemTime", "")

    def event(self) -> WindowsEvent:
        """Return what was read. Raises ``KeyError`` or ``ValueError`` if it has no number."""
        process = self._attributes.get("Execution", {}).get("ProcessID", "")
        several = len(self._unnamed) > 1
        return WindowsEvent(
            event_id=int(self._system["EventID"]),
            provider=self._attributes.get("Provider", {}).get("Name", ""),
            channel=self._system.get("Channel", ""),
            computer=self._system.get("Computer", ""),
            record=int(self._system.get("EventRecordID", "") or 0),
            process=process,
            connection=process,
            data={_UNNAMED + str(place) * several: text for place, text in enumerate(self._unnamed, start=1)}
            | self._data,
        )

    def _begin(self, name: str, attributes: Mapping[str, str]) -> None:
        self._path.append(name.rpartition(":")[2])
        self._text.clear()
        self._name = attributes.get("Name", "")
        if self._path[:-1] == ["Event", "System"]:
            self._attributes[self._path[-1]] = attributes

    def _end(self, _name: str) -> None:
        text, name, above = "".join(self._text), self._path.pop(), self._path
        self._text.clear()
        if above == ["Event", "System"]:
            self._system[name] = text.strip()
        elif above == _EVENT_DATA and name == _UNNAMED and not self._name:
            self._unnamed.append(text)
        elif above == _EVENT_DATA or (above[:2] == _USER_DATA and text.strip()):
            self._data[self._name or name] = text
        self._name = ""
