"""Who takes and opens copies by hand, and where: whose duty it is, in the server room (BK-BAK-01, AC-PRM-05)."""

from dataclasses import dataclass
from typing import Final

from accesscontrol.messages import N_
from accesscontrol.people import deputies, operators, terminals
from accesscontrol.people.operators import SYSTEM
from accesscontrol.people.roles import ROLE_TITLES, Role
from accesscontrol.people.terminals import TerminalPlace, TerminalState
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store


@dataclass(frozen=True, slots=True)
class Duty:
    """Work with copies that only holders of one of ``roles`` do, as ``control`` has it."""

    roles: frozenset[Role]
    control: str


COPYING: Final = Duty(frozenset({Role.SYSTEM_ADMIN, Role.RESIDENT_OPERATOR}), "AC-PRM-05")
"""Taking and opening backups: nobody copies without an administrative right, and only for backup."""


def require(store: Store, duty: Duty, *, actor: str, terminal: str) -> None:
    """Refuse, and enter it, unless the person has the duty and sits in the server room.

    Scheduled work (actor ``system``, no terminal) runs on this host, which stands there itself.
    """
    if actor == SYSTEM and not terminal:
        return
    try:
        _require_server_room(store, terminal)
        _require_role(store, duty, actor)
    except Refusal as refusal:
        with store.transaction() as tx:
            tx.record(
                "backup.refused",
                actor=actor,
                terminal=terminal,
                outcome="refused",
                reason=str(refusal),
                control=refusal.control,
            )
        raise


def _require_server_room(store: Store, terminal: str) -> None:
    found = terminals.find(store, terminal)
    if found is None or found.place is not TerminalPlace.SERVER_ROOM or found.state is not TerminalState.REGISTERED:
        raise Refusal(
            N_("Backups are taken and opened only in the server room; {terminal} is not a terminal there."),
            control="BK-BAK-01",
            terminal=terminal or "-",
        )


def _require_role(store: Store, duty: Duty, staff_number: str) -> None:
    """Refuse a person none of whose usable logins holds a role of the duty, lent roles included."""
    at = store.clock.now()
    usable = [each for each in operators.logins_of(store, staff_number) if each.usable(at)]
    if not any(deputies.roles_now(store, each, at) & duty.roles for each in usable):
        raise Refusal(
            N_("This needs a role that you don't hold: {roles}."),
            control=duty.control,
            roles=[ROLE_TITLES[role] for role in sorted(duty.roles)],
        )
