"""``sekisho sessions``: controlled sessions on managed hosts, what a host must trust for them, and their early end."""

from base64 import b64encode
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import click

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.sessions import hosts, ledger, revocation, trust, watching
from accesscontrol.sessions.ledger import STATE_TITLES, State
from console.commands.context import Context, PersonOption, pass_context, person_option
from console.commands.output import json_option, minute, refusals_spoken, say, say_json, say_table
from console.commands.sessions_replay import export, replay, verify
from console.translation import _


@click.group("sessions")
def group() -> None:
    """Sessions on managed hosts: what runs, what ran, and its early end."""


for _each in (replay, export, verify):
    group.add_command(_each)


@group.command("list")
@click.option("--running", is_flag=True, help="Only those that run.")
@click.option("--request", default="", help="Only those of this request.")
@json_option
@pass_context
@refusals_spoken
def list_sessions(context: Context, request: str, *, running: bool, as_json: bool) -> None:
    """List the sessions, newest first."""
    site = context.site
    found = ledger.listed(site.store, request=request, running=running)
    if as_json:
        say_json([asdict(each) for each in found])
        return
    say_table(
        [N_("Session"), N_("Request"), N_("What"), N_("Host"), N_("By"), N_("Opened"), N_("Ended"), N_("State")],
        [
            [
                *(each.id, each.request, _(each.title), each.host, each.executor, minute(each.opened_at, site.zone)),
                minute(each.ended_at, site.zone) if each.ended_at else "-",
                _(STATE_TITLES[each.state]),
            ]
            for each in found
        ],
    )


@group.command("stop")
@click.argument("session")
@click.option("--reason", required=True, help="Why; kept with the entry.")
@person_option
@pass_context
@refusals_spoken
def stop(context: Context, session: str, reason: str, person: PersonOption) -> None:
    """Stop SESSION at once and revoke its certificate; whoever may watch it may stop it."""
    site = context.site
    with person.signed_in(site) as actor:
        if ledger.get(site.store, session).state is not State.RUNNING:
            raise Refusal(N_("{id} does not run any more."), id=session)
        watching.ask_stop(site.store, session, actor, reason=reason)
        revocation.revoke(site.store, session, actor, reason=reason)
    say(_("{id} ends now. Its certificate is on the list of revoked ones.").format(id=session))


@group.command("hosts")
@json_option
@pass_context
@refusals_spoken
def list_hosts(context: Context, *, as_json: bool) -> None:
    """List the managed hosts with the fingerprints of their pinned keys."""
    found = hosts.listed(context.site.store)
    if as_json:
        say_json([{**asdict(each), "fingerprint": each.fingerprint} for each in found])
        return
    say_table(
        [N_("Host"), N_("Address"), N_("Fingerprint of the host key"), N_("Seen from (network)"), N_("Tunnel to")],
        [[each.name, each.target, each.fingerprint, each.seen_from, each.service or "-"] for each in found],
    )


@group.command("trust")
@click.argument("host")
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), help="Write the files below this folder, to carry."
)
@json_option
@pass_context
@refusals_spoken
def show_trust(context: Context, host: str, output: Path | None, *, as_json: bool) -> None:
    """Print what HOST must have before it takes sessions: for its sshd, the task gate, the revoked certificates."""
    site = context.site
    found = trust.target_files(site.store, site.authority, hosts.find(site.store, host))
    if output is not None:
        for each in found:
            _write(output / each.path.lstrip("/"), each)
    if as_json:
        say_json([_as_json(each) for each in found])
        return
    for each in found:
        say(f"{each.path}  {each.mode:04o}  {each.owner}  sha256 {sha256(each.content).hexdigest()}")
        if _is_short_text(each.content):
            say("".join(f"    {line}\n" for line in each.content.decode().splitlines()))
    say(_("Then check with `sshd -t` and reload sshd. The account has no password and a plain shell (/bin/sh)."))
    if output is None:
        say(_("Task gate and list of revoked certificates are too long or not text: write them with --output FOLDER."))


def _as_json(file: trust.TargetFile) -> dict[str, str]:
    return {
        "path": file.path,
        "owner": file.owner,
        "mode": f"{file.mode:04o}",
        "base64": b64encode(file.content).decode(),
    }


_SHORT = 2_000


def _is_short_text(content: bytes) -> bool:
    return len(content) < _SHORT and b"\0" not in content


def _write(path: Path, file: trust.TargetFile) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        path.chmod(file.mode)
    except OSError as error:
        raise Refusal(
            N_("{path} can't be written: {reason}."), path=str(path), reason=error.strerror or str(error)
        ) from None
