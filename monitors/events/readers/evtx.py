"""Windows event logs (.evtx), a chunk at a time, every record accounted for.

Each chunk of 64 KiB is checked and given to the parser by itself, so that memory stays small, a packed file can be read
as it comes, and damage stays where it is. The parser gives back XML as JSON; what it can't read is quarantined.
"""

import io
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, Any, Final
from zoneinfo import ZoneInfo

import msgspec

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from monitors.events.readers.readings import KEPT_HEAD, Line, Outcome, Quarantined, Reading
from monitors.events.times import NotATimeError, TimeReader

MAGIC: Final = b"ElfFile\0"
_FILE_HEAD: Final = 4096
_CHUNK: Final = 65_536
_CHUNK_HEAD: Final = 512
_CHUNK_MAGIC: Final = b"ElfChnk\0"
_RECORD_MAGIC: Final = b"**\0\0"
_RECORD_HEAD: Final = 24
_FREE_AT: Final = 48
_DIRTY: Final = 1
_LAYOUTS: Final = ("%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z")


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowsEvent:
    """What one record tells: the ``System`` part, and the names and values of its data."""

    event_id: int
    provider: str
    channel: str
    computer: str
    record: int
    data: Mapping[str, str]
    process: str = ""
    connection: str = ""  # whose lines belong together: the process, or what stands for it


Meaning = Callable[[WindowsEvent], Mapping[str, str | int]]


def read(stream: IO[bytes], zone: ZoneInfo, meaning: Meaning) -> Iterator[Outcome]:
    """Read the records of ``stream`` in order; a record's line is its place in the file, the first is 1."""
    head = _exactly(stream, _FILE_HEAD)
    if not head.startswith(MAGIC) or len(head) < _FILE_HEAD:
        raise Refusal(N_("The file is no Windows event log, or its head is damaged. Export the log again."))
    is_dirty = bool(struct.unpack_from("<I", head, 120)[0] & _DIRTY)
    times = TimeReader(_LAYOUTS, zone)
    place = 0
    while chunk := _exactly(stream, _CHUNK):
        if not any(chunk):
            continue  # never used
        for outcome in _chunk(chunk, place, is_dirty=is_dirty, times=times, meaning=meaning):
            place += 1
            yield outcome


def _exactly(stream: IO[bytes], size: int) -> bytes:
    """Return the next ``size`` bytes, fewer only at the end."""
    got = b""
    while len(got) < size and (part := stream.read(size - len(got))):
        got += part
    return got


def _chunk(chunk: bytes, place: int, *, is_dirty: bool, times: TimeReader, meaning: Meaning) -> Iterator[Outcome]:
    records = _records(chunk)
    if not records:
        yield quarantined(place + 1, chunk, "chunk")
        return
    if not is_dirty and not _is_whole(chunk):
        yield from (quarantined(place + number, raw, "checksum") for number, (_id, raw) in enumerate(records, start=1))
        return
    parsed = _parse(chunk, len(records))
    for number, (record_id, raw) in enumerate(records, start=1):
        told = parsed.get(record_id)
        line = place + number
        yield _reading(line, raw, told, times, meaning) if told is not None else quarantined(line, raw, "evtx")


def _records(chunk: bytes) -> list[tuple[int, bytes]]:
    """Return number and bytes of each record; what follows a record whose size is impossible is one more, of itself."""
    if len(chunk) < _CHUNK_HEAD or not chunk.startswith(_CHUNK_MAGIC):
        return []
    free = struct.unpack_from("<I", chunk, _FREE_AT)[0]
    end = free if _CHUNK_HEAD < free <= len(chunk) else len(chunk)
    found, at = [], _CHUNK_HEAD
    while at + _RECORD_HEAD <= end:
        magic, size, number = struct.unpack_from("<4sIQ", chunk, at)
        if magic != _RECORD_MAGIC or size < _RECORD_HEAD or at + size > end:
            if any(chunk[at:end]):
                found.append((-1, chunk[at:end]))
            break
        found.append((number, chunk[at : at + size]))
        at += size
    return found


