"""Windows event log files made by hand, byte by byte as MS-EVEN6 and [MS-BINXML] lay them out.

No file of a real Windows machine is at hand here, so the events' content is written after Microsoft's published
descriptions of each event. The parser under test is the product's own, a third party's reads the same bytes.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_CHUNK = 65_536
_HEAD = 512


@dataclass(frozen=True)
class WindowsEvent:
    """One event: its number, its data (a value that has no name has ``#`` before its place), where and when."""

    event_id: int
    data: Mapping[str, str]
    at: datetime = datetime(2026, 11, 24, 0, 31, 7, tzinfo=UTC)
    record: int = 1
    provider: str = "Microsoft-Windows-Security-Auditing"
    channel: str = "Security"
    computer: str = "cs01.city.example"
    process: int = 0
    user_data: str = ""
    filetime: int | None = None


@dataclass
class _Writer:
    """Writes binary XML at its place in a chunk, because names are found by their offset in it."""

    at: int
    out: bytearray = field(default_factory=bytearray)

    def _name(self, name: str) -> None:
        place = self.at + len(self.out) + 4
        hashed = 0
        for letter in name:
            hashed = (hashed * 65_599 + ord(letter)) & 0xFFFFFFFF
        self.out += struct.pack("<I", place)
        self.out += struct.pack("<IHH", 0, hashed & 0xFFFF, len(name)) + name.encode("utf-16-le") + b"\0\0"

    def _text(self, text: str) -> None:
        self.out += b"\x05\x01" + struct.pack("<H", len(text)) + text.encode("utf-16-le")

    def element(self, name: str, content: str | Sequence[Element] = "", attributes: Mapping[str, str] = {}) -> None:
        self.out += b"\x41" if attributes else b"\x01"
        size_at = len(self.out)
        self.out += bytes(4)
        self._name(name)
        if attributes:
            list_at = len(self.out)
            self.out += bytes(4)
            for number, (key, value) in enumerate(attributes.items(), start=1):
                self.out += b"\x46" if number < len(attributes) else b"\x06"
                self._name(key)
                self._text(value)
            struct.pack_into("<I", self.out, list_at, len(self.out) - list_at - 4)
        self.out += b"\x02"
        if isinstance(content, str):
            if content:
                self._text(content)
        else:
            for child in content:
                self.element(*child)
        self.out += b"\x04"
        struct.pack_into("<I", self.out, size_at, len(self.out) - size_at - 4)


Element = tuple[str, "str | Sequence[Element]", "Mapping[str, str]"]


def _xml(event: WindowsEvent, at: int) -> bytes:
    when = event.at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"
    if event.filetime == 0:
        when = "1601-01-01T00:00:00.0000000Z"
    system: list[Element] = [
        ("Provider", "", {"Name": event.provider}),
        ("EventID", str(event.event_id), {}),
        ("TimeCreated", "", {"SystemTime": when}),
        ("EventRecordID", str(event.record), {}),
        ("Execution", "", {"ProcessID": str(event.process)}),
        ("Channel", event.channel, {}),
        ("Computer", event.computer, {}),
    ]
    told: Element
    if event.user_data:
        told = ("UserData", [(event.user_data, [(name, value, {}) for name, value in event.data.items()], {})], {})
    else:
        told = (
            "EventData",
            [("Data", value, {} if name.startswith("#") else {"Name": name}) for name, value in event.data.items()],
            {},
        )
    writer = _Writer(at + 4)
    writer.element("Event", [("System", system, {}), told])
    return b"\x0f\x01\x01\x00" + bytes(writer.out) + b"\x00"


def _record(event: WindowsEvent, at: int) -> bytes:
    ticks = event.filetime if event.filetime is not None else (event.at - _EPOCH) // timedelta(microseconds=1) * 10
    body = _xml(event, at + 24)
    size = 24 + len(body) + 4
    return struct.pack("<4sIQQ", b"**\0\0", size, event.record, ticks) + body + struct.pack("<I", size)


def chunk(events: Sequence[WindowsEvent]) -> bytes:
    """Return one chunk with these events."""
    records = bytearray()
    last = _HEAD
    for event in events:
        last = _HEAD + len(records)
        records += _record(event, last)
    free = _HEAD + len(records)
    if free > _CHUNK:
        raise ValueError("too many events for a chunk")
    ids = [event.record for event in events]
    head = bytearray(_HEAD)
    struct.pack_into("<8sQQQQIIII", head, 0, b"ElfChnk\0", ids[0], ids[-1], ids[0], ids[-1], 128, last, free,
                     zlib.crc32(records))  # fmt: skip
    struct.pack_into("<I", head, 124, zlib.crc32(bytes(head[:120]) + bytes(head[128:])))
    return bytes(head) + bytes(records) + bytes(_CHUNK - free)


def file_of(*chunks: bytes) -> bytes:
    """Return a whole file of these chunks."""
    head = bytearray(4096)
    struct.pack_into("<8sQQQIHHHH", head, 0, b"ElfFile\0", 0, len(chunks) - 1, 1, 128, 1, 3, 4096, len(chunks))
    struct.pack_into("<I", head, 124, zlib.crc32(bytes(head[:120])))
    return bytes(head) + b"".join(chunks)


def write(path: Path, *events: WindowsEvent) -> Path:
    """Write a file of one chunk."""
    path.write_bytes(file_of(chunk(events)))
    return path
