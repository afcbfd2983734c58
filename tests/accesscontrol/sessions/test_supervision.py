"""Sessions under supervision, against a real SSH server: in their window, recorded, and ended at once when they must."""

import errno
import json
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks
from accesscontrol.sessions import ledger
from accesscontrol.sessions.ledger import Assignment, State
from accesscontrol.sessions.supervision import Supervision
from accesscontrol.sessions.transport import Known
from accesscontrol.sessions.watching import ask_stop, watch
from accesscontrol.trail import entries
from tests.accesscontrol.processes import start
from tests.accesscontrol.requests.city import City
from tests.accesscontrol.sessions.halls import SLEEPING, Running, assigned, furnish, register, sleeping, supervision
from tests.accesscontrol.sessions.targets import Target, running_target, sleepers, until
from tests.services.sshd import make_key

HELLO = ("echo", "hello", "residents", "3", "2026-11-24")


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with running_target() as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    until(lambda: not sleepers())


@pytest.fixture
def hall(city: City, target: Target) -> City:
    """A city hall on the host's own time, with the managed host registered."""
    furnish(city, target)
    return city


def run_once(office: Supervision, asked: Assignment, *words: str) -> None:
    with office.session(asked) as session:
        session.run(words)


def test_what_was_approved_runs_recorded_and_ends_in_the_ledger(hall: City, target: Target) -> None:
    seen = b""

    def shown(data: bytes) -> None:
        nonlocal seen
        seen += data

    office = supervision(hall, target)
    with office.session(assigned(hall, HELLO, ("both",)), shown=shown) as session:
        session.step("Greet")
        assert session.run(HELLO) == 0
        assert session.run(["both"]) == 3
        session.statement("SELECT  1", 1)
        assert not session.stopped()
    row = ledger.get(hall.store, session.id)
    assert seen == b"hello residents 3 2026-11-24\nout\nerr\n"
    assert (row.state, row.executor, row.known) == (State.ENDED, "S-ogawa", "ended")
    path = office.recordings / row.recording
    events = [json.loads(line)[1:] for line in path.read_text().splitlines()[1:]]
    assert events[:4] == [
        ["m", "Greet"],
        ["m", "command echo hello residents 3 2026-11-24"],
        ["o", "hello residents 3 2026-11-24\n"],
        ["m", "exit 0"],
    ]
    assert events[-2:] == [["m", "sql [1 rows] SELECT 1"], ["x", "3"]]
    acts = [entry.act for entry in entries.about(hall.store, row.id)]
    assert acts == ["session.opened", "recording.opened", "recording.closed", "session.ended"]
    assert entries.about(hall.store, row.id)[-2].details["sha256"] == row.recording_sha256


def test_anything_else_is_refused_and_stands_in_the_book(hall: City, target: Target) -> None:
    with supervision(hall, target).session(assigned(hall, HELLO, ("rm", "everything"))) as session:
        for words, reason in (
            (("sleep", "1"), "not what was approved"),
            (("sh", "-c", "id; id"), "without quotes"),
            (("rm", "everything"), "the host does not run it"),
        ):
            with pytest.raises(Refusal, match=reason):
                session.run(words)
        with pytest.raises(Refusal, match="no tunnel was approved"):
            session.database()
    told = [each for each in entries.about(hall.store, session.id) if each.act == "session.command-refused"]
    assert [each.outcome for each in told] == ["refused"] * 4


def test_a_second_person_stops_it_from_another_console(hall: City, target: Target) -> None:
    with sleeping(hall, target) as running:
        ask_stop(hall.store, ledger.listed(hall.store)[0].id, hall.acting("suzuki"), reason="the wrong day")
        row = running.ended(hall)
    assert (row.state, row.ended_by, row.reason, row.known) == (State.STOPPED, "S-suzuki", "the wrong day", "ended")


def test_a_host_that_hangs_holds_no_stop_up(hall: City, target: Target) -> None:
    with sleeping(hall, target) as running:
        hanging = target.servers()
        for each in hanging:
            each.suspend()
        try:
            ask_stop(hall.store, ledger.listed(hall.store)[0].id, hall.acting("suzuki"), reason="the wrong day")
            until(lambda: ledger.listed(hall.store)[0].state is State.STOPPED)
        finally:
            for each in hanging:
                with suppress(psutil.NoSuchProcess):
                    each.resume()
        assert running.ended(hall).state is State.STOPPED


