"""What a custodian or the security officer does with one user ID at the desk, the same from commands and screens.

Each act is one of a second person: nobody does it for an ID of their own.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from accesscontrol.accounts import (
    adopting,
    break_glass,
    exceptions,
    first_passwords,
    ledger,
    reading,
    suspending,
)
from accesscontrol.accounts.model import Cause, DisableReason, Terms
from accesscontrol.clock import end_of_day
from accesscontrol.messages import N_
from accesscontrol.people.roles import ROLE_TITLES, Role
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from console import accounts
from console.custody import require_custodian
from console.wiring import Installation

_BY_THEMSELVES: Final = frozenset(
    {DisableReason.EXPIRY, DisableReason.REPLACED, DisableReason.ROSTER, DisableReason.FIRST_PASSWORD}
)
DISABLING: Final = tuple(each for each in DisableReason if each not in _BY_THEMSELVES)
"""For what a person may disable an ID by hand; the others come about by themselves."""
SET_THERE: Final = N_(
    "{system} keeps its passwords itself. Have the first one of {user_id} set there now: unless its change is confirmed"
    " within its hours, the ID is disabled."
)


def require_officer(site: Installation, acting: Acting) -> None:
    """Refuse whoever is not the security officer now, lent roles included."""
    if Role.SECURITY_OFFICER not in acting.roles(site.store, site.clock.now()):
        raise Refusal(
            N_("This needs a role that you don't hold: {roles}."),
            control="AC-USR-02",
            roles=[ROLE_TITLES[Role.SECURITY_OFFICER]],
        )


def require_other(acting: Acting, staff_number: str) -> None:
    """Refuse an act on an ID of one's own (AC-AUT-03)."""
    if staff_number == acting.staff_number:
        raise Refusal(N_("Nobody does this for an ID of their own. Ask a second person."), control="AC-AUT-03")


def owner(site: Installation, system: str, user_id: str) -> str:
    """Return the staff number of whose ID it is, empty when the ledger doesn't know it."""
    account = reading.find_account(site.store, system, user_id)
    return account.staff_number if account else ""


def take_over(
    site: Installation, acting: Acting, system: str, user_id: str, staff_number: str, last_day: date | None, rule: str
) -> None:
    """Give an ID that was read from a system its one owner; ``rule`` is the paper by which it is this person's."""
    require_custodian(site, acting)
    require_other(acting, staff_number)
    terms = Terms(
        cause=Cause.TAKEOVER,
        granted_by=acting.staff_number,
        valid_from=site.clock.now(),
        valid_until=end_of_day(last_day, site.zone) if last_day else None,
        rule=rule,
    )
    with site.store.transaction() as tx:
        adopting.link(tx, system, user_id, staff_number, terms, actor=acting.staff_number, terminal=acting.terminal)


def disable(site: Installation, acting: Acting, system: str, user_id: str, reason: DisableReason, *, note: str) -> None:
    """Disable an ID at once, until somebody enables it; its sessions, keys and rights go with it."""
    require_custodian(site, acting)
    with site.store.transaction() as tx:
        suspending.suspend(tx, system, user_id, reason, note=note, actor=acting.staff_number, terminal=acting.terminal)


def enable(site: Installation, acting: Acting, system: str, user_id: str, *, note: str) -> None:
    """Enable an ID that was disabled; an end that has come meanwhile outranks every hand (AC-USR-03)."""
    require_custodian(site, acting)
    require_other(acting, owner(site, system, user_id))
    with site.store.transaction() as tx:
        suspending.resume(tx, system, user_id, note=note, actor=acting.staff_number, terminal=acting.terminal)


def excuse(site: Installation, acting: Acting, system: str, user_id: str, last_day: date, *, reason: str) -> None:
    """Let an ID stand without a person up to the end of ``last_day``, such as one that a machine uses."""
    require_officer(site, acting)
    with site.store.transaction() as tx:
        exceptions.allow(
            tx,
            system,
            user_id,
            reason=reason,
            until=end_of_day(last_day, site.zone),
            actor=acting.staff_number,
            terminal=acting.terminal,
        )


def discard(site: Installation, acting: Acting, system: str, user_id: str) -> None:
    """Close a lapsed ID for ever; its name is never given out again (AC-USR-01)."""
    require_custodian(site, acting)
    require_other(acting, owner(site, system, user_id))
    with site.store.transaction() as tx:
        ledger.discard(tx, system, user_id, actor=acting.staff_number, terminal=acting.terminal)


def name_break_glass(site: Installation, acting: Acting, system: str, user_id: str) -> None:
    """Name a break-glass ID, which nobody may use until it is handed out."""
    require_officer(site, acting)
    accounts.require_system(site, system)
    with site.store.transaction() as tx:
        break_glass.enter(tx, system, user_id, actor=acting.staff_number, terminal=acting.terminal)


def check_out(
    site: Installation,
    acting: Acting,
    system: str,
    user_id: str,
    staff_number: str,
    *,
    hours: int,
    rights: Sequence[str],
    reason: str,
) -> datetime:
    """Hand a break-glass ID to one person for some hours, and return their end (UTC)."""
    require_officer(site, acting)
    require_other(acting, staff_number)
    at = site.clock.now()
    until = at + timedelta(hours=hours)
    terms = Terms(cause=Cause.EMERGENCY, granted_by=acting.staff_number, valid_from=at, valid_until=until, rule=reason)
    with site.store.transaction() as tx:
        break_glass.check_out(
            tx, system, user_id, staff_number, rights, terms, actor=acting.staff_number, terminal=acting.terminal
        )
    return until


def check_in(site: Installation, acting: Acting, system: str, user_id: str) -> None:
    """Take a break-glass ID back; it lapses at once."""
    require_officer(site, acting)
    with site.store.transaction() as tx:
        break_glass.check_in(tx, system, user_id, actor=acting.staff_number, terminal=acting.terminal)


def hand_over_password(site: Installation, acting: Acting, system: str, user_id: str) -> Secret | None:
    """Set a first password for an ID and return it: one use, as long as the rules allow, shown once.

    None where the system's own operator sets it (``SET_THERE``); its hours begin all the same.
    """
    require_custodian(site, acting)
    return first_passwords.hand_over(
        site.store,
        site.connectors,
        system,
        user_id,
        actor=acting.staff_number,
        terminal=acting.terminal,
        validity=site.policy.passwords.temporary_validity,
    )


def confirm_password(site: Installation, acting: Acting, system: str, user_id: str) -> None:
    """Confirm that the person chose a password there: from then on the ID's real end holds."""
    require_custodian(site, acting)
    first_passwords.confirm(
        site.store, site.connectors, system, user_id, actor=acting.staff_number, terminal=acting.terminal
    )
