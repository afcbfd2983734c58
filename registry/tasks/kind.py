"""Maintenance tasks at the gate: one kind of request for each task that needs an approval.

The approval binds task, arguments, what the arguments name, and the listed effect. At execution the effect is
compared twice: by the gate before it lets anything through, and by the run inside its own transaction.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from accesscontrol.canonical import JSON
from accesscontrol.messages import N_
from accesscontrol.people import deputies, operators
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import reading
from accesscontrol.requests.kinds import Execution, Kind, Place
from accesscontrol.store import Store
from registry.checks.model import Settings
from registry.databases.interface import Registry
from registry.tasks.model import Ground, Host, Journal, Person, Task
from registry.tasks.running import Silent, dry_run, run, translated

MAINTENANCE: Final = "maintenance-task"
_SHOWN: Final = 50
_COUNTED: Final[Mapping[str, str]] = {
    "resident_register": N_("Records of file 1"),
    "identity_info": N_("Records of file 2"),
    "identity_info_history": N_("Superseded records of file 2"),
    "destination_info": N_("Records of file 3"),
    "rows": N_("Rows"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """Where a task runs: the register it reaches, the journal that records it, and the register's machine.

    ``confirm`` shows whoever executes how many rows a statement touched, before it is committed. Where nobody can be
    asked, the approved number of rows, which is compared anyway, is the answer. ``evidence`` is asked when the sitting
    is over: what is kept of it beside the task's own.
    """

    registry: Registry
    journal: Journal
    host: Host | None = None
    confirm: Callable[[str, int], bool] = lambda _sql, _rows: True
    evidence: Callable[[], Mapping[str, JSON]] = dict


Seating = Callable[[Task, Execution], AbstractContextManager[Sitting]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the tasks need of the site: its store, its register for looking, its readings, and where tasks run."""

    store: Store
    look: Callable[[], Registry]
    settings: Callable[[], Settings]
    seat: Seating

    @contextmanager
    def ground(self) -> Iterator[Ground]:
        """Open the register for reading only."""
        with self.look() as registry:
            yield Ground(registry=registry, settings=self.settings(), store=self.store)


def embedded(open_for_writing: Callable[[], Registry], look: Callable[[], Registry]) -> Seating:
    """Return the seating for a register that this very process opens: for writing only where the task changes it."""

    @contextmanager
    def seat(task: Task, _execution: Execution) -> Iterator[Sitting]:
        with open_for_writing() if task.changes or task.apart else look() as registry:
            yield Sitting(registry=registry, journal=Silent())

    return seat


def kind_name(task: Task) -> str:
    """Return the name of the kind of request that runs ``task``."""
    return f"{MAINTENANCE}:{task.name}"


def maintenance_kinds(tasks: Mapping[str, Task], site: Site) -> tuple[Kind, ...]:
    """Return the kinds of the tasks that need an approval."""
    return tuple(maintenance_kind(task, site) for task in tasks.values() if task.slots)


def maintenance_kind(task: Task, site: Site, *, name: str = "") -> Kind:
    """Return the kind of request that runs ``task``; :class:`ValueError` for a task that needs none."""

    def effect(parameters: Any) -> JSON:
        with site.ground() as ground:
            return dry_run(task, ground, parameters).to_json()

    def describe(parameters: Any) -> Mapping[str, object]:
        named = {task.labels.get(name, name): _said(value) for name, value in _fields(parameters)}
        return {
            N_("Task"): task.title,
            N_("Purpose"): task.purpose,
            **named,
            **(_content(task, site, parameters) if task.content else {}),
            N_("Undo"): task.undo,
            N_("Expected minutes"): max(1, round(task.expected.total_seconds() / 60)),
        }

    def execute(execution: Execution) -> Mapping[str, JSON]:
        return execute_task(task, site, execution)

    return Kind(
        name=name or kind_name(task),
        title=task.title,
        controls=task.controls,
        parameters=task.parameters,
        requesters=task.requesters,
        executors=task.executors,
        slots=task.slots,
        execute=execute,
        describe=describe,
        artefacts=task.artefacts,
        labels=task.labels,
        touches=lambda _: (("task", task.name),),
        dry_run=effect,
        shows=lambda shown: shown_effect(task, shown),
        within=task.within,  # type: ignore[arg-type]  # both are Effect.to_json
        witness=task.moderated,
        place=Place.SERVER_ROOM,
    )


def _content(task: Task, site: Site, parameters: Any) -> Mapping[str, object]:
    """Return what is shown of the content of a request, or why nothing can be shown of it now."""
    try:
        with site.ground() as ground, translated(task.title):
            return task.content(ground, parameters) if task.content else {}
    except Refusal as refusal:
        return {N_("Content"): refusal}


def shown_effect(task: Task, effect: Mapping[str, Any]) -> dict[str, object]:
    """Return what a dry run listed (:meth:`Effect.to_json`), as requester and approvers read it."""
    counts, listed = effect["counts"], list(effect["listed"])
    more = [f"+ {sum(counts.values()) - _SHOWN:,}"] if len(listed) > _SHOWN else []
    if len(counts) == 1:  # whose they are is said beside their number
        listed = [each.removeprefix(f"{next(iter(counts))} ") for each in listed]
    return {
        **{_COUNTED.get(table, table): f"{count:,}" for table, count in counts.items()},
        **{task.labels.get(name, name): _said(value) for name, value in effect["facts"].items()},
        **({N_("List"): ", ".join([*listed[:_SHOWN], *more])} if listed else {}),
        **({N_("SHA-256 of the list"): effect["sha256"]} if effect["sha256"] else {}),
    }


def execute_task(task: Task, site: Site, execution: Execution) -> dict[str, JSON]:
    """Run an approved task in its sitting: exactly the approved effect, or nothing."""
    request = reading.get(execution.store, execution.request_id)
    with site.seat(task, execution) as sitting:
        outcome = run(
            task,
            Ground(registry=sitting.registry, settings=site.settings(), store=execution.store),
            execution.parameters,
            journal=sitting.journal,
            person=_executor(execution),
            approved=request.dry_run,  # type: ignore[arg-type]  # it is Effect.to_json of the day of submission
            request=execution.request_id,
            host=sitting.host,
            progress=execution.progress,
            confirm=sitting.confirm,
        )
    return {**outcome.evidence, **sitting.evidence()}


def _executor(execution: Execution) -> Person:
    """Return who executes, with the roles of every login of that person at this moment."""
    at = execution.store.clock.now()
    mine = operators.logins_of(execution.store, execution.staff_number)
    held: frozenset[Role] = frozenset().union(*(deputies.roles_now(execution.store, each, at) for each in mine))
    return Person(staff_number=execution.staff_number, terminal=execution.terminal, roles=held)


def _fields(parameters: Any) -> list[tuple[str, Any]]:
    return [(name, getattr(parameters, name)) for name in parameters.__struct_fields__]


def _said(value: Any) -> object:
    if isinstance(value, str | int):
        return value
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