def test_two_who_stop_it_at_once_end_it_once_while_it_floods(hall: City, target: Target) -> None:
    office, seen = supervision(hall, target), threading.Event()
    asked = assigned(hall, ("endless",))

    def stop(login: str) -> None:
        ask_stop(hall.store, ledger.listed(hall.store)[0].id, hall.acting(login), reason=f"seen by {login}")

    def flood() -> None:
        with office.session(asked, shown=lambda _: seen.set()) as session:
            session.run(["endless"])

    with ThreadPoolExecutor() as pool:
        flooding = pool.submit(flood)
        assert seen.wait(15)
        for done in [pool.submit(stop, login) for login in ("suzuki", "tanaka")]:
            done.result(15)
        with pytest.raises(Refusal, match="stopped by a person"):
            flooding.result(30)
    row = ledger.listed(hall.store)[0]
    acts = [entry.act for entry in entries.about(hall.store, row.id)]
    assert (row.state, acts.count("session.stopped"), acts.count("session.stop-asked")) == (State.STOPPED, 1, 2)


def test_work_that_breaks_off_because_of_a_stop_was_stopped_and_has_not_failed(hall: City, target: Target) -> None:
    def work() -> None:
        with supervision(hall, target).session(assigned(hall)) as session:
            ask_stop(hall.store, session.id, hall.acting("suzuki"), reason="the wrong day")
            raise Refusal("This does not hold.")

    with pytest.raises(Refusal, match="stopped by a person"):
        work()
    row = ledger.listed(hall.store)[0]
    assert (row.state, row.ended_by) == (State.STOPPED, "S-suzuki")


def test_it_ends_with_its_window(hall: City, target: Target) -> None:
    with sleeping(hall, target) as running:
        hall.clock.advance(timedelta(minutes=10))
        assert running.ended(hall).state is State.EXPIRED


def test_setting_the_clock_back_does_not_lengthen_it(hall: City, target: Target) -> None:
    with sleeping(hall, target) as running:
        hall.clock.leap(timedelta(hours=-5))
        hall.clock.advance(timedelta(minutes=10))
        assert running.ended(hall).state is State.EXPIRED


@pytest.mark.parametrize("lock", [("person", "S-ogawa"), ("host", "register-db"), ("person", "S-sato")])
def test_a_lock_cuts_it_while_it_runs(hall: City, target: Target, lock: tuple[str, str]) -> None:
    with sleeping(hall, target) as running:
        locks.place(hall.store, *lock, reason="inquiry", actor="S-tanaka")
        row = running.ended(hall)
    assert row.state is State.CUT
    assert "inquiry" in row.reason


