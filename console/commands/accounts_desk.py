"""``sekisho accounts`` at the desk: first passwords, many IDs as one request, and the roster."""

from pathlib import Path

import click

from accesscontrol.accounts.fiscal_year import fiscal_year_of
from accesscontrol.requests import submission
from console import account_bulk, account_desk
from console.commands.context import Context, PersonOption, pass_context, person_option
from console.commands.output import json_option, refusals_spoken, say, say_json
from console.commands.requests import show_request
from console.commands.rosters import import_roster
from console.evidence import accounts_table, tables
from console.translation import _, ngettext


@click.command("issue-password")
@click.argument("system")
@click.argument("user_id")
@person_option
@pass_context
@refusals_spoken
def issue_password(context: Context, system: str, user_id: str, person: PersonOption) -> None:
    """Hand over a first password for USER_ID on SYSTEM: one use, 24 hours, shown once."""
    site = context.site
    with person.signed_in(site) as actor:
        given = account_desk.hand_over_password(site, actor, system, user_id)
    say(given.text() if given else _(account_desk.SET_THERE).format(system=system, user_id=user_id))


@click.command("confirm-password")
@click.argument("system")
@click.argument("user_id")
@person_option
@pass_context
@refusals_spoken
def confirm_password(context: Context, system: str, user_id: str, person: PersonOption) -> None:
    """Confirm that the person chose a password on SYSTEM: from then on the real end of USER_ID holds there."""
    site = context.site
    with person.signed_in(site) as actor:
        account_desk.confirm_password(site, actor, system, user_id)
    say(_("{system} shows the real end of {user_id} again.").format(system=system, user_id=user_id))


@click.command("request-many")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--reason", required=True, help="Kept with the request; the approver reads it.")
@person_option
@json_option
@pass_context
@refusals_spoken
def request_many(context: Context, file: Path, reason: str, person: PersonOption, *, as_json: bool) -> None:
    """Ask for all acts of FILE (CSV) as one request.

    Its first line names the columns: act (issue, change, extend, revoke), system, user_id, and what the act needs.
    """
    site = context.site
    acts = account_bulk.from_file(file)
    with person.signed_in(site) as actor:
        request = submission.submit(site.desk, account_bulk.KIND, {"acts": acts}, actor, reason=reason)
    show_request(site, request, as_json=as_json)


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--year", type=click.IntRange(2000, 2999), help="The fiscal year, from 1 April; the present one if left.")
@click.option("--encoding", type=click.Choice(["utf-8", "cp932"]), default="utf-8", show_default=True)
@person_option
@json_option
@pass_context
@refusals_spoken
def export(
    context: Context, file: Path, year: int | None, encoding: str, person: PersonOption, *, as_json: bool
) -> None:
    """Write the ledger of a fiscal year as a table (CSV) into the new FILE, with its fingerprint in the trail."""
    site = context.site
    chosen = year or fiscal_year_of(site.clock.now(), site.zone)
    written = {"utf-8": tables.UTF_8}.get(encoding, encoding)
    with person.signed_in(site) as actor:
        rows, digest = accounts_table.write(site, file, actor, year=chosen, encoding=written)
    if as_json:
        say_json({"file": str(file), "year": chosen, "rows": rows, "sha256": digest})
    else:
        words = ngettext("{path}: {rows} line, SHA-256 {digest}", "{path}: {rows} lines, SHA-256 {digest}", rows)
        say(words.format(path=file, rows=rows, digest=digest))


roster = click.Command(
    "import-roster",
    params=import_roster.params,
    callback=import_roster.callback,
    help=import_roster.help,
)
