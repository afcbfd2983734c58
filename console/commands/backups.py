"""``sekisho backups``: take, verify and restore backups, ask that one may leave, and read the ledger."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from accesscontrol.messages import N_
from accesscontrol.people.operators import SYSTEM
from accesscontrol.refusals import Refusal
from accesscontrol.requests import submission
from accesscontrol.requests.desk import Acting
from accesscontrol.trail import entries
from backups import exports, ledger, restoring, verification
from backups.ledger import ENDINGS, Output
from backups.records import Backup
from backups.restoring import Opening, Restoration
from backups.sealing.keys import read_identity_file
from backups.sources import Fault
from backups.verification import read_manifest
from console.commands.backups_generations import erase, kept
from console.commands.backups_signer import signer
from console.commands.context import Context, PersonOption, pass_context, person_option
from console.commands.output import REFUSED, json_option, minute, refusals_spoken, say, say_json, say_table
from console.commands.requests import as_json_value, show_waiting
from console.dates import parse_date
from console.proof import opening
from console.screens.backups.facts import every_output, facts_of, outputs_by_content
from console.screens.backups.words import brief_age, fault_words, health_words, size_words, state_words
from console.translation import _
from console.wiring import Installation

_VIEWS = ("all", "out", "overdue", "ended")
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("backups")
def group() -> None:
    """Take, prove and restore backups; take them out only by approval."""


group.add_command(kept)
group.add_command(erase)
group.add_command(signer)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, where; the scheduler of this host is ``system`` at no terminal."""

    staff_number: str = SYSTEM
    terminal: str = ""


