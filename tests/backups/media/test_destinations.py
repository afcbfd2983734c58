"""An approval for a medium holds for that medium, in that attachment, with nothing unknown on it."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from backups import ledger
from backups.catalogue import Catalogue, Order
from backups.exports import KIND, backup_export_kind
from backups.media.destinations import EitherDestinations, FolderDestinations, MediaDestinations
from backups.media.devices import Device
from backups.media.register import Register
from backups.records import Backup
from backups.sealing.digests import digest_of
from backups.sealing.sshsig import KeySigner
from tests.backups.media.conftest import SAID, Disk, Sysfs
from tests.backups.office import ZONE, Office


@pytest.fixture
def disk(disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner) -> Disk:
    disk = disks()
    sysfs.show(disk, "S5R9")
    register.register(disk.folder, SAID, signer, actor="S-ito", terminal="SR-01")
    return disk


@pytest.fixture
def office(catalogue: Catalogue, register: Register) -> Office:
    where = EitherDestinations(MediaDestinations(register), FolderDestinations())
    return Office(catalogue.store, backup_export_kind(catalogue, zone=ZONE, witness=False, destinations=where))


@pytest.fixture
def parameters(catalogue: Catalogue, order: Order, disk: Disk) -> dict[str, Any]:
    return named_for(catalogue.take(order), "M-0001") | {"folder": str(disk.folder)}


def named_for(backup: Backup, medium: str) -> dict[str, Any]:
    """Return what a request for ``backup`` on ``medium`` names, the folder aside."""
    return {
        "backup": backup.id,
        "sealed_sha256": backup.sealed_sha256,
        "medium": medium,
        "carrier": "山田",
        "destination": "〇〇倉庫",
        "purpose": "災害対策の遠隔地保管",
        "ending": "return",
        "due": "2026-12-24",
    }


def approved(office: Office, parameters: dict[str, Any]) -> Request:
    return office.approve(office.submit(KIND, parameters))


def failure(request: Request) -> str:
    assert request.state is State.FAILED
    assert request.performance is not None
    assert request.performance.evidence is not None
    return str(request.performance.evidence["reason"])


def test_a_backup_goes_to_the_approved_medium(office: Office, parameters: dict[str, Any], disk: Disk) -> None:
    assert office.execute(approved(office, parameters)).state is State.DONE
    assert digest_of(disk.folder / "B-00001.age").sha256 == parameters["sealed_sha256"]
    assert ledger.page(office.store, medium="M-0001")[0].state == "out"


def test_a_second_backup_finds_only_known_files_on_the_medium(
    office: Office, catalogue: Catalogue, order: Order, parameters: dict[str, Any], disk: Disk
) -> None:
    office.execute(approved(office, parameters))
    second = catalogue.take(order)
    named = {**parameters, "backup": second.id, "sealed_sha256": second.sealed_sha256}
    assert office.execute(approved(office, named)).state is State.DONE
    (disk.folder / "holiday.jpg").write_bytes(b"x")
    third = catalogue.take(order)
    named = {**parameters, "backup": third.id, "sealed_sha256": third.sealed_sha256}
    assert "holiday.jpg" in failure(office.execute(approved(office, named)))


def test_a_medium_that_was_taken_out_and_put_in_again_is_approved_again(
    office: Office, parameters: dict[str, Any], disk: Disk, sysfs: Sysfs
) -> None:
    request = approved(office, parameters)
    disk.detach()
    disk.attach()
    sysfs.show(disk, "S5R9")
    with pytest.raises(Refusal, match="no longer is what was approved"):
        office.execute(request)
    assert not (disk.folder / "B-00001.age").exists()


def test_an_approval_for_one_medium_does_not_serve_another(
    office: Office,
    parameters: dict[str, Any],
    disk: Disk,
    disks: Callable[..., Disk],
    sysfs: Sysfs,
    register: Register,
    signer: KeySigner,
) -> None:
    request = approved(office, parameters)
    other = disks()
    sysfs.show(other, "OTHER")
    register.register(other.folder, SAID, signer, actor="S-ito", terminal="SR-01")
    disk.unmount()
    other.unmount()
    subprocess.run(["mount", other.loop, str(disk.folder)], check=True)
    with pytest.raises(Refusal, match="is not the medium M-0001"):
        office.execute(request)
    assert not (disk.folder / "B-00001.age").exists()


def test_a_medium_swapped_after_the_gate_looked_is_refused_at_the_first_byte(
    office: Office, parameters: dict[str, Any], disk: Disk, sysfs: Sysfs, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = approved(office, parameters)
    calls = []
    identify = MediaDestinations.identify

    def identify_then_swap(self: MediaDestinations, place: Any) -> str:
        found = identify(self, place)
        calls.append(found)
        disk.detach()
        disk.attach()
        sysfs.show(disk, "S5R9")
        return found

    monkeypatch.setattr(MediaDestinations, "identify", identify_then_swap)
    assert "not the one that was approved" in failure(office.execute(request))
    assert calls
    assert not (disk.folder / "B-00001.age").exists()


def test_a_medium_yanked_while_it_is_written_fails_with_a_true_line(
    office: Office, parameters: dict[str, Any], disk: Disk
) -> None:
    def yank(done: int, total: int) -> None:
        if disk.folder.is_mount():
            disk.unmount("-l")

    assert failure(office.execute(approved(office, parameters), progress=yank))
    (line,) = ledger.page(office.store)
    assert (line.state, line.written_at) == ("failed", None)
    assert list(disk.folder.iterdir()) == []


def test_an_unknown_medium_is_refused_when_folders_are_not_allowed(
    catalogue: Catalogue, register: Register, parameters: dict[str, Any]
) -> None:
    strict = MediaDestinations(register)
    office = Office(catalogue.store, backup_export_kind(catalogue, zone=ZONE, witness=False, destinations=strict))
    with pytest.raises(Refusal, match="is not the medium M-0099"):
        office.submit(KIND, {**parameters, "medium": "M-0099"})


def test_a_locked_medium_stops_it(office: Office, parameters: dict[str, Any]) -> None:
    request = approved(office, parameters)
    locks.place(office.store, "medium", "M-0001", reason="lost", actor="S-sato")
    with pytest.raises(Refusal, match="locked"):
        office.execute(request)


def test_a_medium_without_a_label_is_written_to_as_a_folder_where_folders_stand_for_media(
    catalogue: Catalogue, order: Order, register: Register, tmp_path: Path
) -> None:
    where = EitherDestinations(MediaDestinations(register), FolderDestinations(tmp_path))
    office = Office(catalogue.store, backup_export_kind(catalogue, zone=ZONE, witness=False, destinations=where))
    device = Device(
        node="", disk="", serial="S5R9", model="", uuid="u", filesystem="ext4", size=1, diskseq=0, removable=True,
        read_only=False,
    )  # fmt: skip
    medium = register.take_over(device, SAID, actor="S-ito", terminal="SR-01")
    (tmp_path / "stands-for-it").mkdir()
    named = {**named_for(catalogue.take(order), medium.id), "folder": "stands-for-it"}
    assert office.execute(approved(office, named)).state is State.DONE
    assert (tmp_path / "stands-for-it" / "B-00001.age").exists()
    with catalogue.store.transaction() as tx:
        tx.execute("UPDATE medium SET state = 'disposed'")
        tx.record("medium.disposed", actor="S-ito")
    with pytest.raises(Refusal, match="not in use"):
        office.submit(KIND, {**named_for(catalogue.take(order), medium.id), "folder": "stands-for-it"})
