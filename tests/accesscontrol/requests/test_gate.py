"""The gate: what was approved is what runs, once, now, by the right person at the right place, or nothing runs."""

from datetime import timedelta

import pytest

from accesscontrol.people import deputies, operators
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import decisions, gate
from accesscontrol.requests.kinds import Place
from accesscontrol.requests.states import State
from accesscontrol.requests.submission import Window
from tests.accesscontrol.requests.city import OFFICE, OPENING, City, slot
from tests.accesscontrol.requests.shut import assert_nothing_ran, change


@pytest.mark.parametrize("kind", ["export", "correction", "medium"])
def test_an_approved_act_runs_and_leaves_its_evidence(city: City, kind: str) -> None:
    request = city.execute(city.approved(kind, amount=7))
    assert request.state is State.DONE
    assert [each["amount"] for each in city.world.done] == [7]
    assert request.performance is not None
    assert (request.performance.executor, request.performance.outcome) == ("S-ogawa", "done")
    assert request.performance.evidence == {"amount": 7}
    assert city.acts(request.id)[-2:] == ["request.execution-started", "request.done"]


class TestNothingRuns:
    def test_that_was_not_approved(self, city: City) -> None:
        assert_nothing_ran(city, city.submit(), "not approved")

    def test_that_lacks_one_of_two_approvals(self, city: City) -> None:
        assert_nothing_ran(city, city.approve(city.submit("correction"), "kondo"), "not approved")

    def test_twice(self, city: City) -> None:
        request = city.execute(city.approved())
        with pytest.raises(Refusal, match="executed already"):
            city.execute(request, "yamada")
        assert len(city.world.done) == 1

    def test_again_after_a_failure(self, city: City) -> None:
        city.world.during = lambda _: 1 / 0
        request = city.execute(city.approved())
        assert request.state is State.FAILED
        with pytest.raises(Refusal, match="executed already"):
            city.execute(request)
        assert len(city.world.done) == 1

    def test_before_and_after_its_window(self, city: City) -> None:
        window = Window(OPENING + timedelta(hours=1), OPENING + timedelta(hours=2))
        request = city.approved(window=window)
        assert_nothing_ran(city, request, "only in its window")
        city.clock.set(OPENING + timedelta(hours=2))
        assert_nothing_ran(city, request, "only in its window")
        city.clock.set(OPENING + timedelta(hours=2) - timedelta(microseconds=1))
        assert city.execute(request).state is State.DONE

    @pytest.mark.parametrize("login", ["mori", "sato", "suzuki", "endo"])
    def test_for_one_without_the_executors_role(self, city: City, login: str) -> None:
        assert_nothing_ran(city, city.approved(), "role that you don't hold", login=login)

    @pytest.mark.parametrize(("person", "kind"), [("mori", "export"), ("sato", "export"), ("suzuki", "medium")])
    def test_for_one_who_has_another_part_in_it(self, city: City, person: str, kind: str) -> None:
        city.hire("second", Role.SYSTEM_ADMIN, staff_number=f"S-{person}")
        assert_nothing_ran(city, city.approved(kind), "someone else", login="second")

    def test_for_a_deputy_who_asked_for_it(self, city: City) -> None:
        with city.store.transaction() as tx:
            deputies.appoint(
                tx,
                Role.SYSTEM_ADMIN,
                principal="yamada",
                deputy="mori",
                valid_from=tx.at,
                valid_until=tx.at + timedelta(days=9),
                reason="holiday",
                actor="S-hayashi",
            )
        assert_nothing_ran(city, city.approved(), "someone else", login="mori")

    @pytest.mark.parametrize(("terminal", "words"), [(OFFICE, "server room"), ("kitchen", "not registered")])
    def test_at_the_wrong_place(self, city: City, terminal: str, words: str) -> None:
        assert_nothing_ran(city, city.approved(), words, terminal=terminal)

    def test_when_an_artefact_changed_after_the_approval(self, city: City) -> None:
        city.world.write("file", "what was approved")
        request = city.approved()
        city.world.write("file", "something else")
        assert_nothing_ran(city, request, "no longer is what was approved")
        city.world.write("file", "what was approved")
        assert city.execute(request).state is State.DONE

    def test_when_an_artefact_appeared_or_vanished(self, city: City) -> None:
        request = city.approved()
        city.world.write("file", "new")
        assert_nothing_ran(city, request, "no longer is what was approved")

    @pytest.mark.parametrize("rows", [97, 103, 0])
    def test_when_the_effect_left_the_stated_tolerance(self, city: City, rows: int) -> None:
        request = city.approved("correction")
        city.world.rows = rows
        assert_nothing_ran(city, request, "data has moved")

    @pytest.mark.parametrize("rows", [98, 102])
    def test_but_what_drifted_within_the_tolerance_does(self, city: City, rows: int) -> None:
        request = city.approved("correction")
        city.world.rows = rows
        assert city.execute(request).state is State.DONE

    def test_when_an_approver_lost_the_role(self, city: City) -> None:
        request = city.approved()
        with city.store.transaction() as tx:
            operators.assign_roles(tx, "sato", [Role.SUPERIOR], reason="moved", actor="S-yamada")
        assert_nothing_ran(city, request, "lacks a valid approval")

    def test_when_an_approver_was_disabled(self, city: City) -> None:
        request = city.approved()
        with city.store.transaction() as tx:
            operators.disable(tx, "sato", reason="left", actor="S-yamada")
        assert_nothing_ran(city, request, "lacks a valid approval")

    def test_when_an_approvers_validity_has_ended(self, city: City) -> None:
        city.hire("hosoi", Role.SECURITY_OFFICER, valid_until=OPENING + timedelta(hours=1))
        request = city.approve(city.submit(), "hosoi")
        city.clock.advance(timedelta(hours=1))
        assert_nothing_ran(city, request, "lacks a valid approval")

    def test_when_the_deputys_appointment_was_ended(self, city: City) -> None:
        with city.store.transaction() as tx:
            number = deputies.appoint(
                tx,
                Role.SECURITY_OFFICER,
                principal="sato",
                deputy="ueda",
                valid_from=tx.at,
                valid_until=tx.at + timedelta(days=9),
                reason="holiday",
                actor="S-yamada",
            )
        request = city.approve(city.submit(), "ueda")
        with city.store.transaction() as tx:
            deputies.revoke(tx, number, reason="back", actor="S-yamada")
        assert_nothing_ran(city, request, "lacks a valid approval")

    def test_without_the_witness(self, city: City) -> None:
        request = city.approve(city.submit("medium"), "kato")
        assert_nothing_ran(city, request, "must be seated first")

    def test_when_the_witness_lost_the_role(self, city: City) -> None:
        request = city.approved("medium")
        with city.store.transaction() as tx:
            operators.assign_roles(tx, "suzuki", [Role.SUPERIOR], reason="moved", actor="S-yamada")
        assert_nothing_ran(city, request, "statement on R-2026-0001 is not valid")

    def test_that_does_not_exist(self, city: City) -> None:
        with pytest.raises(Refusal, match="no request"):
            gate.execute(city.desk, "R-2026-0099", city.acting("ogawa"))

    def test_whose_kind_is_gone(self, city: City) -> None:
        request = city.approved()
        del city.kinds["export"]
        assert_nothing_ran(city, request, "no kind")


