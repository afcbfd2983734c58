"""The ledger of one fiscal year, 1 April to 31 March in the site's zone: every grant that held on some day of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol.accounts import desired, reading
from accesscontrol.accounts.model import Account, Grant, Person
from accesscontrol.clock import local_day, start_of_day
from accesscontrol.people.reading import Reader

_APRIL: Final = 4
_INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class YearLine:
    """One grant with its account and person. ``over`` is the instant (UTC) from which on it does not hold.

    ``begun`` and ``ended`` tell whether it began or ended within the year.
    """

    account: Account
    person: Person
    grant: Grant
    over: datetime | None
    begun: bool
    ended: bool


def fiscal_year_of(at: datetime, zone: ZoneInfo) -> int:
    """Return the fiscal year of an instant (UTC): that in which its April lies."""
    day = local_day(at, zone)
    return day.year if day.month >= _APRIL else day.year - 1


def bounds(year: int, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first instant (UTC) of a fiscal year and the first one after it."""
    return start_of_day(date(year, _APRIL, 1), zone), start_of_day(date(year + 1, _APRIL, 1), zone)


def ledger_of(reader: Reader, year: int, zone: ZoneInfo, at: datetime) -> Iterator[YearLine]:
    """Yield every grant that held in the fiscal year, as known at ``at`` (UTC), in order of system, ID and number.

    One that was taken back before its first day is there too: it was decided upon.
    """
    first, after = bounds(year, zone)
    people = {each.staff_number: each for each in reading.persons(reader, note=reader.note_damage)}
    for entry in desired.entries(reader):
        for grant in entry.grants:
            over = min((each for each in (entry.end_of(grant), grant.ended_at) if each is not None), default=None)
            if grant.valid_from >= after or (over is not None and max(over, grant.valid_from + _INSTANT) <= first):
                continue
            yield YearLine(
                account=entry.account,
                person=people[grant.staff_number],
                grant=grant,
                over=over,
                begun=grant.valid_from >= first,
                ended=over is not None and over <= min(after, at),
            )
