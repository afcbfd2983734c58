"""Locks: any one wins, before the act and in the middle of it."""

from datetime import timedelta

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks
from accesscontrol.requests.kinds import Execution
from accesscontrol.requests.states import State
from accesscontrol.rows import DamagedRowError
from tests.accesscontrol.requests.city import OPENING, ROOM, City
from tests.accesscontrol.requests.shut import assert_nothing_ran


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

    @pytest.mark.parametrize(
        ("column", "damaged"),
        [("until", "0026-13-24"), ("until", "r026-13-24"), ("placed_at", "x"), ("lifted_at", "2026-11-24T00:00:1")],
    )
    def test_a_damaged_one_stops_its_own_act_and_no_other_until_it_is_lifted(
        self, city: City, column: str, damaged: str
    ) -> None:
        request = city.approved("medium")
        number = locks.place(city.store, "medium", "file", reason="inquiry", actor="S-tanaka")
        with city.store.bookkeeping() as connection:
            connection.execute(f"UPDATE lock SET {column} = ?", (damaged,))
        locks.check(city.store, [("medium", "another")], OPENING)
        assert "Row 1 of the table lock is damaged" in next(iter(city.store.damage))
        assert_nothing_ran(city, request, "locked: inquiry")
        locks.lift(city.store, number, reason="cleared", actor="S-tanaka")
        assert city.execute(request).state is State.DONE

    def test_one_of_which_nobody_can_tell_what_it_stops_stops_everything(self, city: City) -> None:
        locks.place(city.store, "medium", "another", reason="inquiry", actor="S-tanaka")
        with city.store.bookkeeping() as connection:
            connection.execute("UPDATE lock SET type = 'medyum'")
        with pytest.raises(DamagedRowError, match="'medyum'"):
            locks.check(city.store, [("medium", "file")], OPENING)

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
