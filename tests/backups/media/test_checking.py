"""A byte that changed anywhere on a medium is found when the medium is looked at again, and so is what is strange."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies

from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from accesscontrol.trail import entries
from backups import ledger
from backups.catalogue import Catalogue, Order
from backups.exports import KIND, backup_export_kind
from backups.media.checking import Check, check
from backups.media.destinations import MediaDestinations
from backups.media.register import Register
from backups.sealing.sshsig import KeySigner
from tests.backups.media.conftest import SAID, Disk, Sysfs
from tests.backups.office import ZONE, Office


@pytest.fixture
def disk(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner, catalogue: Catalogue, order: Order
) -> Disk:
    """Return a registered medium on which one backup left."""
    disk = disks()
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
    office.execute(office.approve(office.submit(KIND, parameters)))
    assert ledger.find(catalogue.store, 1).state == "out"
    return disk


def look(register: Register, disk: Disk) -> Check:
    return check(register, disk.folder, actor="S-ito", terminal="SR-01")


def test_an_untouched_medium_is_whole_after_it_was_put_in_anew(disk: Disk, sysfs: Sysfs, register: Register) -> None:
    disk.detach()
    disk.attach()
    sysfs.show(disk, "S5R9")
    found = look(register, disk)
    assert (found.good, found.outputs, found.medium.id) == (True, [1], "M-0001")
    assert found.to_json()["agreed"] == {"serial": True, "uuid": True, "label": True}


NAMES = ("B-00001.age", "B-00001.manifest.jsonl", "B-00001.manifest.jsonl.sig", "sekisho-label.json")


def test_a_byte_changed_anywhere_in_any_file_is_found(disk: Disk, register: Register) -> None:
    whole = {name: (disk.folder / name).read_bytes() for name in NAMES}

    @settings(max_examples=60, deadline=None)
    @given(strategies.sampled_from(NAMES), strategies.floats(0, 1, exclude_max=True))
    def change_anything(name: str, where: float) -> None:
        data = bytearray(whole[name])
        data[int(len(data) * where)] ^= 1
        (disk.folder / name).write_bytes(data)
        assert not look(register, disk).good
        (disk.folder / name).write_bytes(whole[name])

    change_anything()
    assert look(register, disk).good


def test_a_byte_changed_on_the_device_below_the_file_system_is_found(
    disk: Disk, sysfs: Sysfs, register: Register
) -> None:
    content = (disk.folder / "B-00001.age").read_bytes()
    disk.detach()
    image = bytearray(disk.image.read_bytes())
    place = image.index(content[:4096])
    image[place + 2000] ^= 1
    disk.image.write_bytes(image)
    disk.attach()
    sysfs.show(disk, "S5R9")
    (fault,) = look(register, disk).faults
    assert str(fault) == "B-00001.age was changed: its SHA-256 differs."


def test_missing_and_strange_files_are_named_and_the_book_says_so(disk: Disk, register: Register, store: Store) -> None:
    (disk.folder / "B-00001.age").unlink()
    (disk.folder / "game.exe").write_text("")
    assert [str(fault) for fault in look(register, disk).faults] == [
        "B-00001.age is missing.",
        "game.exe is in no ledger.",
    ]
    (entry,) = [each for each in entries.about(store, "M-0001") if each.act == "medium.checked"]
    assert entry.outcome == "failed"


def test_what_came_back_is_no_stranger_and_is_read_again_until_it_is_removed(
    disk: Disk, register: Register, store: Store
) -> None:
    ledger.end(store, 1, state="returned", actor="S-ito", terminal="SR-01", note="movement No. 2")
    found = look(register, disk)
    assert (found.good, found.outputs) == (True, [1])
    content = bytearray((disk.folder / "B-00001.age").read_bytes())
    content[-1] ^= 1
    (disk.folder / "B-00001.age").write_bytes(content)
    assert [str(fault) for fault in look(register, disk).faults] == ["B-00001.age was changed: its SHA-256 differs."]
    for name in NAMES[:3]:
        (disk.folder / name).unlink()
    assert (look(register, disk).good, look(register, disk).outputs) == (True, [])


def test_a_clone_with_every_byte_right_still_does_not_agree(disk: Disk, sysfs: Sysfs, register: Register) -> None:
    sysfs.show(disk, "OTHER")
    (fault,) = look(register, disk).faults
    assert str(fault) == "The medium's serial number is not what was registered."


def test_what_is_no_medium_of_ours_is_refused(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, tmp_path: Path
) -> None:
    stranger = disks()
    sysfs.show(stranger, "WHO")
    with pytest.raises(Refusal, match="no registered medium"):
        look(register, stranger)
    with pytest.raises(Refusal, match="not a mounted medium"):
        look(register, replace(stranger, folder=tmp_path))
