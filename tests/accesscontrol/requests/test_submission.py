"""Handing in, changing, taking back, lapsing: what is frozen, and what is refused at once."""

from datetime import timedelta
from typing import Any

import pytest

from accesscontrol.people import operators, terminals
from accesscontrol.people.roles import Role
from accesscontrol.people.terminals import TerminalState
from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks, reading, submission
from accesscontrol.requests.reading import content_digest
from accesscontrol.requests.states import State
from accesscontrol.requests.submission import Window
from tests.accesscontrol.requests.city import OFFICE, OPENING, City


def test_a_request_freezes_what_was_asked_by_whom_until_when_and_under_which_rule(city: City) -> None:
    city.world.write("file", "content")
    request = city.submit("correction", amount=3)
    assert (request.state, request.requester, request.login) == (State.SUBMITTED, "S-mori", "mori")
    assert request.parameters == {"name": "file", "amount": 3, "about": ""}
    assert set(request.artefacts) == {"file"}
    assert request.dry_run == {"rows": 100}
    assert [each.name for each in request.rule.slots] == ["manager", "second"]
    assert (request.not_before, request.not_after) == (OPENING, OPENING + timedelta(days=3))


def test_numbers_run_by_the_year_of_the_sites_zone(city: City) -> None:
    assert [city.submit().id, city.submit().id] == ["R-2026-0001", "R-2026-0002"]
    city.clock.advance(timedelta(days=37, hours=15))  # new year in Tokyo, still the old one in Greenwich
    assert city.submit().id == "R-2027-0001"


def test_the_ten_thousandth_request_has_a_number_too(city: City) -> None:
    first = city.submit()
    with city.store.transaction() as tx:
        tx.execute("UPDATE request SET id = 'R-2026-9999' WHERE id = ?", (first.id,))
        tx.record("request.renamed", actor="system")
    assert [city.submit().id, city.submit().id] == ["R-2026-10000", "R-2026-10001"]


def test_the_digest_covers_everything_that_an_approver_relies_on(city: City) -> None:
    request = city.submit("correction")
    content: dict[str, Any] = {
        "parameters": request.parameters,
        "artefacts": request.artefacts,
        "dry_run": request.dry_run,
    }
    assert content_digest(request, **content) == request.digest
    for name in content:
        assert content_digest(request, **{**content, name: {"other": "x"}}) != request.digest


def test_two_equal_requests_have_different_digests(city: City) -> None:
    assert city.submit().digest != city.submit().digest


@pytest.mark.parametrize("reason", ["", "   ", "x" * 2001])
def test_a_request_needs_a_reason_of_sensible_length(city: City, reason: str) -> None:
    with pytest.raises(Refusal, match="needs a reason"):
        city.submit(reason=reason)


def test_an_individual_number_never_stands_in_a_reason(city: City) -> None:
    with pytest.raises(Refusal, match="An individual number stands in the reason"):
        city.submit(reason="for 1234 5678 9018")
    assert not reading.listed(city.store)


def test_an_individual_number_never_stands_in_a_parameter(city: City) -> None:
    with pytest.raises(Refusal, match="An individual number stands in about"):
        city.submit(about="123456789018")
    assert not reading.listed(city.store)


def test_a_kind_that_does_not_exist_is_refused(city: City) -> None:
    with pytest.raises(Refusal, match="no kind of request named nonsense"):
        city.submit("nonsense")


def test_parameters_that_are_wrong_are_refused_and_leave_only_the_attempt(city: City) -> None:
    with pytest.raises(Refusal, match="can't be read"):
        city.submit(amount="many")
    assert reading.listed(city.store) == []
    assert city.acts("export") == ["request.submission-refused"]


@pytest.mark.parametrize("login", ["sato", "endo", "ogawa"])
def test_one_without_a_requesters_role_is_refused(city: City, login: str) -> None:
    with pytest.raises(Refusal, match="role that you don't hold"):
        city.submit(login=login)


def test_one_who_is_disabled_holds_no_role(city: City) -> None:
    with city.store.transaction() as tx:
        operators.disable(tx, "mori", reason="left", actor="S-yamada")
    with pytest.raises(Refusal, match="role"):
        city.submit()