def _is_whole(chunk: bytes) -> bool:
    free, checksum = struct.unpack_from("<II", chunk, _FREE_AT)
    return _CHUNK_HEAD <= free <= len(chunk) == _CHUNK and zlib.crc32(chunk[_CHUNK_HEAD:free]) == int(checksum)


def _parse(chunk: bytes, expected: int) -> dict[int, Any]:
    """Return the records of one chunk that the parser can read, by their number."""
    from evtx import PyEvtxParser

    head = bytearray(_FILE_HEAD)
    struct.pack_into("<8sQQQIHHHH", head, 0, MAGIC, 0, 0, 1, 128, 1, 3, _FILE_HEAD, 1)
    struct.pack_into("<I", head, 124, zlib.crc32(bytes(head[:120])))
    found: dict[int, Any] = {}
    try:
        rows = PyEvtxParser(io.BytesIO(bytes(head) + chunk.ljust(_CHUNK, b"\0")), number_of_threads=1).records_json()
    except (RuntimeError, OSError, ValueError):
        return found
    for _attempt in range(2 * expected + 1):  # a parser that stays at one bad record must not hold us
        try:
            row = next(rows)
        except StopIteration:
            break
        except (RuntimeError, OSError, ValueError):
            continue
        if row is None:
            continue
        try:
            found[row["event_record_id"]] = msgspec.json.decode(row["data"])
        except (msgspec.DecodeError, RecursionError):
            continue
    return found


def quarantined(line: int, raw: bytes, reason: str) -> Quarantined:
    """Return a record that can't be understood; of a long one its head, size and SHA-256 are kept."""
    if len(raw) <= KEPT_HEAD:
        return Quarantined(Line(line, raw), reason)
    return Quarantined(Line(line, raw[:KEPT_HEAD], len(raw), sha256(raw).hexdigest()), reason)


def _reading(line: int, raw: bytes, told: Any, times: TimeReader, meaning: Meaning) -> Outcome:
    event, ts_raw = _event(told)
    if event is None:
        return quarantined(line, raw, "evtx")
    try:
        ts = times(ts_raw)
    except NotATimeError:
        return quarantined(line, raw, "time")  # also 1601-01-01, which stands for no time at all
    return Reading(line, ts, ts_raw, "UTC", meaning(event))


def _event(told: Any) -> tuple[WindowsEvent | None, str]:
    try:
        root = told["Event"]
        system = root["System"]
        stamp = system["TimeCreated"]["#attributes"]["SystemTime"]
        event = WindowsEvent(
            event_id=int(_text(system["EventID"])),
            provider=_text(system.get("Provider", {}).get("#attributes", {}).get("Name")),
            channel=_text(system.get("Channel")),
            computer=_text(system.get("Computer")),
            record=int(_text(system.get("EventRecordID")) or 0),
            process=_text(system.get("Execution", {}).get("#attributes", {}).get("ProcessID")),
            data=_data(root.get("EventData")) | _data(root.get("UserData")),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None, ""
    return event, str(stamp)


def _text(told: Any) -> str:
    if isinstance(told, dict):
        told = told.get("#text", "")
    if isinstance(told, list):
        return " ".join(_text(each) for each in told)
    return "" if told is None else str(told)


def _data(told: Any) -> dict[str, str]:
    """Return the data's names and values, of user data those within its one element; what has no name is numbered."""
    found: dict[str, str] = {}
    for name, value in (told or {}).items() if isinstance(told, dict) else ():
        if name == "#attributes":
            continue
        inner = value.get("#text", value) if isinstance(value, dict) else value
        if isinstance(inner, dict):
            found |= _data(inner)
        elif isinstance(inner, list):
            found |= {f"{name}{number}": _text(each) for number, each in enumerate(inner, start=1)}
        else:
            found[name] = _text(value)
    return found
