"""Rosters on their way: within the brake at once, beyond it only with approval, on 1 April at midnight by themselves."""

from datetime import timedelta

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.requests.states import State
from accesscontrol.rosters import batches
from accesscontrol.rosters.batches import BatchState
from accesscontrol.rosters.model import RosterKind
from accesscontrol.trail import entries
from tests.accesscontrol.rosters.hall import CONTRACTOR, Hall, midnight, read, staff, workers

TEN = [f"{number},架空　{letter},,,市民課,正規,," for number, letter in enumerate("一二三四五六七八九十", start=1001)]


def moved(*numbers: int) -> list[str]:
    return [line.replace("市民課", "税務課") if int(line[:4]) in numbers else line for line in TEN]


def without(*numbers: int) -> list[str]:
    return [line for line in TEN if int(line[:4]) not in numbers]


def test_consents_to_sub_contracting_stand_in_the_trail(hall: Hall) -> None:
    line = "K-1,架空一,架空システム,C-7,2026-04-01,2027-03-31,,P-1,2026-04-01,架空下請,市情第45号"
    hall.prepare(read(f"{CONTRACTOR},再委託先,再委託承諾番号\n{line}\n", RosterKind.CONTRACTOR))
    (entry,) = (each for each in entries.page(hall.store) if each.act == "roster.prepared")
    assert entry.details["consents"] == ["架空下請: 市情第45号"]


def test_a_first_roster_takes_from_nobody_and_needs_no_approval(hall: Hall) -> None:
    assert hall.enter(staff(*TEN)).state is BatchState.APPLIED
    assert hall.person("1001").office == "市民課"


def test_a_small_change_is_applied_and_its_ids_end(hall: Hall) -> None:
    hall.enter(staff(*TEN))
    hall.issue("1001", "ichi", "juki-refer")
    assert hall.rights("ichi") == ("juki-refer",)
    assert hall.enter(staff(*without(1001))).state is BatchState.APPLIED
    assert hall.rights("ichi") is None


@pytest.mark.parametrize("lines", [without(*range(1001, 1007)), moved(*range(1001, 1007)), TEN[:3]])
def test_a_file_that_takes_from_many_changes_nothing(hall: Hall, lines: list[str]) -> None:
    hall.enter(staff(*TEN))
    hall.issue("1004", "yon")
    before = hall.store.rows("SELECT * FROM person")
    batch = hall.enter(staff(*lines))
    assert batch.state is BatchState.HELD
    assert [tuple(row) for row in hall.store.rows("SELECT * FROM person")] == [tuple(row) for row in before]
    assert hall.rights("yon") == ()
    assert hall.tick() == []


def test_the_brake_counts_persons_and_their_share(hall: Hall) -> None:
    hall.enter(workers(*(worker(number) for number in range(4))))
    assert hall.enter(workers(worker(0), worker(1))).state is BatchState.APPLIED
    hall.enter(workers(*(worker(number) for number in range(4))))
    assert hall.enter(workers(worker(0))).state is BatchState.HELD


def worker(number: int) -> str:
    return f"K-{number},架空{number},架空システム,C-7,2026-04-01,2027-03-31,,P-1,2026-04-01"


def test_a_held_roster_is_let_through_by_the_security_officer_in_the_extent_shown(hall: Hall) -> None:
    hall.enter(staff(*TEN))
    hall.issue("1001", "ichi")
    batch = hall.enter(staff(*TEN[6:]))
    request = hall.request(batch)
    shown = request.dry_run
    assert isinstance(shown, list)
    assert shown[0] == {
        "consequence": "leaves",
        "staff_number": "1001",
        "name": "架空　一",
        "office": "市民課",
        "until": "2026-11-24T00:00:10.000000+00:00",
        "user_ids": ["registry/ichi"],
        "doubts": [],
    }
    kind = hall.city.kinds["roster-import"]
    assert str(kind.shows(shown)["leaves"]).startswith("1001 架空 (registry/ichi); 1002 架空; ")
    hall.city.approve(request, "sato")
    assert hall.city.execute(request, "yamada").state is State.DONE
    assert batches.get(hall.store, batch.number).state is BatchState.APPLIED
    assert hall.rights("ichi") is None


def test_what_moved_after_the_approval_voids_it(hall: Hall) -> None:
    hall.enter(staff(*TEN))
    batch = hall.enter(staff(*TEN[6:]))
    request = hall.request(batch)
    hall.city.approve(request, "sato")
    hall.issue("1001", "ichi")
    with pytest.raises(Refusal, match="moved since the approval"):
        hall.city.execute(request, "yamada")
    assert batches.get(hall.store, batch.number).state is BatchState.HELD


