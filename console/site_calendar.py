"""The site's opening hours and special days: ``calendar.toml`` in its home; without it the usual office hours hold.

::

    [[office]]
    name = "駅連絡所"
    week = ["10:00-19:00", "10:00-19:00", "10:00-19:00", "10:00-19:00", "10:00-19:00", "09:00-17:00", ""]
    on_holidays = false

    [[special-day]]
    day = 2026-12-28
    hours = "08:30-12:00"      # empty or absent: closed
    office = ""                # empty: every office
    reason = "system renewal"
"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from monitors.calendars.hours import Calendar, OfficeHours, SpecialDay, intervals

FILE = "calendar.toml"
_DAYS = 7


class _Office(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: str
    week: Annotated[list[str], Meta(min_length=_DAYS, max_length=_DAYS)]
    on_holidays: bool = False


class _SpecialDay(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    day: date
    hours: str = ""
    office: str = ""
    reason: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="kebab"):
    office: tuple[_Office, ...] = ()
    special_day: tuple[_SpecialDay, ...] = ()


def read(home: Path) -> Calendar:
    """Return the calendar of the site in ``home``; raises ``Refusal`` that names what is wrong in its file."""
    path = home / FILE
    if not path.exists():
        return Calendar()
    try:
        found = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _File)
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise Refusal(
            N_("The calendar in {file} can't be used: {reason}. Mend the file, then try again."),
            file=str(path),
            reason=str(error),
        ) from None
    return Calendar(
        offices={
            each.name: OfficeHours(week=tuple(map(intervals, each.week)), on_holidays=each.on_holidays)
            for each in found.office
        },
        special_days=[
            SpecialDay(day=each.day, office=each.office, hours=intervals(each.hours), reason=each.reason)
            for each in found.special_day
        ],
    )
