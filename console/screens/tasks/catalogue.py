"""The list of tasks: what each does, when it ran last, when it is due, and which request of it waits for whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from accesscontrol.messages import N_
from accesscontrol.people.roles import ROLE_TITLES
from accesscontrol.requests import reading
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import TITLES, State
from console.screens.views import Part, View
from console.translation import _
from console.widgets.details import Fact, Section
from console.widgets.rows import Cell, Column
from console.wiring import Installation
from registry.tasks.catalogue import CATALOGUE
from registry.tasks.due import Last, last_run, next_due
from registry.tasks.kind import kind_name
from registry.tasks.model import Cadence, Task

_WAITING: Final = (State.SUBMITTED, State.APPROVED, State.EXECUTING, State.INTERRUPTED)
CADENCE_TITLES: Final = {
    Cadence.daily: N_("every day"),
    Cadence.weekly: N_("every week"),
    Cadence.monthly: N_("every month"),
    Cadence.yearly: N_("every year"),
}
OUTCOME_TITLES: Final = {
    "done": N_("done"),
    "failed": N_("failed"),
    "interrupted": N_("interrupted"),
}


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task as it stands today. ``request`` is the newest one of it that waits for somebody."""

    task: Task
    last: Last | None
    due: date | None
    today: date
    request: Request | None

    @property
    def is_due(self) -> bool:
        """Tell whether it should run today, or should have."""
        return self.due is not None and self.due <= self.today


def view(site: Installation) -> View[TaskRow]:
    """Return the list of all tasks."""
    zone = site.zone

    def read() -> Iterator[TaskRow]:
        settings = site.register_settings()
        waiting = {each.kind: each for each in reversed(reading.listed(site.store, _WAITING))}
        for task in CATALOGUE.values():
            last = last_run(site.store, task)
            due = next_due(task, last, settings)
            yield TaskRow(task, last, due, settings.today, waiting.get(kind_name(task)))

    return View(
        title=N_("Tasks"),
        columns=(
            Column(title=N_("Task"), show=lambda each: _(each.task.title), width=20, grow=3),
            Column(title=N_("Approvals"), show=_approvals, width=10, grow=1, from_width=100),
            Column(
                title=N_("Last run"),
                show=lambda each: f"{each.last.at.astimezone(zone):%m-%d %H:%M}" if each.last else "-",
                width=11,
                sort="last",
            ),
            Column(title=N_("Due"), show=_due, width=10, sort="due"),
            Column(
                title=N_("Request"), show=lambda each: each.request.id if each.request else "", width=11, from_width=66
            ),
        ),
        read=read,
        key=lambda each: each.task.name,
        words=lambda each: f"{each.task.name} {_(each.task.title)} {' '.join(each.task.controls)}",
        explain=lambda each: explain(site, each),
        parts=(
            Part(N_("due"), lambda each: each.is_due),
            Part(N_("with a request"), lambda each: each.request is not None),
        ),
        order={
            "last": lambda each: each.last.at.timestamp() if each.last else 0.0,
            "due": lambda each: each.due or date.max,
        },
        hint=N_("n asks for the task, g runs it, q asks for one SQL statement."),
    )


def _approvals(row: TaskRow) -> str:
    task = row.task
    if task.slots:
        return str(len(task.slots)) + (f" + {_('2nd person')}" if task.moderated else "")
    return _("by itself") if task.automatic else _("none")


def _due(row: TaskRow) -> Cell:
    if row.due is None:
        return Cell("-", "faint")
    return Cell(f"{row.due:%Y-%m-%d}", "medium" if row.is_due else "")


def explain(site: Installation, row: TaskRow) -> list[Section]:
    """Return what a task is, which it needs, what its steps are, and how it went last."""
    task, zone = row.task, site.zone
    minutes = max(1, round(task.expected.total_seconds() / 60))
    facts = [
        Fact(_("In commands"), task.name),
        Fact(_("Changes"), _("the register") if task.changes or task.apart else _("nothing: it reads")),
        Fact(_("Approvals"), ", ".join(_(slot.title) for slot in task.slots) or _approvals(row)),
        Fact(_("Who runs it"), ", ".join(_(ROLE_TITLES[role]) for role in sorted(task.executors))),
        Fact(_("Undo"), _(task.undo)),
        Fact(_("Expected minutes"), str(minutes)),
    ]
    if task.moderated:
        facts.append(Fact(_("2nd person"), _("is present while it runs")))
    if task.due is not None:
        facts.append(Fact(_("Rhythm"), _(CADENCE_TITLES[task.due])))
    if row.last is not None:
        outcome = _(OUTCOME_TITLES.get(row.last.outcome, row.last.outcome))
        facts.append(Fact(_("Last run"), f"{row.last.at.astimezone(zone):%Y-%m-%d %H:%M}  {outcome}"))
    if row.request is not None:
        facts.append(Fact(_("Request"), f"{row.request.id}  {_(TITLES[row.request.state])}"))
    steps = [f"{number}. {_(step.label)}" for number, step in enumerate(task.steps, start=1)]
    conditions = [_(each.label) for each in (*task.before, *task.after)]
    return [
        Section(_(task.title), facts, [_(task.purpose)]),
        Section(_("Steps"), sentences=steps),
        *([Section(_("Must hold"), sentences=conditions)] if conditions else []),
        Section(sentences=[_("Rule: {controls}").format(controls=", ".join((*task.controls, *task.checks)))]),
    ]