def test_a_lock_list_that_cannot_be_read_says_no(hall: City, target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(*_: object) -> None:
        raise OSError("disk I/O error")

    with sleeping(hall, target) as running:
        monkeypatch.setattr("accesscontrol.sessions.oversight.locks.check", unreadable)
        assert running.ended(hall).state is State.CUT


def test_one_that_is_locked_or_out_of_its_window_does_not_begin(hall: City, target: Target) -> None:
    office = supervision(hall, target)
    later = {"not_before": hall.clock.now() + timedelta(minutes=1)}
    with pytest.raises(Refusal, match="only in its window"), office.session(assigned(hall, HELLO, **later)):
        pass
    locks.place(hall.store, "request", "R-2026-0001", reason="inquiry", actor="S-tanaka")
    with pytest.raises(Refusal, match="locked"), office.session(assigned(hall, HELLO)):
        pass
    assert ledger.listed(hall.store) == []


def test_one_request_has_one_session_at_a_time(hall: City, target: Target) -> None:
    with sleeping(hall, target) as running:
        with pytest.raises(Refusal, match="already runs"), supervision(hall, target).session(assigned(hall, HELLO)):
            pass
        locks.place(hall.store, "host", "register-db", reason="end", actor="S-tanaka")
        running.ended(hall)


def test_another_host_key_stops_everything_and_locks_the_host(hall: City, target: Target, tmp_path: Path) -> None:
    other = " ".join(make_key(tmp_path / "other").with_suffix(".pub").read_text().split()[:2])
    register(hall, target, host_key=other)
    with pytest.raises(Refusal, match="not the registered one") as caught:
        run_once(supervision(hall, target), assigned(hall, HELLO), *HELLO)
    assert caught.value.control == "MO-SYS-06"
    row = ledger.listed(hall.store)[0]
    assert (row.state, row.known) == (State.FAILED, Known.NOT_BEGUN)
    assert [lock.name for lock in locks.in_force(hall.store, hall.clock.now())] == ["register-db"]
    [told] = [each for each in entries.about(hall.store, "register-db") if each.act == "host.key-changed"]
    assert told.details["seen"] == target.host.fingerprint
    with pytest.raises(Refusal, match="locked"), supervision(hall, target).session(assigned(hall, HELLO)):
        pass


def test_a_host_that_is_not_registered_is_never_reached(hall: City, target: Target) -> None:
    with pytest.raises(Refusal, match="not registered"):
        run_once(supervision(hall, target), assigned(hall, HELLO, host="elsewhere"), *HELLO)


def test_output_that_cannot_be_recorded_ends_it(hall: City, target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write

    def full(descriptor: int, data: bytes) -> int:
        if b',"o",' in data:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(descriptor, data)

    monkeypatch.setattr("accesscontrol.sessions.recording.os.write", full)
    with pytest.raises(Refusal, match="can't be written"):
        run_once(supervision(hall, target), assigned(hall, ("flood",)), "flood")
    row = ledger.listed(hall.store)[0]
    assert (row.state, row.known) == (State.FAILED, "ended")


def test_it_waits_for_its_second_person_and_ends_when_they_leave(hall: City, target: Target) -> None:
    office = supervision(hall, target)
    running = Running(office, assigned(hall, SLEEPING, moderated=True))
    until(lambda: ledger.listed(hall.store))
    row = ledger.listed(hall.store)[0]
    assert not sleepers()
    seat = watch(
        hall.store, office.recordings, row.id, hall.acting("suzuki"), executor="S-ogawa", sign=hall.sign("suzuki")
    )
    until(sleepers)
    seat.leave()
    until(lambda: not office_is_attended(hall))
    hall.clock.advance(timedelta(seconds=8))
    until(lambda: clock_moved(hall) and not sleepers())
    ended = running.ended(hall)
    assert (ended.state, ended.reason) == (State.CUT, "The second person left.")


def clock_moved(hall: City) -> bool:
    hall.clock.advance(timedelta(seconds=1))
    return True


def office_is_attended(hall: City) -> bool:
    return [each.act for each in entries.about(hall.store, ledger.listed(hall.store)[0].id)][
        -1
    ] != "session.watch-ended"


def test_without_its_second_person_it_never_begins(hall: City, target: Target) -> None:
    office = supervision(hall, target, presence_seconds=0.0)
    with pytest.raises(Refusal, match="second person"), office.session(assigned(hall, HELLO, moderated=True)):
        pass
    assert ledger.listed(hall.store)[0].state is State.FAILED


CONSOLE = """
import sys
from pathlib import Path
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from accesscontrol.clock import FixedClock, SystemClock
from accesscontrol.sessions import reaching
from accesscontrol.sessions.authority import Authority
from tests.accesscontrol.requests.city import ZONE, open_city
from tests.accesscontrol.sessions.halls import SLEEPING, assigned

city = open_city(Path(sys.argv[1]), FixedClock(SystemClock().now()))
authority = Authority(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(sys.argv[2])))
office = reaching.over_ssh(city.store, ZONE, Path(sys.argv[1]).parent / "recordings", authority)
with office.session(assigned(city, SLEEPING)) as session:
    session.run(SLEEPING)
"""


def test_a_console_killed_in_the_middle_ends_the_work_and_the_session_is_interrupted(
    hall: City, target: Target
) -> None:
    console = start(CONSOLE, hall.store.path, target.authority._key.private_bytes_raw().hex())
    until(sleepers)
    os.kill(console.pid, signal.SIGKILL)
    console.communicate(timeout=30)
    until(lambda: not sleepers())
    recordings = hall.store.path.parent / "recordings"
    [name] = ledger.recover(hall.store, recordings)
    row = ledger.get(hall.store, name)
    assert (row.state, row.known) == (State.INTERRUPTED, "unknown")
    assert row.recording_sha256
    assert ledger.recover(hall.store, recordings) == []


def test_a_server_killed_in_the_middle_leaves_it_interrupted(hall: City, target: Target) -> None:
    with sleeping(hall, target) as running:
        target.kill_servers()
        row = running.ended(hall)
    assert (row.state, row.known) == (State.INTERRUPTED, "unknown")
