"""A medium that shows signs of its end is told; one that is failing is not written to, and what it harmed is not kept."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.requests import reading
from accesscontrol.requests.states import State
from backups import ledger
from backups.catalogue import Catalogue, Order
from backups.media.checking import check
from backups.media.condition import condition_of, errors_counted
from backups.media.devices import Device, probe
from backups.media.register import Register
from backups.sealing.sshsig import KeySigner
from tests.backups.media.conftest import SAID, Disk, Sysfs
from tests.backups.media.test_failing import exported, rot

CARD = Device(
    node="/dev/mmcblk7p1",
    disk="mmcblk7",
    serial="0x1",
    model="",
    uuid="9999-0001",
    filesystem="vfat",
    size=1 << 30,
    diskseq=1,
    removable=True,
    read_only=False,
)


def told(sysfs: Path, facts: dict[str, str]) -> list[tuple[str, bool]]:
    """Return the signs of a card of which the kernel shows these facts."""
    folder = sysfs / "block" / CARD.disk / "device"
    folder.mkdir(parents=True)
    for name, text in facts.items():
        (folder / name).write_text(text)
    return [(str(sign), sign.failing) for sign in condition_of(CARD, sysfs).signs]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"ioerr_cnt": "0x3\n"}, ("3 commands to it failed", False)),
        ({"pre_eol_info": "0x02\n"}, ("for the greater part", False)),
        ({"pre_eol_info": "0x03\n"}, ("spare blocks are used up", True)),
        ({"life_time": "0x0a 0x01\n"}, ("used 90 %", False)),
        ({"life_time": "0x01 0x0b\n"}, ("used up the writing life", True)),
    ],
)
def test_what_the_kernel_counts_is_a_sign(tmp_path: Path, facts: dict[str, str], said: tuple[str, bool]) -> None:
    ((words, failing),) = told(tmp_path, facts)
    assert said[0] in words
    assert failing is said[1]


@pytest.mark.parametrize(
    "facts",
    [{}, {"ioerr_cnt": "0x0\n", "life_time": "0x01 0x01\n", "pre_eol_info": "0x01\n"}, {"ioerr_cnt": "nonsense"}],
)
def test_a_sound_or_silent_device_shows_no_sign(tmp_path: Path, facts: dict[str, str]) -> None:
    assert told(tmp_path, facts) == []


def test_nothing_is_called_monitored_that_has_no_monitor(tmp_path: Path) -> None:
    assert condition_of(CARD, tmp_path).to_json() == {"failing": False, "monitored": False, "signs": []}


def harmed(disk: Disk) -> None:
    """Let the kernel record an error of the medium's file system, as it does when a sector is lost."""
    (Path("/sys/fs/ext4") / Path(disk.loop).name / "trigger_fs_error").write_text("test")


def test_a_file_system_that_recorded_errors_is_not_written_to(
    disks: Callable[..., Disk],
    sysfs: Sysfs,
    register: Register,
    signer: KeySigner,
    catalogue: Catalogue,
    order: Order,
) -> None:
    disk = disks()
    office, request = exported(disk, sysfs, register, signer, catalogue, order)
    harmed(disk)
    done = office.execute(reading.get(office.store, request))
    assert (done.state, ledger.page(office.store)) == (State.FAILED, [])
    assert done.performance is not None
    assert "M-0001 is near its end" in str(done.performance.evidence)
    found = check(register, disk.folder, actor="S-ito", terminal="SR-01")
    assert ["recorded 1 errors" in str(fault) for fault in found.faults] == [True]


def test_an_error_while_it_is_written_keeps_nothing_and_says_so_in_the_ledger(
    disks: Callable[..., Disk],
    sysfs: Sysfs,
    register: Register,
    signer: KeySigner,
    catalogue: Catalogue,
    order: Order,
) -> None:
    disk = disks()
    office, request = exported(disk, sysfs, register, signer, catalogue, order)

    def fail_at_the_end(done: int, total: int) -> None:
        if done == total:
            harmed(disk)

    done = office.execute(reading.get(office.store, request), progress=fail_at_the_end)
    (line,) = ledger.page(office.store)
    assert (done.state, line.state) == (State.FAILED, "failed")
    assert "reports an error" in line.note
    assert [name for name in disk.names() if name.startswith("B-")] == []


def test_a_failing_medium_is_not_registered(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner
) -> None:
    disk = disks()
    sysfs.show(disk, "S5R9")
    harmed(disk)
    with pytest.raises(Refusal, match="near its end"):
        register.register(disk.folder, SAID, signer, actor="S-ito", terminal="SR-01")


def test_sectors_that_btrfs_found_changed_are_counted(disks: Callable[..., Disk]) -> None:
    disk = disks(filesystem="btrfs")
    content = bytes(range(256)) * 64
    (disk.folder / "file").write_bytes(content)
    disk.detach()
    rot(disk.image, content[:4096])
    disk.attach()
    with pytest.raises(OSError, match="Input/output error"):
        (disk.folder / "file").read_bytes()
    uuid = probe(disk.loop)["UUID"]
    device = replace(CARD, node=disk.loop, disk=Path(disk.loop).name, filesystem="btrfs", uuid=uuid)
    assert errors_counted(device) > 0
    assert condition_of(device).failing