def _perhaps_a_person(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--as`` and ``--credentials-fd``; without them the host's scheduler acts."""

    @click.option(
        "--as", "login", metavar="LOGIN", help="The login of the person who acts; the scheduler if not given."
    )
    @click.option(
        "--credentials-fd",
        type=int,
        metavar="N",
        help='Read {"password": …, "code": …} as JSON from file descriptor N instead of asking.',
    )
    @wraps(function)
    def command(*args: Any, login: str | None, credentials_fd: int | None, **kwargs: Any) -> Any:
        return function(*args, person=PersonOption(login, credentials_fd) if login else None, **kwargs)

    return command


@contextmanager
def _actor(site: Installation, person: PersonOption | None) -> Iterator[Actor]:
    if person is None:
        yield Actor()
        return
    with person.signed_in(site) as acting:
        yield Actor(acting.staff_number, acting.terminal)


@group.command("take")
@click.argument("source")
@click.option("--entry-record", default="", help="The person's number in the server room's entry book.")
@person_option
@json_option
@pass_context
@refusals_spoken
def take(context: Context, source: str, entry_record: str, person: PersonOption, *, as_json: bool) -> None:
    """Take, seal, read back and list a backup of SOURCE: registry, sekisho, or a database that the settings name."""
    site = context.site
    with person.signed_in(site) as actor:
        order = site.order(source, actor=actor.staff_number, terminal=actor.terminal)
        taken = site.catalogue.take(replace(order, entry_record=entry_record))
    if as_json:
        say_json(_identified(taken))
        return
    say(_("{id} is taken and read back: {size}").format(id=taken.id, size=size_words(taken.sealed_size)))
    say(f"SHA-256 {taken.sealed_sha256}  {taken.sealed}")


@group.command("list")
@click.option("--source", default="", help="Only backups of this source.")
@click.option("--before", type=click.IntRange(min=1), help="Only backups with a smaller number.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@json_option
@pass_context
@refusals_spoken
def list_backups(context: Context, source: str, before: int | None, limit: int, *, as_json: bool) -> None:
    """List backups, newest first."""
    site = context.site
    found = _listed(site, source, before, limit)
    if as_json:
        say_json([_identified(each) for each in found])
        return
    now = site.clock.now()

    def row(backup: Backup) -> Sequence[object]:
        at = backup.taken_at or backup.planned_at
        checked = [brief_age(now - each) if each else "-" for each in (backup.verified_at, backup.restored_at)]
        return [
            *(backup.id, backup.source, minute(at, site.zone), brief_age(now - at), size_words(backup.sealed_size)),
            *(health_words(backup.health)[0], *checked),
        ]

    titles = [N_("No."), N_("Data"), N_("Taken"), N_("Age"), N_("Size"), N_("Health"), N_("Checked"), N_("Restored")]
    say_table(titles, [row(each) for each in found])


def _identified(backup: Backup) -> dict[str, Any]:
    """Return a backup with what it is a backup of, and by whose signed manifest it is known, for ``--json``."""
    known, _faults = read_manifest(backup) if backup.manifest_sha256 else (None, ())
    source = known.head.identity if known else None
    identity = {"source": source, "manifest_sha256": backup.manifest_sha256, "signer": backup.signer}
    return {**backup.to_json(), "identity": identity}


def _listed(site: Installation, source: str, before: int | None, limit: int) -> list[Backup]:
    found: list[Backup] = []
    while len(found) < limit and (page := site.catalogue.page(before=before, limit=limit)):
        found += [each for each in page if source in ("", each.source)]
        before = page[-1].number
    return found[:limit]


@group.command("show")
@click.argument("backup_id", metavar="ID")
@json_option
@pass_context
@refusals_spoken
def show(context: Context, backup_id: str, *, as_json: bool) -> None:
    """Show all that is known of one backup: hashes, manifest, checks, and what left of it."""
    site = context.site
    backup = site.catalogue.get(backup_id)
    outputs = outputs_by_content(site).get(backup.id, ())
    if as_json:
        say_json(_whole(site, backup, outputs))
        return
    for each in facts_of(site, backup, outputs, str):
        say(each.title)
        for line in each.lines:
            say(f"  {line.label}: {line.value}" if line.label else f"    {line.value}")
        for sentence in each.sentences:
            say(f"  {sentence}")


def _whole(site: Installation, backup: Backup, outputs: Sequence[Output]) -> dict[str, Any]:
    known, faults = read_manifest(backup) if backup.sealed_sha256 else (None, [])
    value: dict[str, Any] = backup.to_json()
    value["manifest"] = known and {
        "tools": known.head.tools,
        "identity": known.head.identity,
        "recipients": known.recipients,
        "parts": [{"name": part.name, "count": part.count, "sha256": part.sha256} for part in known.parts],
        "checkpoint": known.checkpoint,
    }
    value["manifest_faults"] = [str(fault) for fault in faults]
    value["history"] = [
        {"entry": each.number, "at": each.at, "act": each.act, "actor": each.actor, "outcome": each.outcome}
        for each in entries.about(site.store, backup.id)
    ]
    value["outputs"] = [each.to_json() for each in outputs]
    return value


@group.command("verify")
@click.argument("backup_id", metavar="ID")
@_perhaps_a_person
@json_option
@pass_context
@refusals_spoken
def verify(context: Context, backup_id: str, person: PersonOption | None, *, as_json: bool) -> None:
    """Hash one backup again from the disk, and check its manifest and signature; exit 1 when anything differs."""
    site = context.site
    with _actor(site, person) as actor:
        found = verification.verify(site.catalogue, backup_id, actor=actor.staff_number, terminal=actor.terminal)
    if as_json:
        say_json({**found.to_json(), "identity": _identified(site.catalogue.get(found.backup))["identity"]})
    else:
        verdict = _("unchanged") if found.good else _("DAMAGED")
        say(f"{found.backup}  {verdict}  SHA-256 {found.sha256 or '-'}")
    _end(found.faults, spoken=not as_json)


def _end(faults: Sequence[Fault], *, spoken: bool) -> None:
    """Name every fault, and exit 1 when there is one."""
    if spoken:
        for words in fault_words(faults):
            say(f"  {words}")
    if faults:
        sys.exit(REFUSED)


def _opening(site: Installation, backup: str, identity: Path, actor: Acting) -> Opening:
    try:
        identities = read_identity_file(identity)
    except OSError as error:
        raise Refusal(N_("{path} cannot be read: {reason}"), path=identity, reason=error.strerror or "?") from None
    return opening(site, site.catalogue.get(backup), identities, actor)


def _say_restored(site: Installation, found: Restoration, *, as_json: bool) -> None:
    if as_json:
        say_json({**found.to_json(), "identity": _identified(site.catalogue.get(found.backup))["identity"]})
    else:
        verdict = _("restored and equal") if found.good else _("DIFFERENT from what was taken")
        say(f"{found.backup}  {verdict}  SHA-256 {found.plain_sha256 or '-'}")
        for part in found.parts:
            say(f"  {part.count:>12,}  {part.name}")
    _end(found.faults, spoken=not as_json)


@group.command("restore")
@click.argument("backup_id", metavar="ID")
@click.option("--identity", type=_FILE, required=True, help="The file with the secret key that opens it.")
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True, help="A new or empty folder.")
@person_option
@json_option
@pass_context
@refusals_spoken
def restore(
    context: Context, backup_id: str, identity: Path, folder: Path, person: PersonOption, *, as_json: bool
) -> None:
    """Open one backup into a new folder and compare it with its manifest; exit 1 when anything differs."""
    site = context.site
    with person.signed_in(site) as actor:
        found = restoring.restore(site.catalogue, backup_id, folder, _opening(site, backup_id, identity, actor))
    _say_restored(site, found, as_json=as_json)
    if not as_json:
        say(
            "  "
            + _("It stands in {folder}. It is not sealed: remove it when it is no longer needed.").format(folder=folder)
        )


@group.command("drill")
@click.argument("backup_id", metavar="ID")
@click.option("--identity", type=_FILE, required=True, help="The file with the secret key that opens it.")
@person_option
@json_option
@pass_context
@refusals_spoken
def drill(context: Context, backup_id: str, identity: Path, person: PersonOption, *, as_json: bool) -> None:
    """Restore one backup into the scratch place, compare it, and remove it again; exit 1 when anything differs."""
    site = context.site
    with person.signed_in(site) as actor:
        found = restoring.drill(site.catalogue, backup_id, _opening(site, backup_id, identity, actor))
    _say_restored(site, found, as_json=as_json)


@group.command("export")
@click.argument("backup_id", metavar="ID")
@click.option("--medium", default="", help="The medium's number, for example M-0031.")
@click.option("--folder", type=click.Path(path_type=Path), required=True, help="Where the medium is mounted.")
@click.option("--carrier", required=True, help="Who carries it.")
@click.option("--destination", required=True, help="Where it goes.")
@click.option("--purpose", required=True, help="What for.")
@click.option("--ending", type=click.Choice(["return", "destroy"]), required=True, help="What happens in the end.")
@click.option("--due", required=True, help="The last day for that, for example 2026-12-24 or R8.12.24.")
@click.option("--reason", required=True, help="Why; kept with the request.")
@person_option
@json_option
@pass_context
@refusals_spoken
def export(
    context: Context,
    /,
    backup_id: str,
    folder: Path,
    due: str,
    reason: str,
    person: PersonOption,
    *,
    as_json: bool,
    **said: str,
) -> None:
    """Ask that one backup may leave: hands the request in; the security officer decides."""
    site = context.site
    backup = site.catalogue.get(backup_id)
    parameters = {
        **said,
        "backup": backup.id,
        "sealed_sha256": backup.sealed_sha256,
        "folder": str(folder.absolute()),
        "due": parse_date(due),
    }
    with person.signed_in(site) as acting:
        request = submission.submit(site.desk, exports.KIND, parameters, acting, reason=reason)
    if as_json:
        slots = [{"slot": slot.name, "roles": sorted(slot.roles)} for slot in request.rule.slots]
        say_json({**as_json_value(site, request), "approvals_needed": slots, "witness_needed": request.rule.witness})
        return
    show_waiting(site, request)


@group.command("ledger")
@click.option("--medium", default="", help="Only this medium.")
@click.option("--only", type=click.Choice(_VIEWS), default="all", show_default=True)
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@json_option
@pass_context
@refusals_spoken
def show_ledger(context: Context, medium: str, only: str, limit: int, *, as_json: bool) -> None:
    """List what left on media, newest first; a line is overdue when it is out after its last day."""
    site = context.site
    now = site.clock.now()
    broken = {each.number for each in ledger.broken_off(site.store)}
    found = [each for each in every_output(site, medium) if _belongs(site, each, only, now)][:limit]
    if as_json:
        say_json(
            [
                {**each.to_json(), "overdue": each.overdue(now, site.zone), "broken_off": each.number in broken}
                for each in found
            ]
        )
        return
    rows = []
    for each in found:
        words, _tone = state_words(each.state, overdue=each.overdue(now, site.zone), broken_off=each.number in broken)
        rows.append(
            [
                *(each.number, words, each.medium or "-", each.content, each.due.isoformat()),
                *(each.destination, each.carrier, each.request),
            ]
        )
    titles = [
        *(N_("No."), N_("State"), N_("Medium"), N_("Content"), N_("Due")),
        *(N_("Destination"), N_("Carrier"), N_("Request")),
    ]
    say_table(titles, rows)


def _belongs(site: Installation, output: Output, view: str, now: datetime) -> bool:
    if view == "overdue":
        return output.overdue(now, site.zone)
    if view == "out":
        return output.state == "out"
    return view == "all" or output.state in ENDINGS.values()


@group.command("end")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--state", type=click.Choice(sorted(ENDINGS.values())), required=True, help="What happened to it.")
@click.option("--note", required=True, help="How it was seen: by whom, where, with which certificate.")
@person_option
@json_option
@pass_context
@refusals_spoken
def end(context: Context, number: int, state: str, note: str, person: PersonOption, *, as_json: bool) -> None:
    """Enter that the output NUMBER came back, was destroyed or was handed over."""
    site = context.site
    with person.signed_in(site) as acting:
        output = ledger.end(
            site.store, number, state=state, actor=acting.staff_number, terminal=acting.terminal, note=note
        )
    if as_json:
        say_json(output.to_json())
        return
    words, _tone = state_words(output.state, overdue=False, broken_off=False)
    say(_("No. {number} is entered: {state}").format(number=number, state=words))
