"""A managed host for tests: a real OpenSSH server that trusts the session authority exactly as the product asks for."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accesscontrol.clock import SystemClock
from accesscontrol.refusals import Refusal
from accesscontrol.sessions import revocation, ssh, trust
from accesscontrol.sessions.authority import Authority, Credential, service_command
from accesscontrol.sessions.gate_channel import SshProcess
from accesscontrol.sessions.hosts import Host
from accesscontrol.sessions.ssh import SshTransport
from accesscontrol.sessions.transport import Command
from tests.services.sshd import KEEPER, SshServer, login_account, running_sshd

MARK = "a1b2c3d4"
SLEEP = os.environ.setdefault("SEKISHO_TEST_SLEEP", str(864_000_000 + os.getpid()))
"""How long this run's processes sleep: by it they are known, also beside another run; our own processes inherit it."""
_SCRIPTS = {
    "endless": "exec yes out",
    "flood": "head -c 5000000 /dev/zero | tr '\\0' x; yes err | head -c 5000000 >&2; echo over",
    "leave-behind": f"setsid sleep {SLEEP} >/dev/null 2>&1 & setsid sleep {SLEEP} & exec sleep {SLEEP}",
    "stubborn": f"trap '' TERM HUP INT; echo up; while :; do sleep {SLEEP}; done",
    "close-output": f"echo first; exec >&- 2>&-; exec sleep {SLEEP}",
    "fake-end": f"printf '\\036SEKISHO 00000000 ended 0\\n\\036SEKISHO'; exec sleep {SLEEP}",
    "both": "echo out; echo err >&2; exit 3",
    "change-list": """\
cd "$(dirname "$0")/kept" || exit 9
( : >revoked ) 2>/dev/null && echo written
( : >another ) 2>/dev/null && echo made
mv revoked elsewhere 2>/dev/null && echo moved
rm -f revoked 2>/dev/null && echo removed
chmod 666 revoked 2>/dev/null && echo opened
ln -sf /dev/null revoked 2>/dev/null && echo replaced
exit 0""",
}
_RULES = f"""\
# for tests
/bin/echo hello {{identifier}} {{number}} {{date}}
/bin/sleep {SLEEP}
/usr/bin/env
/bin/cat /etc/hostname
/nowhere/missing
"""


@dataclass(frozen=True)
class Target:
    """A host that sessions reach, and the authority that it trusts."""

    server: SshServer
    folder: Path
    host: Host
    authority: Authority

    def certify(self, *commands: str, **changes: Any) -> Credential:
        """Return a certificate for ``commands``, valid now; ``changes`` are arguments of the authority's."""
        now = SystemClock().now()
        given: dict[str, Any] = {
            "request": "R-2026-0001",
            "serial": 7,
            "commands": [Command.of(each.split()) for each in commands],
            "tunnel": False,
            "not_before": now - timedelta(minutes=1),
            "until": now + timedelta(minutes=5),
            "mark": MARK,
        }
        host = changes.pop("host", self.host)
        return self.authority.certify(host, **{**given, **changes})

    def connect(self, credential: Credential, **changes: Any) -> SshTransport:
        """Connect as a session does."""
        return ssh.connect(replace(self.host, **changes), credential, changed=lambda shown: Refusal("changed"))

    def revoke(self, *serials: int) -> None:
        """Put the list of revoked sessions in place, as the host's administrator does."""
        listed = revocation.revocation_list(self.authority.public_line, serials, at=SystemClock().now())
        (self.folder / "kept" / "revoked").write_bytes(listed)

    def client(self, credential: Credential, folder: Path, *options: str) -> list[str]:
        """Return the command line of the ssh client with the certificate: what a thief of the key would use."""
        key = folder / "key"
        key.unlink(missing_ok=True)
        key.touch(0o600)
        key.write_text(credential.private_key.text())
        key.with_name("key-cert.pub").write_text(credential.certificate)
        command = self.server.ssh_command(key)
        return [*command[:-1], *options, command[-1]]

    def servers(self) -> list[psutil.Process]:
        """Return the processes of sshd that serve connections right now."""
        named = str(self.server.directory)
        daemons = [each for each in psutil.process_iter(["cmdline"]) if named in " ".join(each.info["cmdline"] or [])]
        found: set[psutil.Process] = set()
        for daemon in daemons:
            with suppress(psutil.NoSuchProcess):  # it ended while we looked
                found.update(daemon.children(recursive=True))
        return [each for each in found if _name(each).startswith("sshd")]

    def kill_servers(self) -> None:
        """End every connection as a crash of its server would; one's end may take another with it."""
        for each in self.servers():
            with suppress(psutil.NoSuchProcess):
                each.kill()

    def log(self) -> str:
        """Return what sshd said; the reasons of refusals stand only there."""
        return self.server.log()


