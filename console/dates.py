"""Days and instants as the reader writes them: era dates, site time, weekdays.

Stored instants are UTC; what people read is the site's zone. The eras stand in ``eras.json``. Meiji begins
with its sixth year there: before 1 January 1873 the country used another calendar (Cabinet order 337 of
1872), whose days this arithmetic cannot name.
"""

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from console.translation import _, language, ngettext

_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)
_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$")


@dataclass(frozen=True, slots=True)
class Era:
    """One era: its names, the first day that this calendar can name, and the year called its first."""

    name: str
    english: str
    letter: str
    first: date
    year_one: int


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(__file__).parent / "eras.json").read_text(encoding="utf-8"))
    return found


@cache
def eras() -> tuple[Era, ...]:
    """Return the eras, oldest first."""
    return tuple(Era(**{**row, "first": date.fromisoformat(row["first"])}) for row in _data()["eras"])


@cache
def _era_form() -> re.Pattern[str]:
    """Return the form in which people write a day by era: name or letter, year, month, day."""
    words = _data()["words"]
    number, day = r"(\d{1,2})", rf"(\d{{1,2}})\s*{words['day']}?"
    year = rf"(\d{{1,2}}|{words['first_year']})"
    return re.compile(
        rf"^\s*([^\W\d_]+?)\s*{year}\s*[-/.{words['year']}]\s*{number}\s*[-/.{words['month']}]\s*{day}\s*$"
    )


def era_of(day: date) -> Era | None:
    """Return the era in which ``day`` lies, or None for a day before 1873."""
    return next((era for era in reversed(eras()) if era.first <= day), None)


def era_date(day: date) -> str:
    """Return ``day`` by era in the reader's language; a day without an era as ISO 8601."""
    era = era_of(day)
    if era is None:
        return day.isoformat()
    year = day.year - era.year_one + 1
    if language() == "ja":
        words = _data()["words"]
        number = words["first_year"] if year == 1 else str(year)
        return f"{era.name}{number}{words['year']}{day.month}{words['month']}{day.day}{words['day']}"
    return f"{era.english} {year}-{day.month:02}-{day.day:02}"


def short_era_date(day: date) -> str:
    """Return ``day`` as forms print it, for example ``R8.11.24``; a day without an era as ISO 8601."""
    era = era_of(day)
    if era is None:
        return day.isoformat()
    return f"{era.letter}{day.year - era.year_one + 1}.{day.month}.{day.day}"


def parse_date(text: str) -> date:
    """Return the day that a person typed: ISO 8601, or an era by name, English name or letter.

    Full-width digits are read as digits. Raises Refusal for a day that does not exist, or that lies
    outside the era it names.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if found := _ISO.match(plain):
        return _day(text, *map(int, found.groups()))
    found = _era_form().match(plain)
    era = found and next((era for era in eras() if _names(era, found.group(1))), None)
    if not found or not era:
        raise Refusal(N_("{text} is not a date: write 2026-11-24 or R8.11.24."), text=text)
    year = 1 if found.group(2) == _data()["words"]["first_year"] else int(found.group(2))
    day = _day(text, era.year_one + year - 1, int(found.group(3)), int(found.group(4)))
    if era_of(day) != era or year == 0:
        raise Refusal(N_("{text} lies outside the era that it names."), text=text)
    return day


def _names(era: Era, word: str) -> bool:
    return word.casefold() in {era.name, era.english.casefold(), era.letter.casefold()}


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Refusal(N_("The day {text} does not exist."), text=text) from None


def weekday(day: date) -> str:
    """Return the short name of ``day``'s weekday."""
    return _(_WEEKDAYS[day.weekday()])


def weekday_names() -> list[str]:
    """Return the short names of the weekdays, Monday first."""
    return [_(name) for name in _WEEKDAYS]


def long_date(day: date) -> str:
    """Return ``day`` without its year and with its weekday, for example ``24 November (Tue)``."""
    return _("{day} {month_name} ({weekday})").format(
        day=day.day, month=day.month, month_name=_(_MONTHS[day.month - 1]), weekday=weekday(day)
    )


def short_date(day: date) -> str:
    """Return month and day, for example ``11/24``."""
    return f"{day.month}/{day.day:02}"


def clock_time(instant: datetime, zone: ZoneInfo) -> str:
    """Return the wall clock of ``instant`` (aware) at the site, for example ``09:12``."""
    return f"{instant.astimezone(zone):%H:%M}"


def date_and_time(instant: datetime, zone: ZoneInfo) -> str:
    """Return ``instant`` (aware) at the site as ``2026-11-24 09:12``."""
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"


def brief_instant(instant: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return ``instant`` at the site as briefly as ``now`` allows: time, month and day with time, or date."""
    local, today = instant.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    if local.year == today.year:
        return f"{local.month:02}/{local.day:02} {local:%H:%M}"
    return f"{local:%Y-%m-%d}"


def duration(span: timedelta) -> str:
    """Return ``span`` in its largest whole unit, for example ``7 hours``; its sign is ignored."""
    seconds = int(abs(span.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds // 3600, seconds // 60
    if days:
        return ngettext("{number} day", "{number} days", days).format(number=days)
    if hours:
        return ngettext("{number} hour", "{number} hours", hours).format(number=hours)
    return ngettext("{number} minute", "{number} minutes", minutes).format(number=minutes)


def age(instant: datetime, now: datetime) -> str:
    """Return how long before ``now`` ``instant`` lies, for example ``7 hours ago``, or how long until it."""
    words = {"duration": duration(now - instant)}
    return (_("{duration} ago") if instant <= now else _("in {duration}")).format(**words)