@pytest.mark.parametrize("terminal", ["unknown", ""])
def test_an_unknown_terminal_is_refused(city: City, terminal: str) -> None:
    with pytest.raises(Refusal, match="not registered"):
        city.submit(terminal=terminal)


def test_a_terminal_that_is_out_of_the_building_is_refused(city: City) -> None:
    with city.store.transaction() as tx:
        terminals.set_state(tx, OFFICE, TerminalState.OUT, reason="repair", actor="S-yamada")
    with pytest.raises(Refusal, match="not registered"):
        city.submit("correction", terminal=OFFICE)


def test_what_is_done_in_the_server_room_is_asked_for_there(city: City) -> None:
    with pytest.raises(Refusal, match="server room") as refused:
        city.submit("export", terminal=OFFICE)
    assert refused.value.control == "BK-BAK-01"
    assert city.submit("correction", terminal=OFFICE).terminal == OFFICE


@pytest.mark.parametrize(
    "target", [("person", "S-mori"), ("terminal", "room-1"), ("medium", "file")], ids=lambda each: str(each[0])
)
def test_whatever_a_lock_stops_asks_for_nothing(city: City, target: tuple[str, str]) -> None:
    locks.place(city.store, *target, reason="stolen", actor="S-sato")
    with pytest.raises(Refusal, match="locked: stolen"):
        city.submit()


class TestTheWindow:
    def test_ends_at_most_after_the_kinds_lifetime(self, city: City) -> None:
        request = city.submit(window=Window(not_after=OPENING + timedelta(days=90)))
        assert request.not_after == OPENING + timedelta(days=3)

    def test_may_begin_later_and_ends_earlier_when_asked(self, city: City) -> None:
        window = Window(OPENING + timedelta(days=10), OPENING + timedelta(days=11))
        request = city.submit(window=window)
        assert (request.not_before, request.not_after) == (window.not_before, window.not_after)

    @pytest.mark.parametrize(
        "window",
        [
            Window(not_after=OPENING),
            Window(not_after=OPENING - timedelta(days=1)),
            Window(OPENING + timedelta(days=2), OPENING + timedelta(days=1)),
        ],
    )
    def test_that_is_over_before_it_begins_is_refused(self, city: City, window: Window) -> None:
        with pytest.raises(Refusal, match="window ends"):
            city.submit(window=window)


class TestNobodyWhoCouldApprove:
    def test_means_that_nothing_can_be_asked_for(self, city: City) -> None:
        with city.store.transaction() as tx:
            operators.disable(tx, "kato", reason="left", actor="S-yamada")
        with pytest.raises(Refusal, match="Nobody could lawfully approve"):
            city.submit("medium")

    def test_counts_neither_the_requester_nor_a_second_login_of_the_same_person(self, city: City) -> None:
        with city.store.transaction() as tx:
            operators.disable(tx, "kato", reason="left", actor="S-yamada")
        city.hire("mori2", Role.OUTPUT_MANAGER, staff_number="S-mori")
        with pytest.raises(Refusal, match="Nobody could lawfully approve"):
            city.submit("medium")

    def test_counts_nobody_whom_it_is_about(self, city: City) -> None:
        with pytest.raises(Refusal, match="Nobody could lawfully approve"):
            city.submit("medium", about="S-kato")

    def test_counts_one_person_for_one_slot_only(self, city: City) -> None:
        with city.store.transaction() as tx:
            for login in ("kondo", "hara", "ueda"):
                operators.disable(tx, login, reason="left", actor="S-yamada")
        city.hire("both", Role.IDENTINFO_MANAGER, Role.SECOND_CHECKER)
        with pytest.raises(Refusal, match="Nobody could lawfully approve"):
            city.submit("correction")
        city.hire("another", Role.SUPERIOR)
        assert city.submit("correction").state is State.SUBMITTED


