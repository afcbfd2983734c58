"""What a roster would change: who appears, leaves or moves, whose end comes closer, and whose user IDs end by it.

The staff number is the person. A disputed line changes nothing, and its person does not count as gone either.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol.accounts import desired
from accesscontrol.accounts.desired import Entry
from accesscontrol.accounts.model import ACCESS, DisableReason, Grant, Person, PersonKind
from accesscontrol.canonical import JSON
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.reading import Reader
from accesscontrol.rosters.identity import Identities
from accesscontrol.rosters.model import Line, Roster, RosterKind


class Consequence(StrEnum):
    """What happens to one person."""

    APPEARS = "appears"
    RETURNS = "returns"
    LEAVES = "leaves"
    MOVES = "moves"
    ENDS_EARLIER = "ends-earlier"
    CHANGES = "changes"
    DISPUTED = "disputed"


CONSEQUENCE_TITLES: Final[Mapping[Consequence, str]] = {
    Consequence.APPEARS: N_("appears"),
    Consequence.RETURNS: N_("joins again"),
    Consequence.LEAVES: N_("leaves"),
    Consequence.MOVES: N_("moves"),
    Consequence.ENDS_EARLIER: N_("ends earlier"),
    Consequence.CHANGES: N_("other facts change"),
    Consequence.DISPUTED: N_("disputed"),
}
_TAKING: Final = frozenset({Consequence.LEAVES, Consequence.MOVES, Consequence.ENDS_EARLIER})
_SCOPES: Final[Mapping[RosterKind, frozenset[PersonKind]]] = {
    RosterKind.PERSONNEL: frozenset({PersonKind.EMPLOYEE, PersonKind.TEMPORARY}),
    RosterKind.CONTRACTOR: frozenset({PersonKind.CONTRACTOR}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One person's consequence. ``user_ids`` (``system/ID``) end or lose rights by it; ``doubts`` are staff numbers."""

    consequence: Consequence
    staff_number: str
    name: str
    before: Person | None = None
    after: Person | None = None
    user_ids: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def ending(self) -> DisableReason | None:
        """Why the grants from before end by the change, or None when they go on.

        They end with a person who comes back too: what ended with the person must not come to life again by itself.
        """
        if self.consequence is Consequence.MOVES:
            return DisableReason.TRANSFER
        if self.consequence is Consequence.LEAVES and self.after is not None:
            return self.after.end_reason
        if self.consequence is Consequence.RETURNS and self.before is not None:
            return self.before.end_reason
        return None

    @property
    def takes(self) -> bool:
        """Tell whether the change takes something from somebody."""
        return self.consequence in _TAKING

    def to_json(self) -> dict[str, JSON]:
        """Return the change as a request lists it."""
        end = self.after.valid_until if self.after else None
        return {
            "consequence": self.consequence.value,
            "staff_number": self.staff_number,
            "name": self.name,
            "office": self.after.office if self.after else "",
            "until": to_text(end) if end else None,
            "user_ids": list(self.user_ids),
            "doubts": list(self.doubts),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All that a roster would change; ``known`` counts the persons of its kind who were there until then."""

    changes: tuple[Change, ...]
    known: int

    @property
    def taking(self) -> tuple[Change, ...]:
        """The changes that take something from somebody."""
        return tuple(change for change in self.changes if change.takes)

    @property
    def counts(self) -> Mapping[Consequence, int]:
        """How many persons each consequence has."""
        return Counter(change.consequence for change in self.changes)


def compare(reader: Reader, roster: Roster, effective: datetime, zone: ZoneInfo) -> Comparison:
    """Return what ``roster`` would change from ``effective`` (UTC) on, given the ledger as it stands."""
    identities = Identities.of(reader)
    held = _by_person(desired.entries(reader))
    there = {
        number: person
        for number, person in identities.persons.items()
        if _in_scope(person, roster) and person.valid(effective)
    }
    changes = [
        change for line in roster.lines if (change := _of_line(line, identities, held, effective, zone)) is not None
    ]
    spoken = {line.staff_number for line in roster.lines}
    spoken |= {number for change in changes for number in change.doubts}
    changes += [
        _gone(person, held.get(number, ()), effective) for number, person in there.items() if number not in spoken
    ]
    return Comparison(changes=tuple(sorted(changes, key=_order)), known=len(there))


def _order(change: Change) -> tuple[int, str]:
    return (list(Consequence).index(change.consequence), change.staff_number)


def _in_scope(person: Person, roster: Roster) -> bool:
    """Tell whether the roster speaks of such a person: a contractor's roster only of that contractor's workers."""
    if person.kind not in _SCOPES[roster.kind]:
        return False
    return roster.kind is RosterKind.PERSONNEL or person.company in roster.companies


def _by_person(entries: Iterable[Entry]) -> Mapping[str, Sequence[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.account.staff_number:
            found.setdefault(entry.account.staff_number, []).append(entry)
    return found


def _of_line(
    line: Line, identities: Identities, held: Mapping[str, Sequence[Entry]], effective: datetime, zone: ZoneInfo
) -> Change | None:
    known = identities.persons.get(line.staff_number)
    after = line.person(known, effective, zone)
    doubts = identities.doubts(line, effective)
    if doubts:
        return Change(
            consequence=Consequence.DISPUTED,
            staff_number=line.staff_number,
            name=line.name,
            before=known,
            doubts=doubts,
        )
    if known == after:
        return None
    consequence = _consequence(known, after, effective)
    entries = held.get(line.staff_number, ())
    return Change(
        consequence=consequence,
        staff_number=line.staff_number,
        name=line.name,
        before=known,
        after=after,
        user_ids=_touched(consequence, entries, effective),
    )


def _consequence(known: Person | None, after: Person, effective: datetime) -> Consequence:
    over = after.valid_until is not None and after.valid_until <= effective
    if known is None:
        return Consequence.CHANGES if over else Consequence.APPEARS
    if known.valid_until is not None and known.valid_until <= effective:
        return Consequence.CHANGES if over else Consequence.RETURNS
    if over:
        return Consequence.LEAVES
    if known.office != after.office:
        return Consequence.MOVES
    if after.valid_until is not None and (known.valid_until is None or after.valid_until < known.valid_until):
        return Consequence.ENDS_EARLIER
    return Consequence.CHANGES


def _gone(person: Person, entries: Sequence[Entry], effective: datetime) -> Change:
    """Return the change of somebody of whom the roster no longer speaks."""
    after = Person(
        staff_number=person.staff_number,
        name=person.name,
        name_kana=person.name_kana,
        office=person.office,
        kind=person.kind,
        company=person.company,
        pledge=person.pledge,
        valid_from=min(person.valid_from, effective),
        valid_until=effective,
        end_reason=DisableReason.ROSTER,
    )
    return Change(
        consequence=Consequence.LEAVES,
        staff_number=person.staff_number,
        name=person.name,
        before=person,
        after=after,
        user_ids=_touched(Consequence.LEAVES, entries, effective),
    )


def _touched(consequence: Consequence, entries: Sequence[Entry], effective: datetime) -> tuple[str, ...]:
    names = []
    for entry in entries:
        ending = old_rights(entry.grants, effective) if consequence is Consequence.MOVES else entry.in_force(effective)
        if ending and consequence in _TAKING:
            names.append(f"{entry.account.system}/{entry.account.user_id}")
    return tuple(sorted(names))


def old_rights(grants: Iterable[Grant], effective: datetime) -> tuple[Grant, ...]:
    """Return the grants that a move or return from ``effective`` on ends: those from before (AC-USR-06).

    What was granted beforehand for the new office begins then and stays. The access that it needs stays too.
    """
    open_ones = [
        grant
        for grant in grants
        if grant.ended_at is None and (grant.valid_until is None or grant.valid_until > effective)
    ]
    coming = [grant for grant in open_ones if grant.valid_from >= effective]
    kept = {ACCESS} if coming else set()
    return tuple(grant for grant in open_ones if grant.valid_from < effective and grant.entitlement not in kept)
