"""A regular comparison or check of the register that nobody ran in time is a finding, until it was run (RG-INT-09)."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from accesscontrol.clock import from_text, local_day
from accesscontrol.messages import N_
from console.own_findings import ONCE_A_DAY, raise_own
from console.wiring import Installation
from monitors.findings.making_good import make_good
from registry.tasks.catalogue import CATALOGUE
from registry.tasks.due import last_run, next_due
from registry.tasks.model import Task

NOT_RUN: Final = "register-check-not-run"
_WATCHED: Final[Mapping[str, str]] = {
    "check-records": "RG-INT-08",
    "check-numbers": "RG-INT-02",
    "reconcile": "RG-INT-09",
    "compare-copy": "RG-PRV-07",
}
_GRACE: Final = timedelta(days=4)  # a long weekend
_SETTLING_IN: Final = timedelta(days=31)


def find(site: Installation) -> list[str]:
    """Raise a finding of each watched task that is overdue by more than four days, end those of tasks that were run.

    A new site has a month before the first one. A site without a register has nothing to run.
    """
    if not site.register.exists:
        return []
    found = list[str]()
    for name, control in _WATCHED.items():
        due = _due(site, CATALOGUE[name])
        if site.register_settings().today <= due + _GRACE:
            make_good(site.store, NOT_RUN, f"task={name}", by=f"task:{name}", is_seen=True)
            continue
        found += raise_own(
            site,
            rule=NOT_RUN,
            title=N_("Regular check of the register not run"),
            explanation=N_("The task {task} was due on {due} and has not been run since. Run it at place 7."),
            severity="medium",
            control=control,
            system="register",
            source="registry",
            group=f"task={name}",
            evidence=[site.register_settings().today.toordinal()],
            facts={"task": name, "due": due.isoformat()},
            goes_on=ONCE_A_DAY,
        )
    return found


def _due(site: Installation, task: Task) -> date:
    """Return the day on which a task is due: by its rhythm, or that of its failure, or a month after the site began."""
    last = last_run(site.store, task)
    due = next_due(task, last, site.register_settings())
    if last is not None and due is not None:
        return due if last.outcome == "done" else local_day(last.at, site.zone)
    began = site.store.row("SELECT at FROM trail_entry ORDER BY seq LIMIT 1")
    return local_day(from_text(began["at"]) if began else site.clock.now(), site.zone) + _SETTLING_IN
