"""Opening hours per office as intervals of time, with exceptions; an interval may run past midnight."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from monitors.calendars.holidays import FIRST_YEAR, holidays

DAY: Final = 1440  # minutes
_INTERVAL: Final = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
_LATEST: Final = 48 * 60
_SATURDAY: Final = 5

Intervals = tuple[tuple[int, int], ...]


def intervals(text: str) -> Intervals:
    """Read ``"08:30-12:00 13:00-17:15"`` as minutes since midnight; empty text is closed.

    An end at or before its start, or beyond 24:00, lies on the next day (``22:00-02:00`` is ``22:00-26:00``).
    Raises ``Refusal``.
    """
    found = []
    for part in text.split():
        match = _INTERVAL.fullmatch(part)
        start, end = (int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])) if match else (0, -1)
        end += DAY if match and end <= start else 0
        if not match or start >= DAY or end > _LATEST:
            raise Refusal(N_("{hours} are no opening hours. Write them like 08:30-17:15."), hours=text)
        found.append((start, end))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """A day on which an office (or, with no office, every office) has other hours; no hours means closed."""

    day: date
    office: str = ""
    hours: Intervals = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeHours:
    """The hours of one office: those of each weekday (Monday first), and whether it opens on holidays."""

    week: tuple[Intervals, ...]
    on_holidays: bool = False


WEEKDAYS: Final[Intervals] = ((8 * 60 + 30, 17 * 60 + 15),)
USUAL: Final = OfficeHours(week=(WEEKDAYS,) * _SATURDAY + ((), ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Opening hours of all offices; an office that is not named has the ``usual`` ones.

    ``year_end`` are the days (month, day) on which no office opens besides holidays; an exception for an office
    wins over one for all, and any exception wins over everything else (MO-ANM-01). National holidays are known from
    2020 on.
    """

    offices: Mapping[str, OfficeHours] = field(default_factory=dict)
    usual: OfficeHours = USUAL
    special_days: Sequence[SpecialDay] = ()
    year_end: tuple[tuple[int, int], ...] = ((12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3))

    def hours(self, office: str, day: date) -> Intervals:
        """Return the minutes of ``day`` (since its midnight) at which ``office`` is open; none means closed."""
        for wanted in (office, ""):
            for special in self.special_days:
                if special.day == day and special.office == wanted:
                    return special.hours
        usual = self.offices.get(office, self.usual)
        known = holidays(day.year) if day.year >= FIRST_YEAR else {}
        closed = (day.month, day.day) in self.year_end or day in known
        return () if closed and not usual.on_holidays else usual.week[day.weekday()]

    def open_spans(self, office: str, first: date, last: date) -> Iterator[tuple[date, int, int]]:
        """Yield (day, first minute, end minute) of each open span, cut at midnight, for ``first`` to ``last``.

        A span of the evening before that runs past midnight yields its rest on the next day.
        """
        day = first - timedelta(days=1)
        while day <= last:
            for start, end in self.hours(office, day):
                if day >= first:
                    yield day, start, min(end, DAY)
                if end > DAY and first <= day + timedelta(days=1) <= last:
                    yield day + timedelta(days=1), 0, end - DAY
            day += timedelta(days=1)

    def is_open(self, office: str, day: date, minute: int) -> bool:
        """Tell whether ``office`` is open at ``minute`` (since midnight) of ``day``; the closing minute is not open."""
        return any(start <= minute < end for _, start, end in self.open_spans(office, day, day))
