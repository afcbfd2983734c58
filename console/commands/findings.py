"""``sekisho findings``: detect, list and judge anomalies."""

from datetime import datetime, tzinfo
from typing import Any

import click

from accesscontrol.clock import end_of_day
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from console import detection
from console.commands.context import Context, PersonOption, pass_context, person_option, reason_option
from console.commands.output import json_option, minute, refusals_spoken, say, say_json, say_table
from console.finding_words import spoken_explanation, title_of
from console.translation import _, filled
from console.wiring import Installation
from monitors.findings import reading, reviews
from monitors.findings.judging import Judgement
from monitors.findings.reading import Finding
from monitors.findings.reviews import Period, Review
from monitors.findings.states import JUDGED, TITLES, State


@click.group("findings")
def group() -> None:
    """Anomalies found in the logs, and what people say of them."""


def as_json_value(finding: Finding, zone: tzinfo) -> dict[str, Any]:
    """Return one finding as the JSON that scripts read; its sentence tells the time of ``zone``, its instants UTC."""
    return {
        "id": finding.id,
        "rule": finding.rule,
        "title": title_of(finding),
        "severity": finding.severity,
        "state": finding.state,
        "system": finding.system,
        "account": finding.account,
        "source": finding.source,
        "first": finding.first,
        "last": finding.last,
        "count": finding.count,
        "explanation": spoken_explanation(finding, zone),
    }


@group.command("detect")
@json_option
@pass_context
@refusals_spoken
def detect(context: Context, *, as_json: bool) -> None:
    """Run every rule over what was imported since the last detection."""
    outcome = detection.detect(context.site)
    if as_json:
        say_json(outcome)
        return
    words = N_("{events} events, {rules} rules: {raised} new findings.")
    say(filled(words, {**outcome, "events": f"{outcome['events']:,}"}))


@group.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice([state.value for state in State]))
@click.option("--limit", type=click.IntRange(1, 100_000), default=1000, show_default=True)
@json_option
@pass_context
@refusals_spoken
def list_findings(context: Context, states: tuple[str, ...], limit: int, *, as_json: bool) -> None:
    """List findings, newest first."""
    site = context.site
    found = reading.listed(site.store, states=[State(state) for state in states], limit=limit)
    if as_json:
        say_json([as_json_value(each, site.zone) for each in found])
        return
    say_table(
        [N_("Finding"), N_("Severity"), N_("State"), N_("When"), N_("Account"), N_("What"), N_("Events")],
        [
            [
                each.id,
                _(each.severity),
                _(TITLES[each.state]),
                minute(each.last, site.zone),
                each.account,
                title_of(each),
                each.count,
            ]
            for each in found
        ],
    )


def _show(site: Installation, number: int, *, as_json: bool) -> None:
    finding = reading.get(site.store, number)
    if as_json:
        say_json(
            as_json_value(finding, site.zone)
            | {
                "controls": finding.controls,
                "rule_version": finding.rule_version,
                "events": reading.events_of(site.store, number),
                "segments": reading.segments_of(site.store, number),
                "reason": finding.reason,
                "application": finding.application,
                "comments": [
                    {"at": each.at, "author": each.author, "text": each.text}
                    for each in reading.comments_on(site.store, number)
                ],
            }
        )
        return
    say(f"{finding.id}  {title_of(finding)}")
    say("  " + spoken_explanation(finding, site.zone))
    say("  " + _("State: {state}").format(state=_(TITLES[finding.state])))
    for each in reading.comments_on(site.store, number):
        say(f"  {minute(each.at, site.zone)}  {each.author}  {each.text}")


@group.command("show")
@click.argument("finding")
@json_option
@pass_context
@refusals_spoken
def show(context: Context, finding: str, *, as_json: bool) -> None:
    """Show one FINDING with its evidence."""
    _show(context.site, reading.number_of(finding), as_json=as_json)


