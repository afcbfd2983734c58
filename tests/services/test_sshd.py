"""The OpenSSH server of the tests is a real one, and only the right keys enter."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.services.sshd import make_key, running_sshd

if TYPE_CHECKING:
    from pathlib import Path

    from tests.services.sshd import SshServer

REFUSED = 255


def run_ssh(server: SshServer, key: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        server.ssh_command(key, *command), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def test_a_certified_key_runs_a_command_as_the_account(ssh_server: SshServer, ssh_key: Path) -> None:
    ssh_server.certify(ssh_key)
    done = run_ssh(ssh_server, ssh_key, "id", "-un")
    assert done.returncode == 0, done.stderr + ssh_server.log()
    assert done.stdout == f"{ssh_server.account}\n"


def test_a_key_without_a_certificate_is_refused(ssh_server: SshServer, ssh_key: Path) -> None:
    assert run_ssh(ssh_server, ssh_key, "true").returncode == REFUSED


def test_a_certificate_of_another_authority_is_refused(ssh_server: SshServer, ssh_key: Path) -> None:
    with running_sshd() as other:
        other.certify(ssh_key)
        assert run_ssh(other, ssh_key, "true").returncode == 0
    assert run_ssh(ssh_server, ssh_key, "true").returncode == REFUSED


def test_an_expired_certificate_is_refused(ssh_server: SshServer, ssh_key: Path) -> None:
    ssh_server.certify(ssh_key, validity="-20m:-10m")
    assert run_ssh(ssh_server, ssh_key, "true").returncode == REFUSED


def test_a_forced_command_is_all_that_runs(ssh_server: SshServer, ssh_key: Path) -> None:
    ssh_server.certify(ssh_key, "clear", "force-command=echo $SSH_ORIGINAL_COMMAND")
    assert run_ssh(ssh_server, ssh_key, "vacuum-check").stdout == "vacuum-check\n"


def test_a_revoked_key_is_refused(ssh_key: Path) -> None:
    with running_sshd() as server:
        server.certify(ssh_key)
        subprocess.run(["ssh-keygen", "-q", "-k", "-u", "-f", server.revoked, f"{ssh_key}.pub"], check=True)
        assert run_ssh(server, ssh_key, "true").returncode == REFUSED
        assert "revoked" in server.log()


def test_a_plain_key_enters_when_it_is_authorised(ssh_key: Path) -> None:
    with running_sshd() as server:
        server.authorized_keys.write_text(ssh_key.with_suffix(".pub").read_text())
        done = run_ssh(server, ssh_key, "true")
        assert done.returncode == 0, done.stderr + server.log()


def test_a_server_with_another_host_key_is_not_spoken_to(ssh_server: SshServer, ssh_key: Path, tmp_path: Path) -> None:
    ssh_server.certify(ssh_key)
    command = ssh_server.ssh_command(ssh_key, "true")
    kind, key, *_ = make_key(tmp_path / "other").with_suffix(".pub").read_text().split()
    ssh_key.with_name("known_hosts").write_text(f"[127.0.0.1]:{ssh_server.port} {kind} {key}\n")
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == REFUSED
    assert "HOST IDENTIFICATION HAS CHANGED" in done.stderr
