"""``sekisho tasks``: the register's maintenance tasks: what there is, what one would do, running it, its differences.

A task that needs an approval is handed in with ``sekisho requests submit`` under the kind that ``show`` names; it
runs with ``--request`` once that is approved.
"""

import json
import sys
from typing import Any

import click

from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import gate, reading
from accesscontrol.requests.desk import Acting
from accesscontrol.requests.states import State
from console import maintenance, task_words
from console.commands.consent import before_commit, require, second_person_called, yes_option
from console.commands.context import Context, PersonOption, pass_context, person_option
from console.commands.output import REFUSED, json_option, minute, refusals_spoken, say, say_aside, say_json, say_table
from console.commands.requests import show_request
from console.translation import _, spoken
from console.wiring import Installation
from registry.tasks import differences
from registry.tasks.catalogue import CATALOGUE
from registry.tasks.differences import STATE_TITLES, LineState
from registry.tasks.due import last_run, next_due
from registry.tasks.kind import kind_name, shown_effect
from registry.tasks.model import Task
from registry.tasks.running import dry_run

arguments_option = click.option(
    "--arguments", "arguments_text", default="{}", help="The task's arguments as one JSON object."
)


@click.group("tasks")
def group() -> None:
    """Maintenance tasks of the register: list them, see what one would do, run it."""


def _task(name: str) -> Task:
    try:
        return CATALOGUE[name]
    except KeyError:
        raise Refusal(N_("There is no task {name}; `sekisho tasks list` names them."), name=name) from None


