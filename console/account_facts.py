"""What detection must know of the ledger of user IDs: the states of each ID over time, as the grants tell them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from accesscontrol.accounts import desired, observations
from accesscontrol.accounts.desired import Entry
from accesscontrol.accounts.model import ACCESS, DisableReason, PersonKind, Purpose
from accesscontrol.people.reading import Reader
from monitors.facts import Account, AccountKind, AccountState

_KINDS: Final = {
    PersonKind.EMPLOYEE: AccountKind.PERSON,
    PersonKind.CONTRACTOR: AccountKind.CONTRACTOR,
    PersonKind.TEMPORARY: AccountKind.TEMPORARY,
}
_STATES: Final = {
    DisableReason.EXPIRY: AccountState.EXPIRED,
    DisableReason.RETIREMENT: AccountState.RETIRED,
    DisableReason.ROSTER: AccountState.OFF_ROSTER,
}


def known(reader: Reader, names: Mapping[str, str]) -> Iterator[Account]:
    """Yield every ID of the ledger under the name that the logs use for its system."""
    for entry in desired.entries(reader):
        account = entry.account
        person = entry.persons.get(account.staff_number)
        yield Account(
            system=names.get(account.system, account.system),
            user_id=account.user_id,
            staff_number=account.staff_number,
            kind=_KINDS[person.kind] if person else AccountKind.SHARED,
            office=person.office if person else "",
            changes=changes(entry),
        )


def systems(reader: Reader, names: Mapping[str, str]) -> set[str]:
    """Return the systems that were read at least once, so that an ID that the ledger doesn't have is unknown."""
    return {names.get(name, name) for name, last in observations.last_readings(reader).items() if last.read_at}


def changes(entry: Entry) -> Sequence[tuple[datetime, AccountState]]:
    """Return the states of an ID from each instant on at which its grants, person or suspensions changed it.

    An ID is what it was known to be at the time: an extension that came later doesn't make an earlier use right.
    """
    found: list[tuple[datetime, AccountState]] = []
    for at in sorted(_moments(entry)):
        state = _state(entry, at)
        if state is not None and (not found or found[-1][1] is not state):
            found.append((at, state))
    return tuple(found)


def _moments(entry: Entry) -> set[datetime]:
    moments = set()
    for grant in entry.grants:
        if grant.entitlement == ACCESS:
            end = entry.end_of(grant)
            moments |= {grant.valid_from, *(each for each in (end, grant.ended_at) if each is not None)}
    for suspension in entry.suspensions:
        moments |= {suspension.since, *((suspension.lifted_at,) if suspension.lifted_at else ())}
    return moments


def _state(entry: Entry, at: datetime) -> AccountState | None:
    """Return the state at ``at``; None before the first day of an ID."""
    access = [each for each in entry.grants if each.entitlement == ACCESS and each.valid_from <= at]
    if not access:
        return None
    if any(each.since <= at and (each.lifted_at is None or at < each.lifted_at) for each in entry.suspensions):
        return AccountState.DISABLED
    if any(each.in_force(at) and entry.persons[each.staff_number].valid(at) for each in access):
        return AccountState.ACTIVE
    last = access[-1]
    ended = last.end_reason if last.ended_at is not None and last.ended_at <= at else None
    person = entry.persons[last.staff_number]
    if ended is None and entry.account.purpose is Purpose.PERSONAL and not person.valid(at):
        ended = person.end_reason
    return _STATES.get(ended or DisableReason.EXPIRY, AccountState.DISABLED)
