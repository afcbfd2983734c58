"""A periodic check of rights or IDs that was missed is a finding, until the check is done (AC-USR-02, AC-PRM-02)."""

from typing import Final

from accesscontrol.clock import local_day
from accesscontrol.messages import N_
from accesscontrol.reviews import deadlines, reading
from accesscontrol.reviews.model import PARTS, ReviewKind, State
from console.own_findings import raise_own
from console.wiring import Installation
from monitors.findings.making_good import make_good

MISSED: Final = "review-missed"
_EXPLANATIONS: Final = {
    ReviewKind.INSPECTION: N_(
        "The inspection of access rights was not done in time. The finding ends by itself when its report is signed."
    ),
    ReviewKind.ID_CHECK: N_(
        "The check of unneeded IDs was not done in time. The finding ends by itself when its report is signed."
    ),
}
_GOES_ON: Final = 40 * 86_400  # seconds: what is missing in the next month too is the same finding


def find(site: Installation) -> list[str]:
    """Raise each check that was missed, end the findings of those that were made up for; return the new names.

    One is missed when its month ended before it was ordered, or when its deadline passed with items unanswered. It is
    raised anew for each month in which it stays so and nobody has an open finding of it.
    """
    found: list[str] = []
    for kind in ReviewKind:
        if _is_missed(site, kind):
            found += _raised(site, kind)
            continue
        last = reading.newest(site.store, kind)
        if last is not None and last.state is State.CLOSED:
            make_good(site.store, MISSED, _group(kind), by=last.name, is_seen=True)
    return found


def _is_missed(site: Installation, kind: ReviewKind) -> bool:
    at = site.clock.now()
    due = deadlines.next_due(site.store, kind, at, site.zone)
    if due is not None and due <= at:
        return True
    last = reading.newest(site.store, kind)
    return last is not None and last.overdue(at)


def _raised(site: Installation, kind: ReviewKind) -> list[str]:
    today = local_day(site.clock.now(), site.zone)
    return raise_own(
        site,
        rule=MISSED,
        title=N_("Periodic check missed"),
        explanation=_EXPLANATIONS[kind],
        severity="medium",
        control=PARTS[kind].control,
        system="accounts",
        source="reviews",
        group=_group(kind),
        evidence=[today.year * 12 + today.month],
        facts={},
        goes_on=_GOES_ON,
    )


def _group(kind: ReviewKind) -> str:
    return f"review={kind.value}"
