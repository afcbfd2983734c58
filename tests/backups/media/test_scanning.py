"""Media that are there: ours, strangers', and those that cannot be read."""

from collections.abc import Callable
from pathlib import Path

from backups.media.register import Register
from backups.media.scanning import mounted, scan, unknown
from backups.sealing.sshsig import KeySigner
from tests.backups.media.conftest import SAID, Disk, Sysfs


def test_a_stranger_beside_a_registered_medium_is_named(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner
) -> None:
    ours, stranger = disks(), disks()
    sysfs.show(ours, "S5R9")
    sysfs.show(stranger, "WHO")
    register.register(ours.folder, SAID, signer, actor="S-ito", terminal="SR-01")
    seen = scan(register, [ours.folder, stranger.folder])
    assert [each.known for each in seen] == [True, False]
    (found,) = unknown(seen)
    assert found.observed is not None
    assert (found.observed.device.serial, found.to_json()["medium"]) == ("WHO", None)


def test_the_mounts_are_found_on_this_host(disks: Callable[..., Disk]) -> None:
    disk = disks()
    assert disk.folder in mounted()


def test_the_hosts_own_disks_and_second_mounts_are_passed_over(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, tmp_path: Path
) -> None:
    disk = disks()
    sysfs.show(disk, "S5R9")
    assert scan(register, [Path("/"), tmp_path]) == []
    assert len(scan(register, [disk.folder, disk.folder / "lost+found"])) == 1
    assert scan(register, [disk.folder], fixed=frozenset({disk.folder})) == []


def test_what_cannot_be_read_is_said_to_be_unreadable_not_unknown(
    disks: Callable[..., Disk], register: Register
) -> None:
    disk = disks()  # it is in no sysfs tree
    (seen,) = scan(register, [disk.folder])
    assert seen.observed is None
    assert "no block device" in str(seen.reason)
    assert seen.to_json()["known"] is False
