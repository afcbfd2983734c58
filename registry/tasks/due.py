"""When a task last ran and when it is due next; and the automatic ones, run by the console itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from accesscontrol.canonical import JSON
from accesscontrol.clock import from_text, local_day
from accesscontrol.messages import N_
from accesscontrol.people.operators import SYSTEM
from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks
from accesscontrol.store import Store
from accesscontrol.trail import entries
from registry.checks.model import Settings
from registry.tasks.kind import Site, Sitting, kind_name
from registry.tasks.model import Cadence, Ground, Outcome, Person, Task
from registry.tasks.running import run

RAN: Final = "task.ran"
_AGAIN_AFTER: Final = timedelta(hours=1)  # a task that fails does not fill the trail
_NEEDS_APPROVAL: Final = N_("{task} needs an approval: hand in a request for it.")
_DAYS: Final[Mapping[Cadence, int]] = {
    Cadence.daily: 1,
    Cadence.weekly: 7,
    Cadence.monthly: 30,
    Cadence.yearly: 365,
}


@dataclass(frozen=True, slots=True)
class Last:
    """The last run of a task: when (UTC), by whom, and what came of it."""

    at: datetime
    actor: str
    outcome: str


def last_run(store: Store, task: Task) -> Last | None:
    """Return the newest run of ``task``, behind the gate or by itself; None when it never ran here."""
    row = store.row(
        "SELECT e.ended_at, e.executor, e.outcome FROM request_execution e JOIN request r ON r.id = e.request"
        " WHERE r.kind = ? AND e.ended_at IS NOT NULL ORDER BY e.ended_at DESC LIMIT 1",
        (kind_name(task),),
    )
    found = [Last(from_text(row["ended_at"]), row["executor"], row["outcome"])] if row else []
    own = [each for each in entries.about(store, f"task:{task.name}") if each.act == RAN]
    found += [Last(each.at, each.actor, each.outcome) for each in own[-1:]]
    return max(found, key=lambda each: each.at, default=None)


def next_due(task: Task, last: Last | None, settings: Settings) -> date | None:
    """Return the day on which ``task`` is due: today when it never ran or failed, None when it has no rhythm."""
    if task.due is None:
        return None
    if last is None or last.outcome != "done":
        return settings.today
    ran = local_day(last.at, settings.zone)
    return ran + timedelta(days=_DAYS[task.due])


def run_unapproved(
    task: Task,
    sitting: Sitting,
    site: Site,
    person: Person,
    arguments: Mapping[str, object] | None = None,
    *,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Outcome:
    """Run a task that needs no approval, with its entry (act ``task.ran``), whatever comes of it.

    :class:`Refusal` when it needs one, when a lock stops it, or when it fails; then its entry says so.
    """
    locks.check(site.store, (("task", task.name),), site.store.clock.now())
    parameters = task.read(arguments or {})
    ground = Ground(registry=sitting.registry, settings=site.settings(), store=site.store)
    try:
        if task.slots:
            raise Refusal(_NEEDS_APPROVAL, control="MO-SYS-06", task=task.name)
        outcome = run(
            task, ground, parameters, journal=sitting.journal, person=person, host=sitting.host, progress=progress
        )
    except Refusal as refusal:
        _record(site.store, task, person, "failed", {"reason": str(refusal), "control": refusal.control})
        raise
    _record(site.store, task, person, "done", outcome.evidence)
    return outcome


def _record(store: Store, task: Task, person: Person, outcome: str, evidence: Mapping[str, JSON]) -> None:
    with store.transaction() as tx:
        tx.record(
            RAN,
            actor=person.staff_number,
            subject=f"task:{task.name}",
            outcome=outcome,
            terminal=person.terminal,
            evidence=dict(evidence),
        )


def _is_time(task: Task, site: Site) -> bool:
    last = last_run(site.store, task)
    due = next_due(task, last, site.settings())
    if due is None or due > site.settings().today:
        return False
    return last is None or last.outcome == "done" or site.store.clock.now() - last.at >= _AGAIN_AFTER


def due_now(tasks: Mapping[str, Task], site: Site) -> list[Task]:
    """Return the automatic tasks whose time it is."""
    return [task for task in tasks.values() if task.automatic and _is_time(task, site)]


def run_automatic(tasks: Mapping[str, Task], site: Site, sitting: Sitting) -> dict[str, Outcome | Refusal]:
    """Run every automatic task that is due, and return what came of each; one that fails stops no other.

    A lock on a task is its stop switch. A task with nothing to do is done, and its entry says so.
    """
    console = Person(staff_number=SYSTEM, terminal="")
    done: dict[str, Outcome | Refusal] = {}
    for task in due_now(tasks, site):
        try:
            done[task.name] = run_unapproved(task, sitting, site, console)
        except Refusal as refusal:
            done[task.name] = refusal
    return done
