"""``sekisho accounts``: what a custodian does with one ID at the desk. Issue and change go the road of requests."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from accesscontrol.accounts.model import DisableReason
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from console import account_desk, accounts, work_orders
from console.account_words import list_read
from console.commands.context import Context, PersonOption, pass_context, person_option
from console.commands.output import json_option, refusals_spoken, say, say_json
from console.custody import require_custodian
from console.dates import parse_date
from console.translation import _
from console.wiring import Installation

_REASONS = sorted(each.value for each in account_desk.DISABLING)
_system = click.argument("system")
_user_id = click.argument("user_id")
_last_day = click.option("--last-day", help="The last day on which it is valid.")


def _custodian(function: Callable[..., str]) -> Callable[..., Any]:
    """Sign the person in as a custodian of IDs, act, carry it out at the system, and say what was done (AC-USR-01)."""
    return _signed_in(function, require_custodian)


def _officer(function: Callable[..., str]) -> Callable[..., Any]:
    """Sign the person in as security officer, act, carry it out at the system, and say what was done."""
    return _signed_in(function, account_desk.require_officer)


def _signed_in(function: Callable[..., str], require: Callable[[Installation, Acting], None]) -> Callable[..., Any]:
    @person_option
    @json_option
    @pass_context
    @refusals_spoken
    @wraps(function)
    def command(context: Context, /, *args: Any, person: PersonOption, as_json: bool, **kwargs: Any) -> None:
        site = context.site
        with person.signed_in(site) as acting:
            require(site, acting)
            said = function(site, acting, *args, **kwargs)
            done = accounts.carry_out(site, system=kwargs.get("system", ""))
        if as_json:
            say_json(done)
            return
        say(said)
        if done["open"]:
            say(_("Not verified: {ids}").format(ids=", ".join(done["open"])))

    return command


@click.command("disable")
@_system
@_user_id
@click.option("--reason", type=click.Choice(_REASONS), required=True)
@click.option("--note", required=True, help="What happened.")
@_custodian
def disable(site: Installation, acting: Acting, system: str, user_id: str, reason: str, note: str) -> str:
    """Disable an ID at once, with its sessions, keys and rights."""
    account_desk.disable(site, acting, system, user_id, DisableReason(reason), note=note)
    return _("{user_id} on {system} is disabled.").format(system=system, user_id=user_id)


@click.command("enable")
@_system
@_user_id
@click.option("--note", required=True, help="Why it may be used again.")
@_custodian
def enable(site: Installation, acting: Acting, system: str, user_id: str, note: str) -> str:
    """Enable an ID that was disabled. One that lapsed meanwhile stays so: an end outranks every hand."""
    account_desk.enable(site, acting, system, user_id, note=note)
    return _("{user_id} on {system} is enabled again.").format(system=system, user_id=user_id)


@click.command("link")
@_system
@_user_id
@click.argument("staff_number")
@_last_day
@click.option("--rule", required=True, help="The paper or rule by which it is this person's.")
@_custodian
def link(
    site: Installation,
    acting: Acting,
    system: str,
    user_id: str,
    staff_number: str,
    last_day: str | None,
    rule: str,
) -> str:
    """Give an ID that was read from a system its one owner."""
    day = parse_date(last_day) if last_day else None
    account_desk.take_over(site, acting, system, user_id, staff_number, day, rule)
    words = _("{user_id} on {system} belongs to {staff_number}.")
    return words.format(system=system, user_id=user_id, staff_number=staff_number)


@click.command("except")
@_system
@_user_id
@click.option("--reason", required=True, help="Why it may stand without a person.")
@click.option("--last-day", required=True, help="The last day of the exception.")
@_officer
def excuse(site: Installation, acting: Acting, system: str, user_id: str, reason: str, last_day: str) -> str:
    """Let an ID stand without a person up to a day, such as one that a machine uses."""
    account_desk.excuse(site, acting, system, user_id, parse_date(last_day), reason=reason)
    return _("{user_id} on {system} may stand without a person up to {day}.").format(
        system=system, user_id=user_id, day=last_day
    )


@click.command("discard")
@_system
@_user_id
@_custodian
def discard(site: Installation, acting: Acting, system: str, user_id: str) -> str:
    """Close a lapsed ID for ever; its name is never given out again."""
    account_desk.discard(site, acting, system, user_id)
    return _("{user_id} on {system} is discarded.").format(system=system, user_id=user_id)


@click.command("name-break-glass")
@_system
@_user_id
@_officer
def name_break_glass(site: Installation, acting: Acting, system: str, user_id: str) -> str:
    """Name a break-glass ID, which nobody may use until it is handed out."""
    account_desk.name_break_glass(site, acting, system, user_id)
    return _("{user_id} on {system} is a break-glass ID.").format(system=system, user_id=user_id)


@click.command("check-out")
@_system
@_user_id
@click.argument("staff_number")
@click.option("--hours", type=click.IntRange(1, 72), default=4, show_default=True)
@click.option("--right", "rights", multiple=True, help="A right that it carries meanwhile; may be given several times.")
@click.option("--reason", required=True, help="What happened.")
@_officer
def check_out(
    site: Installation,
    acting: Acting,
    system: str,
    user_id: str,
    staff_number: str,
    hours: int,
    rights: tuple[str, ...],
    reason: str,
) -> str:
    """Hand a break-glass ID to one person for some hours."""
    account_desk.check_out(site, acting, system, user_id, staff_number, hours=hours, rights=rights, reason=reason)
    words = _("{user_id} on {system} is in the hands of {staff_number}.")
    return words.format(system=system, user_id=user_id, staff_number=staff_number)


@click.command("check-in")
@_system
@_user_id
@_officer
def check_in(site: Installation, acting: Acting, system: str, user_id: str) -> str:
    """Take a break-glass ID back; it lapses at once."""
    account_desk.check_in(site, acting, system, user_id)
    return _("{user_id} on {system} is back.").format(system=system, user_id=user_id)


@click.command("take-list")
@_system
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--as-of", required=True, help="When the list was made, such as 2026-11-24T09:30.")
@_custodian
def take_list(site: Installation, acting: Acting, system: str, file: Path, as_of: str) -> str:
    """Take in the account list that the operator of a system without an interface handed in, and read it."""
    return list_read(work_orders.take_list(site, system, file, as_of, acting), system)


@click.command("work-order")
@_system
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the file instead of showing it.")
@pass_context
@refusals_spoken
def work_order(context: Context, system: str, output: Path | None) -> None:
    """Show what the operator of a system without an interface has to do, as CSV."""
    text = work_orders.connector(context.site, system).work_order()
    if output is None:
        for line in text.splitlines():
            say(line)
        return
    try:
        with output.open("x", encoding="utf-8-sig", newline="") as file:
            file.write(text)
    except OSError as error:
        raise Refusal(N_("{file} can't be written: {reason}."), file=str(output), reason=error.strerror) from None
    say(str(output))
