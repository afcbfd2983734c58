"""Recordings for tests: one on a clock that the test moves, anchored in a real trail."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from accesscontrol.clock import FixedClock
from accesscontrol.individual_numbers import check_digit
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal
from accesscontrol.sessions.anchoring import anchor_in
from accesscontrol.sessions.recording import LOW_WATER, Heading, Recording
from accesscontrol.store import Store

BODY = "98765432109"
NUMBER = BODY + check_digit(BODY)
SESSION = "S-2026-0007"
HEADING = Heading(
    session=SESSION,
    request="R-2026-0412",
    title="Reindex the register",
    command="reindexdb --all",
    target="register",
    executor="1001",
    terminal="SV-01",
)


def opened(
    store: Store,
    path: Path,
    *,
    secrets: Iterable[Secret] = (),
    failed: Callable[[Refusal], None] = lambda _refusal: None,
    low_water: int = LOW_WATER,
    heading: Heading = HEADING,
) -> Recording:
    """Begin a recording of ``SESSION`` in ``path``."""
    anchor = anchor_in(store, heading, actor="1001", name=path.name)
    return Recording(
        path, heading, clock=store.clock, anchor=anchor, secrets=secrets, failed=failed, low_water=low_water
    )


def played(store: Store, clock: FixedClock, path: Path, *acts: Any) -> Path:
    """Record ``acts``: bytes are output, a str is a marker, a number lets so many seconds pass; then close."""
    recording = opened(store, path)
    for act in acts:
        if isinstance(act, bytes):
            recording.output(act)
        elif isinstance(act, str):
            recording.marker(act)
        else:
            clock.advance(timedelta(seconds=act))
    recording.close(0)
    return path
