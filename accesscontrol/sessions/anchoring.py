"""Anchoring recordings: what a recording held, written into the trail while it grows and at its end."""

import hashlib
from pathlib import Path

from accesscontrol.sessions.recording import Anchor, Heading, Mark, Stage
from accesscontrol.store import Store
from accesscontrol.trail import entries

OPENED = "recording.opened"
GROWN = "recording.grown"
CLOSED = "recording.closed"
CUT_OFF = "recording.cut-off"
_ACTS = {Stage.OPENED: OPENED, Stage.GROWN: GROWN, Stage.CLOSED: CLOSED}


def anchor_in(store: Store, heading: Heading, *, actor: str, name: str) -> Anchor:
    """Return what a recording calls to have its marks written into the trail about its session (MO-LOG-02).

    ``actor`` is the executor's staff number, ``name`` the recording's file name.
    """

    def anchor(stage: Stage, mark: Mark) -> None:
        more: dict[str, str] = {}
        if stage is Stage.OPENED:
            more = {"request": heading.request, "title": heading.title, "target": heading.target}
        elif stage is Stage.CLOSED:
            more = {"status": mark.status, "failure": mark.failure}
        with store.transaction() as tx:
            tx.record(
                _ACTS[stage],
                actor=actor,
                subject=heading.session,
                outcome="failed" if mark.failure else "done",
                terminal=heading.terminal,
                recording=name,
                size=mark.size,
                lines=mark.lines,
                sha256=mark.sha256,
                **more,
            )

    return anchor


def anchor_cut_off(store: Store, session: str, path: Path) -> Mark | None:
    """Write into the trail what is found of a recording whose console died, and return it; None when nothing was due.

    From then on what stands behind the last anchor is vouched for too. A second call, a recording that was closed,
    and one that the trail doesn't know change nothing.
    """
    if not path.is_file():
        return None
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
        file.seek(0)
        lines = sum(1 for _line in file)
    with store.transaction() as tx:
        told = [each for each in entries.about(store, session) if each.details.get("recording") == path.name]
        if not told or told[-1].act in {CLOSED, CUT_OFF}:
            return None
        tx.record(
            CUT_OFF,
            actor="system",
            subject=session,
            outcome="unknown",
            recording=path.name,
            size=size,
            lines=lines,
            sha256=digest,
        )
    return Mark(size, lines, digest, "cut-off")
