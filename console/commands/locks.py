"""``sekisho locks``: stop a person, account, terminal, medium, host or request at once, and let it go on again."""

from datetime import datetime

import click

from accesscontrol.accounts.reading import persons
from accesscontrol.clock import end_of_day
from accesscontrol.messages import N_
from accesscontrol.people import operators
from accesscontrol.people.roles import ROLE_TITLES, Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks
from accesscontrol.requests.desk import Acting
from console.commands.context import Context, PersonOption, pass_context, person_option, reason_option
from console.commands.output import json_option, minute, refusals_spoken, say, say_json, say_table
from console.translation import _
from console.wiring import Installation

_PLACERS = frozenset({Role.SECURITY_OFFICER, Role.SYSTEM_ADMIN, Role.RESIDENT_OPERATOR})
_LIFTERS = frozenset({Role.SECURITY_OFFICER})


@click.group("locks")
def group() -> None:
    """Stop somebody or something at once; any lock wins."""


def _require(site: Installation, actor: Acting, roles: frozenset[Role]) -> None:
    if not actor.roles(site.store, site.clock.now()) & roles:
        raise Refusal(
            N_("This needs a role that you don't hold: {roles}."),
            control="AC-AUT-03",
            roles=[ROLE_TITLES[role] for role in sorted(roles)],
        )


def _require_known(site: Installation, staff_number: str) -> None:
    """Refuse a staff number that nobody has: a lock on a typing error stops nobody and says that it does."""
    known = {each.staff_number for each in operators.every(site.store)}
    if staff_number not in known and staff_number not in {each.staff_number for each in persons(site.store)}:
        raise Refusal(
            N_("Nobody here has the staff number {name}; nobody is locked. A lock of a person names the staff number."),
            name=staff_number,
        )


@group.command("list")
@json_option
@pass_context
@refusals_spoken
def list_locks(context: Context, *, as_json: bool) -> None:
    """List the locks in force."""
    site = context.site
    found = locks.in_force(site.store, site.clock.now())
    if as_json:
        fields = ("id", "type", "name", "reason", "placed_by", "placed_at", "until")
        say_json([{name: getattr(each, name) for name in fields} for each in found])
        return
    say_table(
        [N_("No."), N_("What"), N_("Name"), N_("Reason"), N_("By"), N_("Since"), N_("Until")],
        [
            [
                each.id,
                each.type,
                each.name,
                each.reason,
                each.placed_by,
                minute(each.placed_at, site.zone) if each.placed_at else "-",
                minute(each.until, site.zone) if each.until else "-",
            ]
            for each in found
        ],
    )


@group.command("place")
@click.argument("type_", metavar="TYPE", type=click.Choice(locks.TYPES))
@click.argument("name")
@click.option("--reason", required=True, help="Why; whoever is stopped reads it.")
@click.option(
    "--last-day", type=click.DateTime(["%Y-%m-%d"]), help="In force to the end of this day; open if not given."
)
@person_option
@pass_context
@refusals_spoken
def place(
    context: Context, type_: str, name: str, reason: str, last_day: datetime | None, person: PersonOption
) -> None:
    """Lock NAME of TYPE."""
    site = context.site
    with person.signed_in(site) as actor:
        _require(site, actor, _PLACERS)
        if type_ == "person":
            _require_known(site, name)
        until = end_of_day(last_day.date(), site.zone) if last_day else None
        number = locks.place(
            site.store, type_, name, reason=reason, actor=actor.staff_number, terminal=actor.terminal, until=until
        )
    say(_("Lock {number} is in force.").format(number=number))


@group.command("lift")
@click.argument("number", type=click.IntRange(min=1))
@reason_option
@person_option
@pass_context
@refusals_spoken
def lift(context: Context, number: int, reason: str, person: PersonOption) -> None:
    """Lift lock NUMBER; the security officer does, never the one whom it stops."""
    site = context.site
    with person.signed_in(site) as actor:
        _require(site, actor, _LIFTERS)
        locks.lift(site.store, number, reason=reason, actor=actor.staff_number, terminal=actor.terminal)
    say(_("Lock {number} is lifted.").format(number=number))
