"""An unregistered medium is entered once an attachment, in the list and in the trail, and waits for a person."""

from collections.abc import Callable

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from accesscontrol.trail import entries
from backups.media import sightings
from backups.media.register import Observed, Register
from backups.media.scanning import scan
from backups.sealing.sshsig import KeySigner
from tests.backups.media.conftest import SAID, Disk, Sysfs


def look(register: Register, *disks: Disk) -> list[Observed]:
    return [each.observed for each in scan(register, [disk.folder for disk in disks]) if each.observed]


def acts(store: Store) -> list[str]:
    return [each.act for each in entries.page(store, limit=100) if each.act.startswith("sighting")]


def test_a_stranger_is_entered_once_however_often_one_looks(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, store: Store
) -> None:
    disk = disks()
    sysfs.show(disk, "WHO")
    (entered,) = sightings.note(store, look(register, disk))
    assert (entered.serial, entered.medium, entered.folder) == ("WHO", "", str(disk.folder))
    assert sightings.note(store, look(register, disk)) == []
    assert acts(store) == ["sighting.entered"]


def test_taking_it_out_and_putting_it_in_again_is_a_new_attachment(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, store: Store
) -> None:
    disk = disks()
    sysfs.show(disk, "WHO")
    sightings.note(store, look(register, disk))
    sightings.note(store, [])
    disk.detach()
    disk.attach()
    sysfs.show(disk, "WHO")
    (again,) = sightings.note(store, look(register, disk))
    assert again.number == 2
    assert acts(store) == ["sighting.entered", "sighting.gone", "sighting.entered"]


def test_our_own_medium_is_no_sighting_and_one_with_a_wrong_serial_is(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner, store: Store
) -> None:
    disk = disks()
    sysfs.show(disk, "S5R9")
    register.register(disk.folder, SAID, signer, actor="S-ito", terminal="SR-01")
    assert sightings.note(store, look(register, disk)) == []
    sysfs.show(disk, "OTHER")
    (found,) = sightings.note(store, look(register, disk))
    assert (found.medium, found.wrong) == ("M-0001", "serial")


def test_a_person_closes_it_with_words_and_only_once(
    disks: Callable[..., Disk], sysfs: Sysfs, register: Register, store: Store
) -> None:
    disk = disks()
    sysfs.show(disk, "WHO")
    sightings.note(store, look(register, disk))
    with pytest.raises(Refusal, match="whose medium"):
        sightings.close(store, 1, note=" ", actor="S-sato", terminal="SR-01")
    closed = sightings.close(store, 1, note="保守業者の持込み、返却した", actor="S-sato", terminal="SR-01")
    assert (closed.closed_by, sightings.waiting(store)) == ("S-sato", [])
    with pytest.raises(Refusal, match="no open sighting"):
        sightings.close(store, 1, note="again", actor="S-sato", terminal="SR-01")
