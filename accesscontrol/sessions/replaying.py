"""Reading recordings: asciicast v3 lines as events, a time line over them, and their pace when they are played.

A recording of any size is read in steps: nothing here keeps its text. Unknown event codes and comments are passed
over, as the format asks for. A torn last line (the power went, or the process was killed) is named and not an error.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal

OUTPUT, INPUT, MARKER, RESIZE, EXIT = "o", "i", "m", "r", "x"
LINE_BYTES: Final = 4 << 20
POINT_BYTES: Final = 64 << 10
_SIZE: Final = re.compile(r"([1-9]\d{0,4})x([1-9]\d{0,4})")
_LARGEST: Final = (400, 200)  # cells; a recording may ask for any screen, and gets none larger


class _Terminal(msgspec.Struct):
    cols: int
    rows: int


class _Header(msgspec.Struct):
    version: int
    term: _Terminal
    timestamp: int = 0
    title: str = ""
    command: str = ""
    sekisho: dict[str, str] = {}


_HEADER: Final = msgspec.json.Decoder(_Header)
_EVENT: Final = msgspec.json.Decoder(tuple[float, str, str])


@dataclass(frozen=True, slots=True)
class Event:
    """One event. ``at`` is seconds since the beginning, ``line`` its line in the file, ``offset`` where that begins."""

    at: float
    code: str
    data: str
    line: int
    offset: int


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a recording. ``told`` is what the console wrote about request and session."""

    columns: int
    rows: int
    began: datetime
    title: str
    command: str
    told: dict[str, str]


@dataclass(frozen=True, slots=True)
class Torn:
    """A last line that is not whole: where it begins, its number, and how many bytes of it there are."""

    offset: int
    line: int
    size: int


@dataclass(frozen=True, slots=True)
class Point:
    """A place from which reading can begin."""

    at: float
    offset: int
    line: int


@dataclass(slots=True)
class Timeline:
    """What one reading through a recording tells of it."""

    path: Path
    header: Header
    points: list[Point] = field(default_factory=list)
    markers: list[Event] = field(default_factory=list)
    events: int = 0
    duration: float = 0.0
    exit: str = ""
    torn: Torn | None = None


def open_recording(path: Path) -> BinaryIO:
    """Open a recording for reading; a missing or unreadable one is refused."""
    try:
        return path.open("rb")
    except OSError as error:
        raise Refusal(
            N_("The recording {path} can't be read ({reason})."),
            control="MO-LOG-02",
            path=str(path),
            reason=error.strerror or str(error),
        ) from None


def read_header(file: BinaryIO) -> Header:
    """Read the first line; anything that is no asciicast v3 is refused."""
    line = file.readline(LINE_BYTES)
    try:
        found = _HEADER.decode(line)
        if found.version != 3 or not line.endswith(b"\n"):  # noqa: PLR2004 - the format's own number
            raise ValueError
        began = datetime.fromtimestamp(found.timestamp, UTC)
    except (ValueError, OverflowError, OSError):
        raise Refusal(
            N_("{name} is no recording: its first line is not that of an asciicast v3."),
            control="MO-LOG-02",
            name=Path(file.name).name,
        ) from None
    columns, rows = _bounded(found.term.cols, found.term.rows)
    return Header(columns, rows, began, found.title, found.command, found.sekisho)


def read_events(file: BinaryIO, point: Point, torn: Callable[[Torn], None] = lambda _torn: None) -> Iterator[Event]:
    """Yield the events from ``point`` on; ``torn`` is told of a last line that is not whole.

    Raises ``Refusal``, naming the line, for one that can't be read and has others after it.
    """
    at, offset, number = point.at, point.offset, point.line
    file.seek(offset)
    while line := file.readline(LINE_BYTES):
        if line.startswith(b"#") and line.endswith(b"\n"):
            offset, number = offset + len(line), number + 1
            continue
        try:
            if not line.endswith(b"\n"):
                raise ValueError
            interval, code, data = _EVENT.decode(line)
            at += max(0.0, interval)
        except ValueError:
            whole = line.endswith(b"\n") or len(line) == LINE_BYTES  # one that is not may go on growing at this moment
            if whole and file.read(1):
                raise Refusal(
                    N_("Line {line} of the recording {name} can't be read: it was damaged or changed."),
                    control="MO-LOG-02",
                    line=number,
                    name=Path(file.name).name,
                ) from None
            torn(Torn(offset, number, len(line)))
            return
        yield Event(at, code, data, number, offset)
        offset, number = offset + len(line), number + 1


def timeline(path: Path, progress: Callable[[int], None] = lambda _done: None) -> Timeline:
    """Read a recording through and return its time line; ``progress`` is told the bytes read so far."""
    with open_recording(path) as file:
        header = read_header(file)
        found = Timeline(path, header, points=[Point(0.0, file.tell(), 2)])

        def torn(rest: Torn) -> None:
            found.torn = rest

        for event in read_events(file, found.points[0], torn):
            _note(found, event)
            if event.offset >= found.points[-1].offset + POINT_BYTES:
                found.points.append(Point(found.duration, event.offset, event.line))
                progress(event.offset)
            found.events += 1
            found.duration = event.at
        return found


def _note(found: Timeline, event: Event) -> None:
    if event.code == MARKER:
        found.markers.append(event)
    elif event.code == EXIT:
        found.exit = event.data


def size_of(event: Event) -> tuple[int, int] | None:
    """Return columns and rows that a resize event asks for, bounded; None when it can't be read."""
    match = _SIZE.fullmatch(event.data)
    return _bounded(int(match[1]), int(match[2])) if match else None


def _bounded(columns: int, rows: int) -> tuple[int, int]:
    return max(1, min(columns, _LARGEST[0])), max(1, min(rows, _LARGEST[1]))
