"""``sekisho linkage``: what went between the systems, and which links are declared (MO-LNK-01)."""

import sys
from datetime import UTC, datetime, time, timedelta
from typing import Any

import click
import msgspec

from accesscontrol.clock import end_of_day, local_day
from accesscontrol.messages import N_
from accesscontrol.people.operators import SYSTEM
from console.commands.context import Context, pass_context
from console.commands.output import REFUSED, json_option, refusals_spoken, say_json, say_table
from console.translation import _
from monitors.linkage import declared
from monitors.linkage.flows import Flow, flows

_DAY = click.DateTime(["%Y-%m-%d"])
_LINKS = {"permitted": N_("permitted"), "forbidden": N_("forbidden"), "undeclared": N_("not declared")}


@click.group("linkage")
def group() -> None:
    """Transfers between systems, from the imported logs."""


@group.command("flows")
@click.option("--from", "first", type=_DAY, help="The first day; yesterday if not given.")
@click.option("--to", "last", type=_DAY, help="The last day; the same day if not given.")
@click.option("--system", "systems", multiple=True, help="Only ways from or to this system.")
@click.option("--quiet-ways/--no-quiet-ways", default=False, help="Also declared ways on which nothing went.")
@json_option
@pass_context
@refusals_spoken
def show_flows(
    context: Context,
    first: datetime | None,
    last: datetime | None,
    systems: tuple[str, ...],
    *,
    quiet_ways: bool,
    as_json: bool,
) -> None:
    """Compare what was sent, acknowledged and failed, way by way; exit 1 when something needs somebody."""
    site = context.site
    begins = first.date() if first else local_day(site.clock.now(), site.zone) - timedelta(days=1)
    ends = last.date() if last else begins
    start = datetime.combine(begins, time.min, tzinfo=site.zone).astimezone(UTC)
    end = end_of_day(ends, site.zone) - timedelta(milliseconds=1)
    links = declared.read(site.home.path)
    every = flows(site.store, site.home.path, links, first=start, last=end, systems=systems)
    with site.store.transaction() as tx:
        tx.record(
            "linkage.compared",
            actor=SYSTEM,
            subject=f"{begins.isoformat()}/{ends.isoformat()}",
            ways=sum(1 for flow in every if flow.sent),
            systems=sorted(systems),
            not_settled=sum(1 for flow in every if not flow.is_in_order),
        )
    found = [flow for flow in every if flow.sent or quiet_ways]
    if as_json:
        say_json([_as_json(flow) for flow in found])
    else:
        say_table(
            [
                *(N_("Sender"), N_("Receiver"), N_("Link"), N_("Sent"), N_("Persons"), N_("Acknowledged"), N_("Late")),
                *(N_("Failed"), N_("Refused"), N_("Edited"), N_("Missing"), N_("Pending"), N_("Not settled")),
            ],
            [
                [
                    *(flow.source, flow.target, _(_LINKS[flow.link]), flow.sent, flow.persons),
                    *(flow.acknowledged if flow.waits or flow.acknowledged else "-", flow.late, flow.failed),
                    *(flow.refused, flow.edited, flow.missing, flow.pending, ", ".join(flow.open)),
                ]
                for flow in found
            ],
        )
    if not all(flow.is_in_order for flow in found):
        sys.exit(REFUSED)


def _as_json(flow: Flow) -> dict[str, Any]:
    names = ("source", "target", "link", "waits", "sent", "persons", "acknowledged", "late", "failed", "refused")
    told = {name: getattr(flow, name) for name in (*names, "edited", "missing", "pending")}
    return {**told, "open": list(flow.open), "in_order": flow.is_in_order}


@group.command("declared")
@json_option
@pass_context
@refusals_spoken
def show_declared(context: Context, *, as_json: bool) -> None:
    """List the declared and the forbidden links: the assessment's, and the site's own in linkage.toml."""
    links = declared.read(context.site.home.path)
    if as_json:
        say_json(msgspec.to_builtins(links))
        return
    say_table(
        [N_("Between"), N_("And"), N_("Link"), N_("Acknowledged within"), N_("Control"), N_("Exception")],
        [
            [
                *(*each.between, _(_LINKS["permitted"]), each.acknowledged_within or "-"),
                *(", ".join(each.controls), each.exception),
            ]
            for each in links.pair
        ]
        + [
            [
                *(*each.between, _(_LINKS["forbidden"]), "-", ", ".join(each.controls)),
                _("except {systems}").format(systems=", ".join(each.but)) if each.but else "",
            ]
            for each in links.forbidden
        ],
    )
