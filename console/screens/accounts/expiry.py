"""On which day how many user IDs end: counted from the list, a day being the last on which an ID may be used."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from accesscontrol.accounts.model import AccountState
from console.screens.accounts.picture import AccountRow


def last_day_of(end: datetime, zone: ZoneInfo) -> date:
    """Return the last day of something that is over at ``end`` (UTC), in ``zone``."""
    return (end - datetime.resolution).astimezone(zone).date()


def by_day(rows: Iterable[AccountRow], zone: ZoneInfo) -> Mapping[date, list[AccountRow]]:
    """Return the IDs that may be used now, or later, by the last day on which they may, in order of days."""
    found: dict[date, list[AccountRow]] = {}
    for row in rows:
        end = row.line.valid_to
        if row.line.state in {AccountState.LIVE, AccountState.PLANNED} and end is not None and end > row.at:
            found.setdefault(last_day_of(end, zone), []).append(row)
    return dict(sorted(found.items()))


def greatest(ends: Mapping[date, list[AccountRow]]) -> date | None:
    """Return the day on which most end, the first of several; 31 March in most cities."""
    return max(ends, key=lambda day: (len(ends[day]), -day.toordinal()), default=None)
