"""What an act comes to once the gate let it through: its outcome, its evidence, and the seals around it."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.requests import gate
from accesscontrol.requests.kinds import BrokenOff
from accesscontrol.requests.states import State
from accesscontrol.trail.witness import DirectoryWitness
from tests.accesscontrol.requests.city import LOG_KEY, City
from tests.accesscontrol.requests.shut import change


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

    @pytest.mark.parametrize(("unknown", "state"), [(True, State.INTERRUPTED), (False, State.FAILED)])
    def test_an_act_that_broke_off_says_what_is_known_of_it(self, city: City, *, unknown: bool, state: State) -> None:
        def break_off(_: object) -> None:
            raise BrokenOff(Refusal("The link broke."), {"session": "S-1"}, unknown=unknown)

        city.world.during = break_off
        request = city.execute(city.approved())
        assert request.state is state
        assert request.performance is not None
        evidence = {"error": "BrokenOff", "reason": "The link broke.", "session": "S-1"}
        assert request.performance.evidence == evidence
        assert city.acts(request.id)[-1] == f"request.{state}"

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
