"""``sekisho logs``: bring the systems' logs in, and prove that the archive is as it came in."""

import json
import os
import pwd
import sys
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from accesscontrol.messages import N_
from accesscontrol.people import terminals
from accesscontrol.people.operators import SYSTEM
from accesscontrol.requests.desk import Acting
from console import archive, event_extracts, event_words, extracts
from console.commands.context import Context, PersonOption, pass_context, person_option
from console.commands.logs_retention import due, erase
from console.commands.output import REFUSED, json_option, refusals_spoken, say, say_json, say_table
from console.text import safe_text
from console.translation import _, filled, ngettext
from console.wiring import Installation
from monitors.events import expressions, imports, ledger
from monitors.events import verify as verification
from monitors.events.imports import ImportReport
from monitors.events.paging import Listing
from monitors.events.plans import Wish
from monitors.events.readers import guide
from monitors.events.readers.formats import NAMES
from monitors.events.schema import ocsf

_SHOWN_COLUMNS = ("ts", "user_id", "terminal", "action", "outcome")
_QUERY_COLUMNS = (*_SHOWN_COLUMNS, "system", "office", "target_count", "object", "detail")


@click.group("logs")
def group() -> None:
    """Access and operation logs."""


group.add_command(due)
group.add_command(erase)


@group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--system", required=True, help="The system that wrote the log, for example register.")
@click.option("--format", "format_", default="", help=f"One of {', '.join(NAMES)}; found out if not given.")
@click.option("--encoding", default="", help="utf-8, cp932 or euc-jp; found out if not given.")
@click.option("--mapping", default="", help="The mapping of columns, for example register; found out if not given.")
@click.option("--stream", default="", help="Which log of the system, where it has several.")
@click.option("--year", type=int, help="The year of the first line of a syslog without years.")
@click.option("--dry-run", is_flag=True, help="Show how the first lines would be understood, and import nothing.")
@click.option("--as", "login", default="", metavar="LOGIN", help="Who imports; the scheduler if not given.")
@click.option("--credentials-fd", type=int, metavar="N", help="Read password and code as JSON from here.")
@json_option
@pass_context
@refusals_spoken
def import_log(
    context: Context,
    file: Path,
    system: str,
    format_: str,
    encoding: str,
    mapping: str,
    stream: str,
    year: int | None,
    login: str,
    credentials_fd: int | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import FILE; the same file again adds nothing. A file without any event ends with exit 1."""
    site = context.site
    wish = Wish(system=system, format=format_, encoding=encoding, mapping=mapping, stream=stream, year=year)
    if dry_run:
        _preview(context, file, wish, as_json=as_json)
        return
    if login:
        with PersonOption(login, credentials_fd).signed_in(site) as actor:
            report = site.archive.import_file(file, wish, actor=actor.staff_number, terminal=actor.terminal)
    else:
        report = site.archive.import_file(file, wish, actor=SYSTEM)
    _say_report(report, file.name, as_json=as_json)
    if not report.imported and not report.duplicate:
        sys.exit(REFUSED)


def _say_report(report: ImportReport, file: str, *, as_json: bool) -> None:
    """Say what an import did; of a file that brought no event, plainly that."""
    if as_json:
        say_json(report.as_json())
    elif not report.read:
        say(_("{file} held no event: nothing was imported. Check that the export covers the period.").format(file=file))
    else:
        _say_lines(report)


def _say_lines(report: ImportReport) -> None:
    words = N_("{read} lines read: {imported} imported, {duplicate} known already, {quarantined} quarantined.")
    counts = {name: getattr(report, name) for name in ("read", "imported", "duplicate", "quarantined")}
    say(filled(words, {name: f"{count:,}" for name, count in counts.items()}))
    if not report.imported and not report.duplicate:
        say(_("No line was understood. State another format or mapping; a dry run shows how lines are understood."))


def _preview(context: Context, file: Path, wish: Wish, *, as_json: bool) -> None:
    site = context.site
    found = imports.preview(file, wish, home=site.home.path, zone=site.zone, store=site.store)
    if as_json:
        say_json(
            {
                "format": found.format,
                "encoding": found.encoding,
                "mapping": found.mapping,
                "lines": found.lines,
                "rows": found.rows,
                "quarantined": [{"line": number, "reason": reason} for number, reason in found.quarantined],
            }
        )
        return
    say(event_words.read_as(found))
    say_table(
        [N_("When"), N_("Who"), N_("Terminal"), N_("Act"), N_("Outcome")],
        [[event_words.shown_value(row, column, site.zone) for column in _SHOWN_COLUMNS] for row in found.rows],
    )
    for number, reason in found.quarantined:
        say(_("Line {number} would be quarantined: {reason}").format(number=number, reason=_(reason)))


@group.command("query")
@click.argument("expression", default="")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many events; all if not given.")
@click.option("--oldest-first", is_flag=True, help="From the oldest to the newest.")
@click.option("--ocsf", "as_ocsf", is_flag=True, help="One OCSF 1.6 event a line, for other security tools.")
@click.option("--as", "login", default="", metavar="LOGIN", help="Who looks; the host's own account if not given.")
@click.option("--credentials-fd", type=int, metavar="N", help="Read password and code as JSON from here.")
@json_option
@pass_context
@refusals_spoken
def query(
    context: Context,
    expression: str,
    limit: int | None,
    login: str,
    credentials_fd: int | None,
    *,
    oldest_first: bool,
    as_ocsf: bool,
    as_json: bool,
) -> None:
    """Stream the events that EXPRESSION asks for, newest first; with --json one object a line.

    Terms must all hold: words anywhere in an event, or field:value, such as account:s00* act:search,view
    -outcome:success persons:>=10 time:2026-11-20..2026-11-23. Who looked at what stands in the trail.
    """
    site = context.site
    condition = expressions.read(expression, site.zone, event_words.vocabulary())
    _enter(site, expression, login, credentials_fd)
    listing = Listing(site.store, site.home.path, condition, oldest_first=oldest_first)
    try:
        for event in islice(listing.stream(), limit):
            if as_ocsf:
                click.echo(json.dumps(ocsf(event), ensure_ascii=False))
            else:
                click.echo(event_extracts.line(event) if as_json else safe_text(_spoken(event, site.zone)))
    except BrokenPipeError:  # whoever reads has seen enough
        sys.stderr.close()
    finally:
        listing.close()


def _enter(site: Installation, expression: str, login: str, credentials_fd: int | None) -> None:
    """Enter who looks (MO-LOG-04): the person who signs in for it, else the host's account that runs the command."""
    if login:
        with PersonOption(login, credentials_fd).signed_in(site) as actor:
            site.archive.consulted(actor, expression)
        return
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # an account without a name
        name = str(os.getuid())
    site.archive.consulted(Acting("", SYSTEM, terminals.present_fact()), expression, host_account=name)


def _spoken(event: dict[str, Any], zone: ZoneInfo) -> str:
    cells = [event_words.shown_value(event, column, zone) or "-" for column in _QUERY_COLUMNS]
    return "  ".join(cells)


@group.command("extract")
@click.argument("expression", default="")
@click.option("--entry-record", default="", help="The person's number in the server room's entry book.")
@person_option
@json_option
@pass_context
@refusals_spoken
def extract(context: Context, expression: str, entry_record: str, person: PersonOption, *, as_json: bool) -> None:
    """Seal the events that EXPRESSION asks for; they leave only by an approved request, which is named then."""
    site = context.site
    with person.signed_in(site) as actor:
        taken = event_extracts.prepare(site, expression, actor, entry_record=entry_record)
    kind, parameters = extracts.kind_of(site, taken)
    if as_json:
        say_json({**taken.to_json(), "request": {"kind": kind, "parameters": parameters}})
        return
    words = ngettext(
        "{id} holds {events} event: {selection}. Ask for it by: {kind}",
        "{id} holds {events} events: {selection}. Ask for it by: {kind}",
        parameters["events"],
    )
    count, selection = f"{parameters['events']:,}", parameters["expression"]
    say(words.format(id=taken.id, events=count, selection=selection, kind=_(site.desk.kind(kind).title)))
    say(f"SHA-256 {taken.sealed_sha256}")


@group.command("draft-mapping")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--system", required=True, help="The system that wrote the log, for example tax.")
@refusals_spoken
def draft_mapping(file: Path, system: str) -> None:
    """Print a mapping to begin with for FILE, whose layout is not known; complete it in the site's folder mappings."""
    click.echo(guide.draft(file, system), nl=False)


@group.command("list")
@json_option
@pass_context
@refusals_spoken
def list_imports(context: Context, *, as_json: bool) -> None:
    """List what was imported."""
    found = ledger.sources(context.site.store)
    if as_json:
        say_json(found)
        return
    say_table(
        [N_("Imported"), N_("System"), N_("File"), N_("Read"), N_("New"), N_("Known"), N_("Quarantined")],
        [
            [
                str(each["imported_at"])[:16],
                each["system"],
                each["name"],
                each["read"],
                each["imported"],
                each["duplicate"],
                each["quarantined"],
            ]
            for each in found
        ],
    )


@group.command("verify")
@json_option
@pass_context
@refusals_spoken
def verify(context: Context, *, as_json: bool) -> None:
    """Hash every segment again and compare with the manifest and the trail; exit 1 when anything differs."""
    site = context.site
    found = verification.verify(site.store, site.home.path, archive.recorded_segments(site.store))
    if as_json:
        say_json(
            {
                "ok": found.ok,
                "segments": found.segments,
                "events": found.events,
                "faults": [{"segment": each.segment, "fault": each.fault} for each in found.faults],
            }
        )
    else:
        for each in found.faults:
            say(f"{each.segment}: {_(each.fault)}")
        verdict = _("nothing was changed.") if found.ok else _("THE ARCHIVE WAS CHANGED.")
        words = N_("{segments} segments with {events} events: {verdict}")
        say(filled(words, {"segments": found.segments, "events": f"{found.events:,}", "verdict": verdict}))
    if not found.ok:
        sys.exit(REFUSED)