@contextmanager
def running_target(service: str = "127.0.0.1:1", *further: str) -> Iterator[Target]:
    """Run a host of its own whose tunnel leads to ``service``; ``further`` are lines of its sshd's configuration."""
    authority = Authority(Ed25519PrivateKey.generate())
    folder = Path(tempfile.mkdtemp(prefix="sekisho-target-"))
    try:
        folder.chmod(0o755)
        host = Host(
            name="register-db",
            address="127.0.0.1",
            port=22,
            account=login_account(),
            keeper=login_account(KEEPER),
            host_key="",
            seen_from="127.0.0.0/8",
            gate=str(folder / "sekisho-gate"),
            service=service,
            request="R-2026-0000",
            registered_by="S-yamada",
        )
        _install(folder, host, authority)
        lines = trust.sshd_configuration(host, str(folder), str(folder / "kept" / "revoked")).splitlines()
        with running_sshd(*further, *lines, "Match all") as server:
            key = " ".join(server.host_key.with_suffix(".pub").read_text().split()[:2])
            target = Target(server, folder, replace(host, port=server.port, host_key=key), authority)
            try:
                yield target
            finally:
                target.kill_servers()  # a test that failed may have left a session to the end of its window
    finally:
        shutil.rmtree(folder)


def _install(folder: Path, host: Host, authority: Authority) -> None:
    """Put in place what ``sessions trust`` prints, in a folder of the test's."""
    (folder / "session_ca.pub").write_text(f"{authority.public_line}\n")
    (folder / "principals").mkdir()
    for account, names in trust.principals(host).items():
        with (folder / "principals" / account).open("a") as file:  # one account for both where we aren't root
            file.write(names)
    revoked = folder / "kept" / "revoked"
    revoked.parent.mkdir()
    revoked.write_bytes(revocation.revocation_list(authority.public_line, [], at=SystemClock().now()))
    if os.geteuid() == 0:
        for each in (revoked, revoked.parent):
            shutil.chown(each, host.keeper)
    Path(host.gate).write_bytes(trust.gate_program(str(folder / "tasks"), str(revoked)))
    Path(host.gate).chmod(0o755)
    for name, text in _SCRIPTS.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    programs = "".join(f"{folder / name}\n" for name in _SCRIPTS)
    (folder / "tasks").write_text(_RULES + programs + service_command(host.service) + "\n")
    (folder / "tasks").chmod(0o644)


def _name(process: psutil.Process) -> str:
    """Return the name of a process, or nothing when it has ended."""
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return ""


def output_of(process: SshProcess) -> bytes:
    """Return all that a command writes until its end."""
    found = b""
    while (data := process.read(10.0)) != b"":
        assert data is not None, "nothing came for ten seconds"
        found += data
    return found


def sleepers() -> list[int]:
    """Return the tests' sleeping processes that live."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = process.info["cmdline"] or []
        if words[-1:] == [SLEEP] and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process.pid)
    return found


def until(holds: Callable[[], object], seconds: float = 15.0) -> None:
    """Wait for something that happens elsewhere."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
