"""A whole session on this machine: supervised, recorded, watched, stopped; the same road as over SSH."""

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from accesscontrol.sessions import ledger
from accesscontrol.sessions.following import Follower
from accesscontrol.sessions.ledger import Assignment, SessionRow, State
from accesscontrol.sessions.local import on_this_machine
from accesscontrol.sessions.migrations import migrations
from accesscontrol.sessions.replaying import timeline
from accesscontrol.sessions.supervision import Session, Supervision
from accesscontrol.sessions.transport import Command
from accesscontrol.sessions.verifying import Standing, verify
from accesscontrol.sessions.watching import Watch, ask_stop, watch
from tests.accesscontrol.requests.city import ZONE, City
from tests.accesscontrol.sessions.tapes import NUMBER
from tests.accesscontrol.sessions.test_local import lives

TASKS = {
    "say": ("/bin/echo", f"for {NUMBER}:"),
    "tick": ("/bin/sh", "-c", "echo process $$; while :; do echo .; sleep 0.1; done"),
    "wait": ("/bin/sh", "-c", "echo process $$; sleep 600"),
}


@pytest.fixture
def office(city: City, tmp_path: Path) -> Supervision:
    city.store.migrate(migrations)
    recordings = city.store.path.parent / "recordings"
    return on_this_machine(city.store, ZONE, recordings, name="here", tasks=TASKS, folder=tmp_path)


def assigned(city: City, *command: str, moderated: bool = False) -> Assignment:
    now = city.clock.now()
    return Assignment(
        request="R-2026-0001",
        title="A task",
        host="here",
        executor=city.acting("ogawa"),
        not_before=now,
        until=now + timedelta(hours=1),
        commands=(Command.of(command),),
        moderated=moderated,
        apart=frozenset({"S-mori", "S-sato"}),
    )


class Running:
    """A session that runs in a thread of its own."""

    def __init__(self, office: Supervision, assignment: Assignment, work: Callable[[Session], object]) -> None:
        self.refusal = ""
        self._office, self._assignment, self._task = office, assignment, work
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            with self._office.session(self._assignment) as session:
                self._task(session)
        except Refusal as refusal:
            self.refusal = str(refusal)

    def ended(self) -> str:
        self._thread.join(30.0)
        assert not self._thread.is_alive()
        return self.refusal


def row_of(city: City) -> SessionRow:
    while not (found := ledger.listed(city.store)):
        pass
    return found[0]


def seated(city: City, office: Supervision, row: SessionRow) -> Watch:
    sign = city.sign("suzuki")
    return watch(city.store, office.recordings, row.id, city.acting("suzuki"), executor=row.executor, sign=sign)


def process_seen(path: Path) -> int:
    """Return the process that the session's output names, seen as the second person sees it."""
    while not path.exists() or not path.read_bytes().endswith(b"\n"):
        pass
    follower, text = Follower(path), ""
    while "\n" not in text:
        text += "".join(event.data for event in follower.read() if event.code == "o")
    follower.close()
    return int(text.split()[1])


def test_what_runs_is_recorded_whole_and_masked(city: City, office: Supervision) -> None:
    with office.session(assigned(city, "say", "done")) as session:
        assert session.run(["say", "done"]) == 0
    row = row_of(city)
    assert row.state is State.ENDED
    path = office.recordings / row.recording
    assert verify(city.store, row.id, path).standing is Standing.INTACT
    assert [each.data for each in timeline(path).markers] == ["command say done", "exit 0"]
    assert "for ************: done" in path.read_text("utf-8")
    assert row.recording_sha256 == verify(city.store, row.id, path).sha256


def test_a_session_for_another_host_does_not_run_here(city: City, office: Supervision) -> None:
    elsewhere = replace(assigned(city, "say"), host="register-db")
    with pytest.raises(Refusal, match="approved for register-db"), office.session(elsewhere):
        pass
    assert ledger.listed(city.store) == []


def test_a_moderated_session_waits_for_its_second_person_who_can_stop_it(city: City, office: Supervision) -> None:
    running = Running(office, assigned(city, "wait", moderated=True), lambda session: session.run(["wait"]))
    row = row_of(city)
    seat = seated(city, office, row)
    pid = process_seen(office.recordings / row.recording)
    assert lives(pid)
    ask_stop(city.store, row.id, city.acting("suzuki"), reason="another table")
    assert "another table" in running.ended()
    assert not lives(pid)
    ended = ledger.get(city.store, row.id)
    assert (ended.state, ended.ended_by) == (State.STOPPED, "S-suzuki")
    assert verify(city.store, row.id, office.recordings / row.recording).standing is Standing.INTACT
    seat.leave()


def test_a_moderated_session_ends_when_its_second_person_stays_away(city: City, office: Supervision) -> None:
    running = Running(office, assigned(city, "wait", moderated=True), lambda session: session.run(["wait"]))
    row = row_of(city)
    seat = seated(city, office, row)
    pid = process_seen(office.recordings / row.recording)
    seat.leave()
    clock = city.store.clock
    assert isinstance(clock, FixedClock)
    while lives(pid):
        clock.advance(timedelta(seconds=5))
        threading.Event().wait(0.15)  # the supervision looks ten times a second
    assert "The second person left" in running.ended()
    assert ledger.get(city.store, row.id).state is State.CUT


def test_a_recording_that_can_not_be_written_ends_the_process(
    city: City, office: Supervision, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = Running(office, assigned(city, "tick"), lambda session: session.run(["tick"]))
    row = row_of(city)
    pid = process_seen(office.recordings / row.recording)

    def broken(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", broken)
    assert "Input/output error" in running.ended()
    assert not lives(pid)
    assert ledger.get(city.store, row.id).state is State.FAILED