@group.command("dispose")
@click.argument("findings", nargs=-1, required=True)
@click.option("--as-state", "state", required=True, type=click.Choice(sorted(state.value for state in JUDGED)))
@reason_option
@click.option("--application", default="", help="The application that covers a legitimate access.")
@click.option("--suppress-until", type=click.DateTime(["%Y-%m-%d"]), help="Last day on which its like stays quiet.")
@person_option
@json_option
@pass_context
@refusals_spoken
def dispose(
    context: Context,
    findings: tuple[str, ...],
    state: str,
    reason: str,
    application: str,
    suppress_until: datetime | None,
    person: PersonOption,
    *,
    as_json: bool,
) -> None:
    """Judge FINDINGS, all of them or none."""
    site = context.site
    judgement = Judgement(
        state=State(state),
        reason=reason,
        application=application,
        suppress_until=end_of_day(suppress_until.date(), site.zone) if suppress_until else None,
    )
    numbers = [reading.number_of(each) for each in findings]
    with person.signed_in(site) as actor:
        site.judges.judge(numbers, actor, judgement)
    for number in numbers:
        _show(site, number, as_json=as_json)


@group.command("confirm")
@click.argument("finding")
@person_option
@pass_context
@refusals_spoken
def confirm(context: Context, finding: str, person: PersonOption) -> None:
    """Confirm, as a second person, that the like of FINDING stays quiet."""
    with person.signed_in(context.site) as actor:
        context.site.judges.confirm_suppression(reading.number_of(finding), actor)


@group.command("reopen")
@click.argument("finding")
@reason_option
@person_option
@json_option
@pass_context
@refusals_spoken
def reopen(context: Context, finding: str, reason: str, person: PersonOption, *, as_json: bool) -> None:
    """Open a judged FINDING again."""
    number = reading.number_of(finding)
    with person.signed_in(context.site) as actor:
        context.site.judges.reopen(number, actor, reason=reason)
    _show(context.site, number, as_json=as_json)


@group.command("comment")
@click.argument("finding")
@click.option("--text", required=True)
@person_option
@pass_context
@refusals_spoken
def comment(context: Context, finding: str, text: str, person: PersonOption) -> None:
    """Write to FINDING."""
    with person.signed_in(context.site) as actor:
        context.site.judges.comment(reading.number_of(finding), actor, text=text)


@group.group("reviews")
def review_group() -> None:
    """List and sign the regular checks: periods that a person closes with a signature."""


def _review_value(review: Review, faults: list[str]) -> dict[str, Any]:
    return {
        "number": review.number,
        "first": review.period.first,
        "last": review.period.last,
        "findings": review.findings,
        "counts": review.counts,
        "digest": review.digest,
        "comment": review.comment,
        "reviewer": review.reviewer,
        "at": review.at,
        "key": review.key_id,
        "signature": review.signature,
        "faults": faults,
    }


@review_group.command("list")
@json_option
@pass_context
@refusals_spoken
def list_reviews(context: Context, *, as_json: bool) -> None:
    """List the signed periods, newest first, and say whether each still holds."""
    site = context.site
    found = reviews.listed(site.store)
    where = detection.reviews(site)
    if as_json:
        say_json([_review_value(each, where.faults(each)) for each in found])
        return
    holds = _("holds")
    say_table(
        [N_("Period"), N_("Findings"), N_("Signed"), N_("Signed by"), N_("Verdict")],
        [
            [
                each.period,
                each.findings,
                minute(each.at, site.zone),
                each.reviewer,
                " ".join(map(_, where.faults(each))) or holds,
            ]
            for each in found
        ],
    )
    due = where.next_period()
    if due is not None:
        say(_("Next period: {period}").format(period=due))


@review_group.command("sign")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The period's last day; yesterday if not given.")
@click.option("--comment", required=True, help="Kept with the signature.")
@person_option
@json_option
@pass_context
@refusals_spoken
def sign_review(context: Context, until: datetime | None, comment: str, person: PersonOption, *, as_json: bool) -> None:
    """Sign that every finding up to a day is judged; refused while one is open."""
    site = context.site
    where = detection.reviews(site)
    due = where.next_period()
    if due is None:
        raise Refusal(N_("Every day up to yesterday is checked."))
    period = Period(due.first, until.date() if until else due.last)
    present = person.in_place(site)
    review = where.sign(
        period.last, present.acting, seen=where.summary(period).digest, comment=comment, sign=present.sign
    )
    if as_json:
        say_json(_review_value(review, []))
    else:
        say(_("{period} is signed.").format(period=review.period))
