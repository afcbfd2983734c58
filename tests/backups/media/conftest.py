"""Real media: images of file systems on loop devices, mounted; and a tree that stands for /sys with serials in it."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from backups.media.register import Register, Registration
from backups.sealing.sshsig import KeySigner
from tests.backups.conftest import Tool
from tests.services.availability import skip_for_kernel

LEAST = {"ext4": 16 << 20, "btrfs": 160 << 20, "xfs": 320 << 20}
"""Bytes of a small medium: what each file system needs at the least; the images are sparse."""


@dataclass
class Disk:
    """One medium: an image, the loop device that it is attached to, and where it is mounted."""

    image: Path
    folder: Path
    loop: str = ""

    def attach(self) -> None:
        """Attach and mount, as a person who puts it in."""
        found = subprocess.run(["losetup", "-f", "--show", str(self.image)], check=True, capture_output=True, text=True)
        self.loop = found.stdout.strip()
        self.mount()

    def mount(self, options: str = "nodev,nosuid,noexec") -> None:
        self.folder.mkdir(exist_ok=True)
        subprocess.run(["mount", "-o", options, self.loop, str(self.folder)], check=True)

    def unmount(self, *options: str) -> None:
        subprocess.run(["umount", *options, str(self.folder)], check=True)

    def detach(self) -> None:
        """Unmount and detach, as a person who takes it out."""
        while subprocess.run(["umount", "-l", str(self.folder)], capture_output=True, check=False).returncode == 0:
            pass  # a dead medium can't even be asked whether it is mounted
        if self.loop:
            subprocess.run(["losetup", "-d", self.loop], check=True)
            self.loop = ""

    @property
    def number(self) -> int:
        """The device number."""
        return Path(self.loop).stat().st_rdev

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def disks(tmp_path: Path, tool: Tool) -> Iterator[Callable[..., Disk]]:
    """Return a function that makes, attaches and mounts a medium, ext4 if nothing else is asked; only root can."""
    if os.geteuid() != 0:
        pytest.skip("only root can attach and mount a medium")
    for name in ("losetup", "mkfs.ext4", "mkfs.xfs", "mkfs.btrfs", "blkid", "mount"):
        tool(name)
    made: list[Disk] = []

    def make(size: int = 0, *, filesystem: str = "ext4") -> Disk:
        disk = Disk(tmp_path / f"disk{len(made)}.img", tmp_path / f"mounted{len(made)}")
        with disk.image.open("wb") as file:
            file.truncate(size or LEAST[filesystem])
        options = ["-O", "^has_journal"] if filesystem == "ext4" else []
        subprocess.run([f"mkfs.{filesystem}", "-q", *options, str(disk.image)], check=True)
        made.append(disk)
        try:
            disk.attach()
        except subprocess.CalledProcessError:
            if f"\t{filesystem}\n" not in Path("/proc/filesystems").read_text():
                skip_for_kernel(f"the file system {filesystem}")
            raise
        return disk

    yield make
    for disk in made:
        with suppress(subprocess.CalledProcessError):
            disk.detach()


@dataclass
class Sysfs:
    """A tree that stands for /sys: the real facts of a loop device, and a serial that it has not."""

    root: Path

    def show(self, disk: Disk, serial: str, *, name: str = "", **facts: str) -> None:
        """Show ``disk`` with a serial, under ``name`` or that of its loop device."""
        real = Path("/sys/block") / Path(disk.loop).name
        entry = self.root / "devices" / (name or Path(disk.loop).name)
        (entry / "device").mkdir(parents=True, exist_ok=True)
        for fact in ("dev", "size", "ro", "removable", "diskseq", "uevent"):
            (entry / fact).write_text((real / fact).read_text())
        (entry / "device" / "serial").write_text(serial + "\n")
        for place, target in ((self.root / "block" / entry.name, entry), (self.root / "fs", Path("/sys/fs"))):
            place.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                place.symlink_to(target)
        for fact, value in facts.items():
            (entry / fact).write_text(value)
        link = self.root / "dev" / "block" / f"{os.major(disk.number)}:{os.minor(disk.number)}"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(entry)


@pytest.fixture
def sysfs(tmp_path: Path) -> Sysfs:
    return Sysfs(tmp_path / "sys")


@pytest.fixture
def register(store: "object", sysfs: Sysfs, signer: KeySigner) -> Register:
    from accesscontrol.store import Store

    assert isinstance(store, Store)
    return Register(store=store, trusted=frozenset({signer.public_key}), sysfs=sysfs.root)


SAID = Registration(kind="solid-state", place="倉庫A", purpose="月次バックアップ", virus_check="2026-11-24 検査済み")
