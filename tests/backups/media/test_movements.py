"""Each medium has one place; a taking out rests on an executed request and has a day of return."""

import os
import signal
import sys
from dataclasses import replace
from datetime import date, timedelta
from types import FrameType

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks
from accesscontrol.store import Store
from accesscontrol.trail import entries
from backups import ledger
from backups.media import movements, register
from backups.media.movements import Move, Movement
from tests.backups.media.ledgers import STORES, medium, output
from tests.backups.office import ZONE

MOVE = Move(medium="M-0001", to_place="倉庫A", rule="媒体管理要領 第5条", giver="S-ogawa", receiver="S-ito")
OUT = replace(MOVE, to_place="〇〇倉庫", permission="R-2026-0001", due=date(2026, 12, 24))


def go(store: Store, asked: Move) -> Movement:
    return movements.move(store, STORES, asked, actor="S-ito", terminal="SR-01")


def test_between_the_stores_a_medium_moves_with_a_line_and_without_a_request(store: Store) -> None:
    medium(store)
    line = go(store, MOVE)
    assert (line.number, line.direction, line.from_place, line.to_place) == (1, "within", "サーバ室", "倉庫A")
    assert register.find_by_id(store, "M-0001").place == "倉庫A"
    assert line.to_json()["medium"] == "M-0001"


def test_out_of_the_stores_it_goes_only_with_an_executed_request_for_what_is_on_it(store: Store) -> None:
    medium(store)
    other = medium(store)
    with pytest.raises(Refusal) as refused:
        go(store, OUT)
    assert refused.value.control == "BK-BAK-02"
    output(store, other)
    with pytest.raises(Refusal):
        go(store, OUT)  # the request was for another medium
    output(store, "M-0001", request="R-2026-0002")
    assert go(store, replace(OUT, permission="R-2026-0002")).direction == "out"


def test_a_taking_out_has_a_day_of_return(store: Store) -> None:
    output(store, medium(store))
    with pytest.raises(Refusal, match="day of its return"):
        go(store, replace(OUT, due=None))


def test_an_overdue_return_is_listed_until_it_is_back(store: Store, clock: FixedClock) -> None:
    number = output(store, medium(store))
    go(store, OUT)
    assert movements.overdue(store, clock.now(), ZONE) == []
    assert [each.id for each in movements.outside(store, STORES)] == ["M-0001"]
    clock.advance(timedelta(days=31))
    assert [line.number for line in movements.overdue(store, clock.now(), ZONE)] == [1]
    back = go(store, replace(MOVE, giver="S-carrier", receiver="S-ito"))
    assert back.direction == "in"
    assert movements.overdue(store, clock.now(), ZONE) == []
    assert ledger.find(store, number).state == "returned"
    assert ledger.find(store, number).note == "Ended by movement No. 2."


def test_what_was_to_be_destroyed_does_not_count_as_returned(store: Store) -> None:
    number = output(store, medium(store), ending="destroy")
    go(store, OUT)
    go(store, MOVE)
    assert ledger.find(store, number).state == "out"


@pytest.mark.parametrize(
    "change",
    [{"to_place": "サーバ室"}, {"rule": " "}, {"receiver": "S-ogawa"}, {"giver": "\x1b[2J"}, {"medium": "M-0009"}],
)
def test_a_move_that_makes_no_sense_is_refused(store: Store, change: dict[str, str]) -> None:
    medium(store)
    with pytest.raises(Refusal):
        go(store, replace(MOVE, **change))  # type: ignore[arg-type]  # of any type in a test
    assert movements.page(store) == []


def test_a_locked_medium_stays_where_it_is(store: Store) -> None:
    medium(store)
    locks.place(store, "medium", "M-0001", reason="lost", actor="S-sato")
    with pytest.raises(Refusal, match="locked"):
        go(store, MOVE)


def test_movements_are_paged_and_searched_by_medium(store: Store) -> None:
    for _ in range(2):
        name = medium(store)
        go(store, replace(MOVE, medium=name))
        go(store, replace(MOVE, medium=name, to_place="サーバ室"))
    assert [line.number for line in movements.page(store, limit=3)] == [4, 3, 2]
    assert [line.number for line in movements.page(store, before=3)] == [2, 1]
    assert [line.number for line in movements.page(store, medium="M-0002")] == [4, 3]


def test_a_kill_at_any_point_leaves_a_whole_move_or_none(store: Store) -> None:
    output(store, medium(store))
    there, back = OUT, replace(MOVE, giver="S-carrier")
    dead, at, moved = 0, 1, False
    while not moved:
        child = os.fork()
        if child == 0:
            _move_and_die(store, there, at)
        survived = os.waitpid(child, 0)[1] == 0
        lines = movements.page(store, medium="M-0001")
        place = register.find_by_id(store, "M-0001").place
        told = [each for each in entries.about(store, "M-0001") if each.act == "medium.moved"]
        assert len(told) == len(lines)
        assert (place, ledger.find(store, 1).state) == (lines[0].to_place if lines else "サーバ室", "out")
        moved = bool(lines)  # also by a process that was killed after its commit
        assert moved or not survived
        dead += not survived
        at += 23
    assert dead > 5
    assert go(store, back).direction == "in"
    assert ledger.find(store, 1).state == "returned"


def _move_and_die(store: Store, asked: Move, at: int) -> None:
    """Move in this (forked) process with a store of its own, and die at the n-th call into our own code or SQLite."""
    own = Store(store.path, store.clock)
    steps = 0

    def step(frame: FrameType, event: str, argument: object) -> None:
        nonlocal steps
        steps += 1
        if steps == at:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(step)
    go(own, asked)
    os._exit(0)


def test_a_medium_that_never_left_cannot_be_brought_in(store: Store) -> None:
    number = output(store, medium(store))
    with pytest.raises(Refusal, match="already"):
        go(store, replace(MOVE, to_place="サーバ室"))
    assert go(store, MOVE).direction == "within"  # so nothing on it counts as returned
    assert ledger.find(store, number).state == "out"
