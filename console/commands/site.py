"""``sekisho init | status | doctor | tick``: making a site, and looking after it."""

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from accesscontrol.messages import N_
from accesscontrol.people import credentials, terminals
from accesscontrol.people.operators import Operator
from accesscontrol.people.roles import Role
from accesscontrol.people.secret import Secret
from accesscontrol.people.terminals import Terminal, TerminalPlace
from accesscontrol.refusals import Refusal
from console import home as homes
from console import status as site_status
from console import upkeep
from console.commands.context import Context, pass_context
from console.commands.output import REFUSED, json_option, minute, refusals_spoken, say, say_json
from console.settings import Settings, SiteSection
from console.translation import _
from console.wiring import Installation, open_site

_FIRST_VALIDITY = timedelta(days=365)
_FIRST_PEOPLE = (
    (N_("system administrator"), frozenset({Role.SYSTEM_ADMIN, Role.IDPW_CUSTODIAN})),
    (N_("security officer"), frozenset({Role.SECURITY_OFFICER})),
)


@click.command("init")
@click.option("--name", prompt="Name of the city", help="The city's name, as the screens show it.")
@click.option("--terminal", prompt="Name of this terminal", help="This terminal, entered as one in the server room.")
@pass_context
@refusals_spoken
def init(context: Context, name: str, terminal: str) -> None:
    """Make a site with its first two people, both present: nobody governs alone from the first minute on."""
    homes.create(context.home, Settings(site=SiteSection(name=name, id=homes.site_id(name))))
    site = open_site(context.home)
    with site.store.transaction() as tx:
        tx.record("site.created", actor="system", subject=site.settings.site.id, terminal=terminal)
        place = Terminal(name=terminal, place=TerminalPlace.SERVER_ROOM, fact=terminals.present_fact())
        terminals.register(tx, place, actor="system")
    for title, roles in _FIRST_PEOPLE:
        _enrol(site, _(title), roles)
    site.sealer.seal()
    say(_("The site is ready. Start the console with: sekisho --home {home}").format(home=context.home))


def _enrol(site: Installation, title: str, roles: frozenset[Role]) -> None:
    click.echo("")
    say(_("Now the {title}, in person:").format(title=title))
    now = site.clock.now()
    while True:
        operator = Operator(
            staff_number=click.prompt(_("Staff number")),
            login=click.prompt(_("Login")),
            name=click.prompt(_("Name")),
            name_kana=click.prompt(_("Reading of the name")),
            office=click.prompt(_("Office")),
            roles=roles,
            valid_from=now,
            valid_until=now + _FIRST_VALIDITY,
        )
        password = Secret(click.prompt(_("Password"), hide_input=True, confirmation_prompt=True))
        try:
            enrolment = credentials.enrol(site.store, site.policy, operator, actor="system", password=password)
        except Refusal as refusal:
            from console.translation import render

            say(render(refusal))
            continue
        say(_("Enter this in your authenticator now; it is not shown again:"))
        say(enrolment.uri.text())
        return


@click.command("status")
@json_option
@pass_context
@refusals_spoken
def status(context: Context, *, as_json: bool) -> None:
    """Show what waits and how old the last backup, import and checkpoint are."""
    show_status(context.site, as_json=as_json)


def show_status(site: Installation, *, as_json: bool) -> None:
    """Write the site's status."""
    found = site_status.status(site)
    if as_json:
        say_json(found)
        return
    demo = "  " + _("(DEMO)") if site.settings.site.demo else ""
    say(f"{site.settings.site.name}{demo}  {minute(site.clock.now(), site.zone)}")
    for queue in found["queues"]:
        say(f"  {queue['count']:>5}  {_(queue['title'])}")
    if not found["queues"]:
        say("  " + _("Nothing waits."))
    for line in site_status.sentences(found, site.zone):
        say(f"  {line}")


@click.command("doctor")
@json_option
@pass_context
@refusals_spoken
def doctor(context: Context, *, as_json: bool) -> None:
    """Check the installation itself; exit 1 when something needs mending."""
    checks = site_status.examine(context.site)
    if as_json:
        say_json([{"check": each.name, "ok": each.ok, "detail": each.detail} for each in checks])
    else:
        for each in checks:
            mark = _("good") if each.ok else _("MEND")
            say(f"  [{mark}] {_(each.title)}  {each.detail}")
    if not all(each.ok for each in checks):
        sys.exit(REFUSED)


@click.command("tick")
@json_option
@pass_context
@refusals_spoken
def tick(context: Context, *, as_json: bool) -> None:
    """Do what is due: lapses, interrupted acts, detection, checkpoint. Run by the host's scheduler; idempotent."""
    done: dict[str, Any] = upkeep.tick(context.site)
    if as_json:
        say_json(done)
    else:
        for name, value in done.items():
            say(f"  {name}: {value}")


def writable(path: Path) -> bool:
    """Tell whether this process may write into ``path``."""
    return os.access(path, os.W_OK)
