"""Nobody gets, changes or regains access to the console alone."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest

from accesscontrol.clock import end_of_day
from accesscontrol.people import operators
from accesscontrol.people.operators import State as OperatorState
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import submission
from accesscontrol.requests.operator_kinds import operator_kinds
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from accesscontrol.rows import DamagedRowError
from accesscontrol.store import Store
from tests.accesscontrol.requests.city import ZONE, City

NEWCOMER: dict[str, Any] = {
    "staff_number": "S777",
    "login": "kobayashi",
    "name": "小林　涼",
    "name_kana": "コバヤシ　リョウ",
    "office": "市民課",
    "roles": ["operator"],
    "last_day": "2027-03-31",
}


@dataclass
class Hall:
    """A city hall whose desk also knows the kinds about operators."""

    city: City

    @property
    def store(self) -> Store:
        return self.city.store

    def submit(self, kind: str, parameters: dict[str, Any], login: str = "hayashi") -> Request:
        return submission.submit(self.city.desk, kind, parameters, self.city.acting(login), reason="tested")


@pytest.fixture
def hall(city: City) -> Hall:
    city.kinds.update({kind.name: kind for kind in operator_kinds(city.store, ZONE)})
    return Hall(city)


def test_a_new_operator_is_valid_to_the_end_of_the_last_day(hall: Hall) -> None:
    request = hall.submit("operator-add", NEWCOMER)
    assert operators.find(hall.store, "kobayashi") is None
    hall.city.approve(request, "sato")
    assert hall.city.execute(request, "yamada").state is State.DONE
    found = operators.get(hall.store, "kobayashi")
    assert found.valid_until == end_of_day(date(2027, 3, 31), ZONE)
    assert found.roles == {Role.OPERATOR}


def test_nobody_approves_their_own_change(hall: Hall) -> None:
    change = {"login": "sato", "roles": ["security_officer", "business_owner"]}
    request = hall.submit("operator-change", change)
    with pytest.raises(Refusal, match="themselves"):
        hall.city.approve(request, "sato")
    hall.city.approve(request, "tanaka")
    hall.city.execute(request, "yamada")
    assert Role.BUSINESS_OWNER in operators.get(hall.store, "sato").roles


def test_an_end_is_an_end(hall: Hall) -> None:
    request = hall.submit("operator-change", {"login": "mori", "disable": True})
    hall.city.approve(request, "sato")
    hall.city.execute(request, "yamada")
    assert operators.get(hall.store, "mori").state is OperatorState.DISABLED


def test_a_login_goes_on_to_the_end_of_another_last_day_once_that_is_approved(hall: Hall) -> None:
    until = operators.get(hall.store, "mori").valid_until
    request = hall.submit("operator-last-day", {"login": "mori", "last_day": "2028-03-31"})
    assert operators.get(hall.store, "mori").valid_until == until
    hall.city.approve(request, "sato")
    hall.city.execute(request, "yamada")
    assert operators.get(hall.store, "mori").valid_until == end_of_day(date(2028, 3, 31), ZONE)


def test_a_login_that_has_ended_can_be_valid_again(hall: Hall) -> None:
    at = hall.store.clock.now()
    with hall.store.transaction() as tx:
        operators.set_validity(
            tx, "mori", valid_from=at - timedelta(days=9), valid_until=at, reason="tested", actor="S999"
        )
    assert not operators.get(hall.store, "mori").usable(at)
    request = hall.submit("operator-last-day", {"login": "mori", "last_day": "2028-03-31"})
    hall.city.approve(request, "sato")
    assert hall.city.execute(request, "yamada").state is State.DONE
    assert operators.get(hall.store, "mori").usable(at)


def test_a_last_day_that_is_over_is_refused_with_the_way_to_end_an_access(hall: Hall) -> None:
    with pytest.raises(Refusal, match="ask for the end of the access") as refused:
        hall.submit("operator-last-day", {"login": "mori", "last_day": "2024-03-31"})
    assert refused.value.control == "AC-USR-03"


def test_nobody_goes_on_longer_by_their_own_act(hall: Hall) -> None:
    request = hall.submit("operator-last-day", {"login": "yamada", "last_day": "2028-03-31"})
    hall.city.approve(request, "sato")
    until = operators.get(hall.store, "yamada").valid_until
    assert hall.city.execute(request, "yamada").state is State.FAILED
    assert operators.get(hall.store, "yamada").valid_until == until


def test_an_ended_custodian_goes_on_only_where_there_is_room_for_one(city: City) -> None:
    city.kinds.update({kind.name: kind for kind in operator_kinds(city.store, ZONE, most_custodians=2)})
    at = city.store.clock.now()
    ended = replace(
        operators.get(city.store, "hayashi"),
        login="kimura",
        staff_number="S778",
        valid_from=at - timedelta(days=9),
        valid_until=at,
    )
    with city.store.transaction() as tx:
        operators.add(tx, ended, actor="S999")
    with pytest.raises(Refusal, match="at most 2 may"):
        Hall(city).submit("operator-last-day", {"login": "kimura", "last_day": "2028-03-31"})


def test_a_login_is_never_given_out_again(hall: Hall) -> None:
    request = hall.submit("operator-add", {**NEWCOMER, "login": "mori"})
    hall.city.approve(request, "sato")
    done = hall.city.execute(request, "yamada")
    assert done.state is State.FAILED
    assert done.performance is not None
    assert "never given out again" in str(done.performance.evidence)


@pytest.mark.parametrize("broken", [{"roles": ["king"]}, {"last_day": "tomorrow"}, {"unknown": 1}])
def test_bad_parameters_are_refused_by_name(hall: Hall, broken: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match=next(iter(broken))):
        hall.submit("operator-add", {**NEWCOMER, **broken})


def test_a_locked_operator_is_opened_in_an_emergency_by_one_person_and_stays_red(hall: Hall) -> None:
    with hall.store.transaction() as tx:
        operators.lock(tx, "suzuki", reason="failures")
    request = hall.submit("operator-unlock-emergency", {"login": "suzuki"})
    assert (request.state, request.emergency) == (State.APPROVED, True)
    hall.city.execute(request, "hayashi")
    assert operators.get(hall.store, "suzuki").state is OperatorState.ENABLED


def test_no_more_persons_manage_ids_and_passwords_than_the_site_allows(city: City) -> None:
    city.kinds.update({kind.name: kind for kind in operator_kinds(city.store, ZONE, most_custodians=3)})
    hall = Hall(city)
    third = {**NEWCOMER, "roles": ["idpw_custodian"]}
    fourth = {**third, "login": "kimura", "staff_number": "S778"}
    early, change = hall.submit("operator-add", fourth), {"login": "mori", "roles": ["operator", "system_admin"]}
    request = hall.submit("operator-add", third)
    hall.city.approve(request, "sato")
    assert hall.city.execute(request, "yamada").state is State.DONE
    with pytest.raises(Refusal, match="at most 3 may") as refused:
        hall.submit("operator-change", change)
    assert refused.value.control == "AC-USR-05"
    hall.city.approve(early, "sato")  # asked for while there was still room
    assert hall.city.execute(early, "yamada").state is State.FAILED
    assert operators.find(hall.store, "kimura") is None
    ended = hall.submit("operator-change", {"login": "kobayashi", "disable": True})
    hall.city.approve(ended, "sato")
    hall.city.execute(ended, "yamada")
    assert hall.submit("operator-change", change).state is State.SUBMITTED


def test_whoever_manages_them_already_may_get_other_roles(city: City) -> None:
    city.kinds.update({kind.name: kind for kind in operator_kinds(city.store, ZONE, most_custodians=2)})
    change = {"login": "hayashi", "roles": ["idpw_custodian", "system_admin"]}
    assert Hall(city).submit("operator-change", change, login="yamada").state is State.SUBMITTED


@pytest.mark.parametrize(
    "change_behind", ["operator SET state = 'x'", "operator_role SET role = 'idpw_custodiao'"], ids=["state", "role"]
)
def test_nobody_becomes_one_while_a_damaged_row_may_hide_another(city: City, change_behind: str) -> None:
    city.kinds.update({kind.name: kind for kind in operator_kinds(city.store, ZONE, most_custodians=2)})
    hall = Hall(city)
    with city.store.bookkeeping() as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        connection.execute(f"UPDATE {change_behind} WHERE login = 'hayashi'")
    with pytest.raises(DamagedRowError, match="table operator is damaged"):
        hall.submit("operator-change", {"login": "mori", "roles": ["idpw_custodian"]}, login="yamada")
    change = {"login": "mori", "roles": ["operator", "work_lead"]}
    assert hall.submit("operator-change", change, login="yamada").state is State.SUBMITTED
