"""An officer or a witness whose time or key has ended lets nothing leave, whenever it ended."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.people import keys, operators
from accesscontrol.people.keys import Signature
from accesscontrol.refusals import Refusal
from accesscontrol.requests import decisions
from accesscontrol.requests.decisions import AFTER
from accesscontrol.requests.states import State
from accesscontrol.trail import entries
from backups import ledger
from backups.catalogue import Catalogue
from backups.exports import KIND, backup_export_kind
from tests.backups.office import ROOT, ZONE, Office

HOUR = timedelta(hours=1)


@pytest.fixture
def office(catalogue: Catalogue) -> Office:
    return Office(catalogue.store, backup_export_kind(catalogue, zone=ZONE))


def ends(office: Office, login: str, at: datetime) -> None:
    """Let the validity of ``login`` end at ``at``."""
    since = datetime(2026, 4, 1, tzinfo=UTC)
    with office.store.transaction() as tx:
        operators.set_validity(tx, login, valid_from=since, valid_until=at, reason="moved away", actor="system")


def nothing_left(office: Office, tmp_path: Path) -> bool:
    return not list((tmp_path / "medium").iterdir()) and not ledger.page(office.store)


def test_an_officer_whose_validity_ended_approves_no_more(
    office: Office, parameters: dict[str, Any], clock: FixedClock, tmp_path: Path
) -> None:
    ends(office, "sato", clock.now() + HOUR)
    request = office.submit(KIND, parameters)
    clock.advance(HOUR)
    with pytest.raises(Refusal) as refused:
        office.approve(request)
    assert refused.value.control == "AC-AUT-03"
    assert [each.outcome for each in entries.of_act(office.store, "request.approval-refused")] == ["refused"]
    assert nothing_left(office, tmp_path)


def test_an_approval_ends_with_the_validity_of_the_officer_who_gave_it(
    office: Office, parameters: dict[str, Any], clock: FixedClock, tmp_path: Path
) -> None:
    ends(office, "sato", clock.now() + HOUR)
    request = office.approve(office.submit(KIND, parameters))
    office.attest(request)
    clock.advance(HOUR)
    with pytest.raises(Refusal, match="lacks a valid approval"):
        office.execute(request)
    assert nothing_left(office, tmp_path)


def key_changed_after(office: Office, clock: FixedClock, login: str) -> Callable[[bytes], Signature]:
    """Return a signing whose key is replaced, a second later, before its signature arrives."""

    def sign(message: bytes) -> Signature:
        key_id, value = keys.sign(office.store, login, ROOT, message)
        signed = Signature(
            key_id=key_id,
            login=login,
            staff_number=f"S-{login}",
            at=clock.now(),
            value=value,
            factor_method="totp",
            factor_kind="substitute",
        )
        clock.advance(timedelta(seconds=1))
        with office.store.transaction() as tx:
            keys.issue(tx, operators.get(tx, login), ROOT, actor="system")
        clock.advance(timedelta(seconds=1))
        return signed

    return sign


def test_a_key_that_ended_signs_no_approval(
    office: Office, parameters: dict[str, Any], clock: FixedClock, tmp_path: Path
) -> None:
    request = office.submit(KIND, parameters)
    with pytest.raises(Refusal, match="The signature is not yours"):
        decisions.approve(
            office.desk,
            request.id,
            office.acting("sato"),
            seen=request.digest,
            sign=key_changed_after(office, clock, "sato"),
        )
    assert nothing_left(office, tmp_path)


def test_an_approval_outlives_the_key_that_gave_it_in_time(
    office: Office, parameters: dict[str, Any], clock: FixedClock
) -> None:
    request = office.approve(office.submit(KIND, parameters))
    clock.advance(HOUR)
    with office.store.transaction() as tx:
        keys.issue(tx, operators.get(tx, "sato"), ROOT, actor="system")  # a new password, and so a new key
    office.attest(request)
    assert office.execute(request).state is State.DONE


def test_a_witness_whose_validity_ended_is_not_seated(
    office: Office, parameters: dict[str, Any], clock: FixedClock, tmp_path: Path
) -> None:
    ends(office, "suzuki", clock.now() + HOUR)
    request = office.approve(office.submit(KIND, parameters))
    clock.advance(HOUR)
    with pytest.raises(Refusal):
        office.attest(request)
    with pytest.raises(Refusal, match="witness must be seated first"):
        office.execute(request)
    assert nothing_left(office, tmp_path)


def test_a_witness_who_was_seated_in_time_and_whose_validity_ends_lets_nothing_be_written(
    office: Office, parameters: dict[str, Any], clock: FixedClock, tmp_path: Path
) -> None:
    ends(office, "suzuki", clock.now() + HOUR)
    request = office.approve(office.submit(KIND, parameters))
    office.attest(request)
    clock.advance(HOUR)
    with pytest.raises(Refusal) as refused:
        office.execute(request)
    assert refused.value.control == "BK-MED-05"
    assert nothing_left(office, tmp_path)


def test_a_key_that_ended_attests_nothing_before_and_nothing_after(
    office: Office, parameters: dict[str, Any], clock: FixedClock
) -> None:
    request = office.approve(office.submit(KIND, parameters))
    actor = office.acting("suzuki")
    for phase in (decisions.BEFORE, AFTER):
        with pytest.raises(Refusal, match="The signature is not yours"):
            decisions.attest(
                office.desk,
                request.id,
                actor,
                phase=phase,
                statement="I saw it.",
                sign=key_changed_after(office, clock, "suzuki"),
            )
        if phase == decisions.BEFORE:
            office.attest(request)
            office.execute(request)
