"""SSHSIG signatures of ours under the eyes of the real ssh-keygen, and its signatures under ours."""

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from backups.sealing import sshsig
from backups.sealing.sshsig import BadSignature, KeySigner
from tests.backups.conftest import Tool

NAMESPACE = "sekisho-backup"
SIGNER = KeySigner("S1001", Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))


def keygen_verifies(keygen: str, folder: Path, message: bytes, signature: str, **change: str) -> bool:
    """Say whether the real ``ssh-keygen -Y verify`` accepts."""
    allowed = folder / "allowed_signers"
    allowed.write_text(change.get("allowed", sshsig.allowed_signer(SIGNER.name, SIGNER.public_key, NAMESPACE)))
    (folder / "sig").write_text(signature)
    command = [keygen, "-Y", "verify", "-f", str(allowed), "-I", change.get("name", SIGNER.name)]
    command += ["-n", change.get("namespace", NAMESPACE), "-s", str(folder / "sig")]
    return subprocess.run(command, input=message, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("message", [b"", b"manifest\n", bytes(range(256)) * 500])
def test_ssh_keygen_accepts_our_signature(message: bytes, tool: Tool, tmp_path: Path) -> None:
    signature = sshsig.sign(message, SIGNER, NAMESPACE)
    assert keygen_verifies(tool("ssh-keygen"), tmp_path, message, signature)


def test_ssh_keygen_refuses_another_text_purpose_person_or_key(tool: Tool, tmp_path: Path) -> None:
    keygen, signature = tool("ssh-keygen"), sshsig.sign(b"manifest", SIGNER, NAMESPACE)
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    assert not keygen_verifies(keygen, tmp_path, b"manifesT", signature)
    assert not keygen_verifies(keygen, tmp_path, b"manifest", signature, namespace="file")
    assert not keygen_verifies(keygen, tmp_path, b"manifest", signature, name="S1002")
    assert not keygen_verifies(
        keygen, tmp_path, b"manifest", signature, allowed=sshsig.allowed_signer("S1001", other, NAMESPACE)
    )


def test_we_accept_a_signature_of_ssh_keygen(tool: Tool, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(SIGNER.key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    key.chmod(0o600)
    command = [tool("ssh-keygen"), "-q", "-Y", "sign", "-f", str(key), "-n", NAMESPACE]
    signature = subprocess.run(command, input=b"manifest", check=True, capture_output=True, text=False).stdout
    assert sshsig.verify(b"manifest", signature.decode(), NAMESPACE) == SIGNER.public_key
    assert signature.decode() == sshsig.sign(b"manifest", SIGNER, NAMESPACE)


def test_the_fingerprint_is_the_one_ssh_keygen_shows(tool: Tool, tmp_path: Path) -> None:
    public = tmp_path / "key.pub"
    public.write_text(sshsig.openssh_public_key(SIGNER.public_key) + "\n")
    shown = subprocess.run([tool("ssh-keygen"), "-lf", str(public)], check=True, capture_output=True, text=True)
    assert sshsig.fingerprint(SIGNER.public_key) in shown.stdout


def test_another_text_or_purpose_is_refused() -> None:
    signature = sshsig.sign(b"manifest", SIGNER, NAMESPACE)
    assert sshsig.verify(b"manifest", signature, NAMESPACE) == SIGNER.public_key
    with pytest.raises(BadSignature, match="does not fit"):
        sshsig.verify(b"manifesT", signature, NAMESPACE)
    with pytest.raises(BadSignature, match="another purpose"):
        sshsig.verify(b"manifest", signature, "file")


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10_000), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_changed_signature_never_passes_as_another_one(place: int, character: str) -> None:
    signature = sshsig.sign(b"manifest", SIGNER, NAMESPACE)
    at = place % len(signature)
    changed = signature[:at] + character + signature[at + 1 :]
    if "".join(changed.split()) != "".join(signature.split()):
        with pytest.raises(BadSignature):
            sshsig.verify(b"manifest", changed, NAMESPACE)


@given(st.text(max_size=300))
def test_noise_is_refused_as_a_signature(noise: str) -> None:
    for text in (noise, f"-----BEGIN SSH SIGNATURE-----\n{noise}\n-----END SSH SIGNATURE-----\n"):
        with pytest.raises(BadSignature):
            sshsig.verify(b"manifest", text, NAMESPACE)
