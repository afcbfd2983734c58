"""What a target must have before it takes sessions: files for its sshd, the task gate, and its own list of tasks.

The console installs none of it: the host's administrator does, who also writes the list of tasks. Only the list of
revoked certificates is kept up to date from here (``delivery``), by way of an account that no session signs in to: what
runs in a session can't change the list that ends it.
"""

from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from accesscontrol.sessions.authority import Authority, keeper_principal, principal, service_command
from accesscontrol.sessions.hosts import Host
from accesscontrol.sessions.revocation import revocations_of
from accesscontrol.store import Store

FOLDER: Final = "/etc/ssh/sekisho"
TASKS: Final = "/etc/sekisho/tasks"
REVOKED: Final = "/var/lib/sekisho/revoked"
CONFIGURATION: Final = "/etc/ssh/sshd_config.d/50-sekisho.conf"

_SSHD: Final = """\
Match User {account},{keeper}
    TrustedUserCAKeys {folder}/session_ca.pub
    AuthorizedPrincipalsFile {folder}/principals/%u
    RevokedKeys {revoked}
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
    AllowTcpForwarding no
    PermitOpen none
    MaxSessions 10
    ClientAliveInterval 2
    ClientAliveCountMax 2
"""
_TASKS: Final = """\
# What sessions may run here: one program a line, with its whole path and its arguments, word for word.
# {identifier}, {number} and {date} stand for one argument of that form. A line takes effect at once.
# /usr/bin/pg_amcheck --all --heapallindexed --install-missing --no-password
# "tunnel" and a service's address let sessions that declare a tunnel reach that service, and no other.
"""


@dataclass(frozen=True, slots=True)
class TargetFile:
    """One file of the target's; ``mode`` are its rights, ``owner`` owns it."""

    path: str
    mode: int
    content: bytes
    owner: str = "root"


def gate_program(tasks: str = TASKS, revoked: str = REVOKED) -> bytes:
    """Return the task gate, whose list of tasks is the file ``tasks``, of revoked certificates the file ``revoked``."""
    text = (files("accesscontrol.sessions") / "target" / "sekisho-gate").read_text("utf-8")
    text = text.replace(f'TASKS = "{TASKS}"', f'TASKS = "{tasks}"')
    return text.replace(f'REVOKED = "{REVOKED}"', f'REVOKED = "{revoked}"').encode()


def principals(host: Host) -> dict[str, str]:
    """Return who may sign in to which account, with nothing but the gate: sessions for this very host, and its list."""
    return {host.account: f"restrict {principal(host)}\n", host.keeper: f"restrict {keeper_principal(host)}\n"}


def sshd_configuration(host: Host, folder: str = FOLDER, revoked: str = REVOKED) -> str:
    """Return the part of sshd's configuration that lets sessions and the list in, each to its own account."""
    return _SSHD.format(account=host.account, keeper=host.keeper, folder=folder, revoked=revoked)


def tasks_list(host: Host) -> str:
    """Return the list of tasks to begin with: nothing runs, and the declared tunnel opens."""
    return _TASKS + (f"{service_command(host.service)}\n" if host.service else "")


def target_files(store: Store, authority: Authority, host: Host) -> list[TargetFile]:
    """Return every file that ``host`` needs, with the list of its revoked sessions.

    That list belongs to its keeper, and so does its folder: the task gate puts a newer one in its place there, and runs
    nothing for a session whose account could do that, too.
    """
    return [
        TargetFile(f"{FOLDER}/session_ca.pub", 0o644, f"{authority.public_line}\n".encode()),
        *(TargetFile(f"{FOLDER}/principals/{who}", 0o644, text.encode()) for who, text in principals(host).items()),
        TargetFile(REVOKED, 0o644, revocations_of(store, authority, host.name), host.keeper),
        TargetFile(CONFIGURATION, 0o644, sshd_configuration(host).encode()),
        TargetFile(host.gate, 0o755, gate_program()),
        TargetFile(TASKS, 0o644, tasks_list(host).encode()),
    ]
