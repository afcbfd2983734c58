"""``sekisho people``: the console's own operators and terminals.

Adding and changing are requests that the security officer approves; handing over a temporary password or a new
one-time-code seed is done at the desk, by the custodian, in front of the person.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from accesscontrol.messages import N_
from accesscontrol.people import factors, operators, rules_in_force, terminals
from accesscontrol.people.factors import KIND_TITLES
from accesscontrol.people.operators import STATE_TITLES
from accesscontrol.people.roles import ROLE_TITLES, Role
from accesscontrol.people.terminals import PLACE_TITLES, TERMINAL_STATE_TITLES, Terminal, TerminalPlace
from accesscontrol.requests import submission
from console import custody, second_factor
from console.commands.context import Context, PersonOption, pass_context, person_option, reason_option
from console.commands.output import json_option, refusals_spoken, say, say_json, say_table
from console.commands.requests import show_request
from console.evidence import rights, rights_table
from console.evidence.rights import CONCERN_TITLES
from console.text import mask
from console.translation import _, ngettext

their_login = click.argument("their_login")
"""Whom a command is about; ``--as`` is who acts."""


@click.group("people")
def group() -> None:
    """Operators and terminals of the console."""


@group.command("list")
@json_option
@pass_context
@refusals_spoken
def list_people(context: Context, *, as_json: bool) -> None:
    """List all operators, disabled ones too."""
    found = operators.every(context.site.store)
    if as_json:
        say_json(
            [
                {
                    "staff_number": each.staff_number,
                    "login": each.login,
                    "name": each.name,
                    "office": each.office,
                    "roles": sorted(each.roles),
                    "state": each.state,
                    "valid_from": each.valid_from,
                    "valid_until": each.valid_until,
                }
                for each in found
            ]
        )
        return
    say_table(
        [N_("Login"), N_("Staff number"), N_("Name"), N_("Office"), N_("State"), N_("Roles")],
        [
            [
                each.login,
                each.staff_number,
                each.name,
                each.office,
                _(STATE_TITLES[each.state]),
                ", ".join(_(ROLE_TITLES[role]) for role in sorted(each.roles)),
            ]
            for each in found
        ],
    )


def _submit(context: Context, kind: str, parameters: dict[str, Any], person: PersonOption, reason: str) -> None:
    site = context.site
    with person.signed_in(site) as actor:
        request = submission.submit(site.desk, kind, parameters, actor, reason=reason)
    show_request(site, request, as_json=False)


def _roles_option(*, required: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(
        "--role", "roles", multiple=True, required=required, type=click.Choice([role.value for role in Role])
    )


@group.command("add")
@click.argument("new_login")
@click.option("--staff-number", required=True)
@click.option("--name", required=True)
@click.option("--kana", required=True, help="The reading of the name.")
@click.option("--office", required=True)
@_roles_option(required=True)
@click.option("--last-day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Valid to the end of this day.")
@reason_option
@person_option
@pass_context
@refusals_spoken
def add(
    context: Context,
    new_login: str,
    staff_number: str,
    name: str,
    kana: str,
    office: str,
    roles: Sequence[str],
    last_day: datetime,
    reason: str,
    person: PersonOption,
) -> None:
    """Request a new operator NEW_LOGIN; the security officer approves."""
    parameters = {
        "login": new_login,
        "staff_number": staff_number,
        "name": name,
        "name_kana": kana,
        "office": office,
        "roles": list(roles),
        "last_day": last_day.date(),
    }
    _submit(context, "operator-add", parameters, person, reason)


@group.command("change")
@their_login
@_roles_option(required=True)
@reason_option
@person_option
@pass_context
@refusals_spoken
def change(context: Context, their_login: str, roles: Sequence[str], reason: str, person: PersonOption) -> None:
    """Request other roles for THEIR_LOGIN; the security officer approves."""
    _submit(context, "operator-change", {"login": their_login, "roles": list(roles)}, person, reason)


@group.command("last-day")
@their_login
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@reason_option
@person_option
@pass_context
@refusals_spoken
def last_day(context: Context, their_login: str, day: datetime, reason: str, person: PersonOption) -> None:
    """Request that THEIR_LOGIN is valid to the end of DAY; the security officer approves."""
    _submit(context, "operator-last-day", {"login": their_login, "last_day": day.date()}, person, reason)


@group.command("disable")
@their_login
@reason_option
@person_option
@pass_context
@refusals_spoken
def disable(context: Context, their_login: str, reason: str, person: PersonOption) -> None:
    """Request the end of THEIR_LOGIN's access; the security officer approves."""
    _submit(context, "operator-change", {"login": their_login, "disable": True}, person, reason)


