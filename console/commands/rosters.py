"""``sekisho rosters``: what a roster of staff or contractors would change, and letting it change it.

A roster that takes from few is applied at once, or at the midnight that it is prepared for; one that takes from many
waits for a request (kind ``roster-import``), which lists everybody concerned.
"""

from pathlib import Path

import click

from accesscontrol.messages import N_
from accesscontrol.rosters import batches
from accesscontrol.rosters.batches import BATCH_STATE_TITLES, Batch
from accesscontrol.rosters.comparing import CONSEQUENCE_TITLES, Comparison
from accesscontrol.rosters.model import ROSTER_KIND_TITLES, RosterKind
from console import rosters
from console.commands.context import Context, PersonOption, pass_context, person_option, reason_option
from console.commands.output import json_option, minute, refusals_spoken, say, say_json, say_table
from console.dates import parse_date
from console.translation import _
from console.wiring import Installation

_kind_option = click.option("--kind", type=click.Choice([kind.value for kind in RosterKind]), required=True)
_from_option = click.option("--from", "first_day", help="The day from whose 00:00 on it holds; now if not given.")
_file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group("rosters")
def group() -> None:
    """Take rosters of staff and of contractors, and see beforehand what they change."""


@group.command("preview")
@_file_argument
@_kind_option
@_from_option
@json_option
@pass_context
@refusals_spoken
def preview(context: Context, file: Path, kind: str, first_day: str | None, *, as_json: bool) -> None:
    """Show what FILE would change; nothing is kept."""
    site = context.site
    day = parse_date(first_day) if first_day else None
    _show(site, rosters.compared(site, rosters.read(file, RosterKind(kind)), day), as_json=as_json)


@group.command("import")
@_file_argument
@_kind_option
@_from_option
@person_option
@json_option
@pass_context
@refusals_spoken
def import_roster(
    context: Context, file: Path, kind: str, first_day: str | None, person: PersonOption, *, as_json: bool
) -> None:
    """Take FILE: at once, or prepared for a later day; it is held when it takes from many."""
    site = context.site
    roster = rosters.read(file, RosterKind(kind))
    day = parse_date(first_day) if first_day else None
    with person.signed_in(site) as actor:
        batch = rosters.take(site, roster, day, actor)
    _say(site, batch, as_json=as_json)


@group.command("list")
@json_option
@pass_context
@refusals_spoken
def list_batches(context: Context, *, as_json: bool) -> None:
    """List the rosters that were taken or prepared, newest first."""
    site = context.site
    found = batches.every(site.store)
    if as_json:
        say_json([batch.to_json() for batch in found])
        return
    say_table(
        [N_("No."), N_("Roster"), N_("File"), N_("Persons"), N_("In force from"), N_("State")],
        [
            [
                batch.number,
                _(ROSTER_KIND_TITLES[batch.roster.kind]),
                batch.roster.source,
                len(batch.roster.lines),
                minute(batch.effective, site.zone),
                _(BATCH_STATE_TITLES[batch.state]),
            ]
            for batch in found
        ],
    )


@group.command("show")
@click.argument("number", type=click.IntRange(min=1))
@json_option
@pass_context
@refusals_spoken
def show(context: Context, number: int, *, as_json: bool) -> None:
    """Show what batch NUMBER would still change."""
    site = context.site
    _show(site, batches.consequences(site.store, batches.get(site.store, number), site.zone), as_json=as_json)


@group.command("cancel")
@click.argument("number", type=click.IntRange(min=1))
@reason_option
@person_option
@pass_context
@refusals_spoken
def cancel(context: Context, number: int, reason: str, person: PersonOption) -> None:
    """Take batch NUMBER back before it is applied."""
    site = context.site
    with person.signed_in(site) as actor:
        rosters.cancel(site, number, actor, reason=reason)
    say(_("Batch {number} is cancelled.").format(number=number))


@group.command("settle")
@click.argument("staff_number")
@click.option("--name", help="This is another name of the same person.")
@click.option("--not", "other", metavar="STAFF_NUMBER", help="This is somebody else than that person of the same name.")
@person_option
@pass_context
@refusals_spoken
def settle(context: Context, staff_number: str, name: str | None, other: str | None, person: PersonOption) -> None:
    """Decide a disputed line of STAFF_NUMBER."""
    site = context.site
    if (name is None) == (other is None):
        raise click.UsageError(_("Give either --name or --not."))
    with person.signed_in(site) as actor:
        if name is not None:
            rosters.settle_name(site, staff_number, name, actor)
        elif other is not None:
            rosters.settle_namesakes(site, staff_number, other, actor)
    say(_("It is settled for {staff_number}. Take the roster again.").format(staff_number=staff_number))


def _show(site: Installation, comparison: Comparison, *, as_json: bool) -> None:
    held = site.brake.acts(comparison)
    if as_json:
        say_json(
            {
                "known": comparison.known,
                "counts": {each.value: count for each, count in comparison.counts.items()},
                "needs_approval": held,
                "changes": [change.to_json() for change in comparison.changes],
            }
        )
        return
    say_table(
        [N_("What"), N_("Staff number"), N_("Name"), N_("Office"), N_("User IDs that end")],
        [
            [
                _(CONSEQUENCE_TITLES[change.consequence]),
                change.staff_number,
                change.name,
                change.after.office if change.after else "",
                ", ".join(change.user_ids or change.doubts),
            ]
            for change in comparison.changes
        ],
    )
    if held:
        say(_("It takes from so many that it needs approval (request of the kind roster-import)."))


def _say(site: Installation, batch: Batch, *, as_json: bool) -> None:
    if as_json:
        say_json(batch.to_json())
        return
    words = _("Batch {number}: {state}, in force from {time}")
    state, time = _(BATCH_STATE_TITLES[batch.state]), minute(batch.effective, site.zone)
    say(words.format(number=batch.number, state=state, time=time))
