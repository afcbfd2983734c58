"""The picture of failed sign-ins by weekday and hour, as people would rather see it than read it."""

from textual.content import Content

from console.dates import weekday_names
from console.translation import _
from console.widgets.pictures import heat_map
from console.widgets.plain import joined, styled
from console.wiring import Installation
from monitors.events.browsing import HOURS

_TOGETHER = 2  # hours that share a column, so that a day fits into 80 columns


def failures_picture(site: Installation) -> list[Content]:
    """Return the last 30 days' failed sign-ins as a heat map, or nothing when there was none."""
    counts = site.archive.failures(site.clock.now())
    total = sum(map(sum, counts))
    if not total:
        return []
    columns = range(0, HOURS, _TOGETHER)
    values = [[sum(day[hour : hour + _TOGETHER]) for hour in columns] for day in counts]
    title = joined(
        styled(_("Failed sign-ins by hour"), "bold $accent"),
        styled("  " + _("30 days, {number} in all").format(number=f"{total:,}"), "$secondary"),
    )
    return [title, *heat_map(weekday_names(), [str(hour) for hour in columns], values)]
