"""``sekisho trail``: read the book, seal it, and prove that it is as it was written."""

import base64
import sys
from pathlib import Path

import click

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.trail import entries, notes, verification
from accesscontrol.trail.tree import inclusion_proof, verify_inclusion
from accesscontrol.trail.witness import DirectoryWitness, WitnessError
from console.commands.context import Context, pass_context
from console.commands.output import REFUSED, json_option, minute, refusals_spoken, say, say_json, say_table
from console.trail_words import outcome_of, title_of
from console.translation import _, filled, trouble_of


@click.group("trail")
def group() -> None:
    """Read and prove the trail."""


@group.command("list")
@click.option("--before", type=click.IntRange(min=1), help="Only entries with a smaller number.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@click.option("--contains", default="", help="Only entries whose text contains this.")
@json_option
@pass_context
@refusals_spoken
def list_entries(context: Context, before: int | None, limit: int, contains: str, *, as_json: bool) -> None:
    """List entries, newest first."""
    found = entries.page(context.site.store, before=before, limit=limit, contains=contains)
    if as_json:
        say_json(
            [
                {
                    "entry": each.number,
                    "at": each.at,
                    "act": each.act,
                    "actor": each.actor,
                    "subject": each.subject,
                    "outcome": each.outcome,
                    "terminal": each.terminal,
                    "details": each.details,
                }
                for each in found
            ]
        )
        return
    zone = context.site.zone
    say_table(
        [N_("Entry"), N_("When"), N_("Who"), N_("Act"), N_("About"), N_("Outcome")],
        [
            [
                each.number,
                minute(each.at, zone),
                each.actor,
                _(title_of(each.act)),
                each.subject,
                _(outcome_of(each.outcome)),
            ]
            for each in found
        ],
    )


@group.command("verify")
@json_option
@pass_context
@refusals_spoken
def verify(context: Context, *, as_json: bool) -> None:
    """Check every entry and checkpoint; exit 1 when anything was changed."""
    site = context.site
    found = verification.verify(site.store, log=site.log_verifier, witness=site.witness)
    if as_json:
        say_json(
            {
                "ok": found.ok,
                "entries": found.entries,
                "root": found.root.hex(),
                "checkpoints": found.checkpoints,
                "faults": [{"entry": each.entry, "fault": each.fault} for each in found.faults],
            }
        )
    else:
        for each in found.faults:
            say(_("Entry {entry}: {fault}").format(entry=each.entry, fault=_(each.fault)))
        summary = N_("{entries} entries and {checkpoints} checkpoints: {verdict}")
        verdict = _("nothing was changed.") if found.ok else _("THE TRAIL WAS TAMPERED WITH.")
        say(filled(summary, {"entries": found.entries, "checkpoints": found.checkpoints, "verdict": verdict}))
        if site.witness is None:
            say(_("No second place is set up ([trail] witness): a trail put back as a whole would not be found."))
    if not found.ok:
        sys.exit(REFUSED)


@group.command("checkpoint")
@json_option
@pass_context
@refusals_spoken
def checkpoint(context: Context, *, as_json: bool) -> None:
    """Seal all entries so far, here and at the second place."""
    sealed = context.site.sealer.seal()
    if sealed is None:
        raise Refusal(N_("The trail is empty; there is nothing to seal."))
    if as_json:
        say_json(
            {
                "size": sealed.checkpoint.size,
                "root": sealed.checkpoint.root.hex(),
                "witnessed": sealed.witnessed,
                "trouble": sealed.trouble,
                "note": sealed.note,
            }
        )
    else:
        click.echo(sealed.note, nl=False)
        if sealed.trouble:
            say(_("The second place did not confirm: {reason}").format(reason=trouble_of(sealed)))
    if sealed.trouble:
        sys.exit(REFUSED)


@group.command("prove")
@click.argument("entry", type=click.IntRange(min=1))
@pass_context
@refusals_spoken
def prove(context: Context, entry: int) -> None:
    """Give the proof that ENTRY stands in the sealed trail, for anyone who holds a checkpoint (JSON)."""
    store = context.site.store
    sealed = store.row("SELECT size, note FROM trail_checkpoint WHERE size >= ? ORDER BY size LIMIT 1", (entry,))
    row = store.row("SELECT body FROM trail_entry WHERE seq = ?", (entry,))
    if row is None or sealed is None:
        raise Refusal(
            N_("Entry {entry} doesn't exist or isn't sealed yet; `sekisho trail checkpoint` seals."), entry=entry
        )
    leaves = [
        each["leaf"]
        for each in store.rows("SELECT leaf FROM trail_entry WHERE seq <= ? ORDER BY seq", (sealed["size"],))
    ]
    proof = inclusion_proof(leaves, entry - 1)
    root = notes.parse(sealed["note"]).root
    if not verify_inclusion(leaves[entry - 1], entry - 1, sealed["size"], proof, root):
        raise Refusal(N_("The trail no longer fits its checkpoint. Run `sekisho trail verify`."))
    say_json(
        {
            "entry": entry,
            "body": row["body"].decode(),
            "leaf": leaves[entry - 1].hex(),
            "size": sealed["size"],
            "proof": [base64.b64encode(step).decode() for step in proof],
            "checkpoint": sealed["note"],
        }
    )


@group.command("witness")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--name", default="", help="The witness's key name; the folder's name if not given.")
@pass_context
@refusals_spoken
def make_witness(context: Context, directory: Path, name: str) -> None:
    """Prepare DIRECTORY, best on another medium or host, as the trail's second place."""
    site = context.site
    try:
        DirectoryWitness.create(directory, name or f"{site.origin}/witness", site.log_verifier.key, site.clock)
    except (WitnessError, ValueError, OSError) as error:
        raise Refusal(
            N_("{directory} can't be a witness: {reason}."), directory=str(directory), reason=str(error)
        ) from None
    named = directory.absolute()
    if named.is_relative_to(home := site.home.path.absolute()):
        named = named.relative_to(home)  # so that a copy of this home has a second place of its own
    say(_('Ready. Set in site.toml, section [trail]: witness = "directory:{directory}"').format(directory=named))
