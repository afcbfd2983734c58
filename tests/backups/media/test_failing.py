"""Media that die under the hand: taken out while they are written, unreadable in one place, slow to the last byte."""

import fcntl
import os
import re
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from accesscontrol.requests import reading
from accesscontrol.requests.states import State
from backups import ledger
from backups.catalogue import Catalogue, Order
from backups.exports import KIND, backup_export_kind
from backups.media import writing
from backups.media.checking import check
from backups.media.destinations import MediaDestinations
from backups.media.register import Register
from backups.media.writing import hold, write
from backups.newfile import Unwritable
from backups.sealing.digests import Digest, digest_of, silent
from backups.sealing.sshsig import KeySigner
from tests.backups.media.conftest import SAID, Disk, Sysfs
from tests.backups.office import ZONE, Office

_SHUT_DOWN = 0x8004587D  # FS_IOC_SHUTDOWN: from now on the device is gone for its file system
GONE = r"reports an error|was changed while it was used"
_WITHOUT_FLUSH = struct.pack("I", 2)


def take_out(disk: Disk) -> None:
    """Do to a mounted medium what pulling it does: nothing more is read or written, and the log is not flushed."""
    folder = os.open(disk.folder, os.O_RDONLY)
    try:
        fcntl.ioctl(folder, _SHUT_DOWN, _WITHOUT_FLUSH)
    finally:
        os.close(folder)


def put_in_again(disk: Disk) -> None:
    disk.detach()
    disk.attach()


def rot(image: Path, content: bytes) -> None:
    """Change a byte of ``content`` where it lies in the image of a device."""
    with image.open("r+b") as file:
        place = file.read().index(content)
        file.seek(place + len(content) // 2)
        file.write(bytes([content[len(content) // 2] ^ 1]))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "B-00001.age"
    path.write_bytes(os.urandom(3 << 20))
    return path


@pytest.mark.parametrize("filesystem", ["ext4", "xfs"])
@pytest.mark.parametrize("moment", ["_copy", "_read_back"])
def test_a_medium_taken_out_while_it_is_written_has_no_file_under_the_name(
    disks: Callable[..., Disk], source: Path, monkeypatch: pytest.MonkeyPatch, filesystem: str, moment: str
) -> None:
    disk = disks(filesystem=filesystem)
    honest: Callable[..., Digest] = getattr(writing, moment)

    def interrupted(*arguments: object) -> Digest:
        found = honest(*arguments)
        take_out(disk)
        return found

    monkeypatch.setattr(writing, moment, interrupted)
    with hold(disk.folder) as held, pytest.raises(Unwritable, match=GONE):
        write(held, source, source.name, digest_of(source), silent)
    put_in_again(disk)
    assert source.name not in disk.names()


def exported(
    disk: Disk, sysfs: Sysfs, register: Register, signer: KeySigner, catalogue: Catalogue, order: Order
) -> tuple[Office, str]:
    """Register the medium and have a backup approved for it; return the office and the request."""
    sysfs.show(disk, "S5R9")
    register.register(disk.folder, SAID, signer, actor="S-ito", terminal="SR-01")
    kind = backup_export_kind(catalogue, zone=ZONE, destinations=MediaDestinations(register), witness=False)
    office = Office(catalogue.store, kind)
    parameters = {
        "backup": "B-00001",
        "sealed_sha256": catalogue.take(order).sealed_sha256,
        "medium": "M-0001",
        "folder": str(disk.folder),
        "carrier": "山田",
        "destination": "倉庫",
        "purpose": "月次",
        "ending": "return",
        "due": "2026-12-24",
    }
    return office, office.approve(office.submit(KIND, parameters)).id


@pytest.mark.parametrize("share", [0.0, 0.4, 0.9])
def test_the_ledger_says_that_a_medium_taken_out_has_nothing_on_it(
    disks: Callable[..., Disk],
    sysfs: Sysfs,
    register: Register,
    signer: KeySigner,
    catalogue: Catalogue,
    order: Order,
    share: float,
) -> None:
    disk = disks()
    office, request = exported(disk, sysfs, register, signer, catalogue, order)
    taken_out: list[bool] = []

    def pull(done: int, total: int) -> None:
        if done >= share * total and not taken_out:
            take_out(disk)
            taken_out.append(True)

    done = office.execute(reading.get(office.store, request), progress=pull)
    assert done.state is State.FAILED
    (line,) = ledger.page(office.store)
    assert (line.state, line.written_at) == ("failed", None)
    assert re.search(GONE, line.note)
    put_in_again(disk)
    assert "B-00001.age" not in disk.names()


def test_a_place_that_cannot_be_read_back_is_a_failed_writing(
    disks: Callable[..., Disk], source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = disks(filesystem="btrfs")  # which answers a wrong sector as a dying device does: with an error
    honest = writing._read_back

    def read_back(*arguments: object) -> Digest:
        rot(disk.image, source.read_bytes()[1 << 20 : (1 << 20) + 4096])
        return honest(*arguments)  # type: ignore[arg-type]  # of any type in a test

    monkeypatch.setattr(writing, "_read_back", read_back)
    with hold(disk.folder) as held, pytest.raises(Unwritable, match="reports an error"):
        write(held, source, source.name, digest_of(source), silent)
    assert disk.names() == []


def test_a_sector_that_cannot_be_read_any_more_is_found_at_the_next_look(
    disks: Callable[..., Disk],
    sysfs: Sysfs,
    register: Register,
    signer: KeySigner,
    catalogue: Catalogue,
    order: Order,
) -> None:
    below = disks(320 << 20, filesystem="btrfs")  # it checks each sector of the image of the medium on top of it
    disk = disks()
    disk.detach()
    disk.image = Path(shutil.copy(disk.image, below.folder))
    disk.attach()
    office, request = exported(disk, sysfs, register, signer, catalogue, order)
    office.execute(reading.get(office.store, request))
    disk.detach()
    below.detach()
    rot(below.image, catalogue.get("B-00001").sealed.read_bytes()[:4096])
    below.attach()
    disk.attach()
    sysfs.show(disk, "S5R9")
    found = check(register, disk.folder, actor="S-ito", terminal="SR-01")
    assert "B-00001.age cannot be read: Input/output error" in [str(fault) for fault in found.faults]
    disk.detach()
