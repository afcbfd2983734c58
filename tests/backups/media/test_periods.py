"""The last day of a medium moves only to a later day, by an approved request, with a line of its own."""

from datetime import date, timedelta

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from accesscontrol.store import Store
from accesscontrol.trail import entries
from backups.media import disposal, periods, register
from backups.media.periods import KIND, medium_period_kind
from tests.backups.media.ledgers import medium
from tests.backups.media.test_disposal import CLEAR
from tests.backups.office import ZONE, Office

UNTIL, LATER = date(2026, 12, 31), date(2027, 3, 31)


@pytest.fixture
def office(store: Store) -> Office:
    medium(store, keep_until=UNTIL)
    return Office(store, medium_period_kind(store, ZONE))


def ask(office: Office, day: date = LATER, name: str = "M-0001", login: str = "ito") -> Request:
    return office.submit(KIND, {"medium": name, "keep_until": day.isoformat()}, login)


def test_an_approved_request_moves_the_day_and_leaves_a_line_and_an_entry(office: Office) -> None:
    request = office.approve(ask(office), "abe")
    done = office.execute(request, "yamada")
    assert done.state is State.DONE
    assert register.find_by_id(office.store, "M-0001").keep_until == LATER
    [line] = periods.page(office.store, medium="M-0001")
    assert (line.before, line.keep_until, line.request, line.reason) == (UNTIL, LATER, request.id, "monthly")
    [entry] = entries.of_act(office.store, "medium.period-moved")
    assert (entry.subject, entry.actor) == ("M-0001", "S-yamada")
    assert entry.details["before"] == "2026-12-31"
    assert entry.details["keep_until"] == "2027-03-31"
    assert entry.details["request"] == request.id


def test_a_damaged_line_holds_up_no_other_and_is_told(office: Office, store: Store) -> None:
    for day in (LATER, date(2027, 4, 30)):
        office.execute(office.approve(ask(office, day), "abe"), "yamada")
    with store.bookkeeping() as connection:
        connection.execute("UPDATE medium_period SET keep_until = '2027-03-3q' WHERE number = 1")
    assert [each.number for each in periods.page(store, medium="M-0001")] == [2]
    assert any("Row 1 of the table medium_period is damaged" in each for each in store.damage)


def test_the_owner_of_the_data_sees_the_day_that_was_and_the_day_that_is_asked_for(office: Office) -> None:
    kind = office.desk.kind(KIND)
    shown = kind.describe(kind.read({"medium": "M-0001", "keep_until": "2027-03-31"}))
    assert (shown["Kept until now"], shown["Keep until"]) == (UNTIL, LATER)


@pytest.mark.parametrize("day", [UNTIL, date(2026, 12, 30), date(2026, 11, 1)])
def test_a_period_is_never_shortened(office: Office, day: date) -> None:
    with pytest.raises(Refusal, match="only ever lengthened") as refused:
        ask(office, day)
    assert refused.value.control == "BK-DSP-01"


def test_a_medium_without_an_end_may_be_given_one_that_is_to_come(office: Office, store: Store) -> None:
    endless = medium(store)
    with pytest.raises(Refusal, match="has passed"):
        ask(office, date(2026, 11, 23), endless)
    office.execute(office.approve(ask(office, UNTIL, endless), "abe"), "yamada")
    [line] = periods.page(store, medium=endless)
    assert (line.before, line.keep_until) == (None, UNTIL)


@pytest.mark.parametrize("login", ["sato", "suzuki", "kato", "yamada"])
def test_only_the_owner_of_the_data_approves(office: Office, login: str) -> None:
    with pytest.raises(Refusal):
        office.approve(ask(office), login)


@pytest.mark.parametrize("login", ["sato", "suzuki", "mori", "ogawa"])
def test_only_those_who_keep_the_media_ask(office: Office, login: str) -> None:
    with pytest.raises(Refusal):
        ask(office, login=login)


def test_of_two_approved_requests_the_second_finds_another_period_and_moves_nothing(office: Office) -> None:
    first, second = ask(office), ask(office, LATER + timedelta(days=30))
    for request in (first, second):
        office.approve(request, "abe")
    office.execute(first, "yamada")
    with pytest.raises(Refusal):
        office.execute(second, "yamada")
    assert register.find_by_id(office.store, "M-0001").keep_until == LATER


def test_a_medium_that_ended_is_not_kept_longer(office: Office) -> None:
    disposal.dispose(office.store, CLEAR, zone=ZONE, actor="S-ito", terminal="SR-01")
    with pytest.raises(Refusal, match="not in use any more"):
        ask(office)


def test_a_locked_medium_is_not_kept_longer_until_it_is_free(office: Office) -> None:
    locks.place(office.store, "medium", "M-0001", reason="lost", actor="S-sato")
    with pytest.raises(Refusal):
        ask(office)


def test_it_is_due_for_its_end_on_the_new_day(office: Office, clock: FixedClock) -> None:
    office.execute(office.approve(ask(office), "abe"), "yamada")
    clock.advance(timedelta(days=60))
    assert disposal.due(office.store, clock.now(), ZONE) == []
    clock.advance(timedelta(days=80))
    assert [each.id for each in disposal.due(office.store, clock.now(), ZONE)] == ["M-0001"]
