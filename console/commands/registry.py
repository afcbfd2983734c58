"""``sekisho registry``: the register itself: a synthetic one to try with, loading, checks and reconciliation.

Checks and reconciliation change nothing in the register, and each run is in the trail.
"""

import sys
from pathlib import Path
from typing import Any

import click

from accesscontrol.clock import SystemClock, local_day
from accesscontrol.messages import N_
from accesscontrol.people.roles import ROLE_TITLES, Role
from accesscontrol.refusals import Refusal
from console.commands.context import Context, PersonOption, pass_context, person_option
from console.commands.output import REFUSED, json_option, refusals_spoken, say, say_json, say_table
from console.evidence import register
from console.evidence.register import TABLE_TITLES
from console.translation import _, ngettext
from console.wiring import Installation
from registry import commands
from registry.checks import declared
from registry.databases import Registry, open_registry
from registry.synthetic.city import ZONE

_LARGEST = 4_000_000
_LOADERS = frozenset({Role.SYSTEM_ADMIN, Role.WORK_LEAD})


def _place(_context: click.Context, _option: click.Parameter, text: str | None) -> Path | str | None:
    """Return a file as a path, and a PostgreSQL connection string as it stands."""
    return text if text is None or "://" in text or "=" in text else Path(text)


registry_option = click.option(
    "--registry",
    "place",
    callback=_place,
    metavar="FILE|URL",
    help="Another register: a file, or a PostgreSQL connection string without a password in it.",
)


def _opened(site: Installation, place: Path | str | None) -> Registry:
    """Open the register at ``place``, or the site's own, for reading only."""
    return site.register.look() if place is None else open_registry(place, read_only=True)


@click.group("registry")
def group() -> None:
    """Create, load, check and reconcile the register."""


@group.command("create")
@registry_option
@click.option("--residents", type=click.IntRange(1, _LARGEST), default=1000, show_default=True)
@click.option("--seed", type=int, default=2026, show_default=True)
@json_option
@pass_context
@refusals_spoken
def create(context: Context, place: Path | str | None, residents: int, seed: int, *, as_json: bool) -> None:
    """Create the register of a city that does not exist; one that is there is never written over."""
    if place is None:
        site = context.site
        if not site.register.is_embedded:
            raise Refusal(N_("The register of this site is in PostgreSQL; name another place with --registry."))
        place, today = site.home.registry, local_day(site.clock.now(), site.zone)
    else:
        today = local_day(SystemClock().now(), ZONE)
    made = commands.create_registry(place, residents=residents, seed=seed, today=today)
    if as_json:
        say_json(made)
        return
    _say_rows(made["rows"])


@group.command("load")
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--file", "number", type=click.IntRange(1, 3), required=True, help="Which of the three files.")
@click.option("--encoding", default="utf-8-sig", show_default=True, help="cp932 for an export of the register system.")
@json_option
@person_option
@pass_context
@refusals_spoken
def load(context: Context, source: Path, number: int, encoding: str, person: PersonOption, *, as_json: bool) -> None:
    """Load the records of SOURCE (CSV), all of them or none (RG-INT-02)."""
    site = context.site
    with person.signed_in(site) as actor:
        if not actor.roles(site.store, site.clock.now()) & _LOADERS:
            raise Refusal(
                N_("This needs a role that you don't hold: {roles}."),
                control="RG-INT-08",
                roles=[ROLE_TITLES[role] for role in sorted(_LOADERS)],
            )
        loaded = register.load(site, actor, source, file_number=number, encoding=encoding)
    if as_json:
        say_json(loaded)
        return
    words = ngettext(
        "{records} record loaded into file {file}.", "{records} records loaded into file {file}.", loaded["records"]
    )
    say(words.format(records=loaded["records"], file=loaded["file"]))
    for check, count in loaded["warnings"].items():
        say(f"  {check}  {count}")


@group.command("check")
@registry_option
@click.option("--keep", type=click.IntRange(0, 10_000), default=100, show_default=True, help="Places kept by check.")
@json_option
@pass_context
@refusals_spoken
def check(context: Context, place: Path | str | None, keep: int, *, as_json: bool) -> None:
    """Run every format and logic check; exit 1 when a record is wrong or the file is damaged."""
    site = context.site
    with _opened(site, place) as opened:
        found = commands.check_registry(opened, register.settings(site), keep=keep)
    if place is None:
        register.record_run(
            site, register.CHECKED, "sound" if found["sound"] else "faulty", {"by_severity": found["by_severity"]}
        )
    if as_json:
        say_json(found)
    else:
        _say_checked(site, found)
    if not found["sound"]:
        sys.exit(REFUSED)


def _say_checked(site: Any, found: dict[str, Any]) -> None:
    checks = declared(register.settings(site))
    words = ngettext("{records} record", "{records} records", found["records"])
    say(words.format(records=f"{found['records']:,}"))
    say_table(
        [N_("Check"), N_("Severity"), N_("Found"), N_("What it looks at")],
        [
            [number, checks[number].severity, "-" if number in found["not_run"] else count, _(checks[number].title)]
            for number, count in found["by_check"].items()
            if count or number in found["not_run"]
        ],
    )
    for line in found["damage"]:
        say(_("DAMAGED: {what}").format(what=line))
    if found["sound"]:
        say(_("No record is wrong."))


@group.command("reconcile")
@registry_option
@click.option("--keep", type=click.IntRange(0, 100_000), default=1000, show_default=True, help="Places kept.")
@json_option
@pass_context
@refusals_spoken
def reconcile(context: Context, place: Path | str | None, keep: int, *, as_json: bool) -> None:
    """Compare the register with the municipal CS, both ways (RG-INT-09); exit 1 when they differ."""
    site = context.site
    with _opened(site, place) as opened:
        found = commands.reconcile_registry(opened, register.settings(site), keep=keep)
    if place is None:
        outcome = "agrees" if found["agrees"] else "differs"
        details = {"differences": found["counts"], "pending": found["pending"]}
        register.record_run(site, register.RECONCILED, outcome, details)
    if as_json:
        say_json(found)
    else:
        message = N_("{missing_in_cs} missing in the CS, {missing_in_register} in the register, {differing} differ")
        say(_(message).format(**found["counts"]))
        for each in found["differences"]:
            say(f"  {each['kind']}  {each['register_record']}  {each['identity_record']}")
    if not found["agrees"]:
        sys.exit(REFUSED)


def _say_rows(rows: dict[str, int]) -> None:
    say_table([N_("File"), N_("Records")], [[_(TABLE_TITLES.get(name, name)), rows[name]] for name in rows])
