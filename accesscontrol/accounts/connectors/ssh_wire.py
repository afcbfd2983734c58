"""One question to a managed host over SSH: a JSON object goes to the forced command there, one comes back.

The host's key is pinned, the console's key may run that one command only, and nothing is put on a command line.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from accesscontrol.accounts.connectors.protocol import Unreadable
from accesscontrol.messages import N_

_SECONDS: Final = 15.0
_ANSWER_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SshHost:
    """Where a managed host is, and by which keys it and the console know each other.

    ``host_key`` is the public key of the host as in known_hosts (``ssh-ed25519 AAAA...``); ``key_file`` is the
    console's private key without a passphrase, readable for the console alone. ``command`` is asked for in words of
    its own where the key forces none, such as ``sudo -n /usr/local/sbin/sekisho-accounts``.
    """

    system: str
    host: str
    account: str
    key_file: Path
    host_key: str
    port: int = 22
    command: str = "sekisho-accounts"


Ask: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]
"""Puts one question to a host and returns its answer."""


def ask(host: SshHost, question: dict[str, Any]) -> dict[str, Any]:
    """Return the host's answer; raises ``Unreadable`` when it can't be reached, or doesn't speak as agreed."""
    import paramiko

    try:
        said, complaint = _asked(host, json.dumps(question).encode())
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise Unreadable(
            N_("The host {system} can't be reached: {reason}."),
            system=host.system,
            reason=str(error) or type(error).__name__,
        ) from None
    try:
        answer: dict[str, Any] = json.loads(said)
        answer.get("refused")
    except (ValueError, AttributeError):
        raise Unreadable(
            N_("The host {system} did not answer as agreed: {reason}."),
            system=host.system,
            reason=" ".join(complaint.decode("utf-8", "replace").split())[:300],
        ) from None
    if "refused" in answer:
        raise Unreadable(
            N_("The host {system} did not answer as agreed: {reason}."), system=host.system, reason=answer["refused"]
        )
    return answer


def _asked(host: SshHost, question: bytes) -> tuple[bytes, bytes]:
    """Return what the forced command wrote to its two outputs."""
    import paramiko

    client = paramiko.SSHClient()
    kind, _, key = host.host_key.partition(" ")
    name = host.host if host.port == 22 else f"[{host.host}]:{host.port}"  # noqa: PLR2004 - the port of SSH
    pinned = paramiko.hostkeys.HostKeyEntry.from_line(f"{name} {kind} {key.split()[0] if key else ''}")
    if pinned is None or pinned.key is None:
        raise paramiko.SSHException("the pinned host key can't be read")
    client.get_host_keys().add(name, kind, pinned.key)
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    try:
        client.connect(
            host.host,
            port=host.port,
            username=host.account,
            key_filename=str(host.key_file),
            allow_agent=False,
            look_for_keys=False,
            timeout=_SECONDS,
            banner_timeout=_SECONDS,
            auth_timeout=_SECONDS,
        )
        stdin, stdout, stderr = client.exec_command(host.command, timeout=_ANSWER_SECONDS)
        stdin.write(question)
        stdin.channel.shutdown_write()
        return stdout.read(), stderr.read()
    finally:
        client.close()
