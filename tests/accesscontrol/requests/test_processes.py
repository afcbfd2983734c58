"""Two consoles at once, and consoles that die: one wins, nothing is half, and nothing ever runs again by itself."""

import os

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.requests import gate
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from accesscontrol.trail import verification
from accesscontrol.trail.notes import Verifier
from tests.accesscontrol.processes import finish, kill, let_go, start, wait_for_line
from tests.accesscontrol.requests.city import LOG_KEY, OPENING, City

BEGIN = f"""
import sys, time
from datetime import datetime
from pathlib import Path
from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from accesscontrol.requests import decisions, gate
from tests.accesscontrol.requests.city import open_city

city = open_city(Path(sys.argv[1]), FixedClock(datetime.fromisoformat("{OPENING.isoformat()}")))
request, login = city.now(type("Named", (), {{"id": sys.argv[2]}})), sys.argv[3]

def wait(word):
    print(word, flush=True)
    sys.stdin.readline()
"""
RACE = """
wait("ready")
try:
    city.{act}(request, login)
    print("passed")
except Refusal as refused:
    print("refused:", refused)
"""
EXECUTE = (
    BEGIN
    + """
city.world.during = lambda _: wait("running")
city.execute(request, login)
print("done")
"""
)
APPROVE = (
    BEGIN
    + """
from accesscontrol.store import Transaction
original = Transaction.record

def record(self, act, **details):
    if sys.argv[4] == "before the entry" and act == "request.approved":
        wait("inside")
    number = original(self, act, **details)
    if sys.argv[4] == "after the entry" and act == "request.approved":
        wait("inside")
    return number

Transaction.record = record
if sys.argv[4] == "before the transaction":
    sign = city.sign
    city.sign = lambda login: lambda message: (wait("inside"), sign(login)(message))[1]
city.approve(request, login)
"""
)


def race(city: City, request: Request, act: str, *logins: str) -> list[str]:
    """Let a process of each login do the same at once, and return what each wrote."""
    racing = [start(BEGIN + RACE.format(act=act), city.store.path, request.id, login) for login in logins]
    for each in racing:
        wait_for_line(each, b"ready")
    for each in racing:
        let_go(each)
    return [finish(each).strip() for each in racing]


def assert_book_is_whole(city: City) -> None:
    assert verification.verify(city.store, log=Verifier("city/trail", LOG_KEY.public_key())).ok


def test_of_two_consoles_that_execute_at_once_exactly_one_does(city: City) -> None:
    request = city.approved()
    outcomes = race(city, request, "execute", "ogawa", "yamada", "ogawa")
    assert outcomes.count("passed") == 1
    assert sum("executed already" in each for each in outcomes) == 2
    assert len(city.world.done) == 1
    assert city.acts(request.id).count("request.execution-started") == 1
    assert city.state(request) is State.DONE
    assert_book_is_whole(city)


def test_of_two_approvers_of_one_slot_at_once_exactly_one_is_needed(city: City) -> None:
    request = city.submit()
    outcomes = race(city, request, "approve", "sato", "tanaka")
    assert outcomes.count("passed") == 1
    assert sum("not waiting for approval" in each or "went on while" in each for each in outcomes) == 1
    assert len(city.now(request).approvals) == 1
    assert city.execute(request).state is State.DONE
    assert_book_is_whole(city)


def test_one_who_approves_and_one_who_rejects_at_once_never_both_win(city: City) -> None:
    request = city.submit()
    programs = [("approve", "sato"), ("reject", "tanaka")]
    racing = [start(BEGIN + RACE.format(act=act), city.store.path, request.id, who) for act, who in programs]
    for each in racing:
        wait_for_line(each, b"ready")
    for each in racing:
        let_go(each)
    outcomes = [finish(each).strip() for each in racing]
    assert outcomes.count("passed") == 1
    assert city.state(request) in {State.APPROVED, State.REJECTED}
    assert bool(city.now(request).approvals) == (city.state(request) is State.APPROVED)


@pytest.mark.parametrize("moment", ["before the transaction", "before the entry", "after the entry"])
def test_an_approver_killed_while_approving_has_approved_nothing(city: City, moment: str) -> None:
    request = city.submit()
    process = start(APPROVE, city.store.path, request.id, "sato", moment)
    wait_for_line(process, b"inside")
    kill(process)
    assert city.state(request) is State.SUBMITTED
    assert city.now(request).approvals == []
    assert "request.approved" not in city.acts(request.id)
    assert city.approve(request, "tanaka").state is State.APPROVED
    assert_book_is_whole(city)


