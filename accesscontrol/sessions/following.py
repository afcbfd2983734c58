"""Following a recording while it grows, from another process: whoever watches reads only the file."""

from pathlib import Path
from typing import Final

from accesscontrol.sessions.replaying import Event, Header, Point, open_recording, read_events, read_header

AT_ONCE_BYTES: Final = 32 << 10
BEHIND_BYTES: Final = 64 << 10
_KEPT_BYTES: Final = 16 << 10  # more than a screen holds


class Follower:
    """Reads what was added to a recording since the last look. A line that is being written waits for its end."""

    def __init__(self, path: Path) -> None:
        self._file = open_recording(path)
        self.header: Header = read_header(self._file)
        self._point = Point(0.0, self._file.tell(), 2)
        self.skipped = 0

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def read(self) -> list[Event]:
        """Return the new events, about ``AT_ONCE_BYTES`` of them at most; call again until none come.

        One who is far behind a fast session goes on near its present end; ``skipped`` counts the bytes left out.
        """
        self._catch_up()
        events: list[Event] = []
        for event in read_events(self._file, self._point):
            events.append(event)
            if event.offset - self._point.offset >= AT_ONCE_BYTES:
                break
        if events:
            last = events[-1]
            self._file.seek(last.offset)
            self._point = Point(last.at, last.offset + len(self._file.readline()), last.line + 1)
        return events

    def _catch_up(self) -> None:
        end = self._file.seek(0, 2)
        if end - self._point.offset <= BEHIND_BYTES:
            return
        self._file.seek(end - _KEPT_BYTES)
        if not self._file.readline().endswith(b"\n"):
            return  # the line there is being written at this moment: where it ends is not known yet
        offset = self._file.tell()
        self.skipped += offset - self._point.offset
        self._point = Point(self._point.at, offset, self._point.line)
