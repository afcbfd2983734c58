"""What the custodians of IDs and passwords do at the desk, in front of the person (AC-USR-01).

Each act is one of a second person: the domain refuses it for a login of one's own.
"""

from typing import Final

from accesscontrol.messages import N_
from accesscontrol.people import credentials, factors, operators, outings, security_keys, terminals
from accesscontrol.people.fingerprint_keys import FingerprintKey
from accesscontrol.people.roles import ROLE_TITLES, Role
from accesscontrol.people.secret import Secret
from accesscontrol.people.terminals import TerminalState
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from console.wiring import Installation

CUSTODIANS: Final = frozenset({Role.IDPW_CUSTODIAN, Role.SYSTEM_ADMIN})


def require_custodian(site: Installation, actor: Acting) -> None:
    """Refuse whoever is no custodian now, lent roles included."""
    if not actor.roles(site.store, site.clock.now()) & CUSTODIANS:
        raise Refusal(
            N_("This needs a role that you don't hold: {roles}."),
            control="AC-USR-01",
            roles=[ROLE_TITLES[role] for role in sorted(CUSTODIANS)],
        )


def issue_password(site: Installation, login: str, actor: Acting) -> Secret:
    """Return a temporary password for ``login``: one use, a day by default, and known to nobody else from now on."""
    require_custodian(site, actor)
    return credentials.issue_temporary_password(site.store, site.policy, login, actor=actor.staff_number)


def issue_seed(site: Installation, login: str, actor: Acting) -> Secret:
    """Return a new seed of one-time codes for ``login``, in the place of earlier ones."""
    require_custodian(site, actor)
    return credentials.issue_totp(site.store, site.policy, login, actor=actor.staff_number)


def enrol_key(site: Installation, login: str, key: FingerprintKey, actor: Acting, *, label: str) -> int:
    """Enrol the security key at hand for ``login``, whose finger the custodian sees on it; return its number."""
    require_custodian(site, actor)
    operator = operators.get(site.store, login)
    registration = key.register(login, operator.name)
    with site.store.transaction() as tx:
        return security_keys.enrol(tx, login, registration, label=label, policy=site.policy, actor=actor.staff_number)


def remove_factor(site: Installation, number: int, actor: Acting, *, reason: str) -> None:
    """Take an enrolled second factor out of force, a lost key for example; a reason is kept."""
    require_custodian(site, actor)
    if not reason.strip():
        raise Refusal(N_("Give a reason: it is kept with the entry."))
    with site.store.transaction() as tx:
        factors.remove(tx, number, reason=reason, actor=actor.staff_number)


def unlock(site: Installation, login: str, actor: Acting, *, reason: str) -> None:
    """Open a login that failures have locked."""
    require_custodian(site, actor)
    with site.store.transaction() as tx:
        operators.unlock(tx, login, reason=reason, actor=actor.staff_number)


def reveal_name(site: Installation, subject: str, actor: Acting) -> None:
    """Write down that ``actor`` asks to see the full name of ``subject``; the caller shows it only after this.

    An entry that can't be written raises ``Refusal``: then nothing is shown.
    """
    with site.store.transaction() as tx:
        tx.record("name.revealed", actor=actor.staff_number, subject=subject, terminal=actor.terminal)


def terminal_back(site: Installation, name: str, actor: Acting) -> None:
    """Note that a terminal which was taken out is back; from now on it may be used again."""
    require_custodian(site, actor)
    with site.store.transaction() as tx:
        outings.end(tx, name, actor=actor.staff_number)


def remove_terminal(site: Installation, name: str, actor: Acting, *, reason: str) -> None:
    """Take a terminal out of the register for good: its sessions end at once, and it opens none (AC-AUT-04).

    The one at which ``actor`` sits is refused, so that somebody can still sign in.
    """
    require_custodian(site, actor)
    if name == actor.terminal:
        raise Refusal(N_("You sit at the terminal {name}. Remove it from another one."), control="AC-AUT-04", name=name)
    if not reason.strip():
        raise Refusal(N_("Give a reason: it is kept with the entry."))
    with site.store.transaction() as tx:
        terminals.set_state(tx, name, TerminalState.REMOVED, reason=reason, actor=actor.staff_number)
