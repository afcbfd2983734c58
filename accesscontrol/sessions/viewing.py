"""Seeing what was recorded: an act of its own, for those who supervise and those who inspect."""

from pathlib import Path
from typing import Final

from accesscontrol.people.roles import Role
from accesscontrol.requests.desk import Acting, check_role
from accesscontrol.sessions.verifying import Verdict, require_sound
from accesscontrol.sessions.watching import WATCHERS
from accesscontrol.store import Store

REPLAYED: Final = "recording.replayed"
EXPORTED: Final = "recording.exported"
VIEWERS: Final = WATCHERS | {Role.AUDITOR, Role.INFOSEC_MANAGER, Role.RESIDENT_OPERATOR}


def begin_replay(store: Store, session: str, recording: Path, actor: Acting) -> Verdict:
    """Let ``actor`` see a recording, and return what it is worth.

    Raises ``Refusal`` for a person without a role that may see it, and for a recording that was changed.
    """
    _enter(store, session, actor, REPLAYED, "")
    return require_sound(store, session, recording)


def begin_export(store: Store, session: str, recording: Path, actor: Acting, target: Path) -> Verdict:
    """Let ``actor`` carry a recording out into the file ``target``, on the same terms as a replay."""
    _enter(store, session, actor, EXPORTED, str(target))
    return require_sound(store, session, recording)


def _enter(store: Store, session: str, actor: Acting, act: str, target: str) -> None:
    with store.transaction() as tx:
        check_role(tx, actor, VIEWERS, "MO-LOG-04")
        tx.record(act, actor=actor.staff_number, subject=session, terminal=actor.terminal, file=target)