class TestTheStricterOfThenAndNow:
    """A rule that was eased after the request lets nothing more through; one that was tightened holds at once."""

    def test_a_slot_that_was_added_is_missing(self, city: City) -> None:
        request = city.approved()
        change(city, "export", slots=(*city.kinds["export"].slots, slot("second", Role.SUPERIOR)))
        assert_nothing_ran(city, request, r"lacks a valid approval \(second\)")

    def test_a_slot_that_was_dropped_is_needed_still(self, city: City) -> None:
        request = city.submit("correction")
        change(city, "correction", slots=city.kinds["correction"].slots[:1])
        request = city.approve(request, "kondo")
        assert request.state is State.SUBMITTED
        assert_nothing_ran(city, request, "not approved")

    def test_a_role_that_may_approve_no_more_approves_no_more(self, city: City) -> None:
        request = city.approve(city.approve(city.submit("correction"), "kondo"), "ueda")
        first = city.kinds["correction"].slots[0]
        change(city, "correction", slots=(first, slot("second", Role.SECOND_CHECKER)))
        assert_nothing_ran(city, request, "lacks a valid approval")

    def test_a_role_that_may_approve_now_could_not_then(self, city: City) -> None:
        request = city.submit()
        change(city, "export", slots=(slot("officer", Role.SECURITY_OFFICER, Role.SUPERIOR),))
        with pytest.raises(Refusal, match="no role"):
            city.approve(request, "ueda")

    def test_a_witness_that_is_asked_for_now_is_needed(self, city: City) -> None:
        request = city.approved()
        change(city, "export", witness=True)
        assert_nothing_ran(city, request, "must be seated")
        assert city.execute(city.attest(request)).state is State.DONE

    def test_a_witness_that_was_asked_for_then_is_needed(self, city: City) -> None:
        request = city.approve(city.submit("medium"), "kato")
        change(city, "medium", witness=False)
        assert_nothing_ran(city, request, "must be seated")

    @pytest.mark.parametrize(("then", "now"), [("export", Place.REGISTERED), ("correction", Place.SERVER_ROOM)])
    def test_the_nearer_place_holds(self, city: City, then: str, now: Place) -> None:
        request = city.approved(then)
        change(city, then, place=now)
        assert_nothing_ran(city, request, "server room", terminal=OFFICE)

    def test_only_those_execute_who_might_then_and_may_now(self, city: City) -> None:
        request = city.approved()
        change(city, "export", executors=frozenset({Role.SYSTEM_ADMIN, Role.SUPERIOR}))
        for login in ("ogawa", "ueda"):
            assert_nothing_ran(city, request, "role that you don't hold", login=login)
        assert city.execute(request, "yamada").state is State.DONE

    def test_an_approval_lives_no_longer_than_such_approvals_live_now(self, city: City) -> None:
        request = city.approved()
        change(city, "export", lifetime=1)
        city.clock.advance(timedelta(days=1))
        assert_nothing_ran(city, request, "only in its window")

    def test_an_approval_lives_no_longer_than_was_said_then(self, city: City) -> None:
        request = city.approved()
        change(city, "export", lifetime=30)
        city.clock.advance(timedelta(days=3))
        assert_nothing_ran(city, request, "only in its window")

    def test_a_kind_that_became_an_emergency_needs_its_approvals_still(self, city: City) -> None:
        request = city.submit()
        change(city, "export", emergency=True, report=True)
        assert_nothing_ran(city, request, "not approved")

    def test_an_emergency_whose_kind_is_none_any_more_needs_approvals_that_it_never_had(self, city: City) -> None:
        request = city.submit("emergency")
        change(city, "emergency", emergency=False, slots=(slot("officer", Role.SECURITY_OFFICER),))
        assert_nothing_ran(city, request, "needs its approvals", login="mori")

    def test_an_emergency_needs_no_approval_even_where_its_kind_names_who_reviews_it(self, city: City) -> None:
        change(city, "emergency", slots=(slot("reviewer", Role.SUPERIOR),))
        request = city.execute(city.submit("emergency"), "mori")
        city.report(request, "mori")
        city.close(request, "ueda")
        assert city.state(request) is State.CLOSED

    def test_whoever_it_concerns_by_now_has_approved_nothing(self, city: City) -> None:
        request = city.approved()
        change(city, "export", concerns=lambda _: frozenset({"S-sato"}))
        assert_nothing_ran(city, request, "not by different people")

    def test_a_parameter_that_the_kind_knows_no_more_stops_it(self, city: City) -> None:
        request = city.approved()
        with city.store.transaction() as tx:
            tx.execute("UPDATE request SET parameters = json_set(parameters, '$.more', 1)")
            tx.record("request.edited", actor="system")
        with pytest.raises(Refusal, match="can't be read"):
            city.execute(request)


def test_the_time_left_is_never_below_nothing(city: City) -> None:
    request = city.submit()
    assert gate.window_left(request, OPENING) == 3 * 86400
    assert gate.window_left(request, OPENING + timedelta(days=9)) == 0


def test_a_witness_who_saw_the_beginning_may_not_run_it(city: City) -> None:
    city.hire("both", Role.WITNESS, Role.SYSTEM_ADMIN)
    request = city.attest(city.approve(city.submit("medium"), "kato"), "both", decisions.BEFORE)
    assert_nothing_ran(city, request, "someone else", login="both")