class TestAKilledExecution:
    @pytest.fixture
    def killed(self, city: City) -> Request:
        """A request whose console was killed in the middle of the act."""
        request = city.approved("correction")
        process = start(EXECUTE, city.store.path, request.id, "ogawa")
        wait_for_line(process, b"running")
        assert gate.recover(city.desk) == []
        kill(process)
        return request

    def test_is_found_and_marked_as_interrupted_once(self, city: City, killed: Request) -> None:
        assert city.state(killed) is State.EXECUTING
        assert gate.recover(city.desk) == [killed.id]
        assert gate.recover(city.desk) == []
        assert city.state(killed) is State.INTERRUPTED
        assert city.acts(killed.id)[-1] == "request.interrupted"

    def test_never_runs_again(self, city: City, killed: Request) -> None:
        for _ in range(2):
            with pytest.raises(Refusal, match="executed already"):
                city.execute(killed, "yamada")
            gate.recover(city.desk)
        assert len(city.world.done) == 1

    @pytest.mark.parametrize("outcome", [State.DONE, State.FAILED])
    def test_is_settled_by_another_person_who_looked(self, city: City, killed: Request, outcome: State) -> None:
        gate.recover(city.desk)
        city.settle(killed, outcome=outcome)
        performance = city.now(killed).performance
        assert performance is not None
        assert (city.state(killed), performance.outcome) == (outcome, outcome)
        assert performance.evidence == {"settled_by": "S-sato", "statement": "I looked."}
        city.report(killed)
        city.close(killed, "tanaka")

    def test_is_not_settled_by_those_who_did_or_wanted_it_or_may_not(self, city: City, killed: Request) -> None:
        gate.recover(city.desk)
        for login in ("ogawa", "mori", "endo", "suzuki"):
            with pytest.raises(Refusal):
                city.settle(killed, login)
        assert city.state(killed) is State.INTERRUPTED

    def test_is_settled_as_done_or_failed_and_in_words(self, city: City, killed: Request) -> None:
        gate.recover(city.desk)
        with pytest.raises(Refusal, match="choose one"):
            city.settle(killed, outcome=State.CLOSED)
        with pytest.raises(Refusal, match="how the result was found"):
            gate.settle(city.desk, killed.id, city.acting("sato"), outcome=State.DONE, statement="")

    def test_is_not_settled_before_it_is_known_to_be_interrupted(self, city: City, killed: Request) -> None:
        with pytest.raises(Refusal, match="was not interrupted"):
            city.settle(killed)

    def test_that_is_still_a_zombie_counts_as_dead(self, city: City) -> None:
        request = city.approved("correction")
        process = start(EXECUTE, city.store.path, request.id, "ogawa")
        wait_for_line(process, b"running")
        os.kill(process.pid, 9)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert gate.recover(city.desk) == [request.id]
        process.communicate()


@pytest.mark.parametrize(
    "claim",
    [("boot", "another-boot"), ("process", 1), ("process_start", "1"), ("process", 1 << 30)],
    ids=lambda claim: str(claim[0]),
)
def test_an_execution_before_a_restart_or_under_a_reused_number_is_dead(city: City, claim: tuple[str, object]) -> None:
    request = city.approved()
    city.world.during = lambda _: interrupt()
    with pytest.raises(KeyboardInterrupt):
        city.execute(request)
    assert gate.recover(city.desk) == []
    with city.store.bookkeeping() as connection:
        connection.execute(f"UPDATE request_execution SET {claim[0]} = ?", (claim[1],))
    assert gate.recover(city.desk) == [request.id]


def interrupt() -> None:
    raise KeyboardInterrupt


def test_an_act_that_ends_after_somebody_took_it_for_dead_changes_nothing_any_more(city: City) -> None:
    request = city.approved()

    def declared_dead(_: object) -> None:
        with city.store.bookkeeping() as connection:
            connection.execute("UPDATE request_execution SET boot = 'another'")
        assert gate.recover(city.desk) == [request.id]

    city.world.during = declared_dead
    with pytest.raises(Refusal, match="outcome can't be written"):
        city.execute(request)
    assert city.state(request) is State.INTERRUPTED
