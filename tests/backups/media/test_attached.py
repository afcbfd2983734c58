"""Disks that are plugged in and mounted nowhere are seen too."""

from collections.abc import Callable
from pathlib import Path

from backups.media.attached import blocks, scan_unmounted
from backups.media.register import Register
from backups.sealing.sshsig import KeySigner
from tests.backups.media.conftest import SAID, Disk, Sysfs


def test_a_disk_that_nobody_mounted_is_named_with_serial_and_uuid(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register
) -> None:
    disk = disks()
    disk.unmount()
    sysfs.show(disk, "WHO", name="sdb")
    (seen,) = scan_unmounted(register, [])
    assert seen.observed is not None
    assert (seen.folder, seen.known, seen.observed.mounted) == (Path(disk.loop), False, False)
    assert (seen.observed.device.serial, bool(seen.observed.device.uuid)) == ("WHO", True)


def test_a_registered_medium_that_nobody_mounted_agrees_in_all_but_the_label(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner
) -> None:
    disk = disks()
    sysfs.show(disk, "S5R9", name="sdb")
    register.register(disk.folder, SAID, signer, actor="S-ito", terminal="SR-01")
    disk.unmount()
    (seen,) = scan_unmounted(register, [])
    assert seen.observed is not None
    assert seen.observed.agreed == {"serial": True, "uuid": True, "label": False}
    assert not seen.observed.known


def test_mounted_disks_and_those_of_the_host_are_passed_over(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register
) -> None:
    disk = disks()
    sysfs.show(disk, "S5R9", name="sdb")
    assert scan_unmounted(register, [disk.folder]) == []
    assert scan_unmounted(register, [], frozenset({disk.folder})) == []


def test_what_cannot_be_read_is_unreadable(disks: Callable[..., Disk], sysfs: Sysfs, register: Register) -> None:
    disk = disks()
    sysfs.show(disk, "S5R9", name="sdb", uevent="DEVNAME=no-such-device\n")
    disk.unmount()
    (seen,) = scan_unmounted(register, [])
    assert (seen.observed, "cannot be read" in str(seen.reason)) == (None, True)


def test_memory_loops_and_empty_drives_are_no_media(disks: Callable[..., Disk], sysfs: Sysfs) -> None:
    disk = disks()
    sysfs.show(disk, "S5R9")  # under the name of its loop device
    assert blocks(sysfs.root) == []
    sysfs.show(disk, "S5R9", name="sr0", size="0\n")
    assert blocks(sysfs.root) == []
    sysfs.show(disk, "S5R9", name="sdb")
    assert [block.disk for block in blocks(sysfs.root)] == ["sdb"]


def test_a_disk_with_partitions_is_told_by_its_partitions(tmp_path: Path) -> None:
    for number, entry in (("8:16", "devices/sdb"), ("8:17", "devices/sdb/sdb1")):
        folder = tmp_path / entry
        folder.mkdir(parents=True)
        (folder / "size").write_text("2048\n")
        (folder / "uevent").write_text(f"DEVNAME={folder.name}\n")
        link = tmp_path / "dev" / "block" / number
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(folder)
    (tmp_path / "devices/sdb/sdb1/partition").write_text("1\n")
    assert [(block.node.name, block.disk, block.is_part) for block in blocks(tmp_path)] == [
        ("sdb", "sdb", False),
        ("sdb1", "sdb", True),
    ]
