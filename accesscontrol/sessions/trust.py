"""What a target must have before it takes sessions: files for its sshd, the task gate, and its own list of tasks.

The console installs none of it: the host's administrator does, who also writes the list of tasks.
"""

from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Final

from accesscontrol.sessions.authority import PRINCIPAL, TUNNEL_PRINCIPAL, Authority
from accesscontrol.sessions.hosts import Host
from accesscontrol.sessions.revocation import revocation_list, revoked_serials
from accesscontrol.store import Store

FOLDER: Final = "/etc/ssh/sekisho"
TASKS: Final = "/etc/sekisho/tasks"
CONFIGURATION: Final = "/etc/ssh/sshd_config.d/50-sekisho.conf"

_SSHD: Final = """\
Match User {account}
    TrustedUserCAKeys {folder}/session_ca.pub
    AuthorizedPrincipalsFile {folder}/principals
    RevokedKeys {folder}/revoked
    AuthorizedKeysFile none
    AuthenticationMethods publickey
    PasswordAuthentication no
    KbdInteractiveAuthentication no
    PermitTTY no
    PermitUserRC no
    PermitTunnel no
    X11Forwarding no
    AllowAgentForwarding no
    AllowStreamLocalForwarding no
    AllowTcpForwarding {forwarding}
    PermitOpen {service}
    MaxSessions 2
    ClientAliveInterval 2
    ClientAliveCountMax 2
"""
_TASKS: Final = """\
# What sessions may run here: one program a line, with its whole path and its arguments, word for word.
# {identifier}, {number} and {date} stand for one argument of that form. A line takes effect at once.
# /usr/bin/pg_amcheck --all --heapallindexed --install-missing --no-password
"""


@dataclass(frozen=True, slots=True)
class TargetFile:
    """One file of the target's, owned by root; ``mode`` are its rights."""

    path: str
    mode: int
    content: bytes


def gate_program(tasks: str = TASKS) -> bytes:
    """Return the task gate, whose list of tasks is the file ``tasks``."""
    text = (files("accesscontrol.sessions") / "target" / "sekisho-gate").read_text("utf-8")
    return text.replace(f'TASKS = "{TASKS}"', f'TASKS = "{tasks}"').encode()


def principals(service: str) -> str:
    """Return who may sign in: sessions with nothing but their gate, and with the one tunnel where there is one."""
    lines = [f"restrict {PRINCIPAL}"]
    if service:
        lines.append(f'restrict,port-forwarding,permitopen="{service}" {TUNNEL_PRINCIPAL}')
    return "".join(f"{line}\n" for line in lines)


def sshd_configuration(host: Host, folder: str = FOLDER) -> str:
    """Return the part of sshd's configuration that lets sessions in to their account, and nothing else."""
    return _SSHD.format(
        account=host.account,
        folder=folder,
        forwarding="local" if host.service else "no",
        service=host.service or "none",
    )


def target_files(store: Store, authority: Authority, host: Host, *, at: datetime) -> list[TargetFile]:
    """Return every file that ``host`` needs, the list of revoked sessions as of ``at``."""
    revoked = revocation_list(authority.public_line, revoked_serials(store), at=at)
    return [
        TargetFile(f"{FOLDER}/session_ca.pub", 0o644, f"{authority.public_line}\n".encode()),
        TargetFile(f"{FOLDER}/principals", 0o644, principals(host.service).encode()),
        TargetFile(f"{FOLDER}/revoked", 0o644, revoked),
        TargetFile(CONFIGURATION, 0o644, sshd_configuration(host).encode()),
        TargetFile(host.gate, 0o755, gate_program()),
        TargetFile(TASKS, 0o644, _TASKS.encode()),
    ]
