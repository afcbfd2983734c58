"""The certificate says exactly what was approved, as OpenSSH itself reads it; the revocation list likewise."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accesscontrol.sessions.authority import Authority, Credential
from accesscontrol.sessions.hosts import Host
from accesscontrol.sessions.revocation import revocation_list
from accesscontrol.sessions.transport import Command
from tests.services.availability import require_programs

HOST = Host(
    name="register-db",
    address="db.example",
    port=22,
    account="sekisho",
    host_key="",
    seen_from="192.0.2.10/32",
    gate="/usr/local/libexec/sekisho-gate",
    service="127.0.0.1:5432",
    keeper="sekisho-lists",
    request="R-2026-0001",
    registered_by="S-yamada",
)
BEGIN = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
END = datetime(2026, 11, 24, 2, 0, 0, 900_000, tzinfo=UTC)


@pytest.fixture
def authority() -> Authority:
    return Authority(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def certified(authority: Authority, *, serial: int = 7, tunnel: bool = False) -> Credential:
    return authority.certify(
        HOST,
        request="R-2026-0412",
        serial=serial,
        commands=[Command.of(["pg_amcheck", "--all"])],
        tunnel=tunnel,
        not_before=BEGIN,
        until=END,
        mark="a1b2",
    )


def keygen(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    [program] = require_programs("ssh-keygen")
    return subprocess.run(
        [program, *map(str, arguments)], capture_output=True, text=True, check=False, env={"TZ": "UTC", "PATH": "/bin"}
    )


def read_by_openssh(certificate: str, folder: Path) -> str:
    (folder / "cert.pub").write_text(certificate)
    return keygen("-L", "-f", folder / "cert.pub").stdout


def test_openssh_reads_request_serial_window_command_and_source(authority: Authority, tmp_path: Path) -> None:
    said = read_by_openssh(certified(authority).certificate, tmp_path)
    for line in (
        "user certificate",
        'Key ID: "R-2026-0412"',
        "Serial: 7",
        "Valid: from 2026-11-24T01:00:00 to 2026-11-24T02:00:00",
        "force-command /usr/local/libexec/sekisho-gate a1b2 7 1795485600 'pg_amcheck --all'",
        "source-address 192.0.2.10/32",
        "Extensions: (none)",
    ):
        assert line in said
    assert said.partition("Principals:")[2].split()[0] == f"sekisho@{HOST.name}"


def test_a_declared_tunnel_is_a_command_of_the_gate_and_permits_no_forwarding(
    authority: Authority, tmp_path: Path
) -> None:
    said = read_by_openssh(certified(authority, tunnel=True).certificate, tmp_path)
    assert "Extensions: (none)" in said
    assert f"1795485600 'tunnel {HOST.service}' 'pg_amcheck --all'" in said


def test_a_certificate_for_a_list_of_revoked_ones_takes_that_list_alone_and_lives_for_hours(
    authority: Authority, tmp_path: Path
) -> None:
    given = authority.certify_revocations(HOST, "ab" * 32, at=BEGIN, mark="a1b2")
    said = read_by_openssh(given.certificate, tmp_path)
    assert f"a1b2 0 1795485600 'revocations {'ab' * 32}'" in said
    assert "Valid: from 2026-11-24T00:00:00 to 2026-11-24T02:00:00" in said
    assert 'Key ID: "revocations"' in said


def test_each_certificate_has_a_key_of_its_own_which_nothing_prints(authority: Authority) -> None:
    one, other = certified(authority), certified(authority)
    assert one.private_key != other.private_key
    assert "PRIVATE" not in f"{one!r} {one}"


def test_openssh_reads_the_list_of_revoked_serials(authority: Authority, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pub"
    ca.write_text(authority.public_line)
    (tmp_path / "krl").write_bytes(revocation_list(authority.public_line, [12, 7], at=BEGIN))
    for serial, refused in ((7, True), (12, True), (8, False)):
        (tmp_path / "key-cert.pub").write_text(certified(authority, serial=serial).certificate)
        asked = keygen("-Q", "-f", tmp_path / "krl", tmp_path / "key-cert.pub")
        assert asked.returncode == (1 if refused else 0), asked.stdout + asked.stderr


def test_an_empty_list_revokes_nothing(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "krl").write_bytes(revocation_list(authority.public_line, [], at=BEGIN))
    (tmp_path / "key-cert.pub").write_text(certified(authority).certificate)
    assert keygen("-Q", "-f", tmp_path / "krl", tmp_path / "key-cert.pub").returncode == 0


def test_the_forced_command_is_one_list_of_words_for_the_host_s_shell(authority: Authority, tmp_path: Path) -> None:
    odd = replace(HOST, gate="/opt/se kisho/gate")
    said = authority.certify(
        odd,
        request="R",
        serial=1,
        commands=[Command.of(["echo", "a"])],
        tunnel=False,
        not_before=BEGIN,
        until=END,
        mark="m",
    )
    assert "'/opt/se kisho/gate' m 1 1795485600 'echo a'" in read_by_openssh(said.certificate, tmp_path)