def _arguments(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refusal(N_("Arguments are one JSON object."))
    return found


def as_json_value(site: Installation, task: Task) -> dict[str, Any]:
    """Return one task as scripts read it: how it is declared, when it ran, when it is due."""
    last = last_run(site.store, task)
    due = next_due(task, last, site.register_settings())
    return {
        "name": task.name,
        "title": task.title,
        "controls": list(task.controls),
        "checks": list(task.checks),
        "kind": kind_name(task) if task.slots else None,
        "slots": [slot.name for slot in task.slots],
        "parameters": list(task.parameters.__struct_fields__),
        "changes": task.changes or task.apart,
        "automatic": task.automatic,
        "moderated": task.moderated,
        "undo": task.undo,
        "expected_seconds": int(task.expected.total_seconds()),
        "steps": [step.label for step in task.steps],
        "before": [condition.label for condition in task.before],
        "after": [condition.label for condition in task.after],
        "every": task.due.value if task.due else None,
        "last_run": {"at": to_text(last.at), "actor": last.actor, "outcome": last.outcome} if last else None,
        "next_due": due.isoformat() if due else None,
    }


@group.command("list")
@json_option
@pass_context
@refusals_spoken
def list_tasks(context: Context, *, as_json: bool) -> None:
    """List every task with its last run and when it is due."""
    site = context.site
    found = [as_json_value(site, task) for task in CATALOGUE.values()]
    if as_json:
        say_json(found)
        return
    rows = [_row(task, each) for task, each in zip(CATALOGUE.values(), found, strict=True)]
    say_table([N_("Task"), N_("What it does"), N_("Approvals"), N_("Last run"), N_("Due")], rows)


def _row(task: Task, facts: dict[str, Any]) -> list[object]:
    approvals = _("by itself") if task.automatic else ", ".join(_(slot.title) for slot in task.slots)
    last = facts["last_run"]
    return [task.name, _(task.title), approvals or "-", last["at"][:10] if last else "-", facts["next_due"] or "-"]


@group.command("show")
@click.argument("name")
@arguments_option
@json_option
@pass_context
@refusals_spoken
def show(context: Context, name: str, arguments_text: str, *, as_json: bool) -> None:
    """Show one task and, with its arguments, what it would do now (a dry run; nothing is changed)."""
    site, task = context.site, _task(name)
    facts = as_json_value(site, task)
    effect = _effect(site, task, _arguments(arguments_text))
    if as_json:
        say_json({**facts, "dry_run": effect})
        return
    say(f"{task.name}  {_(task.title)}")
    say("  " + _(task.purpose))
    say("  " + _("Undo: {how}").format(how=_(task.undo)))
    for number, step in enumerate(task.steps, start=1):
        say(f"  {number}. {_(step.label)}")
    for label, value in (shown_effect(task, effect) if effect else {}).items():
        say(f"  {_(label)}: {spoken(value, site.zone)}")


def _effect(site: Installation, task: Task, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """Return the dry run, or nothing while the task still has to be told something."""
    if not arguments and task.parameters.__struct_fields__:
        return None
    with site.maintenance.ground() as ground:
        return dry_run(task, ground, task.read(arguments)).to_json()


@group.command("run")
@click.argument("name")
@arguments_option
@click.option("--request", "request_id", help="The approved request that runs this task.")
@yes_option
@person_option
@json_option
@pass_context
@refusals_spoken
def run(
    context: Context,
    name: str,
    arguments_text: str,
    request_id: str | None,
    person: PersonOption,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    """Run a task: by itself when it changes nothing, otherwise by its approved request; exit 1 when it fails.

    One that changes something asks first, and shows what was approved.
    """
    site, task = context.site, _task(name)
    with person.signed_in(site) as actor, before_commit(yes=yes):
        if task.slots:
            _run_approved(site, task, request_id, actor, yes=yes, as_json=as_json)
            return
        if task.changes or task.apart:
            require(_("Run {task} ({title}) now?").format(task=task.name, title=_(task.title)), yes=yes)
        outcome = maintenance.run_now(site, task, actor, _arguments(arguments_text))
    if as_json:
        say_json({**outcome.evidence, **outcome.output})
        return
    for line in task_words.lines(outcome.evidence, outcome.output):
        say(line)


def _run_approved(
    site: Installation, task: Task, request_id: str | None, actor: Acting, *, yes: bool, as_json: bool
) -> None:
    request = reading.get(site.store, request_id) if request_id else None
    if request is None or request.kind != kind_name(task):
        raise Refusal(
            N_("{task} needs an approved request of the kind {kind}; name it with --request."),
            control="MO-SYS-06",
            task=task.name,
            kind=kind_name(task),
        )
    effect: Any = request.dry_run
    for label, value in (shown_effect(task, effect) if effect else {}).items():
        say_aside(f"  {_(label)}: {spoken(value, site.zone)}")
    question = _("Run {request} ({title}) now, once? {undo}")
    require(question.format(request=request.id, title=_(task.title), undo=_(task.undo)), yes=yes)
    with second_person_called(site, request.id):
        done = gate.execute(site.desk, request.id, actor)
    show_request(site, done, as_json=as_json)
    if done.state is not State.DONE:
        sys.exit(REFUSED)


@group.command("report")
@click.argument("number", type=click.IntRange(min=1), required=False)
@click.option("--after", type=click.IntRange(min=0), default=0, help="Go on after this line.")
@json_option
@pass_context
@refusals_spoken
def report(context: Context, number: int | None, after: int, *, as_json: bool) -> None:
    """List the reports of differences, or the lines of report NUMBER."""
    site = context.site
    if number is None:
        _say_reports(site, as_json=as_json)
        return
    found = differences.lines_of(site.store, differences.report(site.store, number).number, after=after)
    if as_json:
        say_json([line.to_json() for line in found])
        return
    rows = [
        [
            each.number,
            task_words.kind_of(each),
            task_words.place(each),
            _(STATE_TITLES[each.state]),
            each.note,
        ]
        for each in found
    ]
    say_table([N_("Line"), N_("Difference"), N_("Place"), N_("State"), N_("Note")], rows)


def _say_reports(site: Installation, *, as_json: bool) -> None:
    found = differences.reports(site.store)
    if as_json:
        say_json(
            [
                {
                    "report": each.number,
                    "task": each.task,
                    "made_at": to_text(each.made_at),
                    "counts": dict(each.counts),
                    "unsettled": each.unsettled,
                    "sha256": each.sha256,
                }
                for each in found
            ]
        )
        return
    rows = [
        [each.number, each.task, minute(each.made_at, site.zone), sum(each.counts.values()), each.unsettled]
        for each in found
    ]
    say_table([N_("Report"), N_("Task"), N_("Made"), N_("Differences"), N_("Still open")], rows)


@group.command("decide")
@click.argument("number", type=click.IntRange(min=1))
@click.argument("line", type=click.IntRange(min=1))
@click.option("--state", type=click.Choice([state.value for state in LineState if state != "pending"]), required=True)
@click.option("--note", required=True, help="What was found out; no number of a person.")
@person_option
@json_option
@pass_context
@refusals_spoken
def decide(
    context: Context, number: int, line: int, state: str, note: str, person: PersonOption, *, as_json: bool
) -> None:
    """Say what became of LINE of report NUMBER."""
    site = context.site
    with person.signed_in(site) as actor:
        decided = maintenance.decide(site, number, line, LineState(state), note=note, actor=actor)
    if as_json:
        say_json(decided.to_json())
        return
    say(f"{decided.number}  {_(STATE_TITLES[decided.state])}  {decided.note}")
