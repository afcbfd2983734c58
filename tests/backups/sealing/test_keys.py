"""Keys in age's own text form, and identity files."""

import subprocess
from pathlib import Path

import pyrage  # type: ignore[import-untyped]  # it has no types
import pytest

from accesscontrol.refusals import Refusal
from backups.sealing.keys import Identity, Recipient, read_identity_file, write_identity_file
from tests.backups.conftest import Tool


def test_an_identity_of_pyrage_is_read_and_has_the_same_recipient() -> None:
    theirs = pyrage.x25519.Identity.generate()
    ours = Identity.parse(str(theirs))
    assert str(ours.recipient) == str(theirs.to_public())
    assert ours.export() == str(theirs)


def test_an_identity_file_of_age_keygen_is_read(tool: Tool, tmp_path: Path) -> None:
    path = tmp_path / "id.txt"
    subprocess.run([tool("age-keygen"), "-o", str(path)], check=True, capture_output=True)
    shown = subprocess.run([tool("age-keygen"), "-y", str(path)], check=True, capture_output=True, text=True)
    assert [str(identity.recipient) for identity in read_identity_file(path)] == [shown.stdout.strip()]


def test_age_keygen_reads_an_identity_file_of_ours(tool: Tool, tmp_path: Path, identity: Identity) -> None:
    path = tmp_path / "id.txt"
    write_identity_file(path, identity)
    shown = subprocess.run([tool("age-keygen"), "-y", str(path)], check=True, capture_output=True, text=True)
    assert shown.stdout.strip() == str(identity.recipient)
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_identity_file_that_others_can_read_is_refused_with_the_command_that_mends_it(
    tmp_path: Path, identity: Identity
) -> None:
    path = tmp_path / "id.txt"
    write_identity_file(path, identity)
    path.chmod(0o640)
    with pytest.raises(Refusal, match="chmod 600"):
        read_identity_file(path)


def test_a_key_file_is_never_overwritten(tmp_path: Path, identity: Identity, other_identity: Identity) -> None:
    path = tmp_path / "id.txt"
    write_identity_file(path, identity)
    with pytest.raises(Refusal, match="never overwritten"):
        write_identity_file(path, other_identity)
    assert read_identity_file(path) == [identity]


def test_a_missing_or_empty_identity_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="no identity file"):
        read_identity_file(tmp_path / "none")
    empty = tmp_path / "empty"
    empty.touch(0o600)
    with pytest.raises(Refusal, match="holds no age identity"):
        read_identity_file(empty)


def test_the_secret_never_shows(identity: Identity) -> None:
    assert identity.export() not in repr(identity) + str(identity)
    assert identity.secret.hex() not in repr(identity)
    last = "P" if identity.export().endswith("Q") else "Q"
    with pytest.raises(Refusal) as refused:
        Identity.parse(identity.export()[:-1] + last)
    assert identity.export()[20:40] not in str(refused.value)


@pytest.mark.parametrize("text", ["", "age1", "AGE1", "ssh-ed25519 AAAA", "age1qqqqqq"])
def test_what_is_no_recipient_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="not an age recipient"):
        Recipient.parse(text)


def test_an_identity_is_not_taken_for_a_recipient(identity: Identity) -> None:
    with pytest.raises(Refusal, match="not an age recipient"):
        Recipient.parse(identity.export())
    with pytest.raises(Refusal, match="not an age identity"):
        Identity.parse(str(identity.recipient))
