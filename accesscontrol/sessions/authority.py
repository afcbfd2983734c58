"""The session authority: it makes the certificate that is an approved request's only credential (AC-AUT-03).

The target's own sshd reads from it who, from where, until when and which one program: the task gate with the approved
commands. The key it is made for lives in memory and dies with the session. A certificate limits the sign-in only; the
gate ends what goes on when the window is over.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    SSHCertificateBuilder,
    SSHCertificateType,
)

from accesscontrol.people.secret import Secret
from accesscontrol.sessions.hosts import Host
from accesscontrol.sessions.transport import Command

REVOCATIONS_ID: Final = "revocations"
_REVOCATIONS_SERIAL: Final = 0  # no list can revoke it (OpenSSH's KRL passes 0 over)
_REVOCATIONS_WINDOW: Final = timedelta(hours=1)  # before and after: the host's clock may be off


def principal(host: Host) -> str:
    """Return the name by which sessions sign in on ``host`` and nowhere else."""
    return f"sekisho@{host.name}"


def keeper_principal(host: Host) -> str:
    """Return the name by which a list of revoked certificates is brought to ``host``, to the account that keeps it."""
    return f"sekisho-lists@{host.name}"


def service_command(service: str) -> str:
    """Return the gate's word for a connection to ``service`` (``address:port``)."""
    return f"tunnel {service}"


def revocations_command(sha256: str) -> str:
    """Return the gate's word for taking the list of revoked certificates with this digest (hexadecimal)."""
    return f"revocations {sha256}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A key in memory with its certificate; ``mark`` is the word by which the gate's own lines are known."""

    private_key: Secret
    certificate: str
    mark: str


class Authority:
    """The site's session CA. ``key`` is in the site's home and signs nothing else."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @property
    def public_line(self) -> str:
        """The line that a target's TrustedUserCAKeys file holds."""
        line = self._key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
        return f"{line} sekisho-session-authority"

    def certify(
        self,
        host: Host,
        *,
        request: str,
        serial: int,
        commands: Sequence[Command],
        tunnel: bool,
        not_before: datetime,
        until: datetime,
        mark: str,
    ) -> Credential:
        """Return a new key with a certificate for exactly this request on ``host``.

        Its key id is ``request``; it is valid from ``not_before`` to ``until`` (UTC, whole seconds, never longer), from
        the network ``host.seen_from`` only, and forces the task gate there with ``commands``, and with the one
        declared service where ``tunnel`` is set. Nothing is permitted besides, no forwarding either: the gate itself
        leads to the service, and ends that with the window.
        """
        texts = [*([service_command(host.service)] if tunnel else []), *(command.text for command in commands)]
        return self._issue(host, principal(host), request, serial, texts, not_before, until, mark)

    def certify_revocations(self, host: Host, sha256: str, *, at: datetime, mark: str) -> Credential:
        """Return a certificate of two hours that puts exactly the list with this digest in place on ``host``.

        It signs in to the keeper of that list alone, can do nothing else there, and no list lets anything in that an
        older one keeps out. No certificate of a session signs in there.
        """
        window = at - _REVOCATIONS_WINDOW, at + _REVOCATIONS_WINDOW
        texts = [revocations_command(sha256)]
        return self._issue(host, keeper_principal(host), REVOCATIONS_ID, _REVOCATIONS_SERIAL, texts, *window, mark)

    def _issue(
        self,
        host: Host,
        named: str,
        identity: str,
        serial: int,
        texts: Sequence[str],
        not_before: datetime,
        until: datetime,
        mark: str,
    ) -> Credential:
        own = Ed25519PrivateKey.generate()
        forced = shlex.join([host.gate, mark, str(serial), str(int(until.timestamp())), *texts])
        builder = (
            SSHCertificateBuilder()
            .public_key(own.public_key())
            .type(SSHCertificateType.USER)
            .serial(serial)
            .key_id(identity.encode())
            .valid_principals([named.encode()])
            .valid_after(int(not_before.timestamp()))
            .valid_before(int(until.timestamp()))
            .add_critical_option(b"force-command", forced.encode())
            .add_critical_option(b"source-address", host.seen_from.encode())
        )
        return Credential(
            private_key=Secret(own.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())),
            certificate=builder.sign(self._key).public_bytes().decode(),
            mark=mark,
        )
