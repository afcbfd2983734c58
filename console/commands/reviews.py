"""``sekisho reviews``: order, answer, remedy and close permission reviews, and give their signed reports."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from accesscontrol.clock import end_of_day, local_day
from accesscontrol.messages import N_
from accesscontrol.reviews import answering, closing, opening, reading, remedying, settling, withdrawing
from accesscontrol.reviews.lines import drift
from accesscontrol.reviews.model import (
    KIND_TITLES,
    STATE_TITLES,
    Answer,
    Review,
    ReviewKind,
    State,
    Verdict,
    by_item,
    outcome,
)
from console import review_words
from console.commands.context import Context, PersonOption, pass_context, person_option
from console.commands.output import json_option, refusals_spoken, say, say_json, say_table
from console.evidence import review_report, tables
from console.translation import _
from console.wiring import Installation

_DATE = click.DateTime(["%Y-%m-%d"])


@click.group("reviews")
def group() -> None:
    """Permission reviews, and the monthly check of unneeded user IDs."""


def as_json_value(site: Installation, review: Review) -> dict[str, Any]:
    """Return one review as the JSON that scripts read."""
    taken = review.withdrawal
    return {
        "review": review.name,
        "kind": review.kind,
        "state": review.state,
        "ordered_by": review.ordered_by,
        "ordered_at": review.ordered_at,
        "due": review.due,
        "overdue": review.overdue(site.clock.now()),
        "items": review.items,
        "answered": review.answered,
        "remedies_open": review.remedies_open,
        "snapshot": review.digest,
        "rerun_of": review.rerun_of and reading.get(site.store, review.rerun_of).name,
        "report": review.closed.digest if review.closed else None,
        "withdrawn": {"by": taken.by, "at": taken.at, "reason": taken.reason} if taken else None,
        "faults": closing.faults(site.store, review),
    }


def _told(site: Installation, number: int, *, as_json: bool) -> None:
    review = reading.get(site.store, number)
    if as_json:
        say_json(as_json_value(site, review))
        return
    words = _("{name}: {state}, {answered} answered, {remedies} to remedy")
    say(
        words.format(
            name=review.name,
            state=_(STATE_TITLES[review.state]),
            answered=review_words.progress(review),
            remedies=review.remedies_open,
        )
    )


@group.command("list")
@json_option
@pass_context
@refusals_spoken
def list_reviews(context: Context, *, as_json: bool) -> None:
    """List reviews, newest first, and say whether what is signed still holds."""
    site = context.site
    found = reading.listed(site.store)
    if as_json:
        say_json([as_json_value(site, each) for each in found])
        return
    say_table(
        [N_("Review"), N_("Kind"), N_("State"), N_("Answered"), N_("Due"), N_("To remedy"), N_("Verdict")],
        [
            [
                each.name,
                _(KIND_TITLES[each.kind]),
                _("overdue") if each.overdue(site.clock.now()) else _(STATE_TITLES[each.state]),
                review_words.progress(each),
                review_words.deadline(each, site.zone),
                each.remedies_open,
                " ".join(map(_, closing.faults(site.store, each))) or _("holds"),
            ]
            for each in found
        ],
    )


@group.command("open")
@click.argument("kind", type=click.Choice([kind.value for kind in ReviewKind]))
@click.option("--instruction", required=True, help="What is looked at, and why; the reviewers read it.")
@click.option("--due", type=_DATE, help="The last day for answers; two weeks from now if not given.")
@click.option("--rerun-of", "rerun_of", help="Take only what this closed review left unanswered.")
@person_option
@json_option
@pass_context
@refusals_spoken
def open_review(
    context: Context,
    kind: str,
    instruction: str,
    due: datetime | None,
    rerun_of: str | None,
    person: PersonOption,
    *,
    as_json: bool,
) -> None:
    """Order a review: the list of user IDs is frozen as it is now."""
    site = context.site
    last = (
        due.date()
        if due
        else local_day(site.clock.now(), site.zone) + timedelta(days=site.settings.reviews.answer_days)
    )
    end = end_of_day(last, site.zone)
    with person.signed_in(site) as actor:
        if rerun_of:
            number = reading.number_of(rerun_of)
            review = opening.rerun(site.store, site.reviewed, number, actor, instruction=instruction, due=end)
        else:
            review = opening.open_review(
                site.store,
                site.reviewed,
                ReviewKind(kind),
                actor,
                instruction=instruction,
                due=end,
                unused_days=site.settings.reviews.unused_days,
            )
    _told(site, review.number, as_json=as_json)


@group.command("show")
@click.argument("review")
@click.option("--unanswered", is_flag=True, help="Only the items without an answer.")
@json_option
@pass_context
@refusals_spoken
def show(context: Context, review: str, *, unanswered: bool, as_json: bool) -> None:
    """Show the items of REVIEW with their evidence, answers, remedies and changes since the snapshot."""
    site = context.site
    found = reading.get(site.store, reading.number_of(review))
    items = [each for each in _items(site, found) if not unanswered or not each["answers"]]
    if as_json:
        say_json({**as_json_value(site, found), "lines": items})
        return
    _told(site, found.number, as_json=False)
    headings = [N_("Item"), N_("System"), N_("User ID"), N_("Person"), N_("Rights"), N_("Outcome"), N_("Worth a look")]
    say_table(
        headings,
        [
            [
                each["item"],
                each["system"],
                each["user_id"],
                each["staff_number"] or _("nobody"),
                ", ".join(each["effective"]),
                each["outcome"],
                each["worth_a_look"],
            ]
            for each in items
        ],
    )


def _items(site: Installation, review: Review) -> list[dict[str, Any]]:
    store, zone = site.store, site.zone
    given = by_item(reading.decisions(store, review.number))
    remedies = {each.item: each for each in reading.remedies(store, review.number)}
    now = {each.key: each for each in site.reviewed.lines(store, site.clock.now())}
    return [
        {
            "item": each.number,
            "system": each.line.system,
            "user_id": each.line.user_id,
            "staff_number": each.line.staff_number,
            "granted": each.line.granted,
            "effective": each.line.effective,
            "last_use": each.line.last_use,
            "valid_until": each.line.valid_until,
            "reason": each.line.reason,
            "grantors": each.line.grantors,
            "traits": each.traits,
            "worth_a_look": review_words.trait_words(each.traits),
            "outcome": review_words.answer_words(outcome(given.get(each.number, ())), zone),
            "answers": [
                {"reviewer": one.reviewer, "verdict": one.answer.verdict, "comment": one.answer.comment, "at": one.at}
                for one in given.get(each.number, ())
            ],
            "remedy": remedies[each.number].state if each.number in remedies else None,
            "drift": drift(each.line, now.get(each.line.key)),
        }
        for each in reading.items(store, review)
    ]


@group.command("decide")
@click.argument("review")
@click.argument("items", nargs=-1, type=int, required=True)
@click.option("--verdict", required=True, type=click.Choice([verdict.value for verdict in Verdict]))
@click.option("--comment", default="", help="Why; needed for a change, a revocation, and what seems unneeded.")
@click.option("--remove", multiple=True, help="A right to take away (with change); may be repeated.")
@click.option("--until", type=_DATE, help="The new last day (with change).")
@person_option
@json_option
@pass_context
@refusals_spoken
def decide(
    context: Context,
    review: str,
    items: tuple[int, ...],
    verdict: str,
    comment: str,
    remove: tuple[str, ...],
    until: datetime | None,
    person: PersonOption,
    *,
    as_json: bool,
) -> None:
    """Answer ITEMS of REVIEW alike, all of them or none."""
    site = context.site
    number = reading.number_of(review)
    given = Answer(
        verdict=Verdict(verdict),
        comment=comment,
        remove=remove,
        until=end_of_day(until.date(), site.zone) if until else None,
    )
    with person.signed_in(site) as actor:
        answering.answer(site.store, number, items, actor, given)
    _told(site, number, as_json=as_json)


@group.command("remedy")
@click.argument("review")
@click.argument("item", type=int)
@click.option("--accept", "reason", help="Accept the item as it is instead, for this reason.")
@person_option
@json_option
@pass_context
@refusals_spoken
def remedy(
    context: Context, review: str, item: int, reason: str | None, person: PersonOption, *, as_json: bool
) -> None:
    """Carry the remedy of ITEM out; it counts once a newer reading of its system proves it."""
    site = context.site
    number = reading.number_of(review)
    with person.signed_in(site) as actor:
        if reason is None:
            remedying.begin(site.store, site.reviewed, number, item, actor)
        else:
            remedying.accept(site.store, number, item, actor, reason=reason)
    _told(site, number, as_json=as_json)


@group.command("verify")
@click.argument("review")
@json_option
@pass_context
@refusals_spoken
def verify(context: Context, review: str, *, as_json: bool) -> None:
    """Compare the open remedies of REVIEW with the newest readings."""
    site = context.site
    number = reading.number_of(review)
    remedying.verify(site.store, site.reviewed, number)
    _told(site, number, as_json=as_json)


@group.command("close")
@click.argument("review")
@person_option
@json_option
@pass_context
@refusals_spoken
def close(context: Context, review: str, person: PersonOption, *, as_json: bool) -> None:
    """Sign what comes next in REVIEW: the answers, and, when nothing is left to remedy, the report that closes it."""
    site = context.site
    number = reading.number_of(review)
    present = person.in_place(site)
    if reading.get(site.store, number).state is State.ANSWERING:
        seen = settling.answers_digest(site.store, number)
        settling.settle(site.store, number, present.acting, seen=seen, sign=present.sign)
    else:
        closing.close(site.store, site.reviewed, number, present.acting, sign=present.sign)
    _told(site, number, as_json=as_json)


@group.command("withdraw")
@click.argument("review")
@click.option("--reason", required=True, help="Why it was ordered wrongly; kept with the entry.")
@person_option
@json_option
@pass_context
@refusals_spoken
def withdraw(context: Context, review: str, reason: str, person: PersonOption, *, as_json: bool) -> None:
    """Take REVIEW back, which was ordered wrongly: it counts as never held, and its month is due again."""
    site = context.site
    number = reading.number_of(review)
    with person.signed_in(site) as actor:
        withdrawing.withdraw(site.store, number, actor, reason=reason)
    _told(site, number, as_json=as_json)


@group.command("table")
@click.argument("review")
@click.argument("file", type=click.Path(path_type=Path))
@person_option
@pass_context
@refusals_spoken
def table(context: Context, review: str, file: Path, person: PersonOption) -> None:
    """Write the items of REVIEW as a table (CSV) into the new FILE, with its fingerprint in the trail."""
    site = context.site
    with person.signed_in(site) as actor:
        rows, digest = review_report.write(site, reading.number_of(review), file, actor)
    say(tables.written(rows, digest))


@group.command("report")
@click.argument("review")
@pass_context
@refusals_spoken
def report(context: Context, review: str) -> None:
    """Give the report of REVIEW: as it was signed, or before that as it stands now (JSON)."""
    site = context.site
    number = reading.number_of(review)
    found = reading.get(site.store, number)
    text = reading.report_text(site.store, number)
    content = json.loads(text) if text else closing.draft(site.store, site.reviewed, number, site.clock.now())
    signed = found.closed
    say_json(
        {
            "report": content,
            "sha256": signed.digest if signed else None,
            "signed_by": signed.staff_number if signed else None,
            "signed_at": signed.at if signed else None,
            "key": signed.key_id if signed else None,
            "signature": signed.value if signed else None,
            "faults": closing.faults(site.store, found),
        }
    )
