"""Pictures of many events: how many there were day by day, and on each weekday and hour."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Final

from textual.content import Content

from console.dates import weekday_names
from console.widgets.pictures import heat_map, sparkline

_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_HOURS: Final = range(0, 24, 2)  # two hours share a column, so that a day fits into 80 columns
_WIDTH: Final = 46
_LONG_AGO: Final = 4000  # days; a span of more is that of an event with a wrong date


def drawn(counts: Mapping[tuple[int, int], int]) -> list[str | Content]:
    """Return the lines that show ``counts`` by day (since 1970) and hour: a line of days, and a map of the week."""
    week = [[0] * len(_HOURS) for _weekday in range(7)]
    for (day, hour), number in counts.items():
        week[(day + 3) % 7][hour // 2] += number  # 1970-01-01 was a Thursday
    return [*_days(counts), *heat_map(weekday_names(), [str(hour) for hour in _HOURS], week)]


def _days(counts: Mapping[tuple[int, int], int]) -> list[str]:
    by_day: dict[int, int] = defaultdict(int)
    for (day, _hour), number in counts.items():
        by_day[day] += number
    if len(by_day) < 2 or max(by_day) - min(by_day) > _LONG_AGO:  # noqa: PLR2004 - one day is no line
        return []
    first, last = min(by_day), max(by_day)
    line = sparkline([by_day[day] for day in range(first, last + 1)], _WIDTH)
    return [f"{date.fromordinal(first + _EPOCH_DAY)} {line} {date.fromordinal(last + _EPOCH_DAY)}"]
