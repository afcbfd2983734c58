"""National holidays by rule: fixed days, Mondays, equinoxes, substitutes and days between two holidays.

Valid from 2020 on. Equinox days follow the astronomical formula and become law only by the notice of the previous
February; special laws can move days. What the Cabinet Office publishes otherwise goes into the site's closed days.
"""

import tomllib
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final

FIRST_YEAR: Final = 2020
_SUNDAY: Final = 6
_DATA: Final[dict[str, Any]] = tomllib.loads(
    files("monitors.calendars").joinpath("holidays.toml").read_text(encoding="utf-8")
)
_DAY: Final = timedelta(days=1)


@cache
def holidays(year: int) -> dict[date, str]:
    """Return the national holidays of ``year`` with their names, in order. Raises ``ValueError`` before 2020."""
    if year < FIRST_YEAR:
        raise ValueError(f"holidays are known from {FIRST_YEAR} on")
    own = {day: rule["name"] for rule in _DATA["holiday"] if (day := _day(rule, year))}
    own |= {date.fromisoformat(text): name for text, name in _DATA["special"].items() if text.startswith(str(year))}
    substitutes = {_next_free(day, own): _DATA["substitute"] for day in own if day.weekday() == _SUNDAY}
    between = {
        day + _DAY: _DATA["sandwiched"]
        for day in own
        if day + 2 * _DAY in own and day + _DAY not in {**own, **substitutes} and (day + _DAY).weekday() != _SUNDAY
    }
    return dict(sorted({**own, **substitutes, **between}.items()))


def _day(rule: dict[str, Any], year: int) -> date | None:
    if year < rule.get("since", 0) or year in rule.get("except", ()):
        return None
    if "monday" in rule:
        first = date(year, rule["month"], 1)
        return first + timedelta(days=(7 - first.weekday()) % 7 + 7 * (rule["monday"] - 1))
    if "equinox" in rule:
        since_1980 = year - 1980
        return date(year, rule["month"], int(rule["equinox"] + 0.242194 * since_1980 - since_1980 // 4))
    return date(year, rule["month"], rule["day"])


def _next_free(day: date, own: dict[date, str]) -> date:
    while day in own:
        day += _DAY
    return day
