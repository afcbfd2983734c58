"""``sekisho requests``: hand in, decide, execute and follow requests."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

import click

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import decisions, gate, reading, reports, submission
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import TITLES, State
from accesscontrol.trail import entries
from console.commands.consent import before_commit, second_person_called, yes_option
from console.commands.context import Context, PersonOption, pass_context, person_option, reason_option
from console.commands.output import fail, json_option, minute, refusals_spoken, say, say_json, say_table
from console.retelling import retold
from console.trail_words import outcome_of, title_of
from console.translation import _, spoken
from console.wiring import Installation


@click.group("requests")
def group() -> None:
    """Hand in, decide and execute requests."""


def as_json_value(site: Installation, request: Request) -> dict[str, Any]:
    """Return one request as the JSON that scripts read."""
    performance = request.performance
    return {
        "id": request.id,
        "kind": request.kind,
        "state": request.state,
        "digest": request.digest,
        "requester": request.requester,
        "reason": request.reason,
        "window": {"not_before": request.not_before, "not_after": request.not_after},
        "parameters": request.parameters,
        "artefacts": request.artefacts,
        "dry_run": request.dry_run,
        "approvals": [
            {
                "slot": each.slot,
                "approver": each.approver,
                "at": each.at,
                "digest": each.digest,
                "in_force": each.digest == request.digest,
                "factor": each.factor,
                "key": each.key_id,
                "signature": each.signature,
            }
            for each in request.approvals
        ],
        "attestations": [
            {"phase": each.phase, "witness": each.witness, "at": each.at, "statement": each.statement}
            for each in request.attestations
        ],
        "execution": None
        if performance is None
        else {
            "executor": performance.executor,
            "started_at": performance.started_at,
            "ended_at": performance.ended_at,
            "outcome": performance.outcome,
            "evidence": performance.evidence,
        },
        "history": [
            {"entry": each.number, "at": each.at, "act": each.act, "actor": each.actor, "outcome": each.outcome}
            for each in entries.about(site.store, request.id)
        ],
    }


def show_waiting(site: Installation, request: Request) -> None:
    """Write a request that was just handed in, and whose yes it waits for."""
    show_request(site, request, as_json=False)
    for slot in request.rule.slots:
        say("  " + _("It waits for: {slot}").format(slot=_(slot.title)))


def show_request(site: Installation, request: Request, *, as_json: bool) -> None:
    """Write one request."""
    if as_json:
        say_json(as_json_value(site, request))
        return
    kind = site.desk.kind(request.kind)
    say(f"{request.id}  {_(kind.title)}  [{_(TITLES[request.state])}]")
    described = {**kind.describe(kind.read(request.parameters)), **kind.shows(request.dry_run)}
    for label, value in described.items():
        say(f"  {_(label)}: {spoken(value, site.zone)}")
    zone = site.zone
    say("  " + _("Requester: {requester}  Reason: {reason}").format(requester=request.requester, reason=request.reason))
    window = (
        f"{request.not_before.astimezone(zone):%Y-%m-%d %H:%M} – {request.not_after.astimezone(zone):%Y-%m-%d %H:%M}"
    )
    say("  " + _("Window: {window}").format(window=window))
    say(f"  SHA-256: {request.digest}")
    for each in request.in_force():
        words = _("Approved by {person} at {time}, second factor: {factor}")
        say("  " + words.format(person=each.approver, time=minute(each.at, zone), factor=_(each.factor)))
    for entry in entries.about(site.store, request.id):
        act, outcome = _(title_of(entry.act)), _(outcome_of(entry.outcome))
        say(f"  {entry.number:>6}  {minute(entry.at, zone)}  {act}  {entry.actor}  {outcome}")


@group.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice([state.value for state in State]))
@json_option
@pass_context
@refusals_spoken
def list_requests(context: Context, states: tuple[str, ...], *, as_json: bool) -> None:
    """List requests, last changed first."""
    site = context.site
    found = reading.listed(site.store, [State(state) for state in states])
    if as_json:
        fields = ("id", "kind", "state", "requester", "digest", "changed_at")
        say_json([{name: getattr(each, name) for name in fields} for each in found])
        return
    say_table(
        [N_("Request"), N_("Kind"), N_("State"), N_("Requester"), N_("Until")],
        [
            [
                each.id,
                _(site.desk.kind(each.kind).title),
                _(TITLES[each.state]),
                each.requester,
                minute(each.not_after, site.zone),
            ]
            for each in found
        ],
    )


@group.command("show")
@click.argument("request_id")
@json_option
@pass_context
@refusals_spoken
def show(context: Context, request_id: str, *, as_json: bool) -> None:
    """Show one request with its approvals and history."""
    show_request(context.site, reading.get(context.site.store, request_id), as_json=as_json)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise Refusal(N_("{text} is no instant with a zone; write it like 2026-11-24T12:00+09:00."), text=text)
    return instant


def _act(name: str) -> Callable[[Callable[..., None]], click.Command]:
    """Make a command of what a person does to one request; the request is shown afterwards."""

    def decorate(function: Callable[..., None]) -> click.Command:
        @group.command(name)
        @click.argument("request_id")
        @person_option
        @json_option
        @pass_context
        @refusals_spoken
        @wraps(function)
        def command(context: Context, /, request_id: str, *, as_json: bool, **options: Any) -> None:
            function(context.site, request_id, **options)
            show_request(context.site, reading.get(context.site.store, request_id), as_json=as_json)

        return command

    return decorate


@group.command("submit")
@click.argument("kind")
@click.option("--parameters", "parameters_text", required=True, help="The kind's parameters as one JSON object.")
@reason_option
@click.option("--not-before", help="Start of the window, with its zone.")
@click.option("--not-after", help="End of the window, with its zone.")
@click.option("--edit", "request_id", help="Change this request of yours; its approvals lose their force.")
@person_option
@json_option
@pass_context
@refusals_spoken
def submit(
    context: Context,
    kind: str,
    parameters_text: str,
    reason: str,
    not_before: str | None,
    not_after: str | None,
    request_id: str | None,
    person: PersonOption,
    *,
    as_json: bool,
) -> None:
    """Hand in a request of KIND."""
    site = context.site
    try:
        parameters = json.loads(parameters_text)
        if not isinstance(parameters, dict):
            raise TypeError
    except (ValueError, TypeError):
        raise Refusal(N_("The parameters must be one JSON object.")) from None
    window = submission.Window(_instant(not_before), _instant(not_after))
    with person.signed_in(site) as actor:
        request = submission.submit(
            site.desk, kind, parameters, actor, reason=reason, window=window, request_id=request_id
        )
    show_request(site, request, as_json=as_json)


@_act("approve")
@click.option("--digest", help="The digest that you have read; the present one if not given.")
def approve(site: Installation, request_id: str, person: PersonOption, digest: str | None) -> None:
    """Approve exactly what REQUEST_ID says; your key signs its digest."""
    seen = digest or reading.get(site.store, request_id).digest
    decider = person.in_place(site)
    decisions.approve(site.desk, request_id, decider.acting, seen=seen, sign=decider.sign)


@_act("attest")
@click.option("--phase", type=click.Choice([decisions.BEFORE, decisions.AFTER]), required=True)
@click.option("--statement", required=True, help="What you saw, in words.")
def attest(site: Installation, request_id: str, person: PersonOption, phase: str, statement: str) -> None:
    """Sign as the witness what you saw before or after the act."""
    decider = person.in_place(site)
    decisions.attest(site.desk, request_id, decider.acting, phase=phase, statement=statement, sign=decider.sign)


@_act("reject")
@reason_option
def reject(site: Installation, request_id: str, person: PersonOption, reason: str) -> None:
    """Reject a request, finally."""
    with person.signed_in(site) as actor:
        decisions.reject(site.desk, request_id, actor, reason=reason)


@_act("revoke")
@reason_option
def revoke(site: Installation, request_id: str, person: PersonOption, reason: str) -> None:
    """Take your approval back before the act starts."""
    with person.signed_in(site) as actor:
        decisions.revoke(site.desk, request_id, actor, reason=reason)


@_act("withdraw")
@click.option("--reason", default="", help="Why; kept with the entry.")
def withdraw(site: Installation, request_id: str, person: PersonOption, reason: str) -> None:
    """Take your own request back."""
    with person.signed_in(site) as actor:
        submission.withdraw(site.desk, request_id, actor, reason=reason)


@group.command("execute")
@click.argument("request_id")
@yes_option
@person_option
@json_option
@pass_context
@refusals_spoken
def execute(context: Context, request_id: str, person: PersonOption, *, yes: bool, as_json: bool) -> None:
    """Run an approved request, once; exit 1 when the act failed. A statement asks before it commits its rows."""
    called = second_person_called(context.site, request_id)
    with person.signed_in(context.site) as actor, before_commit(yes=yes), called:
        request = gate.execute(context.site.desk, request_id, actor)
    show_request(context.site, request, as_json=as_json)
    if request.state is not State.DONE:
        evidence = request.performance.evidence if request.performance else None
        fail(_("The act failed: {reason}").format(reason=retold(str((evidence or {}).get("reason", "?")))))


@_act("settle")
@click.option("--outcome", type=click.Choice([State.DONE.value, State.FAILED.value]), required=True)
@click.option("--statement", required=True, help="How the result was found out.")
def settle(site: Installation, request_id: str, person: PersonOption, outcome: str, statement: str) -> None:
    """Decide what an interrupted act came to."""
    with person.signed_in(site) as actor:
        gate.settle(site.desk, request_id, actor, outcome=State(outcome), statement=statement)


@_act("report")
@click.option("--text", required=True, help="What was done and what came of it.")
def report(site: Installation, request_id: str, person: PersonOption, text: str) -> None:
    """Report on an executed request."""
    with person.signed_in(site) as actor:
        reports.report(site.desk, request_id, actor, text=text)


@_act("close")
@click.option("--comment", default="", help="Kept with the entry.")
def close(site: Installation, request_id: str, person: PersonOption, comment: str) -> None:
    """Accept the report on a request; an emergency ends with it."""
    with person.signed_in(site) as actor:
        reports.close(site.desk, request_id, actor, comment=comment)
