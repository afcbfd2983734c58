"""Every ID in one list: what should be beside what was last read, the unreadable ones first, and what is left over.

An ID is left over when it can be used, or belongs to nobody, without a living reason; it is unknown when its system
could not be read. Both numbers must be zero, and only then is the list proof (AC-USR-02, AC-USR-06).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from accesscontrol.accounts import desired, observations
from accesscontrol.accounts.desired import Entry
from accesscontrol.accounts.exceptions import allowed
from accesscontrol.accounts.model import ACCESS, AccountState, DisableReason, PersonKind, Situation
from accesscontrol.accounts.observations import LastReading, Observation
from accesscontrol.clock import to_text
from accesscontrol.people.reading import Reader

UNLISTED: Final = "unlisted"
"""The state of an ID that the ledger doesn't have."""

_NOBODY_S: Final = frozenset({Situation.UNMATCHED, Situation.UNLINKED, Situation.DISPUTED})


class Why(StrEnum):
    """Why an ID is left over or unknown."""

    NOBODY = "nobody"  # no person, or more than one, stands behind it
    ENDED = "ended"  # its reason ended, and it can still be used
    UNREADABLE = "unreadable"  # its system could not be read, so nothing is known of it


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """One ID. Instants are UTC; ``valid_to`` is the first one at which it is over.

    ``enabled``, ``sessions`` and ``last_use`` are what the target showed at ``read_at``; ``excess`` are rights that it
    has there beyond its grants. ``exempt``: the connector's own ID, or one of the system's own that nobody can sign in
    with. ``exception_until`` is the end of a dated exception, if one holds.
    """

    system: str
    user_id: str
    person: str = ""
    person_name: str = ""
    person_kind: PersonKind | None = None
    office: str = ""
    state: str = UNLISTED
    reason: DisableReason | None = None
    situation: Situation = Situation.UNREADABLE
    candidates: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    last_use: datetime | None = None
    entitlements: tuple[str, ...] = ()
    excess: tuple[str, ...] = ()
    enabled: bool | None = None
    sessions: int = 0
    remains: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    read_at: datetime | None = None
    exempt: bool = False
    exception_until: datetime | None = None
    why: Why | None = None

    @property
    def usable(self) -> bool:
        """Tell whether anything of it can be used at the target: a way in, a session, a key or job."""
        return bool(self.enabled or self.sessions or self.remains)

    def to_json(self) -> dict[str, Any]:
        """Return the line as the command line prints it."""
        return {
            "system": self.system,
            "account": self.user_id,
            "person": self.person or None,
            "state": self.state,
            "situation": self.situation.value,
            "valid_from": self.valid_from and to_text(self.valid_from),
            "valid_to": self.valid_to and to_text(self.valid_to),
            "last_use": self.last_use and to_text(self.last_use),
            "entitlements": list(self.entitlements),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The systems that must be read, and how old a reading may be before its IDs count as unknown.

    ``limits`` are those of single systems, such as ones that hand in an account list once a month.
    """

    systems: Sequence[str]
    stale: timedelta = timedelta(hours=26)
    limits: Mapping[str, timedelta] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftovers:
    """The proof: both numbers, the IDs behind them, and the oldest reading that it rests on."""

    leftover: int
    unknown: int
    items: Sequence[AccountLine]
    read_at: datetime | None

    @property
    def proven(self) -> bool:
        """Tell whether nothing is left over and nothing is unknown."""
        return not (self.leftover or self.unknown)

    def to_json(self) -> dict[str, Any]:
        """Return the proof as the command line prints it."""
        return {
            "leftover": self.leftover,
            "unknown": self.unknown,
            "items": [
                {**each.to_json(), "why": each.why, "read_at": each.read_at and to_text(each.read_at)}
                for each in self.items
            ],
        }


def listed(reader: Reader, sources: Sources, at: datetime) -> list[AccountLine]:
    """Return every ID of every system, ledger and targets together; those that can't be read come first."""
    readings = observations.last_readings(reader)
    seen = {(each.system, each.account.user_id): each for each in observations.observations(reader)}
    exceptions = allowed(reader, at)
    lines = []
    for entry in desired.entries(reader):
        key = (entry.account.system, entry.account.user_id)
        lines.append(_line(entry, seen.pop(key, None), at))
    lines += [_unlisted(each) for each in seen.values() if each.missing_since is None]
    lines = [_judged(each, readings.get(each.system), sources, exceptions, at) for each in lines]
    return sorted(lines, key=lambda each: (each.situation is not Situation.UNREADABLE, each.system, each.user_id))


def leftovers(reader: Reader, sources: Sources, at: datetime) -> Leftovers:
    """Return what is left over and what is unknown at ``at``; a system that was never read counts as one unknown."""
    return concluded(listed(reader, sources, at), observations.last_readings(reader), sources, at)


def concluded(
    lines: Sequence[AccountLine], readings: Mapping[str, LastReading], sources: Sources, at: datetime
) -> Leftovers:
    """Return what follows from the list at ``at``, as :func:`leftovers` does, where the list is at hand already."""
    items = [each for each in lines if each.why is not None]
    named = {each.system for each in items}
    for system in sources.systems:
        if system not in named and not _fresh(readings.get(system), sources, at):
            items.insert(0, AccountLine(system=system, user_id="", why=Why.UNREADABLE))
    unknown = sum(each.why is Why.UNREADABLE for each in items)
    times = [found.read_at for system in sources.systems if (found := readings.get(system)) and found.read_at]
    return Leftovers(
        leftover=len(items) - unknown,
        unknown=unknown,
        items=items,
        read_at=min(times, default=None),
    )


def _fresh(last: LastReading | None, sources: Sources, at: datetime) -> bool:
    return last is not None and last.fresh(at, sources.limits.get(last.system, sources.stale))


def _line(entry: Entry, seen: Observation | None, at: datetime) -> AccountLine:
    should = entry.desired(at)
    state = entry.state(at)
    holder = should.holder or entry.account.staff_number
    person = entry.persons.get(holder)
    access = [each for each in entry.grants if each.entitlement == ACCESS]
    ends = [entry.end_of(each) for each in access[-1:]]
    account = seen.account if seen and seen.missing_since is None else None
    return AccountLine(
        system=entry.account.system,
        user_id=entry.account.user_id,
        person=holder,
        person_name=person.name if person else "",
        person_kind=person.kind if person else None,
        office=person.office if person else "",
        state=state.value,
        reason=should.reason if state is AccountState.LAPSED else None,
        situation=_situation(entry, seen, at),
        candidates=seen.candidates if seen else (),
        valid_from=should.valid_from or (access[-1].valid_from if access else None),
        valid_to=should.valid_until if should.enabled else next(iter(ends), None),
        last_use=seen.account.last_use if seen else None,
        entitlements=should.entitlements,
        excess=tuple(sorted(set(account.entitlements) - set(should.entitlements))) if account else (),
        enabled=account.enabled if account else (False if seen else None),
        sessions=account.sessions if account else 0,
        remains=account.remains if account else (),
        doubts=account.doubts if account else (),
    )


def _situation(entry: Entry, seen: Observation | None, at: datetime) -> Situation:
    """Return the situation; an account that should be at its target and was not in the last reading is gone."""
    if seen is None or seen.missing_since is not None:
        return Situation.DELETED if entry.in_force(at) and entry.held else Situation.LINKED
    return seen.situation if seen.situation is not Situation.DELETED else Situation.LINKED


def _unlisted(seen: Observation) -> AccountLine:
    account = seen.account
    return AccountLine(
        system=seen.system,
        user_id=account.user_id,
        situation=seen.situation,
        candidates=seen.candidates,
        valid_to=account.valid_to,
        last_use=account.last_use,
        entitlements=account.entitlements,
        enabled=account.enabled,
        sessions=account.sessions,
        remains=account.remains,
        doubts=account.doubts,
        person_name=account.display_name,
        exempt=account.own or (account.built_in and account.lapsed),
    )


def _judged(
    line: AccountLine,
    last: LastReading | None,
    sources: Sources,
    exceptions: Mapping[tuple[str, str], datetime],
    at: datetime,
) -> AccountLine:
    """Return the line with its exception, and why it is left over or unknown."""
    read_at = last.read_at if last else None
    until = exceptions.get((line.system, line.user_id))
    line = replace(line, read_at=read_at, exception_until=until)
    if line.system not in sources.systems or not _fresh(last, sources, at):
        return replace(line, situation=Situation.UNREADABLE, why=Why.UNREADABLE)
    return replace(line, why=_leftover(line))


def _leftover(line: AccountLine) -> Why | None:
    if line.situation in _NOBODY_S:
        return None if line.exempt or line.exception_until else Why.NOBODY
    return Why.ENDED if line.state != AccountState.LIVE and line.usable else None
