"""Whose work it is to take and open copies by hand."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.people import deputies, operators
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.trail import entries
from backups import duty
from backups.catalogue import Catalogue, Order
from backups.duty import COPYING
from backups.media.log_output import SELECTING
from backups.media.output import EXTRACTING
from backups.restoring import Opening, drill, restore
from tests.backups.conftest import ADMINISTRATOR
from tests.backups.office import Office

ABLE = {"yamada", "ogawa"}


@pytest.mark.parametrize("login", ["yamada", "ogawa", "sato", "suzuki", "kato", "mori", "ito", "abe"])
def test_only_administrators_and_resident_operators_take_a_backup_by_hand(
    catalogue: Catalogue, order: Order, login: str
) -> None:
    Office(catalogue.store)
    by_hand = replace(order, actor=f"S-{login}")
    if login in ABLE:
        assert catalogue.take(by_hand).actor == f"S-{login}"
        return
    with pytest.raises(Refusal, match="a role that you don't hold: Resident operator, System administrator") as refused:
        catalogue.take(by_hand)
    assert refused.value.control == "AC-PRM-05"
    assert not catalogue.page()
    assert not catalogue.folder.exists()


def test_whoever_has_not_the_duty_opens_nothing(
    catalogue: Catalogue, order: Order, opening: Opening, tmp_path: Path
) -> None:
    Office(catalogue.store)
    catalogue.take(order)
    stranger = replace(opening, actor="S-sato")
    with pytest.raises(Refusal) as refused:
        restore(catalogue, "B-00001", tmp_path / "to", stranger)
    assert refused.value.control == "AC-PRM-05"
    with pytest.raises(Refusal, match="role that you don't hold"):
        drill(catalogue, "B-00001", stranger)
    assert not (tmp_path / "to").exists()


def test_an_attempt_is_entered_with_person_terminal_and_control(catalogue: Catalogue, order: Order) -> None:
    Office(catalogue.store)
    with pytest.raises(Refusal):
        catalogue.take(replace(order, actor="S-mori"))
    [entry] = entries.of_act(catalogue.store, "backup.refused")
    assert (entry.actor, entry.terminal, entry.outcome) == ("S-mori", "SR-01", "refused")
    assert entry.details["control"] == "AC-PRM-05"


def test_a_login_whose_validity_ended_takes_no_more(catalogue: Catalogue, order: Order, clock: FixedClock) -> None:
    Office(catalogue.store)
    last = clock.now() + timedelta(days=1)
    with catalogue.store.transaction() as tx:
        operators.set_validity(
            tx,
            ADMINISTRATOR.login,
            valid_from=ADMINISTRATOR.valid_from,
            valid_until=last,
            reason="moved away",
            actor="system",
        )
    catalogue.take(order)
    clock.set(last)
    with pytest.raises(Refusal, match="role that you don't hold"):
        catalogue.take(order)


def test_a_lent_role_takes_for_as_long_as_it_is_lent(catalogue: Catalogue, order: Order, clock: FixedClock) -> None:
    Office(catalogue.store)
    end = clock.now() + timedelta(days=3)
    with catalogue.store.transaction() as tx:
        deputies.appoint(
            tx,
            Role.SYSTEM_ADMIN,
            principal="yamada",
            deputy="mori",
            valid_from=clock.now(),
            valid_until=end,
            reason="leave",
            actor="S-sato",
        )
    assert catalogue.take(replace(order, actor="S-mori")).id == "B-00001"
    clock.set(end)
    with pytest.raises(Refusal):
        catalogue.take(replace(order, actor="S-mori"))


def test_a_nobody_takes_nothing_whatever_the_terminal(catalogue: Catalogue, order: Order) -> None:
    with pytest.raises(Refusal) as refused:
        catalogue.take(replace(order, actor="S-9999"))
    assert refused.value.control == "AC-PRM-05"


def test_a_staff_operator_prepares_extracts_and_takes_no_backup(catalogue: Catalogue) -> None:
    Office(catalogue.store)
    duty.require(catalogue.store, EXTRACTING, actor="S-mori", terminal="SR-01")
    with pytest.raises(Refusal):
        duty.require(catalogue.store, COPYING, actor="S-mori", terminal="SR-01")
    with pytest.raises(Refusal) as refused:
        duty.require(catalogue.store, EXTRACTING, actor="S-sato", terminal="SR-01")
    assert refused.value.control == "BK-MED-01"


def test_the_security_officer_seals_a_selection_of_events(catalogue: Catalogue) -> None:
    Office(catalogue.store)
    duty.require(catalogue.store, SELECTING, actor="S-sato", terminal="SR-01")
    with pytest.raises(Refusal) as refused:
        duty.require(catalogue.store, SELECTING, actor="S-suzuki", terminal="SR-01")
    assert refused.value.control == "MO-LOG-04"