class TestAnEdit:
    def test_voids_every_approval_and_goes_back_to_the_approvers(self, city: City) -> None:
        request = city.approved("export")
        edited = city.submit(request_id=request.id, amount=2)
        assert (edited.id, edited.state, edited.created_at) == (request.id, State.SUBMITTED, request.created_at)
        assert edited.digest != request.digest
        assert edited.in_force() == []
        assert len(edited.approvals) == 1

    def test_that_changes_nothing_but_the_moment_voids_them_too(self, city: City) -> None:
        request = city.approved("export")
        assert city.submit(request_id=request.id).in_force() == []

    def test_is_the_requesters_alone(self, city: City) -> None:
        city.hire("doi", Role.OPERATOR)
        request = city.submit()
        with pytest.raises(Refusal, match="Only the requester"):
            city.submit(login="doi", request_id=request.id)
        assert city.now(request) == request

    def test_may_be_made_under_a_second_login_of_the_same_person(self, city: City) -> None:
        city.hire("mori2", Role.OPERATOR, staff_number="S-mori")
        assert city.submit(login="mori2", request_id=city.submit().id).login == "mori2"

    def test_does_not_change_the_kind(self, city: City) -> None:
        with pytest.raises(Refusal, match="can't be changed"):
            city.submit("correction", request_id=city.submit("export").id)

    def test_is_refused_while_the_request_is_locked(self, city: City) -> None:
        request = city.submit()
        locks.place(city.store, "request", request.id, reason="dispute", actor="S-sato")
        with pytest.raises(Refusal, match="dispute"):
            city.submit(request_id=request.id)

    def test_is_too_late_once_it_was_decided_or_done(self, city: City) -> None:
        done = city.execute(city.approved())
        rejected = city.submit()
        city.reject(rejected)
        for request in (done, rejected):
            with pytest.raises(Refusal, match="can't be changed"):
                city.submit(request_id=request.id)

    def test_never_turns_an_emergency_into_another_one(self, city: City) -> None:
        with pytest.raises(Refusal, match="can't be changed"):
            city.submit("emergency", request_id=city.submit("emergency").id)

    def test_of_nothing_is_refused(self, city: City) -> None:
        with pytest.raises(Refusal, match="no request R-2026-0099"):
            city.submit(request_id="R-2026-0099")


class TestTakingBack:
    @pytest.mark.parametrize("approved", [False, True], ids=["waiting", "approved"])
    def test_is_the_requesters_before_the_act(self, city: City, *, approved: bool) -> None:
        request = city.approved() if approved else city.submit()
        with pytest.raises(Refusal, match="Only the requester"):
            city.withdraw(request, "sato")
        city.withdraw(request)
        assert city.state(request) is State.WITHDRAWN
        with pytest.raises(Refusal, match="not approved"):
            city.execute(request)

    def test_is_too_late_afterwards(self, city: City) -> None:
        request = city.execute(city.approved())
        with pytest.raises(Refusal, match="can't be done any more"):
            city.withdraw(request)


class TestSilence:
    def test_is_never_consent(self, city: City) -> None:
        waiting, approved = city.submit(), city.approved()
        city.clock.advance(timedelta(days=3))
        assert sorted(submission.lapse_due(city.desk)) == [waiting.id, approved.id]
        assert {city.state(waiting), city.state(approved)} == {State.LAPSED}
        assert city.acts(waiting.id)[-1] == "request.lapsed"

    def test_leaves_what_is_still_in_time_and_what_is_over(self, city: City) -> None:
        done, waiting = city.execute(city.approved()), city.submit()
        city.clock.advance(timedelta(days=3) - timedelta(microseconds=1))
        assert submission.lapse_due(city.desk) == []
        assert (city.state(done), city.state(waiting)) == (State.DONE, State.SUBMITTED)

    def test_of_a_site_without_requests_writes_nothing(self, city: City) -> None:
        before = city.acts()
        assert submission.lapse_due(city.desk) == []
        assert city.acts() == before


def test_the_list_gives_the_last_changed_first_and_only_the_wanted_states(city: City) -> None:
    first = city.submit()
    city.clock.advance(timedelta(minutes=1))
    second = city.submit()
    city.clock.advance(timedelta(minutes=1))
    city.withdraw(first)
    assert [each.id for each in reading.listed(city.store)] == [first.id, second.id]
    assert [each.id for each in reading.listed(city.store, [State.SUBMITTED])] == [second.id]
    assert [each.id for each in reading.listed(city.store, limit=1)] == [first.id]
