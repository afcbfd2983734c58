"""A terminal that was taken out and is not back on its day is a finding, until it is back (AC-TRM-01)."""

from typing import Final

from accesscontrol.clock import local_day
from accesscontrol.messages import N_
from accesscontrol.people import outings
from console.own_findings import ONCE_A_DAY, raise_own
from console.wiring import Installation
from monitors.findings.making_good import make_good

LATE: Final = "terminal-late"


def find(site: Installation) -> list[str]:
    """Raise a finding of each terminal that is late, end those of terminals that came back; return the new names."""
    at, found = site.clock.now(), list[str]()
    late = {each.terminal: each for each in outings.every(site.store) if each.late(at)}
    for name in sorted({each.terminal for each in outings.every(site.store)} - set(late)):
        make_good(site.store, LATE, f"terminal={name}", by=name)
    for name, outing in sorted(late.items()):
        found += raise_own(
            site,
            rule=LATE,
            title=N_("Terminal not back in time"),
            explanation=N_("{person} took the terminal {terminal} out and should have brought it back by now."),
            severity="medium",
            control="AC-TRM-01",
            system="accounts",
            source="terminals",
            group=f"terminal={name}",
            evidence=[local_day(at, site.zone).toordinal()],
            facts={"terminal": name, "person": outing.staff_number},
            goes_on=ONCE_A_DAY,
        )
    return found
