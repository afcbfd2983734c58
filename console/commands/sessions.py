"""``sekisho sessions``: controlled sessions on managed hosts, what a host must trust for them, and their early end."""

import sys
from base64 import b64encode
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import click

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.sessions import delivery, hosts, ledger, trust
from accesscontrol.sessions.ledger import STATE_TITLES, State
from console import early_end, host_findings
from console.commands.context import Context, PersonOption, pass_context, person_option, reason_option
from console.commands.output import REFUSED, json_option, minute, refusals_spoken, say, say_aside, say_json, say_table
from console.commands.sessions_replay import export, replay, verify
from console.commands.sessions_watch import watch
from console.translation import _

_LIMIT = 500


@click.group("sessions")
def group() -> None:
    """Sessions on managed hosts: what runs, what ran, and its early end."""


for _each in (replay, watch, export, verify):
    group.add_command(_each)


@group.command("list")
@click.option("--running", is_flag=True, help="Only those that run.")
@click.option("--request", default="", help="Only those of this request.")
@click.option("--limit", type=click.IntRange(min=1), default=_LIMIT, show_default=True, help="The newest so many.")
@json_option
@pass_context
@refusals_spoken
def list_sessions(context: Context, request: str, limit: int, *, running: bool, as_json: bool) -> None:
    """List the sessions, newest first."""
    site = context.site
    found = ledger.listed(site.store, request=request, running=running, limit=limit + 1)
    if len(found) > limit:
        found.pop()
        say_aside(_("There are older ones; --limit shows more."))
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
@reason_option
@person_option
@json_option
@pass_context
@refusals_spoken
def stop(context: Context, session: str, reason: str, person: PersonOption, *, as_json: bool) -> None:
    """Stop SESSION at once and have its host refuse its certificate; whoever may watch it may stop it."""
    site = context.site
    with person.signed_in(site) as actor:
        row = ledger.get(site.store, session)
        if row.state is not State.RUNNING:
            raise Refusal(N_("{id} does not run any more."), id=session)
        end = early_end.stop(site, row, actor, reason=reason)
    if as_json:
        say_json({"session": session, "stopped": True, "refused_there": end.refused_there, "trouble": end.trouble})
        return
    say(end.words)


@group.command("revocations")
@click.option("--deliver", is_flag=True, help="Bring the lists to the hosts that lack them; the scheduler does so too.")
@json_option
@pass_context
@refusals_spoken
def revocations(context: Context, *, deliver: bool, as_json: bool) -> None:
    """List which hosts refuse the revoked certificates; exit 1 when one does not, as far as is known."""
    site = context.site
    done = host_findings.withdraw(site) if deliver else None
    stale = {each.name for each in delivery.stale(site.store, site.authority)}
    found = [
        {
            "host": each.name,
            "revoked": delivery.revoked_count(site.store, each),
            "refused_there": each.name not in stale,
        }
        for each in hosts.listed(site.store)
    ]
    if as_json:
        say_json({"hosts": found, **(done or {})})
    else:
        say_table(
            [N_("Host"), N_("Revoked"), N_("Refused there")],
            [[each["host"], each["revoked"], _("yes") if each["refused_there"] else _("no")] for each in found],
        )
        for name, trouble in (done or {}).get("failed", {}).items():
            say(f"{name}: {trouble}")
    if stale:
        sys.exit(REFUSED)


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
        [
            *(N_("Host"), N_("Address"), N_("Fingerprint of the host key"), N_("Seen from (network)"), N_("Tunnel to")),
            N_("Keeper of the revocations"),
        ],
        [
            [each.name, each.target, each.fingerprint, each.seen_from, each.service or "-", each.keeper]
            for each in found
        ],
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
    accounts = hosts.find(site.store, host)
    words = _("The folder {folder} belongs to {keeper} as well (mode 0755): the task gate replaces the list in it.")
    say(words.format(folder=str(Path(trust.REVOKED).parent), keeper=accounts.keeper))
    words = _(
        "{account} runs the sessions, {keeper} keeps the list that ends them: two accounts of their own, neither in a"
        " group of the other, without a password and with a plain shell (/bin/sh)."
    )
    say(words.format(account=accounts.account, keeper=accounts.keeper))
    say(_("Then check with `sshd -t` and reload sshd."))
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
