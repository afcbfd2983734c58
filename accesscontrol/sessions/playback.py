"""Playing a recording: which events are due, at which speed, without its idle times, from any moment of it."""

from bisect import bisect_right
from collections.abc import Iterator
from types import TracebackType
from typing import Final, Self

from accesscontrol.sessions.replaying import (
    Event,
    Point,
    Timeline,
    open_recording,
    read_events,
)

REBUILT_BYTES: Final = 128 << 10
SPEEDS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)


class Playback:
    """A recording at a moment of it. It keeps no time of its own: whoever plays says how much of it has passed.

    ``speed`` multiplies the pace; ``idle``, in seconds of the recording, is the longest pause that is played.
    """

    def __init__(self, timeline: Timeline, *, speed: float = 1.0, idle: float | None = None) -> None:
        self.timeline = timeline
        self.speed = speed
        self.idle = idle
        self.position = 0.0
        self._file = open_recording(timeline.path)
        self._events = read_events(self._file, timeline.points[0])
        self._next = next(self._events, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def ended(self) -> bool:
        """Tell whether every event has been played."""
        return self._next is None

    def advance(self, seconds: float) -> Iterator[Event]:
        """Yield the events that are due when ``seconds`` have passed.

        Whoever stops taking them lets the recording wait: the position is that of the last one taken.
        """
        budget = seconds * self.speed
        while self._next is not None:
            if self.idle is not None and self._next.at - self.position > self.idle:
                self.position = self._next.at - self.idle
            pause = self._next.at - self.position
            if pause > budget:
                self.position += budget
                return
            budget -= pause
            yield self._take()

    def step(self) -> Iterator[Event]:
        """Yield the events up to and with the next one that shows something, however far away it is."""
        while self._next is not None:
            event = self._take()
            yield event
            if event.code == "o":
                return

    def seek(self, at: float) -> Iterator[Event]:
        """Go to the moment ``at`` and yield what rebuilds the screen of that moment, oldest first.

        Of a long recording only the last ``REBUILT_BYTES`` before the moment are used; ``whole`` tells.
        """
        at = max(0.0, min(at, self.timeline.duration))
        self._events = read_events(self._file, self._start(at))
        self._next = next(self._events, None)
        while self._next is not None and self._next.at <= at:
            yield self._take()
        self.position = at

    def whole(self, at: float) -> bool:
        """Tell whether ``seek`` to ``at`` begins at the recording's beginning."""
        return self._start(at) == self.timeline.points[0]

    def _start(self, at: float) -> Point:
        points = self.timeline.points
        last = points[bisect_right(points, at, key=lambda point: point.at) - 1]
        return next(point for point in points if last.offset - point.offset <= REBUILT_BYTES)

    def _take(self) -> Event:
        event = self._next
        assert event is not None  # noqa: S101 - callers have looked
        self._next = next(self._events, None)
        self.position = max(self.position, event.at)
        return event
