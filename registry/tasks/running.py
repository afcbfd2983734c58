"""Running one task: conditions before, the dry run once more, the steps, conditions after, or all of it taken back."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

from accesscontrol.canonical import JSON
from accesscontrol.messages import N_
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from registry.tasks import row_counts
from registry.tasks.model import Condition, Effect, Ground, Host, Journal, Outcome, Person, Run, Task

_NOT_OF_THE_CITY = frozenset({Role.CONTRACTOR_OPERATOR, Role.TEMPORARY_STAFF})


class Silent:
    """A journal that keeps nothing: for what needs no recording."""

    def step(self, label: str) -> None:
        """Let a step begin."""

    def statement(self, sql: str, rows: int) -> None:
        """Let a statement pass."""

    def note(self, text: str) -> None:
        """Let a line pass."""

    def stopped(self) -> bool:
        """Say that nobody stopped it."""
        return False


def dry_run(task: Task, ground: Ground, parameters: Any) -> Effect:
    """Return what ``task`` would do now; nothing is changed. :class:`Refusal` when it could not be run at all."""
    with translated(task.title):
        return task.effect(ground, parameters)


def run(
    task: Task,
    ground: Ground,
    parameters: Any,
    *,
    journal: Journal,
    person: Person,
    approved: Mapping[str, Any] | None = None,
    request: str = "",
    host: Host | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    confirm: Callable[[str, int], bool] = lambda _sql, _rows: True,
) -> Outcome:
    """Run ``task`` once and return its evidence (counts and digests, never a value) and its output.

    ``approved`` is the effect that was approved (:meth:`Effect.to_json`); it is compared again inside the very
    transaction that changes the register, so that what was added meanwhile stops the run. :class:`Refusal`, and the
    register as it was, when a condition fails, the data moved, or somebody stops it.
    """
    _require_city(task, person)
    missing = row_counts.fallen(ground) if task.changes else {}
    with translated(task.title), ground.registry.writing() if task.changes else nullcontext():
        effect = task.effect(ground, parameters)
        now = effect.to_json()
        if approved is not None and not task.within(approved, now):
            raise Refusal(
                N_("The data has moved since the approval: {task} would do something else, so nothing ran."),
                control="RG-RET-04" if "RG-RET-04" in task.controls else "",
                task=task.name,
            )
        under_way = Run(
            task=task.name,
            ground=ground,
            parameters=parameters,
            journal=journal,
            person=person,
            effect=effect,
            request=request,
            host=host,
            progress=progress,
            confirm=confirm,
        )
        _demand(task.before, under_way)
        for step in task.steps:
            journal.step(step.label)
            step.work(under_way)
        _demand(task.after, under_way)
        rows = row_counts.counted(ground) if task.changes else {}
        under_way.go_on()  # the last moment before the commit; after it, nothing more is asked of the register
    if task.changes and not missing:  # rows that went before this task are not covered by it
        row_counts.keep(ground.store, task.name, rows)
    kept: dict[str, JSON] = {"counts": dict(effect.counts), "sha256": effect.sha256}
    return Outcome({"task": task.name, "effect": kept, **under_way.evidence}, under_way.output)


def _demand(conditions: tuple[Condition, ...], under_way: Run) -> None:
    for condition in conditions:
        if not condition.holds(under_way):
            raise Refusal(N_("This does not hold: {what} Nothing was changed."), what=condition.label)


def _require_city(task: Task, person: Person) -> None:
    """Refuse a contractor's or temporary account what erases or changes (CHK-RET-09)."""
    if (task.changes or task.apart) and person.roles & _NOT_OF_THE_CITY:
        raise Refusal(N_("Only accounts of the city may erase."), control="RG-RET-05")


@contextmanager
def translated(title: str) -> Iterator[None]:
    """Turn an error of the database into a refusal that names its kind only: its text may hold what a record holds."""
    try:
        yield
    except (Refusal, ValueError, KeyError):
        raise
    except Exception as error:
        if not _from_database(error):
            raise
        kind = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", "")
        raise Refusal(
            N_("The database refused ({kind}): {what} did not run."),
            kind=" ".join(filter(None, (type(error).__name__, kind))),
            what=title,
        ) from None


def _from_database(error: Exception) -> bool:
    return any(each.__module__.partition(".")[0] in {"sqlite3", "psycopg"} for each in type(error).__mro__)
