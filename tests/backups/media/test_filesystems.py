"""The same rules hold on ext4, xfs and btrfs, each of which shows devices, room and faults in its own way."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from backups.media.register import Register, require_mount
from backups.media.scanning import scan
from backups.media.writing import hold, remove, require_room, write
from backups.newfile import Unwritable
from backups.sealing.digests import Digest, digest_of, silent
from backups.sealing.sshsig import KeySigner
from tests.backups.media.conftest import SAID, Disk, Sysfs

FILE_SYSTEMS = ("ext4", "xfs", "btrfs")


@pytest.fixture(params=FILE_SYSTEMS)
def disk(request: pytest.FixtureRequest, disks: Callable[..., Disk]) -> Disk:
    return disks(filesystem=request.param)


@pytest.fixture
def content(tmp_path: Path) -> tuple[Path, Digest]:
    path = tmp_path / "content"
    path.write_bytes(os.urandom(3 << 20))
    return path, digest_of(path)


def test_a_medium_is_registered_and_known_again_in_every_fact(
    disk: Disk, sysfs: Sysfs, register: Register, signer: KeySigner
) -> None:
    sysfs.show(disk, "S5R9")
    medium = register.register(disk.folder, SAID, signer, actor="S-ito", terminal="SR-01")
    assert (medium.serial, bool(medium.uuid)) == ("S5R9", True)
    disk.detach()
    disk.attach()
    sysfs.show(disk, "S5R9")
    (seen,) = scan(register, [disk.folder])
    assert seen.known
    assert seen.observed is not None
    assert (seen.observed.device.node, seen.observed.device.filesystem) == (disk.loop, medium.filesystem)


def test_what_is_written_is_there_after_the_medium_was_mounted_anew(disk: Disk, content: tuple[Path, Digest]) -> None:
    source, digest = content
    with hold(disk.folder) as held:
        write(held, source, "B-00001.age", digest, silent)
    disk.unmount()
    disk.mount("ro")
    assert digest_of(disk.folder / "B-00001.age") == digest


def test_a_medium_with_too_little_room_takes_nothing(disk: Disk) -> None:
    with hold(disk.folder) as held:
        free = os.fstatvfs(held.descriptor).f_bavail * os.fstatvfs(held.descriptor).f_frsize
        with pytest.raises(Unwritable, match="bytes free"):
            require_room(held, free)


def test_a_medium_that_is_full_all_the_same_is_left_without_a_half_file(disk: Disk, tmp_path: Path) -> None:
    source = tmp_path / "large"
    with source.open("wb") as file:
        file.truncate(disk.image.stat().st_size)
    before = disk.names()
    with hold(disk.folder) as held, pytest.raises(Unwritable):
        write(held, source, "B-00001.age", digest_of(source), silent)
    assert disk.names() == before


def test_a_read_only_mount_takes_nothing(disk: Disk) -> None:
    disk.unmount()
    disk.mount("ro")
    with hold(disk.folder) as held, pytest.raises(Unwritable, match="read-only"):
        require_room(held, 1)


def test_a_medium_that_is_yanked_before_the_rename_has_no_file_of_that_name(
    disk: Disk, content: tuple[Path, Digest]
) -> None:
    source, digest = content

    def yank(done: int, total: int) -> None:
        if done == total:
            disk.unmount("-l")

    with hold(disk.folder) as held, pytest.raises(Unwritable, match="was changed while it was used"):
        write(held, source, "B-00001.age", digest, yank)
    assert list(disk.folder.iterdir()) == []  # nothing fell onto the host's own disk either
    disk.mount()
    assert "B-00001.age" not in disk.names()


def test_another_medium_mounted_over_it_is_noticed(
    disk: Disk, disks: Callable[..., Disk], content: tuple[Path, Digest]
) -> None:
    source, digest = content
    other = disks()

    def swap(done: int, total: int) -> None:
        if done == total:
            subprocess.run(["mount", other.loop, str(disk.folder)], check=True)

    with hold(disk.folder) as held, pytest.raises(Unwritable, match="was changed while it was used"):
        write(held, source, "B-00001.age", digest, swap)
    disk.unmount()
    assert "B-00001.age" not in [*disk.names(), *other.names()]


def test_a_folder_inside_a_medium_is_no_medium(disk: Disk) -> None:
    inside = disk.folder / "inside"
    inside.mkdir()
    with hold(inside) as held, pytest.raises(Refusal, match="not a mounted medium"):
        require_mount(held)


def test_a_btrfs_subvolume_is_no_medium_though_it_shows_a_device_of_its_own(disks: Callable[..., Disk]) -> None:
    disk = disks(filesystem="btrfs")
    inside = disk.folder / "inside"
    subprocess.run(["btrfs", "subvolume", "create", str(inside)], check=True, capture_output=True)
    assert inside.stat().st_dev != disk.folder.stat().st_dev
    with hold(inside) as held, pytest.raises(Refusal, match="not a mounted medium"):
        require_mount(held)


def test_a_second_subvolume_of_the_same_btrfs_is_the_same_medium(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, tmp_path: Path
) -> None:
    disk = disks(filesystem="btrfs")
    sysfs.show(disk, "S5R9")
    subprocess.run(["btrfs", "subvolume", "create", str(disk.folder / "b")], check=True, capture_output=True)
    (tmp_path / "second").mkdir()
    subprocess.run(["mount", "-o", "subvol=b", disk.loop, str(tmp_path / "second")], check=True)
    try:
        assert len(scan(register, [disk.folder, tmp_path / "second"])) == 1
    finally:
        subprocess.run(["umount", str(tmp_path / "second")], check=True)


def test_removing_from_a_medium_leaves_nothing_of_that_name(disk: Disk, content: tuple[Path, Digest]) -> None:
    source, digest = content
    with hold(disk.folder) as held:
        write(held, source, "B-00001.age", digest, silent)
        remove(held, "B-00001.age")
    assert "B-00001.age" not in disk.names()
