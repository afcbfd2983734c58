"""Writing to a medium that is full, protected, swapped, unmounted, mounted over, lying or rotting."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from backups.media import writing
from backups.media.register import require_mount
from backups.media.writing import hold, write
from backups.newfile import Unwritable
from backups.sealing.digests import Digest, digest_of, silent
from tests.backups.media.conftest import Disk


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "B-00001.age"
    path.write_bytes(os.urandom(3 << 20))
    return path


def put(disk: Disk, source: Path, **change: Digest) -> None:
    with hold(disk.folder) as held:
        write(held, source, source.name, change.get("expected", digest_of(source)), silent)


def test_what_was_written_is_there_after_the_medium_was_taken_out(disks: Callable[..., Disk], source: Path) -> None:
    disk = disks()
    told: list[tuple[int, int]] = []
    with hold(disk.folder) as held:
        write(held, source, "B-00001.age", digest_of(source), lambda done, total: told.append((done, total)))
    assert told[0][1] == told[-1][0] == 2 * source.stat().st_size
    disk.detach()
    disk.attach()
    assert digest_of(disk.folder / "B-00001.age") == digest_of(source)
    assert disk.names() == ["B-00001.age", "lost+found"]


def test_what_is_not_as_expected_is_not_left(disks: Callable[..., Disk], source: Path) -> None:
    disk = disks()
    with pytest.raises(Unwritable, match="read back"):
        put(disk, source, expected=Digest(source.stat().st_size, "0" * 64))
    assert disk.names() == ["lost+found"]


def test_bytes_that_rot_between_write_and_read_back_are_found(
    disks: Callable[..., Disk], source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = disks()
    honest = os.fsync

    def rotting(descriptor: int) -> None:
        """Change the bytes on the device behind the file system's back, as a failing device does."""
        honest(descriptor)
        if monkeypatch_done:
            return
        monkeypatch_done.append(True)
        data = source.read_bytes()[4096 : 4096 + 64]
        raw = disk.image.read_bytes()
        with Path(disk.loop).open("r+b", buffering=0) as device:
            device.seek(raw.index(data))
            device.write(bytes(64))
            honest(device.fileno())

    monkeypatch_done: list[bool] = []
    monkeypatch.setattr(os, "fsync", rotting)
    with pytest.raises(Unwritable, match="read back"):
        put(disk, source)
    monkeypatch.undo()
    assert disk.names() == ["lost+found"]


def test_a_name_is_never_overwritten_also_not_through_a_link(disks: Callable[..., Disk], source: Path) -> None:
    disk = disks()
    (disk.folder / source.name).symlink_to("/etc/passwd")
    with pytest.raises(Refusal, match="not overwritten"):
        put(disk, source)
    (disk.folder / source.name).unlink()
    (disk.folder / f"{source.name}.part").symlink_to("/etc/motd")
    with pytest.raises(Refusal, match="broken-off"):
        put(disk, source)


def test_room_is_checked_with_some_spare(disks: Callable[..., Disk]) -> None:
    disk = disks()
    with hold(disk.folder) as held:
        room = os.fstatvfs(held.descriptor)
        free = room.f_bavail * room.f_frsize
        with pytest.raises(Unwritable, match="are needed"):
            writing.require_room(held, free)
        writing.require_room(held, free // 2)


def test_a_medium_that_fills_up_while_it_is_written_keeps_no_half_file(
    disks: Callable[..., Disk], tmp_path: Path
) -> None:
    disk = disks()
    big = tmp_path / "big"
    big.write_bytes(bytes(20 << 20))
    with pytest.raises(Unwritable, match="no room left"):
        put(disk, big)
    assert disk.names() == ["lost+found"]


def test_a_write_protected_medium_is_refused(disks: Callable[..., Disk], source: Path) -> None:
    disk = disks()
    disk.unmount()
    disk.mount("ro")
    with hold(disk.folder) as held, pytest.raises(Unwritable, match="read-only"):
        writing.require_room(held, 1)
    with pytest.raises(Unwritable, match="is read-only"):
        put(disk, source)


def test_a_held_medium_cannot_be_unmounted_in_the_ordinary_way(disks: Callable[..., Disk]) -> None:
    disk = disks()
    with hold(disk.folder):
        assert subprocess.run(["umount", str(disk.folder)], capture_output=True, check=False).returncode != 0


@contextmanager
def at_half(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> Iterator[None]:
    """Do ``act`` after the bytes were written and before they are given their name."""
    honest = writing._read_back

    def read_back(*arguments: object) -> Digest:
        found = honest(*arguments)  # type: ignore[arg-type]  # of any type in a test
        act()
        return found

    monkeypatch.setattr(writing, "_read_back", read_back)
    yield
    monkeypatch.undo()


def test_a_medium_that_was_unmounted_by_force_gets_no_finished_file(
    disks: Callable[..., Disk], source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = disks()
    with at_half(monkeypatch, lambda: disk.unmount("-l")), pytest.raises(Unwritable, match="was changed"):
        put(disk, source)
    assert list(disk.folder.iterdir()) == []  # nothing fell through onto the host's own disk
    disk.mount()
    assert disk.names() == ["lost+found"]


def test_a_medium_that_was_mounted_over_gets_no_finished_file(
    disks: Callable[..., Disk], source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, other = disks(), disks()

    def mount_over() -> None:
        subprocess.run(["mount", other.loop, str(disk.folder)], check=True)

    with at_half(monkeypatch, mount_over), pytest.raises(Unwritable, match="was changed"):
        put(disk, source)
    assert disk.names() == ["lost+found"]  # the other one
    disk.unmount()
    assert disk.names() == ["lost+found"]


def test_the_same_disk_mounted_a_second_time_in_the_same_place_is_noticed(
    disks: Callable[..., Disk], source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = disks()

    def mount_again() -> None:
        subprocess.run(["mount", "--bind", str(disk.folder), str(disk.folder)], check=True)

    with at_half(monkeypatch, mount_again), pytest.raises(Unwritable, match="was changed"):
        put(disk, source)
    disk.unmount()


def test_a_folder_beside_the_mount_is_no_medium(disks: Callable[..., Disk]) -> None:
    disk = disks()
    with hold(disk.folder) as held:
        require_mount(held)
    disk.unmount()
    with hold(disk.folder) as held, pytest.raises(Refusal, match="not a mounted medium"):
        require_mount(held)


def test_a_medium_that_stops_taking_writes_is_found_by_fsync(
    disks: Callable[..., Disk], small_disk: Callable[[str], Path], tmp_path: Path
) -> None:
    cramped = small_disk("12m")
    disk = disks()
    disk.detach()
    image = cramped / "image"
    image.write_bytes(b"")
    os.truncate(image, 64 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-O", "^has_journal", str(image)], check=True)
    disk.image = image
    disk.attach()
    big = tmp_path / "big"
    big.write_bytes(os.urandom(16 << 20))
    with pytest.raises((Unwritable, OSError)):
        put(disk, big)
    disk.detach()


def test_a_cancelled_write_leaves_nothing(disks: Callable[..., Disk], source: Path) -> None:
    disk = disks()

    class Cancelled(Exception):  # noqa: N818 - as the product names it
        pass

    def cancel(done: int, total: int) -> None:
        raise Cancelled

    with hold(disk.folder) as held, pytest.raises(Cancelled):
        write(held, source, "x", digest_of(source), cancel)
    assert disk.names() == ["lost+found"]
