"""Disks that are attached and not mounted: plugged in and waiting, where a look at the mounts alone misses them."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from accesscontrol.refusals import Refusal
from backups.media.register import Register
from backups.media.scanning import FIXED, Seen, numbers_of

_NO_MEDIA = ("ram", "zram", "loop", "dm-", "md", "nbd")
"""Disks made of memory, or of files and disks that are looked at themselves."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block device with something in it: its number, its node, and the disk that it is or is a part of."""

    number: int
    node: Path
    disk: str
    is_part: bool


def blocks(sysfs: Path) -> list[Block]:
    """Return the block devices of this host that can be media."""
    found = []
    for link in sorted((sysfs / "dev" / "block").glob("*:*")):
        entry = link.resolve()
        is_part = (entry / "partition").exists()
        disk = entry.parent.name if is_part else entry.name
        if disk.startswith(_NO_MEDIA) or _text(entry / "size") in {"", "0"}:
            continue
        major, _, minor = link.name.partition(":")
        names = dict(line.partition("=")[::2] for line in _text(entry / "uevent").splitlines())
        node = Path("/dev") / names.get("DEVNAME", entry.name)
        found.append(Block(os.makedev(int(major), int(minor)), node, disk, is_part))
    return found


def scan_unmounted(register: Register, folders: Iterable[Path], fixed: frozenset[Path] = FIXED) -> list[Seen]:
    """Look at every attached device that is mounted at none of ``folders``, the disks of ``fixed`` aside.

    A label cannot be read without mounting, so that such a medium never counts as known in every fact. A disk
    with partitions is told by its partitions.
    """
    every = blocks(register.sysfs)
    mounted, own = numbers_of(folders), numbers_of(fixed)
    hosts = {block.disk for block in every if block.number in own}
    parted = {block.disk for block in every if block.is_part}
    return [
        _look(register, block)
        for block in every
        if block.disk not in hosts and block.number not in mounted and (block.is_part or block.disk not in parted)
    ]


def _look(register: Register, block: Block) -> Seen:
    try:
        return Seen(block.node, register.observe_unmounted(block.number, block.node))
    except Refusal as refusal:
        return Seen(block.node, None, refusal)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
