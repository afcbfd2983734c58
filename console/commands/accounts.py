"""``sekisho accounts``: the user IDs of the managed systems - read them, list them, prove that none is left over."""

import sys
from collections.abc import Callable, Sequence
from datetime import datetime

import click

from accesscontrol.accounts import desired, jobs, listing
from accesscontrol.accounts.jobs import JOB_STATE_TITLES
from accesscontrol.accounts.listing import AccountLine, Why
from accesscontrol.accounts.model import (
    DISABLE_REASON_TITLES,
    SITUATION_TITLES,
    Grant,
    PersonKind,
    Situation,
)
from accesscontrol.accounts.synchronising import Synchronised
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from console import accounts
from console.account_words import expiring, last_day, state_words, trouble_words, why_words
from console.commands.accounts_acts import (
    check_in,
    check_out,
    disable,
    discard,
    enable,
    excuse,
    link,
    name_break_glass,
    take_list,
    work_order,
)
from console.commands.accounts_desk import confirm_password, export, issue_password, request_many, roster
from console.commands.accounts_host import prepare_host
from console.commands.context import Context, pass_context
from console.commands.output import REFUSED, json_option, minute, refusals_spoken, say, say_json, say_table
from console.translation import _
from console.wiring import Installation

_VIEWS: dict[str, Callable[[AccountLine, datetime], bool]] = {
    "all": lambda _line, _at: True,
    "leftover": lambda line, _at: line.why not in {None, Why.UNREADABLE},
    "unreadable": lambda line, _at: line.situation is Situation.UNREADABLE,
    "contractor": lambda line, _at: line.person_kind is PersonKind.CONTRACTOR,
    "expiring": expiring,
}


@click.group("accounts")
def group() -> None:
    """Govern the user IDs of the managed systems."""


for _each in (export, issue_password, confirm_password, prepare_host, request_many, roster):
    group.add_command(_each)
for _each in (disable, enable, link, excuse, discard, take_list, work_order, check_out, check_in, name_break_glass):
    group.add_command(_each)


@group.command("sync")
@click.argument("systems", nargs=-1)
@json_option
@pass_context
@refusals_spoken
def sync(context: Context, systems: tuple[str, ...], *, as_json: bool) -> None:
    """Read the SYSTEMS, or all, and lay what they show beside the ledger; exit 1 when one is unreadable."""
    found = accounts.sync(context.site, systems)
    if as_json:
        say_json({each.system: each.to_json() for each in found})
    else:
        headings = [N_("System"), N_("State"), N_("Read at"), N_("IDs"), N_("linked"), N_("unlinked"), N_("nobody's")]
        say_table([*headings, N_("disputed"), N_("gone")], [_sync_row(context.site, each) for each in found])
        for each in found:
            if each.trouble:
                say(f"  {each.system}: {trouble_words(each.trouble)}")
    if any(each.trouble for each in found):
        sys.exit(REFUSED)


def _sync_row(site: Installation, found: Synchronised) -> Sequence[object]:
    counts = [found.counts.get(situation, 0) for situation in tuple(Situation)[:-1]]
    state = _(SITUATION_TITLES[Situation.UNREADABLE]) if found.trouble else _("good")
    return [found.system, state, minute(found.read_at, site.zone) if found.read_at else "-", found.accounts, *counts]


@group.command("list")
@click.option("--system", default="", help="Only the IDs of this system.")
@click.option("--only", type=click.Choice(sorted(_VIEWS)), default="all", show_default=True)
@json_option
@pass_context
@refusals_spoken
def list_accounts(context: Context, system: str, only: str, *, as_json: bool) -> None:
    """List the IDs: whose each is, what it should be, and what its system showed; unreadable ones come first."""
    site = context.site
    at = site.clock.now()
    lines = listing.listed(site.store, accounts.sources(site), at)
    if system and all(each.system != system for each in lines):
        accounts.require_system(site, system)
    lines = [each for each in lines if system in {"", each.system} and _VIEWS[only](each, at)]
    if as_json:
        say_json([each.to_json() for each in lines])
        return
    headings = [N_("System"), N_("User ID"), N_("Person"), N_("State"), N_("Situation"), N_("Last day"), N_("Rights")]
    say_table(headings, [_row(site, each) for each in lines])


