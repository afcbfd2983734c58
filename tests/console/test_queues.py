"""What waits: for each person their own, for everybody all of it, and never what one may not do."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from accesscontrol.people import operators
from accesscontrol.people.roles import Role
from accesscontrol.requests import decisions, reading
from accesscontrol.requests.states import State
from console import queues, upkeep
from console.queues import Queue
from monitors.findings import reading as findings
from tests.console.city import City


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    city = City.copied_to(tmp_path)
    yield city
    city.site.store.close()


def by_name(city: City, login: str = "") -> dict[str, Queue]:
    actor = city.acting(login) if login else None
    return {each.name: each for each in queues.queues(city.site, actor)}


def test_everybodys_queues_hold_each_persons(city: City) -> None:
    everything = by_name(city)
    for login in ("sato", "yamada", "takahashi", "suzuki", "ito", "watanabe", "nakamura"):
        for name, queue in by_name(city, login).items():
            assert queue.count <= everything[name].count


def test_approvals_wait_for_who_may_give_them(city: City) -> None:
    assert by_name(city, "sato")["approvals"].count == 3
    for login in ("yamada", "takahashi", "nakamura"):
        assert "approvals" not in by_name(city, login)


def test_the_requester_neither_approves_nor_executes_their_own(city: City) -> None:
    for request in reading.listed(city.site.store):
        login = next(each for each in ("yamada", "takahashi") if city.acting(each).staff_number == request.requester)
        assert not queues.waits_for_approval(city.site, request, city.acting(login))
        if not request.emergency:
            assert not queues.waits_for_execution(city.site, request, city.acting(login))


def test_executions_wait_for_an_administrator_without_another_part(city: City) -> None:
    assert by_name(city, "yamada")["executions"].count == 2
    assert "executions" not in by_name(city, "sato")


def test_the_witness_has_work_before_and_only_the_same_one_after(city: City) -> None:
    request = city.request(State.APPROVED, "backup-export")
    assert request.attested(decisions.BEFORE) is None
    assert not queues.waits_for_witness(city.site, request, city.acting("sato"))
    assert queues.waits_for_witness(city.site, request, None)


def test_an_unreviewed_emergency_is_loud_for_everybody(city: City) -> None:
    for login in ("sato", "nakamura", "watanabe"):
        assert by_name(city, login)["emergencies"].loud


def test_an_interrupted_act_waits_for_who_decides_on_it(city: City) -> None:
    assert by_name(city, "sato")["interrupted"].count == 1
    assert "interrupted" not in by_name(city, "nakamura")


def test_a_moved_clock_is_loud_for_a_day_once_the_tick_has_seen_it(city: City) -> None:
    city.clock.leap(timedelta(hours=-3))
    assert upkeep.tick(city.site)["noticed"] == 1
    assert upkeep.tick(city.site)["noticed"] == 0
    told = by_name(city, "sato")["clock"]
    assert (told.count, told.loud, told.place) == (1, True, "trail")
    city.clock.advance(timedelta(days=2))
    assert "clock" not in by_name(city)


def test_loud_queues_come_first(city: City) -> None:
    loud = [each.loud for each in queues.queues(city.site)]
    assert loud == sorted(loud, reverse=True)


def test_findings_escalate_when_they_are_overdue(city: City) -> None:
    with city.site.store.transaction() as tx:
        tx.execute("UPDATE operator_role SET role = ? WHERE role = ?", (Role.DEPT_HEAD, Role.BUSINESS_OWNER))
        tx.record("test.altered", actor="system")
    assert "findings-overdue" not in by_name(city)
    assert "findings" not in by_name(city, "watanabe")
    city.clock.advance(timedelta(days=1, hours=6))
    overdue = by_name(city, "sato")["findings-overdue"]
    assert (overdue.count, overdue.loud) == (findings.open_count(city.site.store), True)
    assert overdue.due is not None
    assert overdue.due < city.clock.now()
    assert "findings" not in by_name(city, "sato")
    assert by_name(city, "watanabe")["findings-overdue"].count == overdue.count


def test_days_without_a_signed_check_are_counted_for_those_who_check(city: City) -> None:
    assert by_name(city, "sato")["checks"].count == 8
    assert by_name(city, "ito")["checks"].count == 8
    assert "checks" not in by_name(city, "yamada")


def test_a_person_whose_login_has_ended_has_no_work_by_role(city: City) -> None:
    city.clock.advance(timedelta(days=400))
    assert all(each.name == "emergencies" for each in queues.queues(city.site, city.acting("sato")))


def test_logins_near_their_last_day_wait_for_those_who_ask_for_another(city: City) -> None:
    assert "operators-expiring" not in by_name(city, "yamada")
    until = city.site.clock.now() + timedelta(days=30)
    with city.site.store.transaction() as tx:
        operators.set_validity(
            tx, "ito", valid_from=city.site.clock.now(), valid_until=until, reason="tested", actor="S999"
        )
    found = by_name(city, "yamada")["operators-expiring"]
    assert (found.count, found.place, found.due) == (1, "people", until)
    assert "operators-expiring" not in by_name(city, "sato")


def test_user_ids_wait_for_those_who_govern_them_and_name_the_first(city: City) -> None:
    for login in ("sato", "yamada"):
        found = by_name(city, login)
        assert found["accounts-leftover"].count == 2
        assert found["accounts-leftover"].first.startswith("leftover:")
        assert found["accounts-leftover"].loud
        assert (found["accounts-unreadable"].count, found["accounts-unreadable"].loud) == (1, True)
        assert found["accounts-trouble"].count == 6
    ending = by_name(city, "yamada")["accounts-expiring"]
    assert ending.due is not None
    assert ending.due - city.site.clock.now() <= timedelta(days=30)
    assert not [name for name in by_name(city, "ito") if name.startswith("accounts-")]
