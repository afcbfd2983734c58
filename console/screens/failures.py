"""The picture of failed sign-ins by weekday and hour, as people would rather see it than read it."""

from dataclasses import dataclass

from textual.content import Content

from console.dates import weekday_names
from console.translation import _
from console.widgets.pictures import heat_map, sparkline
from console.widgets.plain import joined, styled
from console.wiring import Installation
from monitors.events.browsing import HOURS

_TOGETHER = 2  # hours that share a column, so that a day fits into 80 columns


@dataclass(frozen=True, slots=True)
class Failures:
    """The last 30 days' failed sign-ins as one line, and as a map where there is room; empty when there was none."""

    line: Content
    map: list[Content]


def failures(site: Installation) -> Failures:
    """Return the picture of the last 30 days; it reads the archive, so it belongs in a thread."""
    counts = site.archive.failures(site.clock.now())
    by_hour = [sum(day[hour] for day in counts) for hour in range(HOURS)]
    total = sum(by_hour)
    if not total:
        return Failures(Content(""), [])
    days = "  " + _("30 days, {number} in all").format(number=f"{total:,}")
    worst = max(range(HOURS), key=lambda hour: by_hour[hour])
    most = _("most from {hour}:00: {number}").format(hour=worst, number=f"{by_hour[worst]:,}")
    title = joined(styled(_("Failed sign-ins by hour"), "bold $accent"), styled(days, "$secondary"))
    columns = range(0, HOURS, _TOGETHER)
    values = [[sum(day[hour : hour + _TOGETHER]) for hour in columns] for day in counts]
    return Failures(
        joined(styled("0h ", "$secondary"), sparkline(by_hour, HOURS), styled(" 23h", "$secondary"), f"  {most}"),
        [title, *heat_map(weekday_names(), [str(hour) for hour in columns], values)],
    )