def _row(site: Installation, line: AccountLine) -> Sequence[object]:
    person = f"{line.person} {line.person_name}".strip() or "-"
    rights = " ".join(line.entitlements) or "-"
    situation = _(SITUATION_TITLES[line.situation])
    return [line.system, line.user_id, person, state_words(line), situation, last_day(line.valid_to, site.zone), rights]


@group.command("leftover")
@json_option
@pass_context
@refusals_spoken
def leftover(context: Context, *, as_json: bool) -> None:
    """Prove that no ID is left over; exit 1 when one is, or when a system could not be read."""
    site = context.site
    found = accounts.proof(site)
    if as_json:
        say_json(found.to_json())
    else:
        when = minute(found.read_at, site.zone) if found.read_at else _("never")
        words = _("Left over: {leftover}, unknown: {unknown}, as read at {when}")
        say(words.format(leftover=found.leftover, unknown=found.unknown, when=when))
        for each in found.items:
            say(f"  {each.system}  {each.user_id or '-'}  {each.person or '-'}  {why_words(each)}")
    if not found.proven:
        sys.exit(REFUSED)


@group.command("lapse")
@click.option("--system", default="", help="Only what is due on this system.")
@json_option
@pass_context
@refusals_spoken
def lapse(context: Context, system: str, *, as_json: bool) -> None:
    """Do at the systems what is due now, as every tick does; exit 1 when something could not be verified."""
    if system:
        accounts.require_system(context.site, system)
    done = accounts.carry_out(context.site, system=system)
    if as_json:
        say_json(done)
    else:
        for title, ids in (
            (N_("Lapsed: {ids}"), done["lapsed"]),
            (N_("Changed: {ids}"), done["changed"]),
            (N_("Not verified: {ids}"), done["open"]),
        ):
            say(_(title).format(ids=", ".join(ids) or _("none")))
    if done["open"]:
        sys.exit(REFUSED)


@group.command("show")
@click.argument("system")
@click.argument("user_id")
@json_option
@pass_context
@refusals_spoken
def show(context: Context, system: str, user_id: str, *, as_json: bool) -> None:
    """Show one ID with its grants, suspensions and everything that was done at its system."""
    site = context.site
    at = site.clock.now()
    entry = desired.entry(site.store, system, user_id)
    found = [each for each in listing.listed(site.store, accounts.sources(site), at) if each.system == system]
    line = next(each for each in found if each.user_id == user_id)
    acts = jobs.history(site.store, system, user_id)
    if as_json:
        say_json(
            {
                **line.to_json(),
                "grants": [_grant_json(each) for each in entry.grants],
                "jobs": [
                    {"act": each.act, "state": each.state, "due": each.scheduled_for, "attempts": each.attempts}
                    for each in acts
                ],
            }
        )
        return
    say("  ".join(map(str, _row(site, line))))
    for grant in entry.grants:
        ended = _(DISABLE_REASON_TITLES[grant.end_reason]) if grant.end_reason else ""
        right = grant.entitlement or _("sign-in")
        end = last_day(entry.end_of(grant), site.zone)
        say(f"  {grant.number:>5}  {minute(grant.valid_from, site.zone)}  {end}  {right}  {grant.granted_by}  {ended}")
    for job in acts:
        trouble = trouble_words(job.trouble) if job.trouble else ""
        say(f"  {minute(job.scheduled_for, site.zone)}  {job.act.value}  {_(JOB_STATE_TITLES[job.state])}  {trouble}")


def _grant_json(grant: Grant) -> dict[str, object]:
    return {
        "number": grant.number,
        "entitlement": grant.entitlement,
        "person": grant.staff_number,
        "valid_from": to_text(grant.valid_from),
        "valid_until": grant.valid_until and to_text(grant.valid_until),
        "cause": grant.cause,
        "rule": grant.rule,
        "request": grant.request,
        "granted_by": grant.granted_by,
        "ended_at": grant.ended_at and to_text(grant.ended_at),
        "end_reason": grant.end_reason,
        "held": grant.held,
    }
