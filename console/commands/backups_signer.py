"""``sekisho backups signer``: the public key by which anybody checks this site's manifests and labels."""

import click

from backups.manifest import NAMESPACE
from backups.media import labels
from backups.sealing.sshsig import allowed_signer
from console.commands.context import Context, pass_context
from console.commands.output import refusals_spoken, say


@click.command("signer")
@pass_context
@refusals_spoken
def signer(context: Context) -> None:
    """Show the lines by which ssh-keygen checks manifests and labels of this site; keep them on paper elsewhere."""
    key = context.site.signer
    for namespace in (NAMESPACE, labels.NAMESPACE):
        say(allowed_signer(key.name, key.public_key, namespace).rstrip())
