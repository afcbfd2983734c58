"""``sekisho forms``: the ledger of printed forms, from issue to disposal (BK-DSP-03)."""

import click

from accesscontrol.messages import N_
from accesscontrol.requests.desk import Acting
from backups import forms
from backups.forms import METHOD_TITLES, STATE_TITLES, Batch, Step
from console.commands.context import Context, pass_context
from console.commands.keeping import keeping
from console.commands.output import json_option, minute, refusals_spoken, say, say_json, say_table
from console.dates import parse_date
from console.translation import _, ngettext
from console.wiring import Installation


@click.group("forms")
def group() -> None:
    """Keep the ledger of printed forms: issued, handed over, stored, disposed of."""


@group.command("list")
@click.option("--past", is_flag=True, help="Only batches past their storage period.")
@json_option
@pass_context
@refusals_spoken
def list_batches(context: Context, *, past: bool, as_json: bool) -> None:
    """List the batches, newest first."""
    site = context.site
    found = (
        forms.past_period(site.store, site.clock.now(), site.zone) if past else forms.page(site.store, limit=100_000)
    )
    if as_json:
        say_json([each.to_json() for each in found])
        return
    rows = [
        [each.number, each.form, each.sheets, _(STATE_TITLES[each.state]), each.place, each.keep_until.isoformat()]
        for each in found
    ]
    say_table([N_("No."), N_("Form"), N_("Sheets"), N_("State"), N_("Location"), N_("Keep until")], rows)


@group.command("show")
@click.argument("number", type=click.IntRange(min=1))
@json_option
@pass_context
@refusals_spoken
def show(context: Context, number: int, *, as_json: bool) -> None:
    """Show one batch with every step of it."""
    site = context.site
    batch, steps = forms.find(site.store, number), forms.steps(site.store, number)
    if as_json:
        say_json({**batch.to_json(), "steps": [each.to_json() for each in steps]})
        return
    _say(batch, as_json=False)
    for each in steps:
        how = _(METHOD_TITLES[each.method]) if each.method else ""
        words = (minute(each.at, site.zone), _(STATE_TITLES[each.state]), each.actor, each.partner, each.place, how)
        say("  " + "  ".join(word for word in words if word))


@group.command("issue")
@click.argument("form")
@click.option("--sheets", type=click.IntRange(min=1), required=True)
@click.option("--place", required=True)
@click.option("--keep-until", required=True, help="The last day of the storage period.")
@keeping
def issue(
    site: Installation, acting: Acting, form: str, sheets: int, place: str, keep_until: str, *, as_json: bool
) -> None:
    """Enter a batch of FORM that was printed."""
    batch = forms.issue(
        site.store,
        form,
        sheets,
        parse_date(keep_until),
        place=place,
        actor=acting.staff_number,
        terminal=acting.terminal,
    )
    _say(batch, as_json=as_json)


@group.command("advance")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--state", type=click.Choice([state for state in STATE_TITLES if state != "issued"]), required=True)
@click.option("--partner", required=True, help="The other person.")
@click.option("--place", required=True, help="Where the batch is from then on.")
@click.option("--method", type=click.Choice(sorted(METHOD_TITLES)), help="How it was disposed of.")
@keeping
def advance(site: Installation, acting: Acting, number: int, method: str | None, *, as_json: bool, **said: str) -> None:
    """Enter the next step of a batch; none can be skipped."""
    step = Step(**said, method=method or "")
    _say(forms.advance(site.store, number, step, actor=acting.staff_number, terminal=acting.terminal), as_json=as_json)


def _say(batch: Batch, *, as_json: bool) -> None:
    if as_json:
        say_json(batch.to_json())
        return
    words = ngettext(
        "No. {number}: {form}, {sheets} sheet, {state}, {place}, kept until {day}",
        "No. {number}: {form}, {sheets} sheets, {state}, {place}, kept until {day}",
        batch.sheets,
    )
    say(
        words.format(
            number=batch.number,
            form=batch.form,
            sheets=batch.sheets,
            state=_(STATE_TITLES[batch.state]),
            place=batch.place,
            day=batch.keep_until.isoformat(),
        )
    )
