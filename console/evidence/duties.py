"""What the office does by hand for a control comes due: stated last when and by whom, and next until when.

A statement belongs to the month, quarter or fiscal year (site's zone) in which it is signed, and the next one is due
by the end of the following. What was missed stays due until it is stated. A new site has a month of its own first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol.clock import from_text, local_day, start_of_day
from accesscontrol.messages import N_
from accesscontrol.people.roles import Role
from accesscontrol.store import Store
from console.evidence import controls, statements
from console.evidence.controls import Control
from console.evidence.guards.model import Period
from console.evidence.statements import Statement
from console.own_findings import raise_own
from console.wiring import Installation
from monitors.findings.making_good import make_good

WAITING: Final = "waiting"
"""What place 0 is pointed at to show what waits for a statement."""
MISSED: Final = "statement-missed"
_SETTLING_IN: Final = timedelta(days=31)
_MONTHS: Final = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}
_NOTICE: Final = {Period.MONTH: timedelta(days=5), Period.QUARTER: timedelta(days=14), Period.YEAR: timedelta(days=30)}
_APRIL: Final = 3  # months before it in its calendar year
_GOES_ON: Final = 400 * 86_400  # seconds: what is missing in the next period too is the same finding


@dataclass(frozen=True, slots=True)
class Duty:
    """One control's work by hand: how often it is stated, what was stated last, and until when next (UTC)."""

    control: Control
    period: Period
    last: Statement | None
    due: datetime

    def overdue(self, at: datetime) -> bool:
        """Tell whether its period ended without a statement."""
        return self.due <= at

    def waits(self, at: datetime) -> bool:
        """Tell whether it is time to state it: 5 days before the end of a month, 14 of a quarter, 30 of a year."""
        return self.due - at <= _NOTICE[self.period]

    @property
    def roles(self) -> frozenset[Role]:
        """Whoever may state it."""
        return statements.responsible(self.control)


def every(store: Store, zone: ZoneInfo) -> Sequence[Duty]:
    """Return the duties of all controls of which something is stated by hand, in the assessment's order."""
    owed = [(control, period) for control in controls.every() if (period := control.guard.every) is not None]
    last = statements.latest(store, [control.id for control, _period in owed])
    begun = store.row("SELECT at FROM trail_entry ORDER BY seq LIMIT 1")
    settled_in = (from_text(begun["at"]) if begun else store.clock.now()) + _SETTLING_IN
    return [
        Duty(control, period, last.get(control.id), _due(period, last.get(control.id), settled_in, zone))
        for control, period in owed
    ]


def waiting(store: Store, zone: ZoneInfo, roles: frozenset[Role]) -> Sequence[Duty]:
    """Return the duties that whoever has ``roles`` should state now, the overdue ones too, the next due first."""
    at = store.clock.now()
    found = [each for each in every(store, zone) if each.waits(at) and each.roles & roles]
    return sorted(found, key=lambda each: each.due)


def find(site: Installation) -> list[str]:
    """Raise a finding of each monthly or quarterly duty that was missed, end those made up for; return the new names.

    A yearly one that was missed is loud on Today and named in the yearly report.
    """
    at, found = site.clock.now(), list[str]()
    for duty in every(site.store, site.zone):
        group = f"control={duty.control.id}"
        if not duty.overdue(at):
            make_good(site.store, MISSED, group, by=duty.last.staff_number if duty.last else "", is_seen=True)
        elif duty.period is not Period.YEAR:
            found += _raised(site, duty, group)
    return found


def _raised(site: Installation, duty: Duty, group: str) -> list[str]:
    return raise_own(
        site,
        rule=MISSED,
        title=N_("Statement about a control missed"),
        explanation=N_(
            "What is done by hand for {control} was not stated in time. The finding ends by itself when whoever is"
            " responsible signs the statement at place 0."
        ),
        severity="medium",
        control=duty.control.id,
        system="controls",
        source="statements",
        group=group,
        evidence=[local_day(duty.due, site.zone).toordinal()],
        facts={"control": duty.control.id},
        goes_on=_GOES_ON,
    )


def _due(period: Period, last: Statement | None, settled_in: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant after the period in which the next statement must be signed."""
    if last is None:
        return start_of_day(_after(period, local_day(settled_in, zone)), zone)
    return start_of_day(_after(period, _after(period, local_day(last.at, zone))), zone)


def _after(period: Period, day: date) -> date:
    """Return the first day after the period that holds ``day``; quarters and years are those of the fiscal year."""
    months = day.year * 12 + day.month - 1
    end = (months - _APRIL) // _MONTHS[period] * _MONTHS[period] + _APRIL + _MONTHS[period]
    return date(end // 12, end % 12 + 1, 1)
