"""The manifest: one form, readable by people, checked by ssh-keygen."""

import json
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from backups import manifest as manifests
from backups.manifest import FORMAT, NAMESPACE, Content, Head, Manifest, PartLine, SealedFile
from backups.sealing import sshsig
from backups.sealing.header import BrokenSeal
from tests.backups.conftest import Tool


def a_manifest(**change: str) -> Manifest:
    return Manifest(
        head=Head(
            format=change.get("format", FORMAT),
            backup="B-00001",
            source=change.get("source", "住基"),
            kind="sqlite",
            identity="/srv/registry.sqlite3",
            taken_at="2026-11-24T02:00:00.000000+00:00",
            tools={"sqlite": "3.40.1"},
        ),
        content=Content(size=10, sha256="0" * 64),
        sealed=SealedFile(name="B-00001.age", size=210, sha256="f" * 64),
        recipients=("age1one", "age1two"),
        parts=(PartLine(name="resident", count=1000, sha256=""),),
        checkpoint="sekisho.example\n3\nAAAA\n",
    )


def test_it_is_lines_of_json_that_a_person_can_read() -> None:
    lines = [json.loads(line) for line in a_manifest().encode().decode().splitlines()]
    kinds = ["backup", "content", "sealed", "recipient", "recipient", "part", "checkpoint"]
    assert [line["line"] for line in lines] == kinds
    assert lines[0]["source"] == "住基"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_what_is_written_is_read_again(name: str) -> None:
    assert manifests.decode(a_manifest(source=name).encode()) == a_manifest(source=name)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data + b"\n",
        lambda data: data + data.splitlines(keepends=True)[1],
        lambda data: b"".join(data.splitlines(keepends=True)[1:]),
        lambda data: data.replace(b'"size":10', b'"size": 10'),
        lambda data: data.replace(b'"size":10', b'"size":"10"'),
        lambda data: data.replace(b'"line":"part"', b'"line":"party"'),
        lambda data: data.replace(b'"count":1000', b'"count":1000,"more":1'),
        lambda data: b"\xff" + data,
        lambda data: b"".join(reversed(data.splitlines(keepends=True))),
    ],
)
def test_anything_but_the_one_form_is_refused(damage: object) -> None:
    assert callable(damage)
    with pytest.raises(BrokenSeal):
        manifests.decode(damage(a_manifest().encode()))


def test_an_unknown_version_is_named() -> None:
    with pytest.raises(BrokenSeal, match="version"):
        manifests.decode(a_manifest(format="sekisho-backup-manifest/9").encode())


def test_ssh_keygen_checks_it_without_us(tool: Tool, tmp_path: Path) -> None:
    signer = sshsig.KeySigner("S1001", Ed25519PrivateKey.generate())
    data = a_manifest().encode()
    (tmp_path / "sig").write_text(sshsig.sign(data, signer, NAMESPACE))
    (tmp_path / "allowed").write_text(sshsig.allowed_signer("S1001", signer.public_key, NAMESPACE))
    command = [tool("ssh-keygen"), "-Y", "verify", "-f", str(tmp_path / "allowed"), "-I", "S1001"]
    command += ["-n", NAMESPACE, "-s", str(tmp_path / "sig")]
    assert subprocess.run(command, input=data, capture_output=True, check=False).returncode == 0
    changed = data.replace(b"1000", b"1001")
    assert subprocess.run(command, input=changed, capture_output=True, check=False).returncode != 0
