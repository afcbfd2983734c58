"""Backups are erased by approved list only, and never the last good one."""

from typing import Any

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.requests.states import State
from backups.catalogue import Catalogue, Order
from backups.erasure import KIND, backup_erasure_kind
from backups.records import Health
from tests.backups.office import Office


@pytest.fixture
def office(catalogue: Catalogue) -> Office:
    return Office(catalogue.store, backup_erasure_kind(catalogue))


def naming(catalogue: Catalogue, *names: str) -> dict[str, Any]:
    return {"backups": [{"backup": name, "sealed_sha256": catalogue.get(name).sealed_sha256} for name in names]}


def test_the_approved_list_is_erased_and_the_lines_stay(catalogue: Catalogue, order: Order, office: Office) -> None:
    for _ in range(3):
        catalogue.take(order)
    request = office.approve(office.submit(KIND, naming(catalogue, "B-00001", "B-00002")), "abe")
    assert office.execute(request).state is State.DONE
    assert [each.health for each in catalogue.page()] == [Health.UNPROVEN, Health.ERASED, Health.ERASED]
    left = {path.name for path in catalogue.folder.iterdir()} - {".lock"}
    assert left == {path.name for path in catalogue.get("B-00003").files}
    assert catalogue.strays() == []


def test_the_security_officer_cannot_approve_an_erasure(catalogue: Catalogue, order: Order, office: Office) -> None:
    catalogue.take(order)
    catalogue.take(order)
    with pytest.raises(Refusal):
        office.approve(office.submit(KIND, naming(catalogue, "B-00001")), "sato")


def test_the_last_good_backup_is_never_erased(catalogue: Catalogue, order: Order, office: Office) -> None:
    catalogue.take(order)
    with pytest.raises(Refusal) as refused:
        office.submit(KIND, naming(catalogue, "B-00001"))
    assert refused.value.control == "BK-BAK-03"


def test_a_list_that_became_the_last_good_backups_is_stopped_at_execution(
    catalogue: Catalogue, order: Order, office: Office
) -> None:
    catalogue.take(order)
    catalogue.take(order)
    first = office.approve(office.submit(KIND, naming(catalogue, "B-00001")), "abe")
    second = office.approve(office.submit(KIND, naming(catalogue, "B-00002")), "abe")
    office.execute(first)
    with pytest.raises(Refusal, match="without a good backup"):
        office.execute(second)


def test_a_copy_that_outlived_its_erasure_in_a_crash_is_swept_away(
    catalogue: Catalogue, order: Order, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue.take(order)
    catalogue.take(order)
    request = office.approve(office.submit(KIND, naming(catalogue, "B-00001")), "abe")
    monkeypatch.setattr("backups.folders.remove", lambda *_: None)  # as if killed before the files were removed
    office.execute(request)
    monkeypatch.undo()
    assert len(catalogue.strays()) == 3
    catalogue.sweep()
    assert catalogue.strays() == []
    assert all(path.exists() for path in catalogue.get("B-00002").files)


@pytest.mark.parametrize(
    "parameters",
    [
        {"backups": []},
        {"backups": [{"backup": "B-00001", "sealed_sha256": "0" * 64}]},
        {"backups": [{"backup": "B-00009", "sealed_sha256": "0" * 64}]},
    ],
)
def test_an_empty_or_wrong_list_is_refused(
    catalogue: Catalogue, order: Order, office: Office, parameters: dict[str, Any]
) -> None:
    catalogue.take(order)
    with pytest.raises(Refusal):
        office.submit(KIND, parameters)


def test_a_list_that_names_one_twice_is_refused(catalogue: Catalogue, order: Order, office: Office) -> None:
    catalogue.take(order)
    catalogue.take(order)
    with pytest.raises(Refusal, match="twice"):
        office.submit(KIND, naming(catalogue, "B-00001", "B-00001"))
