"""``sekisho accounts prepare-host``: what a Linux host must have before the console may govern its accounts."""

from hashlib import sha256
from pathlib import Path
from typing import Final

import click

from accesscontrol.accounts.connectors.linux import host_program
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from console import accounts
from console.commands.context import Context, pass_context
from console.commands.output import refusals_spoken, say
from console.system_settings import LinuxSystem, inside
from console.translation import _
from console.wiring import Installation

PLACE: Final = "/usr/local/sbin/sekisho-accounts"
_LIST: Final = "/etc/ssh/sekisho-revoked-keys"
_LIST_SETTING: Final = f"ssh-keygen -k -f {_LIST}; RevokedKeys {_LIST}"


@click.command("prepare-host")
@click.argument("system")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder below which the host's program is written, to carry.",
)
@pass_context
@refusals_spoken
def prepare_host(context: Context, system: str, output: Path) -> None:
    """Write the one program that SYSTEM, a Linux host, runs for the console, and say how to install it."""
    host = _linux(context.site, system)
    key = _public_key(context.site, host)
    program = host_program()
    file = output / PLACE.lstrip("/")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("xb") as opened:
            opened.write(program)
    except OSError as error:
        raise Refusal(N_("{file} can't be written: {reason}."), file=str(file), reason=error.strerror) from None
    say(f"{PLACE}  0755  root  sha256 {sha256(program).hexdigest()}")
    say(_("The console's key, in the file authorized_keys of {account} there:").format(account=host.account))
    command = PLACE if host.account == "root" else f"sudo -n {PLACE}"
    say(f'    command="{command}",restrict {key}')
    say(_("Once, if the keys of lapsed IDs are to be revoked there, and named to sshd:"))
    say(f"    {_LIST_SETTING}")


def _linux(site: Installation, name: str) -> LinuxSystem:
    accounts.require_system(site, name)
    found = accounts.systems(site)[name]
    if not isinstance(found, LinuxSystem):
        raise Refusal(N_("{system} is no Linux host in the settings."), system=name)
    return found


def _public_key(site: Installation, host: LinuxSystem) -> str:
    path = inside(site.home.path, host.key_file)
    public = path.with_name(f"{path.name}.pub")
    try:
        return public.read_text("utf-8").strip()
    except OSError as error:
        raise Refusal(N_("{file} can't be read: {reason}."), file=str(public), reason=error.strerror) from None
