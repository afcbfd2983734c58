"""``sekisho custody``: the escrow key in shares on paper, M of N of which open it; who holds them; its end."""

import sys
from pathlib import Path

import click

from accesscontrol.messages import N_
from accesscontrol.people import operators
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from backups import custody
from backups.custody import Custody
from backups.sealing import shamir
from backups.sealing.keys import Identity, Recipient, read_identity_file, write_identity_file
from backups.sealing.shamir import Share
from console.commands.context import Context, PersonOption, pass_context, person_option
from console.commands.output import json_option, minute, refusals_spoken, say, say_json, say_table
from console.locker import require_key_officer
from console.translation import _
from console.wiring import Installation


@click.group("custody")
def group() -> None:
    """Keep the escrow key in shares: nobody opens a backup alone."""


@group.command("list")
@json_option
@pass_context
@refusals_spoken
def list_custodies(context: Context, *, as_json: bool) -> None:
    """List the sets of shares, when each key was put together, and which keys are destroyed."""
    site = context.site
    gone = custody.destroyed(site.store)
    found = custody.every(site.store)
    if as_json:
        say_json([_whole(site, each) for each in found])
        return
    rows = [
        [
            *(each.number, each.recipient, f"{each.threshold}/{len(each.holders)}", ", ".join(each.holders)),
            *(minute(each.at, site.zone), len(custody.openings(site.store, each.number))),
            _("destroyed") if each.recipient in gone else _("in force"),
        ]
        for each in found
    ]
    titles = [N_("No."), N_("Public key"), N_("M of N"), N_("Holders"), N_("Since"), N_("Openings"), N_("State")]
    say_table(titles, rows)


def _whole(site: Installation, found: Custody) -> dict[str, object]:
    openings = [each.to_json() for each in custody.openings(site.store, found.number)]
    return {
        **found.to_json(),
        "openings": openings,
        "destroyed": found.recipient in custody.destroyed(site.store),
    }


@group.command("split")
@click.option("--identity", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The key to share.")
@click.option("--threshold", type=click.IntRange(min=2), required=True, help="How many shares open it.")
@click.option("--holder", "holders", multiple=True, required=True, help="Staff number of one holder; give it N times.")
@person_option
@pass_context
@refusals_spoken
def split(context: Context, identity: Path, threshold: int, holders: tuple[str, ...], person: PersonOption) -> None:
    """Share a key between holders: each share is shown once, alone, to be written on paper by its holder.

    Needs a terminal. Afterwards remove the identity file and every copy of it: only the shares remain.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refusal(N_("Shares are shown on a terminal only, one after the other, and are never piped."))
    site = context.site
    with person.signed_in(site) as acting:
        require_key_officer(site, acting)
        secret = _identity(identity)
        shares = shamir.split(secret, threshold, len(holders))
        for holder, share in zip(holders, shares, strict=True):
            _hand_over(site, holder, share)
        number = _entrust(site, acting, secret.recipient, threshold, holders).number
    say(
        _("Custody No. {number} is entered. Remove {file} now, and every copy of it.").format(
            number=number, file=identity
        )
    )


def _hand_over(site: Installation, holder: str, share: Share) -> None:
    """Show one share to its holder alone, and wipe the screen after it was written down and read back."""
    known = operators.logins_of(site.store, holder)
    click.prompt(
        _("{name}, sit down alone. Enter shows your share").format(name=known[0].name if known else holder),
        default="",
        show_default=False,
    )
    text = share.export()
    click.echo(text)
    while Share.parse(click.prompt(_("Type it in from your paper"), hide_input=True)) != share:
        say(_("That is another share."))
    click.clear()


@group.command("entrust")
@click.option("--recipient", required=True, help="The public key (age1…).")
@click.option("--threshold", type=click.IntRange(min=2), required=True)
@click.option("--holder", "holders", multiple=True, required=True, help="Staff number; give it N times.")
@person_option
@json_option
@pass_context
@refusals_spoken
def entrust(
    context: Context,
    recipient: str,
    threshold: int,
    holders: tuple[str, ...],
    person: PersonOption,
    *,
    as_json: bool,
) -> None:
    """Enter that holders took shares that were made elsewhere."""
    site = context.site
    with person.signed_in(site) as acting:
        require_key_officer(site, acting)
        entered = _entrust(site, acting, Recipient.parse(recipient), threshold, holders)
    if as_json:
        say_json(_whole(site, entered))
    else:
        say(_("Custody No. {number} is entered.").format(number=entered.number))


def _entrust(
    site: Installation, acting: Acting, recipient: Recipient, threshold: int, holders: tuple[str, ...]
) -> Custody:
    return custody.entrust(
        site.store, recipient, threshold, holders, actor=acting.staff_number, terminal=acting.terminal
    )


@group.command("open")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--participant", "participants", multiple=True, required=True, help="Staff number of a holder present.")
@click.option("--purpose", required=True)
@click.option("--to", "file", type=click.Path(path_type=Path, dir_okay=False), help="New file for the key, if wanted.")
@person_option
@json_option
@pass_context
@refusals_spoken
def open_key(
    context: Context,
    number: int,
    participants: tuple[str, ...],
    purpose: str,
    file: Path | None,
    person: PersonOption,
    *,
    as_json: bool,
) -> None:
    """Enter that holders put their key together; with --to, put it together here from the shares they type in."""
    site = context.site
    with person.signed_in(site) as acting:
        require_key_officer(site, acting)
        known = custody.find(site.store, number)
        key = _combined(known, participants) if file else None
        opening = custody.open_with(
            site.store, number, participants, purpose=purpose, actor=acting.staff_number, terminal=acting.terminal
        )
        if file and key:
            write_identity_file(file, key)
    if as_json:
        say_json({**_whole(site, known), "opening": opening, "file": str(file) if file else None})
        return
    say(_("Opening No. {number} is entered.").format(number=opening))
    if file:
        say(_("The key is in {file}. Remove it as soon as it is no longer needed.").format(file=file))


def _combined(known: Custody, participants: tuple[str, ...]) -> Identity:
    shares = [
        Share.parse(click.prompt(_("Share of {name}").format(name=holder), hide_input=True, err=True))
        for holder in participants
    ]
    key = shamir.combine(shares)
    if str(key.recipient) != known.recipient:
        raise Refusal(N_("These shares are of another key."), control="BK-BAK-04")
    return key


@group.command("destroy")
@click.option("--recipient", required=True, help="The public key (age1…) whose identity is gone.")
@click.option("--performer", required=True)
@click.option("--witness", required=True)
@click.option("--statement", required=True, help="How every share and copy was destroyed.")
@person_option
@json_option
@pass_context
@refusals_spoken
def destroy(context: Context, /, recipient: str, person: PersonOption, *, as_json: bool, **said: str) -> None:
    """Enter the statement of two persons that no copy of a key remains: what it alone opened is erased by that."""
    site = context.site
    with person.signed_in(site) as acting:
        require_key_officer(site, acting)
        erased = custody.destroy(
            site.store, Recipient.parse(recipient), actor=acting.staff_number, terminal=acting.terminal, **said
        )
    if as_json:
        say_json({"recipient": recipient, "erased": erased})
        return
    say(_("The key is entered as destroyed. By that nobody can open: {names}").format(names=", ".join(erased) or "-"))


def _identity(path: Path) -> Identity:
    try:
        (identity, *more) = read_identity_file(path)
    except OSError as error:
        raise Refusal(N_("{path} cannot be read: {reason}"), path=path, reason=error.strerror or "?") from None
    if more:
        raise Refusal(N_("{path} holds several keys; share one at a time."), path=path)
    return identity
