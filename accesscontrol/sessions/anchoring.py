"""Anchoring recordings: what a recording held, written into the trail while it grows and at its end."""

from accesscontrol.sessions.recording import Anchor, Heading, Mark, Stage
from accesscontrol.store import Store

OPENED = "recording.opened"
GROWN = "recording.grown"
CLOSED = "recording.closed"
_ACTS = {Stage.OPENED: OPENED, Stage.GROWN: GROWN, Stage.CLOSED: CLOSED}


def anchor_in(store: Store, heading: Heading, *, actor: str, name: str) -> Anchor:
    """Return what a recording calls to have its marks written into the trail about its session (MO-LOG-02).

    ``actor`` is the executor's staff number, ``name`` the recording's file name.
    """

    def anchor(stage: Stage, mark: Mark) -> None:
        more = {"status": mark.status, "failure": mark.failure} if stage is Stage.CLOSED else {}
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
