"""Checking a listed backup: a byte changed anywhere is found and named."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings, strategies

from accesscontrol.refusals import Refusal
from backups.catalogue import Catalogue, Order
from backups.manifest import NAMESPACE
from backups.records import Backup, Health
from backups.sealing import sshsig
from backups.sealing.digests import silent
from backups.sealing.sshsig import KeySigner
from backups.verification import read_manifest, read_sealed, verify


@pytest.fixture
def backup(catalogue: Catalogue, order: Order) -> Backup:
    return catalogue.take(order)


def change(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def faults(catalogue: Catalogue) -> list[str]:
    return [str(fault) for fault in verify(catalogue, "B-00001", actor="S1001", terminal="SR-01").faults]


def test_a_good_backup_is_good_and_the_time_is_kept(catalogue: Catalogue, backup: Backup) -> None:
    result = verify(catalogue, backup.id, actor="S1001")
    assert result.good
    assert result.to_json()["sha256"] == backup.sealed_sha256
    assert result.number == 2
    assert catalogue.get(backup.id).verified_at == result.at


@pytest.mark.parametrize("place", [0, 30, 150, 400, -1])
def test_a_changed_byte_of_the_sealed_file_is_found(catalogue: Catalogue, backup: Backup, place: int) -> None:
    change(backup.sealed, place)
    assert faults(catalogue) == ["B-00001.age was changed: its SHA-256 differs."]
    assert catalogue.get(backup.id).health is Health.DAMAGED


def test_any_bits_changed_anywhere_in_any_file_of_a_backup_are_found(
    catalogue: Catalogue, order: Order, backup: Backup
) -> None:
    whole = {path: path.read_bytes() for path in backup.files}

    @settings(max_examples=150, deadline=None)
    @given(strategies.data())
    def change_anything(data: strategies.DataObject) -> None:
        path = data.draw(strategies.sampled_from(backup.files))
        place = data.draw(strategies.integers(0, len(whole[path]) - 1))
        bits = data.draw(strategies.integers(1, 255))
        changed = bytearray(whole[path])
        changed[place] ^= bits
        path.write_bytes(changed)
        sha256, found = read_sealed(backup, silent)
        known, more = read_manifest(backup)
        if path == backup.sealed:
            assert (bool(found), sha256 != backup.sealed_sha256) == (True, True)
        else:
            assert (known, bool(more)) == (None, True)
        path.write_bytes(whole[path])

    change_anything()
    assert faults(catalogue) == []


def test_a_cut_file_is_found(catalogue: Catalogue, backup: Backup) -> None:
    backup.sealed.write_bytes(backup.sealed.read_bytes()[:-10])
    size = backup.sealed_size
    assert faults(catalogue) == [f"B-00001.age has {size - 10} bytes instead of {size}."]


def test_every_changed_byte_of_the_manifest_is_found(catalogue: Catalogue, backup: Backup) -> None:
    for place in range(0, backup.manifest.stat().st_size, 17):
        change(backup.manifest, place)
        assert "B-00001.manifest.jsonl was changed: its SHA-256 differs." in faults(catalogue)
        change(backup.manifest, place)
    assert faults(catalogue) == []


def test_every_changed_byte_of_the_signature_is_found(catalogue: Catalogue, backup: Backup) -> None:
    text = backup.signature.read_text()
    for place in range(30, len(text) - 30, 7):
        if text[place] != "\n":
            change(backup.signature, place)
            assert faults(catalogue)
            change(backup.signature, place)


def test_each_missing_file_is_named(catalogue: Catalogue, backup: Backup) -> None:
    for path in backup.files:
        path.unlink()
    assert faults(catalogue) == [
        "B-00001.age is missing.",
        "B-00001.manifest.jsonl is missing.",
        "B-00001.manifest.jsonl.sig is missing.",
    ]
    assert verify(catalogue, "B-00001", actor="S1001").sha256 == ""


def test_a_signature_by_another_key_is_named(catalogue: Catalogue, backup: Backup) -> None:
    other = KeySigner("S1001", Ed25519PrivateKey.generate())
    backup.signature.write_text(sshsig.sign(backup.manifest.read_bytes(), other, NAMESPACE))
    assert faults(catalogue) == ["B-00001.manifest.jsonl.sig was made by another key."]


def test_the_files_of_another_backup_do_not_pass(catalogue: Catalogue, order: Order, backup: Backup) -> None:
    second = catalogue.take(order)
    for mine, other in zip(backup.files, second.files, strict=True):
        mine.write_bytes(other.read_bytes())
    found = faults(catalogue)
    assert "B-00001.age was changed: its SHA-256 differs." in found
    assert "B-00001.manifest.jsonl speaks of another backup." in found


def test_a_repaired_backup_is_good_again_but_the_fault_stays_in_the_trail(catalogue: Catalogue, backup: Backup) -> None:
    change(backup.sealed, 100)
    assert faults(catalogue)
    change(backup.sealed, 100)
    assert not faults(catalogue)
    assert catalogue.get(backup.id).health is Health.UNPROVEN
    rows = catalogue.store.rows(
        "SELECT json_extract(CAST(body AS TEXT), '$.outcome') FROM trail_entry WHERE act = 'backup.verified'"
    )
    assert [row[0] for row in rows] == ["done", "failed", "done"]


@pytest.mark.parametrize("name", ["B-00002", "B-", "00001", "../B-00001", "R-00001"])
def test_an_unknown_backup_is_refused_by_name(catalogue: Catalogue, backup: Backup, name: str) -> None:
    with pytest.raises(Refusal):
        verify(catalogue, name, actor="S1001")


def test_a_failed_backup_cannot_be_verified(catalogue: Catalogue, order: Order, registry_path: Path) -> None:
    registry_path.unlink()
    with pytest.raises(Refusal):
        catalogue.take(order)
    with pytest.raises(Refusal, match="no backup to work with"):
        verify(catalogue, "B-00001", actor="S1001")
