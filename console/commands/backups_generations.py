"""``sekisho backups kept`` and ``erase``: the generations, and the request that erases what none of them keeps."""

import click

from accesscontrol.messages import N_
from console import generations
from console.commands.context import Context, PersonOption, pass_context, person_option, reason_option
from console.commands.output import json_option, minute, refusals_spoken, say_json, say_table
from console.commands.requests import as_json_value, show_waiting
from console.generations import TITLES
from console.translation import _


@click.command("kept")
@json_option
@pass_context
@refusals_spoken
def kept(context: Context, *, as_json: bool) -> None:
    """List which backups are kept for which generation, and which none keeps."""
    site = context.site
    reasons, due = generations.kept(site), {each.number for each in generations.due(site)}
    shown = [each for each in generations.every(site) if each.number in reasons or each.number in due]
    if as_json:
        say_json(
            [
                {
                    "id": each.id,
                    "number": each.number,
                    "sha256": each.sealed_sha256,
                    "source": each.source,
                    "kept_as": list(reasons.get(each.number, ())),
                    "to_erase": each.number in due,
                }
                for each in shown
            ]
        )
        return
    rows = [
        [
            *(each.id, each.source, minute(each.taken_at or each.planned_at, site.zone)),
            ", ".join(_(TITLES[name]) for name in reasons.get(each.number, ())) or _("to be erased"),
        ]
        for each in shown
    ]
    say_table([N_("No."), N_("Data"), N_("Taken"), N_("Kept as")], rows)


@click.command("erase")
@reason_option
@person_option
@json_option
@pass_context
@refusals_spoken
def erase(context: Context, reason: str, person: PersonOption, *, as_json: bool) -> None:
    """Ask that what no generation keeps is erased: hands the request in; the business owner decides."""
    site = context.site
    with person.signed_in(site) as acting:
        request = generations.ask_for_erasure(site, generations.due(site), acting, reason=reason)
    if as_json:
        say_json(as_json_value(site, request))
        return
    show_waiting(site, request)
