"""A real OpenSSH server on the loopback interface, which only certificates of its own user CA may enter."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.services.availability import require_programs
from tests.services.networking import HOST, free_port, wait_for_banner

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNT = "sekisho-test"
KEEPER = "sekisho-test-lists"
START_SECONDS = 10
PENALTIES_SINCE = (9, 8)
ATTEMPTS = 5

CONFIGURATION = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {directory}/host_ed25519
PidFile {directory}/sshd.pid
AuthorizedKeysFile {directory}/authorized_keys
TrustedUserCAKeys {directory}/user_ca.pub
RevokedKeys {directory}/krl
StrictModes no
UsePAM no
AuthenticationMethods publickey
AllowTcpForwarding local
LoginGraceTime 10
ClientAliveInterval 2
ClientAliveCountMax 2
LogLevel VERBOSE
PasswordAuthentication no
KbdInteractiveAuthentication no
AllowStreamLocalForwarding no
AllowAgentForwarding no
X11Forwarding no
PermitTunnel no
PermitUserRC no
UseDNS no
PrintMotd no
"""


@dataclass(frozen=True, slots=True)
class SshServer:
    """A running server: where it listens and the files that stand behind it.

    ``account`` may log in; it is an ordinary one, since a session of root's can't be signalled. ``user_ca`` is the
    private key whose certificates enter, ``revoked`` the KRL, ``authorized_keys`` is empty until a test writes it.
    """

    directory: Path
    port: int
    account: str

    @property
    def user_ca(self) -> Path:
        """The private key of the CA whose user certificates are let in."""
        return self.directory / "user_ca"

    @property
    def host_key(self) -> Path:
        """The server's private host key; ``.pub`` stands beside it."""
        return self.directory / "host_ed25519"

    @property
    def revoked(self) -> Path:
        """The key revocation list; sshd refuses every key when it is missing."""
        return self.directory / "krl"

    @property
    def authorized_keys(self) -> Path:
        """The plain keys that are let in: none, unless a test writes them."""
        return self.directory / "authorized_keys"

    @property
    def known_hosts_line(self) -> str:
        """The line that pins this server's host key."""
        kind, key, *_ = self.host_key.with_suffix(".pub").read_text().split()
        return f"[{HOST}]:{self.port} {kind} {key}\n"

    def log(self) -> str:
        """Return what sshd has said so far; the reason of a refusal stands only here."""
        return (self.directory / "sshd.log").read_text()

    def certify(self, key: Path, *options: str, validity: str = "+10m", identity: str = "test") -> Path:
        """Sign ``key`` (its ``.pub``) for the account and return the certificate; ``options`` as ssh-keygen's -O."""
        [keygen] = require_programs("ssh-keygen")
        arguments = [word for option in options for word in ("-O", option)]
        run(
            *(keygen, "-q", "-s", self.user_ca, "-I", identity, "-n", self.account),
            *("-V", validity, *arguments, f"{key}.pub"),
        )
        return key.with_name(f"{key.name}-cert.pub")

    def ssh_command(self, key: Path, *command: str) -> list[str]:
        """Return the ssh client's command line that runs ``command`` with ``key`` and its certificate."""
        [ssh] = require_programs("ssh")
        pins = key.with_name("known_hosts")
        pins.write_text(self.known_hosts_line)
        options = {
            "BatchMode": "yes",
            "IdentitiesOnly": "yes",
            "IdentityAgent": "none",
            "StrictHostKeyChecking": "yes",
            "UserKnownHostsFile": str(pins),
            "GlobalKnownHostsFile": "none",
        }
        flags = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        return [
            *(str(ssh), "-F", "none", *flags),
            *("-i", str(key), "-p", str(self.port), f"{self.account}@{HOST}", *command),
        ]


def run(*command: str | Path) -> None:
    """Run a command of the fixture's; its output is in the error when it fails."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"


def make_key(path: Path) -> Path:
    """Make an Ed25519 key pair without a passphrase and return the private key's path."""
    [keygen] = require_programs("ssh-keygen")
    run(keygen, "-q", "-t", "ed25519", "-N", "", "-C", path.name, "-f", path)
    return path


def login_account(name: str = ACCOUNT) -> str:
    """Return the account that may log in: as root an ordinary one, otherwise ourselves."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    try:
        return pwd.getpwnam(name).pw_name
    except KeyError:
        pytest.skip(f"missing on this machine: the account {name} (scripts/services puts it in place)")


def penalties_line(sshd: Path) -> str:
    """Return the line that keeps refused log-ins from locking loopback out: OpenSSH 9.8 brought it, 9.2 refuses it."""
    version = subprocess.run([sshd, "-V"], capture_output=True, text=True, check=False).stderr
    found = re.search(r"OpenSSH_(\d+)\.(\d+)", version)
    newer = found is not None and (int(found[1]), int(found[2])) >= PENALTIES_SINCE
    return "PerSourcePenalties no\n" if newer else ""


@contextmanager
def running_sshd(*lines: str) -> Iterator[SshServer]:
    """Run a server of its own with configuration ``lines``, which outrank the usual ones: sshd takes the first."""
    sshd, keygen, _ssh = require_programs("sshd", "ssh-keygen", "ssh")
    account = login_account()
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="sekisho-sshd-"))
    try:
        directory.chmod(0o755)  # sshd reads authorized_keys as the account that logs in
        make_key(directory / "host_ed25519")
        make_key(directory / "user_ca")
        run(keygen, "-q", "-k", "-f", directory / "krl")
        (directory / "authorized_keys").touch()
        server, process = _start(sshd, directory, account, lines)
        try:
            yield server
        finally:
            process.terminate()
            process.wait()
    finally:
        shutil.rmtree(directory)


def _start(
    sshd: Path, directory: Path, account: str, lines: tuple[str, ...]
) -> tuple[SshServer, subprocess.Popen[bytes]]:
    log = directory / "sshd.log"
    for _ in range(ATTEMPTS):  # another process may take the port between our look and sshd's
        port = free_port()
        further = "".join(f"{line}\n" for line in lines)
        configuration = further + CONFIGURATION.format(port=port, directory=directory) + penalties_line(sshd)
        (directory / "sshd_config").write_text(configuration)
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                [sshd, "-D", "-e", "-f", directory / "sshd_config"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )
        if wait_for_banner(port, b"SSH-", START_SECONDS) and process.poll() is None:
            return SshServer(directory, port, account), process
        process.kill()
        process.wait()
        if "Address already in use" not in log.read_text():
            break
    pytest.fail(f"sshd did not start: {log.read_text()}")


@pytest.fixture(scope="session")
def ssh_server() -> Iterator[SshServer]:
    """One OpenSSH server for the whole run (one for each worker)."""
    with running_sshd() as server:
        yield server


@pytest.fixture
def ssh_key(tmp_path: Path) -> Path:
    """A new private key of the client's, in a folder of its own."""
    directory = tmp_path / "ssh"
    directory.mkdir(mode=0o700)
    return make_key(directory / "id_ed25519")
