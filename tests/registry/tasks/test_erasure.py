"""The erasure that runs is the list that was approved, or nothing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from accesscontrol.people import operators
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests.states import State
from registry.databases.interface import Registry
from registry.files.codes import Deleted
from registry.tasks.erasure import TASK
from registry.tasks.kind import embedded, kind_name
from tests.registry.conftest import TODAY
from tests.registry.tasks.hall import Hall

DAY = {"day": TODAY.isoformat()}
PAST = "deleted_record_class <> '0' AND deletion_change_date < '1876-11-24' AND deletion_notify_date < '1876-11-24'"
ONE_MORE = (
    "UPDATE resident_register SET deletion_change_date = '1870-01-01', deletion_notify_date = '1870-01-01' "
    "WHERE record_id = (SELECT min(record_id) FROM resident_register WHERE deletion_change_date > '1990-01-01')"
)


def test_the_approved_list_is_erased_and_nothing_else(hall: Hall) -> None:
    before, past = hall.count("resident_register"), hall.count("resident_register", PAST)
    assert past >= 3
    done = hall.execute(hall.approved("erase-register", DAY))
    assert done.state is State.DONE
    assert hall.count("resident_register") == before - past
    assert hall.count("resident_register", PAST) == 0
    assert done.performance is not None
    evidence = done.performance.evidence
    assert evidence is not None
    assert evidence["erased"] == past
    assert evidence["effect"]["sha256"] == done.dry_run["sha256"]  # type: ignore[index, call-overload]  # of any type in a test


def test_one_row_more_between_approval_and_run_and_nothing_is_erased(hall: Hall) -> None:
    request = hall.approved("erase-register", DAY)
    before = hall.count("resident_register")
    hall.change(ONE_MORE)
    with pytest.raises(Refusal, match="data has moved since the approval"):
        hall.execute(request)
    assert hall.count("resident_register") == before


def test_a_row_that_comes_after_the_gate_has_looked_stops_it_too(hall: Hall) -> None:
    """The run compares again inside its own transaction: between gate and act there is a moment."""
    request = hall.approved("erase-register", DAY)
    before = hall.count("resident_register")
    opened = hall.open

    def meanwhile() -> Registry:
        hall.change(ONE_MORE)
        return opened()

    hall.site = replace(hall.site, seat=embedded(meanwhile, hall.look))
    hall.office.desk = replace(hall.office.desk, kinds={kind.name: kind for kind in hall.kinds()})
    done = hall.execute(request)
    assert done.state is State.FAILED
    assert done.performance is not None
    assert "data has moved" in str(done.performance.evidence)
    assert hall.count("resident_register") == before


def test_one_row_less_also_stops_it(sqlite_hall: Hall) -> None:
    request = sqlite_hall.approved("erase-register", DAY)
    before = sqlite_hall.count("resident_register")
    sqlite_hall.change(f"UPDATE resident_register SET deletion_notify_date = NULL WHERE {PAST}")
    with pytest.raises(Refusal):
        sqlite_hall.execute(request)
    assert sqlite_hall.count("resident_register") == before


def test_what_falls_due_while_the_request_waits_is_not_on_its_list(sqlite_hall: Hall) -> None:
    request = sqlite_hall.approved("erase-register", DAY)
    sqlite_hall.change(ONE_MORE.replace("'1870-01-01'", "'1876-11-24'"))  # due tomorrow
    sqlite_hall.settings = replace(sqlite_hall.settings, today=TODAY + timedelta(days=1))
    assert sqlite_hall.execute(request).state is State.DONE
    assert sqlite_hall.count("resident_register", "deletion_change_date = '1876-11-24'") == 1


def test_a_day_to_come_and_a_missing_base_date_never_make_a_candidate(sqlite_hall: Hall) -> None:
    with pytest.raises(Refusal) as refused:
        sqlite_hall.approved("erase-register", {"day": (TODAY + timedelta(days=1)).isoformat()})
    assert refused.value.control == "RG-RET-01"
    sqlite_hall.change("UPDATE resident_register SET deletion_notify_date = NULL WHERE deleted_record_class <> '0'")
    with pytest.raises(Refusal, match="No record is past its period"):
        sqlite_hall.approved("erase-register", DAY)


@pytest.mark.parametrize(
    ("base", "day", "due"),
    [
        ("1876-11-24", date(2026, 11, 24), False),
        ("1876-11-24", date(2026, 11, 25), True),
        ("1876-02-29", date(2026, 3, 1), False),
        ("1876-02-29", date(2026, 3, 2), True),
    ],
)
def test_the_day_after_the_anniversary_is_the_first(sqlite_hall: Hall, *, base: str, day: date, due: bool) -> None:
    sqlite_hall.change(
        f"DELETE FROM resident_register WHERE {PAST}",
        f"UPDATE resident_register SET deletion_change_date = '{base}', deletion_notify_date = '{base}' "
        "WHERE record_id = (SELECT min(record_id) FROM resident_register WHERE deleted_record_class = '1')",
    )
    sqlite_hall.settings = replace(sqlite_hall.settings, today=TODAY + timedelta(days=200))
    if due:
        assert sqlite_hall.approved("erase-register", {"day": day.isoformat()}).dry_run["counts"] == {  # type: ignore[index, call-overload]  # of any type in a test
            "resident_register": 1
        }
    else:
        with pytest.raises(Refusal, match="No record is past"):
            sqlite_hall.approved("erase-register", {"day": day.isoformat()})


def test_only_the_business_owner_approves_and_a_contractor_never_erases(sqlite_hall: Hall) -> None:
    request = sqlite_hall.office.submit(kind_name(TASK), DAY)
    with pytest.raises(Refusal):
        sqlite_hall.office.approve(request, "sato")
    approved = sqlite_hall.office.attest(sqlite_hall.office.approve(request, "abe"))
    with sqlite_hall.store.transaction() as tx:
        roles = (Role.SYSTEM_ADMIN, Role.CONTRACTOR_OPERATOR)
        operators.assign_roles(tx, "kawai", roles, reason="maintenance contract", actor="S1001")
    before = sqlite_hall.count("resident_register")
    done = sqlite_hall.execute(approved)
    assert done.state is State.FAILED
    assert done.performance is not None
    assert "Only accounts of the city may erase." in str(done.performance.evidence)
    assert sqlite_hall.count("resident_register") == before


def test_nothing_runs_without_the_witness_or_from_another_person_s_chair(sqlite_hall: Hall) -> None:
    request = sqlite_hall.office.approve(sqlite_hall.office.submit(kind_name(TASK), DAY), "abe")
    with pytest.raises(Refusal, match="witness"):
        sqlite_hall.execute(request)
    seated = sqlite_hall.office.attest(request)
    with pytest.raises(Refusal):
        sqlite_hall.execute(seated, "yamada")  # who asked for it


def test_the_record_of_the_erasure_outlives_the_data_and_holds_no_value(sqlite_hall: Hall) -> None:
    (code,) = sqlite_hall.ask(f"SELECT name_kanji FROM resident_register WHERE {PAST}")[0]
    done = sqlite_hall.execute(sqlite_hall.approved("erase-register", DAY))
    assert code not in str(done.performance)
    assert code not in str(done.dry_run)
    assert sqlite_hall.count("resident_register", f"deleted_record_class = '{Deleted.living}'") == 500
