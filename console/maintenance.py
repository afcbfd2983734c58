"""The register's automatic tasks, run when they are due, and the finding when one comes too late."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from accesscontrol.messages import N_
from accesscontrol.people.roles import ROLE_TITLES, Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from console.maintenance_standing import standing
from console.own_findings import raise_own
from console.translation import render
from console.wiring import Installation
from registry.tasks import differences, yearly
from registry.tasks.catalogue import CATALOGUE
from registry.tasks.differences import Line, LineState
from registry.tasks.due import due_now, run_automatic, run_unapproved
from registry.tasks.kind import Sitting
from registry.tasks.model import Ground, Outcome, Person, Task
from registry.tasks.purge import late_records
from registry.tasks.running import Silent

LATE: Final = "destination-purge-late"
OVERDUE: Final = "yearly-check-overdue"


def run_due(site: Installation) -> dict[str, Any]:
    """Run the automatic tasks that are due on the register; return what ran, what failed, what was late.

    What is late is found before the run that takes it away (RG-RET-03), and so is a yearly check that is overdue
    (RG-INT-10). A site without a register has nothing due.
    """
    if not site.register.exists:
        return {"ran": [], "failed": {}, "late": []}
    done: dict[str, Outcome | Refusal] = {}
    try:
        with site.maintenance.ground() as ground:
            late = _late(site, ground)
        late += _overdue(site)
        if due_now(CATALOGUE, site.maintenance):
            with standing(site) as sitting:
                done = run_automatic(CATALOGUE, site.maintenance, sitting)
    except Refusal as refusal:  # a register that can't be opened stops no other duty of the scheduler
        return {"ran": [], "failed": {"register": render(refusal)}, "late": []}
    failed = {name: render(outcome) for name, outcome in done.items() if isinstance(outcome, Refusal)}
    return {"ran": [name for name in done if name not in failed], "failed": failed, "late": late}


def run_now(
    site: Installation,
    task: Task,
    actor: Acting,
    arguments: Mapping[str, Any],
    *,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Outcome:
    """Run a task that needs no approval, as a person: one that changes the register in a session of its own."""
    roles = _check_able(site, task, actor)
    who = Person(staff_number=actor.staff_number, terminal=actor.terminal, roles=roles)
    with standing(site, executor=actor) if task.changes or task.apart else _looking(site) as sitting:
        return run_unapproved(task, sitting, site.maintenance, who, arguments, progress=progress)


def decide(site: Installation, report: int, line: int, state: LineState, *, note: str, actor: Acting) -> Line:
    """Say what became of one difference, as a person who may run the task that found it."""
    task = differences.report(site.store, report).task
    _check_able(site, CATALOGUE.get(task, yearly.RESULT), actor)
    return differences.decide(
        site.store, report, line, state, note=note, actor=actor.staff_number, terminal=actor.terminal
    )


def _check_able(site: Installation, task: Task, actor: Acting) -> frozenset[Role]:
    """Return the roles of a person who may run ``task``, or refuse them."""
    roles = actor.roles(site.store, site.clock.now())
    if not roles & task.executors:
        raise Refusal(
            N_("This needs a role that you don't hold: {roles}."),
            control="AC-AUT-03",
            roles=[ROLE_TITLES[role] for role in sorted(task.executors)],
        )
    return roles


@contextmanager
def _looking(site: Installation) -> Iterator[Sitting]:
    with site.maintenance.look() as registry:
        yield Sitting(registry=registry, journal=Silent())


def _late(site: Installation, ground: Ground) -> list[str]:
    """Raise one finding about the records of file 3 that outlived their due day; known ones are not raised again."""
    records = late_records(ground)
    if not records:
        return []
    return _raised(
        site,
        rule=LATE,
        title=N_("Destination information left after its due day"),
        explanation=N_("{count} records of file 3 were still there after the business day on which they were due."),
        severity="high",
        control="RG-RET-03",
        group="file=3",
        evidence=records,
    )


def _overdue(site: Installation) -> list[str]:
    """Raise a finding about each server whose yearly check is overdue, once for each month that it stays so."""
    settings = site.register_settings()
    month = settings.today.year * 12 + settings.today.month
    return [
        name
        for server in yearly.overdue(site.store, settings)
        for name in _raised(
            site,
            rule=OVERDUE,
            title=yearly.OVERDUE.title,
            explanation=yearly.OVERDUE.message,
            severity="medium",
            control="RG-INT-10",
            group=f"server={server}",
            evidence=[month],
            server=server.value,
        )
    ]


def _raised(
    site: Installation,
    *,
    rule: str,
    title: str,
    explanation: str,
    severity: str,
    control: str,
    group: str,
    evidence: Sequence[int],
    **facts: str,
) -> list[str]:
    return raise_own(
        site,
        rule=rule,
        title=title,
        explanation=explanation,
        severity=severity,
        control=control,
        system="register",
        source="registry",
        group=group,
        evidence=evidence,
        facts={"count": len(evidence), **facts},
    )
