"""``sekisho media keep`` and ``periods``: asking that a medium is kept longer, and what was granted so far."""

import click

from accesscontrol.messages import N_
from accesscontrol.requests import submission
from backups.media import periods
from backups.media.register import medium_id
from console.commands.context import Context, PersonOption, pass_context, person_option, reason_option
from console.commands.output import json_option, minute, refusals_spoken, say_json, say_table
from console.commands.requests import show_request
from console.dates import parse_date


@click.command("keep")
@click.argument("medium", metavar="MEDIUM")
@click.option("--until", required=True, help="The new last day of its storage period; a later one than now.")
@reason_option
@person_option
@json_option
@pass_context
@refusals_spoken
def keep(context: Context, medium: str, until: str, reason: str, person: PersonOption, *, as_json: bool) -> None:
    """Ask that MEDIUM is kept until a later day: hands the request in; the business owner decides."""
    site = context.site
    asked = {"medium": medium, "keep_until": parse_date(until)}
    with person.signed_in(site) as acting:
        request = submission.submit(site.desk, periods.KIND, asked, acting, reason=reason)
    show_request(site, request, as_json=as_json)


@click.command("periods")
@click.option("--medium", default="", help="Only this medium.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@json_option
@pass_context
@refusals_spoken
def list_periods(context: Context, medium: str, limit: int, *, as_json: bool) -> None:
    """List the storage periods that were lengthened, newest first."""
    site = context.site
    found = periods.page(site.store, medium=medium, limit=limit)
    if as_json:
        say_json([each.to_json() for each in found])
        return
    rows = [
        [
            *(each.number, minute(each.at, site.zone), medium_id(each.medium), each.before or "-"),
            *(each.keep_until, each.request, each.reason),
        ]
        for each in found
    ]
    titles = [N_("No."), N_("When"), N_("Medium"), N_("Until now"), N_("Keep until"), N_("Request"), N_("Reason")]
    say_table(titles, rows)
