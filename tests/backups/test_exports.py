"""A backup leaves the house only as it was approved: this file, this place, these hands, once."""

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from backups import ledger
from backups.catalogue import Catalogue, Order
from backups.exports import KIND, backup_export_kind
from backups.sealing.digests import digest_of
from backups.sources.tree import TreeSource
from tests.backups.office import ZONE, Office


@pytest.fixture
def office(catalogue: Catalogue) -> Office:
    return Office(catalogue.store, backup_export_kind(catalogue, zone=ZONE, witness=False))


def approved(office: Office, parameters: dict[str, Any]) -> Request:
    return office.approve(office.submit(KIND, parameters))


def on(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def evidence(request: Request) -> Mapping[str, Any]:
    assert request.performance is not None
    assert request.performance.evidence is not None
    return request.performance.evidence


def reason(request: Request) -> str:
    return str(evidence(request)["reason"])


def test_an_approved_backup_is_written_read_back_and_entered(
    catalogue: Catalogue, office: Office, parameters: dict[str, Any], tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    request = approved(office, parameters)
    done = office.execute(request, progress=lambda now, total: told.append((now, total)))
    assert done.state is State.DONE
    backup = catalogue.get("B-00001")
    assert on(tmp_path / "medium") == sorted(path.name for path in backup.files)
    assert digest_of(tmp_path / "medium" / "B-00001.age").sha256 == parameters["sealed_sha256"]
    line = ledger.find(catalogue.store, 1)
    assert (line.state, line.request, line.sha256, line.actor) == ("out", request.id, backup.sealed_sha256, "S-ogawa")
    assert evidence(done)["output"] == 1
    assert evidence(done)["sha256"] == backup.sealed_sha256
    assert told[-1][0] == told[-1][1]


def test_the_approver_sees_what_leaves_in_whose_hands_and_until_when(
    catalogue: Catalogue, parameters: dict[str, Any]
) -> None:
    kind = backup_export_kind(catalogue, zone=ZONE)
    shown = kind.describe(kind.read(parameters))
    assert shown["SHA-256"] == parameters["sealed_sha256"]
    assert shown["Carrier"] == "山田"
    assert shown["Last day"] == date(2026, 12, 24)
    assert kind.witness


@pytest.mark.parametrize("state", ["submitted", "rejected", "withdrawn"])
def test_nothing_leaves_in_any_state_but_approved(
    office: Office, parameters: dict[str, Any], tmp_path: Path, state: str
) -> None:
    from accesscontrol.requests import decisions, submission

    request = office.submit(KIND, parameters)
    if state == "rejected":
        decisions.reject(office.desk, request.id, office.acting("sato"), reason="no")
    if state == "withdrawn":
        submission.withdraw(office.desk, request.id, office.acting("yamada"))
    with pytest.raises(Refusal):
        office.execute(request)
    assert on(tmp_path / "medium") == []
    assert not ledger.page(office.store)


def test_one_approval_serves_one_export(office: Office, parameters: dict[str, Any], tmp_path: Path) -> None:
    request = approved(office, parameters)
    office.execute(request)
    for path in (tmp_path / "medium").iterdir():
        path.unlink()
    with pytest.raises(Refusal, match="executed already"):
        office.execute(request)
    assert on(tmp_path / "medium") == []


@pytest.mark.parametrize("login", ["yamada", "suzuki", "kato", "mori"])
def test_only_the_security_officer_approves(office: Office, parameters: dict[str, Any], login: str) -> None:
    request = office.submit(KIND, parameters)
    with pytest.raises(Refusal):
        office.approve(request, login)


@pytest.mark.parametrize("login", ["sato", "suzuki", "kato", "mori", "ito", "abe"])
def test_only_those_who_run_the_systems_ask(office: Office, parameters: dict[str, Any], login: str) -> None:
    with pytest.raises(Refusal):
        office.submit(KIND, parameters, login)


def test_it_is_asked_and_done_only_in_the_server_room(office: Office, parameters: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        office.submit(KIND, parameters, terminal="OZ-03")
    assert refused.value.control == "BK-BAK-01"
    request = approved(office, parameters)
    with pytest.raises(Refusal) as refused:
        office.execute(request, terminal="OZ-03")
    assert refused.value.control == "BK-BAK-01"


def test_a_witness_is_seated_first_where_the_site_asks_for_one(
    catalogue: Catalogue, parameters: dict[str, Any]
) -> None:
    office = Office(catalogue.store, backup_export_kind(catalogue, zone=ZONE, witness=True))
    request = approved(office, parameters)
    with pytest.raises(Refusal) as refused:
        office.execute(request)
    assert refused.value.control == "BK-MED-05"
    office.attest(request)
    assert office.execute(request).state is State.DONE


def test_a_backup_that_changed_after_approval_does_not_leave(
    catalogue: Catalogue, office: Office, parameters: dict[str, Any], tmp_path: Path
) -> None:
    request = approved(office, parameters)
    backup = catalogue.get("B-00001")
    data = bytearray(backup.sealed.read_bytes())
    data[-1] ^= 1
    backup.sealed.write_bytes(data)
    with pytest.raises(Refusal, match="not the one with this SHA-256"):
        office.execute(request)
    assert on(tmp_path / "medium") == []


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_backup_that_lost_a_file_cannot_even_be_asked_for(
    catalogue: Catalogue, office: Office, parameters: dict[str, Any], which: int
) -> None:
    catalogue.get("B-00001").files[which].unlink()
    with pytest.raises(Refusal, match="not the one with this SHA-256"):
        office.submit(KIND, parameters)


@pytest.mark.parametrize(
    "change",
    [
        {"sealed_sha256": "0" * 64},
        {"sealed_sha256": "short"},
        {"backup": "B-00002"},
        {"due": "2026-11-23"},
        {"due": "soon"},
        {"ending": "keep"},
        {"carrier": ""},
        {"carrier": "山田\x1b[2J"},
        {"destination": "x" * 201},
        {"more": "1"},
    ],
)
def test_what_makes_no_sense_is_refused_at_once(
    office: Office, parameters: dict[str, Any], change: dict[str, str]
) -> None:
    with pytest.raises(Refusal):
        office.submit(KIND, {**parameters, **change})


def test_the_last_day_lasts_to_its_end_in_the_sites_zone(
    office: Office, parameters: dict[str, Any], clock: FixedClock
) -> None:
    clock.set(clock.now().replace(hour=14, minute=59))  # 23:59 in Tokyo
    office.submit(KIND, {**parameters, "due": "2026-11-24"})
    clock.advance(timedelta(minutes=1))
    with pytest.raises(Refusal, match="has passed"):
        office.submit(KIND, {**parameters, "due": "2026-11-24"})


def test_a_lock_placed_while_it_is_written_stops_it_and_leaves_no_half_file(
    catalogue: Catalogue, office: Office, parameters: dict[str, Any], tmp_path: Path
) -> None:
    def lock(done: int, total: int) -> None:
        if not locks.in_force(office.store, office.store.clock.now()):
            locks.place(office.store, "person", "S-ogawa", reason="wrong", actor="S-sato")

    done = office.execute(approved(office, parameters), progress=lock)
    assert done.state is State.FAILED
    assert "locked" in reason(done)
    assert on(tmp_path / "medium") == []
    assert ledger.find(office.store, 1).state == "failed"


def test_a_name_that_is_there_already_is_neither_overwritten_nor_removed(
    office: Office, parameters: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "medium" / "B-00001.age").write_text("mine")
    done = office.execute(approved(office, parameters))
    assert done.state is State.FAILED
    assert on(tmp_path / "medium") == ["B-00001.age"]
    assert (tmp_path / "medium" / "B-00001.age").read_text() == "mine"


def test_a_full_medium_fails_and_leaves_no_half_file(
    catalogue: Catalogue,
    office: Office,
    order: Order,
    parameters: dict[str, Any],
    small_disk: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "much").write_bytes(os.urandom(3 << 20))
    backup = catalogue.take(replace(order, source=TreeSource("files", tmp_path / "files")))
    disk = small_disk("4m")
    named = {**parameters, "backup": backup.id, "sealed_sha256": backup.sealed_sha256, "folder": str(disk)}
    first = office.execute(approved(office, named))
    assert first.state is State.FAILED
    assert "bytes free" in reason(first)

    other = small_disk("5m")

    def fill(done: int, total: int) -> None:  # another writer takes the room after the check
        if not (other / "some").exists():
            (other / "some").write_bytes(os.urandom(3 << 20))

    second = office.execute(approved(office, {**named, "folder": str(other)}), progress=fill)
    assert second.state is State.FAILED
    assert "no room left" in reason(second)
    assert (on(disk), on(other)) == ([], ["some"])
    assert [line.state for line in ledger.page(office.store)] == ["failed", "failed"]


def test_a_store_that_cannot_write_its_line_leaves_nothing_on_the_medium(
    office: Office, parameters: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> ledger.Output:
        raise Refusal("Nothing was done: the store can't be written.")

    request = approved(office, parameters)
    monkeypatch.setattr(ledger, "close_writing", fail)
    assert office.execute(request).state is State.FAILED
    assert on(tmp_path / "medium") == []
    monkeypatch.undo()
    assert [line.number for line in ledger.broken_off(office.store)] == [1]


def test_a_missing_folder_is_refused_at_once(office: Office, parameters: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="does not exist"):
        office.submit(KIND, {**parameters, "folder": str(tmp_path / "gone")})


def test_another_disk_in_the_approved_place_is_refused(
    office: Office, parameters: dict[str, Any], small_disk: Callable[[str], Path]
) -> None:
    disk = small_disk("2m")
    request = approved(office, {**parameters, "folder": str(disk)})
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(disk)], check=True)
    try:
        with pytest.raises(Refusal, match="changed"):
            office.execute(request)
        assert on(disk) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_what_is_out_after_its_last_day_is_overdue_until_it_is_back(
    office: Office, parameters: dict[str, Any], clock: FixedClock
) -> None:
    office.execute(approved(office, parameters))
    assert not ledger.overdue(office.store, clock.now(), ZONE)
    clock.advance(timedelta(days=31))
    assert [line.number for line in ledger.overdue(office.store, clock.now(), ZONE)] == [1]
    with pytest.raises(Refusal, match="Say how"):
        ledger.end(office.store, 1, state="returned", actor="S-ito", terminal="SR-01", note=" ")
    ended = ledger.end(office.store, 1, state="returned", actor="S-ito", terminal="SR-01", note="seal unbroken")
    assert (ended.state, ended.ended_by) == ("returned", "S-ito")
    assert not ledger.overdue(office.store, clock.now(), ZONE)
    with pytest.raises(Refusal, match="is not out"):
        ledger.end(office.store, 1, state="destroyed", actor="S-ito", terminal="SR-01", note="again")


def test_the_ledger_is_paged(office: Office, parameters: dict[str, Any], tmp_path: Path) -> None:
    office.execute(approved(office, parameters))
    (tmp_path / "second").mkdir()
    office.execute(approved(office, {**parameters, "folder": str(tmp_path / "second")}))
    assert [line.number for line in ledger.page(office.store)] == [2, 1]
    assert [line.number for line in ledger.page(office.store, before=2)] == [1]
    assert ledger.page(office.store, medium="M-0002") == []
    assert ledger.page(office.store)[0].to_json()["number"] == 2
