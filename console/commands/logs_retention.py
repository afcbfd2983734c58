"""``sekisho logs due`` and ``erase``: what need not be kept any more, and the request that erases it."""

from zoneinfo import ZoneInfo

import click

from accesscontrol.messages import N_
from console import log_retention
from console.commands.context import Context, PersonOption, pass_context, person_option, reason_option
from console.commands.output import json_option, minute, refusals_spoken, say, say_json, say_table
from console.commands.requests import show_request
from console.translation import ngettext
from monitors.events.ledger import Segment
from monitors.events.times import instant_of


@click.command("due")
@json_option
@pass_context
@refusals_spoken
def due(context: Context, *, as_json: bool) -> None:
    """List the segments whose period of keeping (the setting events.keep_years) is over."""
    site = context.site
    found, limit = log_retention.due(site), log_retention.limit(site)
    if as_json:
        named = [{"name": each.name, "sha256": each.sha256, "events": each.events} for each in found]
        say_json({"before": limit, "keep_years": site.settings.events.keep_years, "segments": named})
        return
    years = site.settings.events.keep_years
    words = ngettext(
        "Events before {day} need not be kept any more ({years} year).",
        "Events before {day} need not be kept any more ({years} years).",
        years,
    )
    say(words.format(day=limit.date().isoformat(), years=years))
    rows = [[each.name, each.system, f"{each.events:,}", *_span(each, site.zone)] for each in found]
    say_table([N_("Segment"), N_("System"), N_("Events"), N_("First event"), N_("Last event")], rows)


def _span(segment: Segment, zone: ZoneInfo) -> list[str]:
    return [minute(instant_of(ts), zone) for ts in (segment.first, segment.last)]


@click.command("erase")
@reason_option
@person_option
@json_option
@pass_context
@refusals_spoken
def erase(context: Context, reason: str, person: PersonOption, *, as_json: bool) -> None:
    """Ask that what is due is erased: hands the request in; the security officer decides."""
    site = context.site
    with person.signed_in(site) as acting:
        request = log_retention.ask_for_erasure(site, log_retention.due(site), acting, reason=reason)
    show_request(site, request, as_json=as_json)
