"""``sekisho init | status | doctor | tick``: making a site, and looking after it."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from textwrap import wrap
from typing import Any

import click

from accesscontrol.messages import N_
from accesscontrol.people import credentials, terminals
from accesscontrol.people.operators import SYSTEM, Operator
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
from console.sign_in_rules import password_advice
from console.translation import _, render
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
    with _appearing(context.home) as folder:
        homes.create(folder, Settings(site=SiteSection(name=name, id=homes.site_id(name))))
        site = open_site(folder)
        with site.store.transaction() as tx:
            tx.record("site.created", actor=SYSTEM, subject=site.settings.site.id, terminal=terminal)
            place = Terminal(name=terminal, place=TerminalPlace.SERVER_ROOM, fact=terminals.present_fact())
            terminals.register(tx, place, actor=SYSTEM)
        present: set[str] = set()
        for title, roles in _FIRST_PEOPLE:
            present.add(_enrol(site, _(title), roles, present))
        site.sealer.seal()
        site.store.close()
    say(_("The site is ready. Start the console with: sekisho --home {home}").format(home=context.home))
    say(_("What is still missing is told by: sekisho --home {home} doctor").format(home=context.home))


@contextmanager
def _appearing(home: Path) -> Iterator[Path]:
    """Give a folder beside ``home`` that becomes it when all is done; when it is broken off, nothing is left."""
    if home.exists() and any(home.iterdir()):
        raise Refusal(N_("{path} is not empty. Name a new folder with --home."), path=str(home))
    folder = home.with_name(f"{home.name}.{os.getpid()}.new")
    try:
        yield folder
        folder.rename(home)
    except OSError as error:
        raise Refusal(
            N_("The site can't be made in {path}: {reason}."), path=str(home), reason=error.strerror
        ) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _enrol(site: Installation, title: str, roles: frozenset[Role], present: set[str]) -> str:
    """Ask for one of the first people until the rules take them; return the staff number."""
    click.echo("")
    say(_("Now the {title}, in person:").format(title=title))
    say(password_advice(site.policy.passwords))
    operator: Operator | None = None
    while True:
        try:
            operator = _asked(site.clock.now(), roles, operator)
            if operator.staff_number in present:
                raise Refusal(N_("This must be another person: nobody asks and approves alone."), control="AC-AUT-03")
            password = Secret(click.prompt(_("Password"), hide_input=True, confirmation_prompt=True))
            enrolment = credentials.enrol(site.store, site.policy, operator, actor=SYSTEM, password=password)
        except Refusal as refusal:
            say(render(refusal))
            say(_("Once more, please: Enter alone keeps what stands in brackets."))
            continue
        say(_("Enter this in your authenticator now; it is not shown again:"))
        say(enrolment.uri.text())
        say(_("or by hand the key: {key}").format(key=" ".join(wrap(enrolment.seed.text(), 4))))
        return operator.staff_number


def _asked(now: datetime, roles: frozenset[Role], before: Operator | None) -> Operator:
    """Ask who it is; what was answered ``before`` stands ready."""

    def answer(label: str, name: str) -> str:
        return str(click.prompt(_(label), default=getattr(before, name) if before else None))

    return Operator(
        staff_number=answer(N_("Staff number"), "staff_number"),
        login=answer(N_("Login"), "login"),
        name=answer(N_("Name"), "name"),
        name_kana=answer(N_("Reading of the name"), "name_kana"),
        office=answer(N_("Office"), "office"),
        roles=roles,
        valid_from=now,
        valid_until=now + _FIRST_VALIDITY,
    )


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
            say(f"  [{mark}] {_(each.title)}  {each.detail}".rstrip())
    if not all(each.ok for each in checks):
        sys.exit(REFUSED)


@click.command("tick")
@json_option
@pass_context
@refusals_spoken
def tick(context: Context, *, as_json: bool) -> None:
    """Do what is due: lapses, interrupted acts, detection, checkpoint. Run by the host's scheduler; idempotent.

    Exit 1 tells that something could not be done; everything else was.
    """
    done: dict[str, Any] = upkeep.tick(context.site)
    if as_json:
        say_json(done)
    else:
        for line in upkeep.sentences(done):
            say(f"  {line}")
    if done["refused"] or done["damaged"]:
        sys.exit(REFUSED)
