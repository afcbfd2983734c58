"""How long a key may have to wait while a session streams into the screen, against the 10 ms that it may."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from textual.app import App, ComposeResult

from accesscontrol.clock import SystemClock
from accesscontrol.sessions.following import Follower
from accesscontrol.sessions.recording import Recording
from bench.harness import Figure
from bench.session_stream import HEADING, LINE
from console.widgets.recorded_terminal import RecordedTerminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALLOWED_MILLISECONDS = 10.0
SECONDS = 4.0
TICK = 0.005


class Watching(App[None]):
    """One screen that follows a recording, and notes by how much its loop comes late."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self.lags: list[float] = []

    def compose(self) -> ComposeResult:
        """Show the recorded screen alone."""
        yield RecordedTerminal()

    async def follow(self, end: float) -> None:
        """Show what is recorded until ``end`` (of the steady clock)."""
        follower, terminal = Follower(self._path), self.query_one(RecordedTerminal)
        try:
            while time.monotonic() < end:
                if events := follower.read():
                    await terminal.draw(events)
                else:
                    await asyncio.sleep(TICK)
        finally:
            follower.close()

    async def note(self, end: float) -> None:
        """Note by how much each tick comes late."""
        while time.monotonic() < end:
            due = time.monotonic() + TICK
            await asyncio.sleep(TICK)
            self.lags.append(max(0.0, time.monotonic() - due))


def streamed(recording: Recording, over: threading.Event) -> None:
    """Record as fast as the machine can."""
    block = "".join(LINE.format(page=page) for page in range(340)).replace("\n", "\r\n").encode()
    while not over.is_set():
        recording.output(block)


async def watched(path: Path) -> list[float]:
    """Return by how many seconds the ticks of the console came late."""
    app = Watching(path)
    async with app.run_test(size=(120, 40)):
        end = time.monotonic() + SECONDS
        await asyncio.gather(app.follow(end), app.note(end))
    return app.lags


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure: the 99th percentile, in milliseconds."""
    number = iter(range(1_000))

    def lag() -> float:
        def forget(*_: Any) -> None:
            """Keep no anchor: the trail's cost is another figure's."""

        path = folder / f"{next(number)}.cast"
        recording = Recording(path, HEADING, clock=SystemClock(), anchor=forget)
        over = threading.Event()
        writer = threading.Thread(target=streamed, args=(recording, over), daemon=True)
        writer.start()
        try:
            lags = sorted(asyncio.run(watched(path)))
        finally:
            over.set()
            writer.join(SECONDS)
            recording.close("ended")
            path.unlink()
        return lags[int(len(lags) * 0.99)] * 1000

    yield Figure(
        name="loop lag beside a stream, p99",
        reference="what a key may wait",
        aim=1.0,
        ours=lag,
        against=lambda: ALLOWED_MILLISECONDS,
        runs=3,
        unit="ms",
    )
