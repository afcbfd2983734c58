"""What a year of personnel changes should come to, in plain rules of its own: the model that the year is held against."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from accesscontrol.accounts.model import ACCESS
from accesscontrol.clock import FixedClock
from accesscontrol.rosters.model import RosterKind

Period: TypeAlias = tuple[datetime, datetime | None]
"""From an instant up to another one that does not count, or without an end."""

REFER, TAX = "refer", "tax"


def holds(period: Period, at: datetime) -> bool:
    start, end = period
    return start <= at and (end is None or at < end)


@dataclass
class Somebody:
    """A person as the rosters tell."""

    contractor: bool
    office: str = ""
    period: Period | None = None

    def there(self, at: datetime) -> bool:
        return self.period is not None and holds(self.period, at)


@dataclass
class UserId:
    """An ID: what is granted on it and was not ended, and whether somebody disabled it."""

    grants: dict[str, Period] = field(default_factory=dict)
    suspended: bool = False

    def open(self, right: str, at: datetime) -> bool:
        return right in self.grants and (self.grants[right][1] is None or at < (self.grants[right][1] or at))


@dataclass(frozen=True)
class Listed:
    """One roster from its instant on: of each person on it the office and the first instant after the last day."""

    kind: RosterKind
    effective: datetime
    lines: dict[str, tuple[str, datetime | None]]


@dataclass
class PlainYear:
    """Everybody, their IDs, and the rosters that wait for their instant."""

    clock: FixedClock
    people: dict[str, Somebody]
    ids: dict[str, UserId] = field(default_factory=dict)
    waiting: list[Listed] = field(default_factory=list)

    def rights(self, person: str) -> set[str] | None:
        """Return the rights that the person's ID should have now, None when it should not work at all."""
        now, known = self.clock.now(), self.ids.get(person)
        if known is None or known.suspended or not self.people[person].there(now):
            return None
        held = {right for right, period in known.grants.items() if holds(period, now)}
        return held - {ACCESS} if ACCESS in held else None

    def end(self, person: str) -> datetime | None:
        """Return the end of an ID that works: the earlier one of its access and its person."""
        ends = (self.ids[person].grants[ACCESS][1], (self.people[person].period or (None, None))[1])
        return min((each for each in ends if each is not None), default=None)

    def may_hold(self, person: str, start: datetime, until: datetime | None) -> bool:
        """Tell whether something may be granted to the person for this period."""
        known, begins = self.people[person], max(start, self.clock.now())
        if known.period is None or (known.period[1] is not None and known.period[1] <= begins):
            return False
        return until is None or until > begins

    def extended(self, person: str, until: datetime | None) -> None:
        """Let all that ends with the ID's access end at another instant."""
        grants, now = self.ids[person].grants, self.clock.now()
        old = grants[ACCESS][1]
        for right, (start, end) in list(grants.items()):
            goes_along = right == ACCESS or until is None or start < until
            if end == old and goes_along and self.ids[person].open(right, now):
                grants[right] = (max(start, now), until)

    def apply_due(self) -> None:
        """Apply the rosters whose instant has come, in order."""
        due = [each for each in self.waiting if each.effective <= self.clock.now()]
        for roster in sorted(due, key=lambda each: each.effective):
            self.waiting.remove(roster)
            for number, person in self.people.items():
                if person.contractor is (roster.kind is RosterKind.CONTRACTOR):
                    self._apply(roster, number, person)

    def _apply(self, roster: Listed, number: str, person: Somebody) -> None:
        at, was = roster.effective, person.there(roster.effective)
        known = self.ids.get(number, UserId())
        if number not in roster.lines:
            if was and person.period:
                person.period = (min(person.period[0], at), at)
                known.grants.clear()
            return
        office, end = roster.lines[number]
        before = person.period
        person.period = (min(at, before[0]) if before else at, end)
        moved, person.office = was and office != person.office, office
        stays = end is None or end > at
        if was and not stays:
            known.grants.clear()
        elif stays and before and (moved or not was):  # to another office, or back after an end: with new grants only
            self._old_rights_end(known, at)

    def _old_rights_end(self, known: UserId, at: datetime) -> None:
        """End what was granted before ``at``; the access stays for whom something begins then or later."""
        still = {right: each for right, each in known.grants.items() if each[1] is None or each[1] > at}
        coming = any(start >= at for start, _ in still.values())
        for right, (start, _end) in still.items():
            if start < at and not (coming and right == ACCESS):
                del known.grants[right]
