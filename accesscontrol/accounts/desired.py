"""What a target should show for an account at an instant: a pure function of person, grants and suspension.

An end always wins: the earliest of grant and person counts, and no enabling by hand goes past it (AC-USR-03).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from accesscontrol.accounts import reading
from accesscontrol.accounts.model import (
    ACCESS,
    Account,
    AccountState,
    Desired,
    DisableReason,
    Grant,
    Person,
    Suspension,
)
from accesscontrol.people.reading import Reader
from accesscontrol.rows import DamagedRowError

_Line = TypeVar("_Line", Grant, Suspension)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One account with everything that the ledger says of it. ``persons`` are those of its grants."""

    account: Account
    persons: Mapping[str, Person]
    grants: Sequence[Grant] = ()
    suspensions: Sequence[Suspension] = ()

    @property
    def suspension(self) -> Suspension | None:
        """The suspension that is open, if one is."""
        return next((each for each in self.suspensions if each.lifted_at is None), None)

    @property
    def held(self) -> tuple[Grant, ...]:
        """The grants that the target was last seen to hold."""
        return tuple(grant for grant in self.grants if grant.held)

    def in_force(self, at: datetime) -> tuple[Grant, ...]:
        """Return the grants that hold at ``at``: none without access, without a valid person, or while suspended.

        What somebody ended stays ended, also when a clock that ran ahead then is set back.
        """
        if self.suspension is not None or self.account.discarded_at is not None:
            return ()
        valid = tuple(
            grant
            for grant in self.grants
            if grant.ended_at is None and grant.in_force(at) and self.persons[grant.staff_number].valid(at)
        )
        return valid if any(grant.entitlement == ACCESS for grant in valid) else ()

    def end_of(self, grant: Grant) -> datetime | None:
        """Return when the grant ends: the earlier of its own end and its person's."""
        ends = (grant.valid_until, self.persons[grant.staff_number].valid_until)
        return min((end for end in ends if end is not None), default=None)

    def desired(self, at: datetime) -> Desired:
        """Return what the target should show at ``at``."""
        holding = self.in_force(at)
        if not holding:
            return Desired(enabled=False, reason=self.reason(at))
        access = [grant for grant in holding if grant.entitlement == ACCESS]
        ends = [self.end_of(grant) for grant in access]
        return Desired(
            enabled=True,
            holder=access[-1].staff_number,
            valid_from=min(grant.valid_from for grant in access),
            valid_until=None if None in ends else max(end for end in ends if end is not None),
            entitlements=tuple(sorted({grant.entitlement for grant in holding} - {ACCESS})),
        )

    def reason(self, at: datetime) -> DisableReason:
        """Return why the account may not be used at ``at``."""
        if self.suspension is not None:
            return self.suspension.reason
        access = [grant for grant in self.grants if grant.entitlement == ACCESS and grant.valid_from <= at]
        if not access:
            return DisableReason.EXPIRY
        last = access[-1]
        person = self.persons[last.staff_number]
        if last.ended_at is not None and last.end_reason is not None:
            return last.end_reason
        return DisableReason.EXPIRY if person.valid(at) else person.end_reason

    def state(self, at: datetime) -> AccountState:
        """Return what the ID should be at ``at``."""
        if self.account.discarded_at is not None:
            return AccountState.DISCARDED
        if self.in_force(at):
            return AccountState.LIVE
        coming = any(grant.valid_from > at and grant.ended_at is None for grant in self.grants)
        begun = any(grant.valid_from <= at for grant in self.grants)
        return AccountState.PLANNED if coming and not begun else AccountState.LAPSED

    def settled(self, at: datetime) -> bool:
        """Tell whether the target was last seen to hold exactly what is in force at ``at``, with the same ends."""
        wanted = {grant.number: self.end_of(grant) for grant in self.in_force(at)}
        return wanted == {grant.number: grant.held_until for grant in self.held}


def entry(reader: Reader, system: str, user_id: str) -> Entry:
    """Return one account of the ledger with all that is said of it; an unknown one is refused."""
    account = reading.get_account(reader, system, user_id)
    granted = reading.grants(reader, system, user_id)
    people = {each.staff_number: reading.get_person(reader, each.staff_number) for each in granted}
    return Entry(
        account=account,
        persons=people,
        grants=granted,
        suspensions=reading.suspensions(reader, system, user_id),
    )


def entries(reader: Reader, system: str = "") -> list[Entry]:
    """Return every account of one system or of all, read with four queries whatever their number.

    An account of which any row is damaged is left out, so that nothing is done with it; the row is noted.
    """
    return _sorted_out(reader, system)[0]


def doubtful(reader: Reader) -> list[tuple[str, str]]:
    """Return system and ID of each account that :func:`entries` leaves out: nobody can judge when it ends."""
    return sorted(_sorted_out(reader, "")[1])


def _sorted_out(reader: Reader, system: str) -> tuple[list[Entry], set[tuple[str, str]]]:
    left_out: set[tuple[str, str]] = set()

    def note(damage: DamagedRowError) -> None:
        reader.note_damage(damage)
        left_out.add((damage.row["system"], damage.row["user_id"]))

    people = {each.staff_number: each for each in reading.persons(reader, note=reader.note_damage)}
    granted = _grouped(reading.grants(reader, system, note=note))
    suspended = _grouped(reading.suspensions(reader, system, note=note))
    found = []
    for account in reading.accounts(reader, system, note=note):
        key = (account.system, account.user_id)
        own = granted.get(key, [])
        if key in left_out or any(each.staff_number not in people for each in own):
            left_out.add(key)
            continue
        found.append(
            Entry(
                account=account,
                persons={each.staff_number: people[each.staff_number] for each in own},
                grants=own,
                suspensions=suspended.get(key, []),
            )
        )
    return found, left_out


def _grouped(lines: Iterable[_Line]) -> dict[tuple[str, str], list[_Line]]:
    found: dict[tuple[str, str], list[_Line]] = {}
    for line in lines:
        found.setdefault((line.system, line.user_id), []).append(line)
    return found