@group.command("issue-password")
@their_login
@person_option
@pass_context
@refusals_spoken
def issue_password(context: Context, their_login: str, person: PersonOption) -> None:
    """Hand THEIR_LOGIN a temporary password: one use, 24 hours, shown once."""
    site = context.site
    with person.signed_in(site) as actor:
        secret = custody.issue_password(site, their_login, actor)
    say(secret.text())


@group.command("password-rules")
@json_option
@pass_context
@refusals_spoken
def password_rules(context: Context, *, as_json: bool) -> None:
    """Show the rules for passwords in force here, their source, and advice that differs."""
    rules = rules_in_force.password_rules(context.site.policy.passwords)
    if as_json:
        say_json(
            [
                {
                    "control": rule.control,
                    "title": rule.title,
                    "value": rule.value.format(**rule.fields),
                    "fields": rule.fields,
                    "source": rule.source,
                    "advice": rule.advice,
                }
                for rule in rules
            ]
        )
        return
    say_table(
        [N_("Control"), N_("Rule"), N_("In force"), N_("Source"), N_("Other advice")],
        [
            [
                rule.control,
                _(rule.title),
                _(rule.value).format(**rule.fields),
                _(rule.source),
                _(rule.advice) if rule.advice else "",
            ]
            for rule in rules
        ],
    )


@group.command("issue-code")
@their_login
@person_option
@pass_context
@refusals_spoken
def issue_code(context: Context, their_login: str, person: PersonOption) -> None:
    """Enrol a new one-time-code seed for THEIR_LOGIN and show it once."""
    site = context.site
    with person.signed_in(site) as actor:
        seed = custody.issue_seed(site, their_login, actor)
    say(seed.text())


@group.command("enrol-key")
@their_login
@click.option("--label", required=True, help="By what people know the key, for example its number.")
@person_option
@pass_context
@refusals_spoken
def enrol_key(context: Context, their_login: str, label: str, person: PersonOption) -> None:
    """Enrol the plugged-in security key for THEIR_LOGIN, with the finger of the person who is present."""
    site = context.site
    with person.signed_in(site) as actor:
        key = second_factor.at_hand(tell=lambda words: click.echo(_(words), err=True))
        number = custody.enrol_key(site, their_login, key, actor, label=label)
    say(_("The security key is enrolled for {login} as factor {number}.").format(login=their_login, number=number))


@group.command("factors")
@their_login
@json_option
@pass_context
@refusals_spoken
def list_factors(context: Context, their_login: str, *, as_json: bool) -> None:
    """List the second factors of THEIR_LOGIN and what each proves; a substitute shows as such."""
    operator = operators.get(context.site.store, their_login)
    found = factors.enrolled(context.site.store, operator.login)
    if as_json:
        say_json([{name: getattr(each, name) for name in ("id", "method", "kind", "label")} for each in found])
        return
    rows = [[each.id, each.method, _(KIND_TITLES[each.kind]), each.label] for each in found]
    say_table([N_("No."), N_("Method"), N_("Kind"), N_("Label")], rows)


@group.command("remove-factor")
@click.argument("number", type=click.IntRange(min=1))
@reason_option
@person_option
@pass_context
@refusals_spoken
def remove_factor(context: Context, number: int, reason: str, person: PersonOption) -> None:
    """Take the second factor NUMBER out of force, a lost key for example."""
    site = context.site
    with person.signed_in(site) as actor:
        custody.remove_factor(site, number, actor, reason=reason)
    say(_("Factor {number} is out of force.").format(number=number))


@group.command("unlock")
@their_login
@reason_option
@person_option
@pass_context
@refusals_spoken
def unlock(context: Context, their_login: str, reason: str, person: PersonOption) -> None:
    """Open a login that failures have locked; nobody opens their own."""
    site = context.site
    with person.signed_in(site) as actor:
        custody.unlock(site, their_login, actor, reason=reason)
    say(_("{login} is open again.").format(login=their_login))