def test_whom_it_is_about_does_not_approve_it(hall: Hall) -> None:
    line = "S-sato,架空　佐藤,,,情報課,正規,,"
    hall.enter(staff(*TEN, line))
    batch = hall.enter(staff(*TEN[6:], line.replace("情報課", "市民課")))
    request = hall.request(batch)
    with pytest.raises(Refusal, match="themselves"):
        hall.city.approve(request, "sato")
    hall.city.approve(request, "tanaka")


def test_the_batch_of_1_april_waits_for_midnight_and_the_first_tick_applies_it(hall: Hall) -> None:
    hall.enter(staff(*TEN))
    hall.issue("1001", "ichi", "juki-refer")
    hall.issue("1002", "ni", "juki-refer")
    batch = hall.prepare(staff(*without(1001), "1011,架空　新,,,市民課,正規,,"), "2027-04-01")
    with pytest.raises(Refusal, match="later day"):
        batches.apply(hall.store, batch.number, hall.city.desk.zone, hall.brake)
    hall.city.clock.set(midnight("2027-04-01") - timedelta(microseconds=1))
    assert hall.tick() == []
    assert hall.rights("ichi") == ("juki-refer",)
    hall.city.clock.set(midnight("2027-04-01"))
    assert [each.state for each in hall.tick()] == [BatchState.APPLIED]
    assert (hall.rights("ichi"), hall.rights("ni")) == (None, ("juki-refer",))
    assert hall.person("1011").valid_from == midnight("2027-04-01")
    assert hall.tick() == []


def test_after_downtime_the_ends_are_those_of_that_midnight(hall: Hall) -> None:
    hall.enter(staff(*TEN))
    hall.prepare(staff(*without(1001)), "2027-04-01")
    hall.city.clock.set(midnight("2027-04-05"))
    hall.tick()
    assert hall.person("1001").valid_until == midnight("2027-04-01")


def test_a_move_ends_the_old_rights_and_keeps_what_was_granted_for_the_new_office(hall: Hall) -> None:
    hall.enter(staff(*TEN))
    for number, name in ((1001, "ichi"), (1002, "ni")):
        hall.issue(str(number), name, "juki-update")
    hall.grant("ni", "tax-refer", valid_from=midnight("2027-04-01"))
    hall.prepare(staff(*moved(1001, 1002)), "2027-04-01")
    hall.city.clock.set(midnight("2027-04-01"))
    hall.tick()
    assert (hall.rights("ichi"), hall.rights("ni")) == (None, ("tax-refer",))
    assert hall.person("1002").office == "税務課"


def test_what_ended_with_a_person_does_not_come_to_life_when_the_person_comes_back(hall: Hall) -> None:
    hall.enter(staff(*TEN, "1011,架空　新,,,市民課,正規,,2026-12-28"))
    hall.issue("1001", "ichi", "juki-update")
    hall.issue("1011", "shin", "juki-update")
    hall.prepare(staff(*without(1001), "1011,架空　新,,,市民課,正規,,2026-12-28"), "2026-12-01")
    hall.city.clock.set(midnight("2027-01-05"))
    hall.tick()
    assert (hall.rights("ichi"), hall.rights("shin")) == (None, None)
    hall.enter(staff(*TEN, "1011,架空　新,,,市民課,正規,,"))
    assert hall.person("1001").valid(hall.city.clock.now())
    assert hall.person("1011").valid(hall.city.clock.now())
    assert (hall.rights("ichi"), hall.rights("shin")) == (None, None)


def test_a_batch_that_would_take_from_more_than_was_approved_is_held_at_its_hour(hall: Hall) -> None:
    hall.enter(staff(*TEN))
    batch = hall.prepare(staff(*TEN[6:]), "2026-11-26")
    request = hall.request(batch)
    hall.city.approve(request, "sato")
    hall.city.execute(request, "yamada")
    assert batches.get(hall.store, batch.number).state is BatchState.APPROVED
    hall.enter(staff(*TEN, "1011,架空　新,,,市民課,正規,,"))
    hall.city.clock.set(midnight("2026-11-26"))
    assert [each.state for each in hall.tick()] == [BatchState.HELD]
    assert hall.person("1001").valid_until is None


def test_a_batch_is_prepared_once_and_can_be_taken_back(hall: Hall) -> None:
    batch = hall.prepare(staff(*TEN), "2027-04-01")
    with pytest.raises(Refusal, match=f"prepared already as batch {batch.number}"):
        hall.prepare(staff(*TEN), "2027-04-01")
    with hall.store.transaction() as tx:
        batches.cancel(tx, batch.number, reason="wrong file", actor="S-hayashi")
    for act in (
        lambda: hall.request(batch),
        lambda: batches.apply(hall.store, batch.number, hall.city.desk.zone, hall.brake),
    ):
        with pytest.raises(Refusal, match="applied or cancelled"):
            act()
    hall.city.clock.set(midnight("2027-04-02"))
    assert hall.tick() == []
    with pytest.raises(Refusal, match="no roster batch"):
        batches.get(hall.store, 99)
