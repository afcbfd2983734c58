"""The gate: what was approved is what runs, once, now, by the right person at the right place, or nothing runs."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from accesscontrol.people import deputies, operators
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import decisions, gate, locks
from accesscontrol.requests.kinds import Execution, Place
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from accesscontrol.requests.submission import Window
from accesscontrol.trail.witness import DirectoryWitness
from tests.accesscontrol.requests.city import LOG_KEY, OFFICE, OPENING, ROOM, City, slot


def assert_nothing_ran(city: City, request: Request, words: str, **how: str) -> None:
    """The gate stays shut with these words, the try is in the book, and the request is as it was."""
    before = city.now(request)
    with pytest.raises(Refusal, match=words):
        city.execute(request, **how)  # type: ignore[arg-type]
    assert city.world.done == []
    assert city.now(request) == before
    assert city.acts(request.id)[-1] == "request.execution-refused"


def change(city: City, kind: str, **changes: object) -> None:
    """Change the rule of a kind, as a new version of the program would."""
    city.kinds[kind] = dataclasses.replace(city.kinds[kind], **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["export", "correction", "medium"])
def test_an_approved_act_runs_and_leaves_its_evidence(city: City, kind: str) -> None:
    request = city.execute(city.approved(kind, amount=7))
    assert request.state is State.DONE
    assert [each["amount"] for each in city.world.done] == [7]
    assert request.performance is not None
    assert (request.performance.executor, request.performance.outcome) == ("S-ogawa", "done")
    assert request.performance.evidence == {"amount": 7}
    assert city.acts(request.id)[-2:] == ["request.execution-started", "request.done"]


def test_the_beginning_is_sealed_before_the_act_and_the_end_before_the_report(city: City) -> None:
    request = city.approved()
    seen: list[tuple[int, int]] = []

    def look() -> None:
        size = city.store.rows("SELECT max(seq) FROM trail_entry")[0][0]
        seen.append((size, city.store.rows("SELECT max(size) FROM trail_checkpoint")[0][0]))

    city.world.during = lambda _: look()
    city.execute(request)
    look()
    assert all(size == sealed for size, sealed in seen)
    assert seen[0] < seen[1]


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


class TestLocks:
    TARGETS = (
        ("person", "S-mori"),
        ("person", "S-kato"),
        ("person", "S-suzuki"),
        ("person", "S-ogawa"),
        ("terminal", ROOM),
        ("medium", "file"),
        ("request", "R-2026-0001"),
    )

    @pytest.mark.parametrize("target", TARGETS)
    def test_any_one_stops_the_act_until_it_is_lifted(self, city: City, target: tuple[str, str]) -> None:
        request = city.approved("medium")
        number = locks.place(city.store, *target, reason="inquiry", actor="S-tanaka")
        assert_nothing_ran(city, request, "locked: inquiry")
        locks.lift(city.store, number, reason="cleared", actor="S-tanaka")
        assert city.execute(request).state is State.DONE

    def test_one_with_an_end_stops_the_act_until_then(self, city: City) -> None:
        request = city.approved()
        until = OPENING + timedelta(hours=1)
        locks.place(city.store, "medium", "file", reason="inquiry", actor="S-tanaka", until=until)
        assert_nothing_ran(city, request, "locked")
        city.clock.set(until)
        assert city.execute(request).state is State.DONE

    def test_one_on_something_else_stops_nothing(self, city: City) -> None:
        locks.place(city.store, "medium", "another", reason="inquiry", actor="S-tanaka")
        assert city.execute(city.approved()).state is State.DONE

    @pytest.mark.parametrize("target", TARGETS)
    def test_one_put_on_during_the_act_cuts_it(self, city: City, target: tuple[str, str]) -> None:
        steps: list[int] = []

        def copy(execution: Execution) -> None:
            for step in range(5):
                if step == 2:
                    locks.place(city.store, *target, reason="stop it", actor="S-tanaka")
                execution.progress(step, 5)
                steps.append(step)

        city.world.during = copy
        request = city.execute(city.approved("medium"))
        assert (request.state, steps) == (State.FAILED, [0, 1])
        assert request.performance is not None
        assert "stop it" in str(request.performance.evidence)

    def test_a_list_that_can_not_be_read_means_no(self, city: City) -> None:
        request = city.approved()
        with city.store.bookkeeping() as connection:
            connection.execute("ALTER TABLE lock RENAME TO lost")
        with pytest.raises(Exception, match="lock"):
            city.execute(request)
        assert city.world.done == []

    def test_are_placed_and_lifted_with_a_reason_and_an_entry(self, city: City) -> None:
        with pytest.raises(Refusal, match="needs a reason"):
            locks.place(city.store, "medium", "file", reason=" ", actor="S-tanaka")
        with pytest.raises(ValueError, match="can be locked"):
            locks.place(city.store, "weather", "rain", reason="wet", actor="S-tanaka")
        number = locks.place(city.store, "medium", "file", reason="inquiry", actor="S-tanaka")
        locks.lift(city.store, number, reason="cleared", actor="S-tanaka")
        assert city.acts("medium:file") == ["lock.placed", "lock.lifted"]
        with pytest.raises(Refusal, match="not in force"):
            locks.lift(city.store, number, reason="again", actor="S-tanaka")

    def test_on_a_person_are_not_lifted_by_that_person(self, city: City) -> None:
        number = locks.place(city.store, "person", "S-tanaka", reason="inquiry", actor="S-sato")
        with pytest.raises(Refusal, match="on themselves"):
            locks.lift(city.store, number, reason="fine again", actor="S-tanaka")


class TestWhatTheActComesTo:
    def test_a_failure_is_a_state_with_its_reason_and_no_crash(self, city: City) -> None:
        city.world.during = lambda _: 1 / 0
        request = city.execute(city.approved())
        assert request.state is State.FAILED
        assert request.performance is not None
        assert request.performance.evidence == {"error": "ZeroDivisionError", "reason": "division by zero"}
        assert city.acts(request.id)[-1] == "request.failed"

    def test_a_refusal_inside_the_act_is_a_failure_too(self, city: City) -> None:
        def refuse(_: object) -> None:
            raise Refusal("The medium is full.")

        city.world.during = refuse
        assert city.execute(city.approved()).state is State.FAILED

    def test_an_interruption_from_the_keyboard_leaves_the_result_open(self, city: City) -> None:
        def interrupt(_: object) -> None:
            raise KeyboardInterrupt

        city.world.during = interrupt
        request = city.approved()
        with pytest.raises(KeyboardInterrupt):
            city.execute(request)
        assert city.state(request) is State.EXECUTING

    @pytest.mark.parametrize("evidence", [{"path": Path("/")}, {"share": float("nan")}, {"name": "\ud800"}, {1: 2}])
    def test_evidence_that_can_not_be_kept_leaves_the_result_to_a_person(self, city: City, evidence: object) -> None:
        change(city, "export", execute=lambda _: evidence)
        request = city.execute(city.approved())
        assert request.state is State.INTERRUPTED
        city.settle(request)
        assert city.state(request) is State.DONE

    def test_individual_numbers_stay_out_of_evidence_and_reasons(self, city: City) -> None:
        number = "123456789018"
        change(city, "export", execute=lambda _: {"found": number})
        request = city.execute(city.approved())
        assert request.performance is not None
        assert request.performance.evidence == {"found": "*" * 12}

        def fail(_: object) -> None:
            raise ValueError(f"no such number {number}")

        change(city, "export", execute=fail)
        city.execute(city.approved())
        stored = city.store.rows("SELECT evidence FROM request_execution") + city.store.rows(
            "SELECT body FROM trail_entry"
        )
        assert not any(number in (row[0] if isinstance(row[0], str) else row[0].decode()) for row in stored)

    def test_progress_reaches_the_screen(self, city: City) -> None:
        seen: list[tuple[int, int]] = []
        city.world.during = lambda execution: execution.progress(3, 9)
        city.execute(city.approved(), progress=lambda done, total: seen.append((done, total)))
        assert seen == [(3, 9), (1, 1)]

    def test_an_outcome_that_can_not_be_written_is_told_as_what_it_is(
        self, city: City, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        request = city.approved()

        def fill_the_disk(_: object) -> None:
            monkeypatch.setattr(city.store, "transaction", full)

        def full() -> object:
            raise Refusal("Nothing was done: the disk is full.")

        city.world.during = fill_the_disk
        with pytest.raises(Refusal, match="ran, but its outcome can't be written"):
            city.execute(request)
        assert len(city.world.done) == 1
        assert city.state(request) is State.EXECUTING


class TestTheSeal:
    def test_that_fails_lets_nothing_run_and_uses_the_approval_up(self, city: City) -> None:
        request = city.approved()
        desk = dataclasses.replace(city.desk, seal=fail_with(OSError("no key")))
        with pytest.raises(OSError, match="no key"):
            gate.execute(desk, request.id, city.acting("ogawa"))
        assert city.world.done == []
        assert city.state(request) is State.FAILED

    def test_that_the_second_place_contradicts_lets_nothing_run(self, city: City, tmp_path: Path) -> None:
        """The whole file was put back from a backup, with an approval in it that was used up meanwhile."""
        city.witness = DirectoryWitness.create(tmp_path / "medium", "vault", LOG_KEY.public_key(), city.clock)
        request = city.approved()
        city.store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        backup = city.store.path.read_bytes()
        city.execute(request)
        city.store.close()
        for each in city.store.path.parent.glob("sekisho.sqlite3*"):
            each.unlink()
        city.store.path.write_bytes(backup)
        assert city.state(request) is State.APPROVED
        with pytest.raises(Refusal, match="cut, put back or rewritten"):
            city.execute(request)
        assert len(city.world.done) == 1
        assert city.state(request) is State.FAILED

    def test_that_the_second_place_can_not_take_lets_the_work_go_on(self, city: City, tmp_path: Path) -> None:
        city.witness = DirectoryWitness(tmp_path / "unplugged", city.clock)
        assert city.execute(city.approved()).state is State.DONE


def fail_with(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def test_the_time_left_is_never_below_nothing(city: City) -> None:
    request = city.submit()
    assert gate.window_left(request, OPENING) == 3 * 86400
    assert gate.window_left(request, OPENING + timedelta(days=9)) == 0


def test_a_witness_who_saw_the_beginning_may_not_run_it(city: City) -> None:
    city.hire("both", Role.WITNESS, Role.SYSTEM_ADMIN)
    request = city.attest(city.approve(city.submit("medium"), "kato"), "both", decisions.BEFORE)
    assert_nothing_ran(city, request, "someone else", login="both")
