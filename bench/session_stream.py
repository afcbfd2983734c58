"""A session's output recorded (masked, hashed, synced, anchored), against the same output only read."""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from accesscontrol.clock import SystemClock
from accesscontrol.sessions.anchoring import anchor_in
from accesscontrol.sessions.local import LocalTransport
from accesscontrol.sessions.recording import Heading, Recording
from accesscontrol.sessions.transport import Command
from accesscontrol.store import Store
from bench.harness import Figure, timed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MEGABYTES = 48
LINE = "2026-11-24 09:12:31 INFO table resident_register page {page:06} of 190000 checked, 0 faults\n"
HEADING = Heading(
    session="S-2026-0001",
    request="R-2026-0001",
    title="A long output",
    command="show",
    target="here",
    executor="S0102",
    terminal="bench",
)


def stream(folder: Path, take: Callable[[bytes], object]) -> None:
    """Read all output of one command in a terminal of its own."""
    clock = SystemClock()
    until = clock.now() + timedelta(minutes=5)
    transport = LocalTransport({"show": ("/bin/cat", str(folder / "output"))}, until=until, clock=clock, folder=folder)
    process = transport.start(Command.of(["show"]))
    while (data := process.read(5.0)) != b"":
        if data:
            take(data)
    transport.close()


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure: both read the same output of a command in a terminal."""
    pages = MEGABYTES * 1_000_000 // len(LINE)
    (folder / "output").write_text("".join(LINE.format(page=page) for page in range(pages)))
    store = Store(folder / "sekisho.sqlite3", SystemClock())
    store.migrate()
    numbers = itertools.count()

    def recorded() -> None:
        path = folder / f"{next(numbers)}.cast"
        anchor = anchor_in(store, HEADING, actor="S0102", name=path.name)
        recording = Recording(path, HEADING, clock=store.clock, anchor=anchor)
        stream(folder, recording.output)
        recording.close("ended")
        path.unlink()

    yield Figure(
        name=f"recorded stream, {MEGABYTES} MB",
        reference="the same stream, only read",
        aim=round(1 / 0.45, 2),
        ours=lambda: timed(recorded),
        against=lambda: timed(lambda: stream(folder, len)),
        runs=5,
    )
    store.close()
