"""The register's automatic tasks, run when they are due, and the finding when one comes too late."""

from typing import Any, Final

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from console.translation import render
from console.wiring import Installation
from monitors.findings.matches import Match
from monitors.findings.raising import finding_name, raise_findings
from registry.databases import open_registry
from registry.tasks.catalogue import CATALOGUE
from registry.tasks.due import run_automatic
from registry.tasks.kind import Sitting
from registry.tasks.model import Ground
from registry.tasks.purge import late_records
from registry.tasks.running import Silent

LATE: Final = "destination-purge-late"


def run_due(site: Installation) -> dict[str, Any]:
    """Run the automatic tasks that are due on the embedded register; return what ran, what failed, what was late.

    What is late is found before the run that takes it away (RG-RET-03). A site without a register has nothing due.
    """
    if not site.home.registry.is_file():
        return {"ran": [], "failed": {}, "late": []}
    try:
        with open_registry(site.home.registry) as registry:
            late = _late(site, Ground(registry=registry, settings=site.register_settings(), store=site.store))
            sitting = Sitting(registry=registry, journal=Silent())
            done = run_automatic(CATALOGUE, site.maintenance, sitting)
    except Refusal as refusal:  # a register that can't be opened stops no other duty of the scheduler
        return {"ran": [], "failed": {"register": render(refusal)}, "late": []}
    failed = {name: render(outcome) for name, outcome in done.items() if isinstance(outcome, Refusal)}
    return {"ran": [name for name in done if name not in failed], "failed": failed, "late": late}


def _late(site: Installation, ground: Ground) -> list[str]:
    """Raise one finding about the records of file 3 that outlived their due day; known ones are not raised again."""
    records = late_records(ground)
    if not records:
        return []
    now = site.clock.now()
    match = Match(
        rule=LATE,
        rule_version=1,
        title=N_("Destination information left after its due day"),
        severity="high",
        controls=("RG-RET-03",),
        explanation=N_("{count} records of file 3 were still there after the business day on which they were due."),
        system="register",
        account="",
        source="registry",
        group="file=3",
        first=now,
        last=now,
        count=len(records),
        event_ids=[-record for record in records],  # records, not events: numbers of their own below zero
        segments=(),
        facts={"count": len(records)},
    )
    raised = raise_findings(site.store, [match])
    return [finding_name(number) for number in raised.new]