@group.command("rights")
@click.option(
    "--csv", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write a new CSV file (needs --as)."
)
@click.option("--as", "login", metavar="LOGIN", help="The login of the person who takes the file out.")
@click.option("--credentials-fd", type=int, metavar="N", help="Read password and code as JSON from file descriptor N.")
@json_option
@pass_context
@refusals_spoken
def list_rights(
    context: Context, file: Path | None, login: str | None, credentials_fd: int | None, *, as_json: bool
) -> None:
    """List who may do what now, by person, and what is worth a look."""
    site = context.site
    if file is not None:
        if login is None:
            raise click.UsageError("--csv needs --as LOGIN: the trail says who took the list out.")
        with PersonOption(login, credentials_fd).signed_in(site) as actor:
            count, digest = rights_table.write(site, file, actor)
        words = ngettext("{count} person, SHA-256 {digest}", "{count} persons, SHA-256 {digest}", count)
        say(words.format(count=count, digest=digest))
        return
    found = rights.holders(site.store, site.clock.now())
    if as_json:
        say_json([rights_table.as_json(each) for each in found])
        return
    say_table(
        [N_("Staff number"), N_("Name"), N_("Roles"), N_("Until"), N_("Worth a look")],
        [
            [
                each.staff_number,
                mask(each.name),
                ", ".join(_(ROLE_TITLES[role]) for role in sorted(each.roles)),
                rights_table.last_day(each.ends, site.zone),
                ", ".join(_(CONCERN_TITLES[concern]) for concern in each.concerns),
            ]
            for each in found
        ],
    )


@group.command("terminals")
@json_option
@pass_context
@refusals_spoken
def list_terminals(context: Context, *, as_json: bool) -> None:
    """List the registered terminals and what this one is."""
    found = terminals.every(context.site.store)
    here = terminals.present_fact()
    if as_json:
        fields = ("name", "place", "fact", "restricted", "state")
        say_json({"here": here, "terminals": [{name: getattr(each, name) for name in fields} for each in found]})
        return
    say_table(
        [N_("Terminal"), N_("Place"), N_("Fact"), N_("State")],
        [[each.name, _(PLACE_TITLES[each.place]), each.fact, _(TERMINAL_STATE_TITLES[each.state])] for each in found],
    )
    say(_("This terminal: {fact}").format(fact=here))


@group.command("register-terminal")
@click.argument("name")
@click.option("--fact", help="What its host observes of it; this terminal's if not given.")
@click.option("--place", type=click.Choice([place.value for place in TerminalPlace]), required=True)
@click.option("--restricted", is_flag=True, help="Reaches no internet, mail or media (for temporary staff).")
@person_option
@pass_context
@refusals_spoken
def register_terminal(
    context: Context, name: str, fact: str | None, place: str, person: PersonOption, *, restricted: bool
) -> None:
    """Enter a terminal NAME into the register."""
    site = context.site
    terminal = Terminal(
        name=name,
        place=TerminalPlace(place),
        fact=fact or terminals.present_fact(),
        restricted=restricted,
    )
    with person.signed_in(site) as actor:
        custody.require_custodian(site, actor)
        with site.store.transaction() as tx:
            terminals.register(tx, terminal, actor=actor.staff_number)


@group.command("terminal-back")
@click.argument("name")
@person_option
@pass_context
@refusals_spoken
def terminal_back(context: Context, name: str, person: PersonOption) -> None:
    """Note that the terminal NAME, which was taken out by request, is back."""
    site = context.site
    with person.signed_in(site) as actor:
        custody.terminal_back(site, name, actor)
    say(_("The terminal {name} is back and may be used.").format(name=name))


@group.command("remove-terminal")
@click.argument("name")
@reason_option
@person_option
@pass_context
@refusals_spoken
def remove_terminal(context: Context, name: str, reason: str, person: PersonOption) -> None:
    """Take the terminal NAME out of the register for good; its sessions end at once."""
    site = context.site
    with person.signed_in(site) as actor:
        custody.remove_terminal(site, name, actor, reason=reason)
    say(_("The terminal {name} is removed.").format(name=name))
