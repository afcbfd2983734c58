"""Media are known by serial, UUID and signed label together; a copy or a swap is no medium of ours."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accesscontrol.refusals import Refusal
from backups.media import labels
from backups.media.register import FactTitle, Medium, Observed, Register, every
from backups.media.writing import Held, hold
from backups.sealing.sshsig import KeySigner
from tests.backups.conftest import Tool
from tests.backups.media.conftest import SAID, Disk, Sysfs


def enter(register: Register, disk: Disk, signer: KeySigner) -> Medium:
    return register.register(disk.folder, SAID, signer, actor="S-ito", terminal="SR-01")


def observe(register: Register, disk: Disk) -> Observed:
    with hold(disk.folder) as held:
        return register.observe(held)


def test_a_registered_medium_is_known_again_after_it_was_taken_out(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner
) -> None:
    disk = disks()
    sysfs.show(disk, "S5R9")
    medium = enter(register, disk, signer)
    assert (medium.id, medium.serial, medium.state, medium.place) == ("M-0001", "S5R9", "registered", "倉庫A")
    before = observe(register, disk)
    disk.detach()
    disk.attach()
    sysfs.show(disk, "S5R9")
    after = observe(register, disk)
    assert after.known
    assert after.agreed == {"serial": True, "uuid": True, "label": True}
    assert after.identity() != before.identity()  # the approval was for the earlier attachment


def test_the_label_is_checked_by_ssh_keygen_too(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner, tool: Tool, tmp_path: Path
) -> None:
    disk = disks()
    sysfs.show(disk, "S5R9")
    enter(register, disk, signer)
    from backups.sealing import sshsig

    (tmp_path / "allowed").write_text(sshsig.allowed_signer("city", signer.public_key, labels.NAMESPACE))
    command = [tool("ssh-keygen"), "-Y", "verify", "-f", str(tmp_path / "allowed"), "-I", "city"]
    command += ["-n", labels.NAMESPACE, "-s", str(disk.folder / labels.SIGNATURE)]
    subprocess.run(command, input=(disk.folder / labels.NAME).read_bytes(), check=True, capture_output=True)


def test_a_clone_is_told_by_its_serial(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner
) -> None:
    disk, clone = disks(), disks()
    sysfs.show(disk, "S5R9")
    enter(register, disk, signer)
    disk.unmount()
    clone.detach()
    clone.image.write_bytes(disk.image.read_bytes())
    clone.attach()
    sysfs.show(clone, "OTHER")
    seen = observe(register, clone)
    assert seen.agreed == {"serial": False, "uuid": True, "label": True}
    assert not seen.known
    with pytest.raises(Refusal, match=r"not what was registered \(serial number\)"):
        register.require_writable(seen, "M-0001")
    with pytest.raises(Refusal, match="copy of one"):
        enter(register, clone, signer)


def test_a_reformatted_medium_is_unknown(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner
) -> None:
    disk = disks()
    sysfs.show(disk, "S5R9")
    enter(register, disk, signer)
    disk.detach()
    subprocess.run(["mkfs.ext4", "-q", "-F", "-O", "^has_journal", str(disk.image)], check=True)
    disk.attach()
    sysfs.show(disk, "S5R9")
    seen = observe(register, disk)
    assert seen.medium is None
    with pytest.raises(Refusal, match="is not the medium M-0001"):
        register.require_writable(seen, "M-0001")


def test_a_medium_that_lost_its_label_shows_which_facts_still_agree(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner
) -> None:
    disk = disks()
    sysfs.show(disk, "S5R9")
    enter(register, disk, signer)
    (disk.folder / labels.NAME).unlink()
    (disk.folder / labels.SIGNATURE).unlink()
    assert observe(register, disk).agreed == {"serial": True, "uuid": True, "label": False}


@pytest.mark.parametrize("damage", ["label", "signature", "half"])
def test_a_label_that_was_tampered_with_is_no_label(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner, damage: str
) -> None:
    disk = disks()
    sysfs.show(disk, "S5R9")
    enter(register, disk, signer)
    path = disk.folder / (labels.SIGNATURE if damage == "signature" else labels.NAME)
    if damage == "half":
        path.unlink()
    else:
        path.write_text(path.read_text().replace("M-0001", "M-0002").replace("AAAA", "AAAB"))
    seen = observe(register, disk)
    assert seen.label_fault
    assert not seen.known


def test_a_label_by_a_stranger_counts_for_nothing(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner
) -> None:
    disk = disks()
    sysfs.show(disk, "S5R9")
    stranger = KeySigner("X", Ed25519PrivateKey.generate())
    with pytest.raises(Refusal, match="not among the trusted"):
        enter(register, disk, stranger)
    with hold(disk.folder) as held:
        label = labels.Label(medium="M-0001", serial="S5R9", uuid="x", nonce="y")
        labels.attach(held, label, stranger)
    assert "unknown key" in observe(register, disk).label_fault


def test_a_medium_with_files_that_nobody_entered_is_not_registered(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner
) -> None:
    disk = disks()
    sysfs.show(disk, "S5R9")
    (disk.folder / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(Refusal, match=r"holiday\.jpg"):
        enter(register, disk, signer)
    assert every(register.store) == []


def test_flash_memory_is_not_allowed_unless_the_site_says_so(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner
) -> None:
    disk = disks()
    sysfs.show(disk, "S5R9")
    flash = replace(SAID, kind="flash")
    with pytest.raises(Refusal) as refused:
        register.register(disk.folder, flash, signer, actor="S-ito", terminal="SR-01")
    assert refused.value.control == "BK-MED-03"
    lenient = replace(register, allowed=frozenset({"flash"}))
    assert lenient.register(disk.folder, flash, signer, actor="S-ito", terminal="SR-01").kind == "flash"


@pytest.mark.parametrize("change", [{"place": " "}, {"virus_check": ""}, {"purpose": "\x1b"}, {"kind": "floppy"}])
def test_a_medium_needs_place_purpose_and_virus_check(
    register: Register, signer: KeySigner, tmp_path: Path, change: dict[str, str]
) -> None:
    with pytest.raises(Refusal):
        register.register(tmp_path, replace(SAID, **change), signer, actor="S-ito", terminal="SR-01")  # type: ignore[arg-type]  # of any type in a test


def test_a_folder_of_the_hosts_own_disk_is_no_medium(register: Register, signer: KeySigner, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(Refusal, match="not a mounted medium"):
        register.register(tmp_path / "folder", SAID, signer, actor="S-ito", terminal="SR-01")


def test_a_full_medium_refuses_its_label_and_is_not_registered(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = disks()
    sysfs.show(disk, "S5R9")

    def full(held: Held, label: labels.Label, signer: KeySigner) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(labels, "attach", full)
    with pytest.raises(OSError, match="space"):
        enter(register, disk, signer)
    assert every(register.store) == []
    acts = [row["act"] for row in register.store.rows("SELECT act FROM trail_entry WHERE act LIKE 'medium.%'")]
    assert acts == ["medium.planned", "medium.registered"]


def test_the_list_shows_numbers_and_identities_as_plain_values(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner
) -> None:
    disk = disks()
    sysfs.show(disk, "S5R9")
    enter(register, disk, signer)
    (line,) = (medium.to_json() for medium in every(register.store))
    assert (line["id"], line["number"], line["serial"]) == ("M-0001", 1, "S5R9")
    seen = observe(register, disk).to_json()
    assert (seen["medium"], seen["known"]) == ("M-0001", True)
    assert os.path.ismount(str(seen["folder"]))


def test_what_does_not_agree_is_named_in_words_that_can_be_translated(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner
) -> None:
    disk = disks()
    sysfs.show(disk, "S5R9")
    enter(register, disk, signer)
    sysfs.show(disk, "OTHER")
    with pytest.raises(Refusal, match=r"\(serial number\)") as refused:
        register.require_writable(observe(register, disk), "M-0001")
    assert refused.value.fields["wrong"] == [FactTitle.SERIAL]


def test_a_serial_that_neither_device_nor_register_has_is_no_agreement(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner
) -> None:
    disk = disks()
    sysfs.show(disk, "")
    register.register(disk.folder, SAID, signer, actor="S-ito", terminal="SR-01")
    with hold(disk.folder) as held:
        seen = register.observe(held)
    assert (seen.known, dict(seen.agreed)) == (True, {"uuid": True, "label": True})


def test_a_medium_is_registered_once_also_after_it_lost_its_label(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner
) -> None:
    disk = disks()
    sysfs.show(disk, "S5R9")
    enter(register, disk, signer)
    with pytest.raises(Refusal, match="registered already"):
        enter(register, disk, signer)
    for name in ("sekisho-label.json", "sekisho-label.json.sig"):
        (disk.folder / name).unlink()
    with pytest.raises(Refusal, match="registered already"):
        enter(register, disk, signer)
    assert len(every(register.store)) == 1
