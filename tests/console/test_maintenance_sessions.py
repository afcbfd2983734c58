"""An approved task on the embedded register runs in a session: recorded, watched, stopped, and told as it was."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks
from accesscontrol.requests.states import State
from accesscontrol.sessions import ledger, watching
from accesscontrol.sessions.ledger import SessionRow
from accesscontrol.sessions.verifying import Standing, verify
from accesscontrol.store import Store
from console import maintenance_sessions, translation
from tests.console.approving import CHANGE, approved, execute
from tests.console.second_persons import attending, until
from tests.console.town import Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    translation.choose("en")
    town = Town.copied_to(tmp_path)
    town.give("nakamura", Role.BUSINESS_OWNER)
    return town


def checked(town: Town) -> int:
    with closing(sqlite3.connect(town.site.home.registry)) as register:
        count: int = register.execute("SELECT count(*) FROM resident_register WHERE remarks = 'checked'").fetchone()[0]
    return count


def events(town: Town, session: str) -> list[list[str]]:
    path = town.site.home.recordings / ledger.get(town.site.store, session).recording
    return [json.loads(line)[1:] for line in path.read_text("utf-8").splitlines()[1:]]


def test_every_step_and_statement_is_recorded_with_its_rows_and_the_hash_stands_in_evidence_and_trail(
    town: Town,
) -> None:
    with attending(town, "suzuki"):
        state, evidence = execute(town, approved(town))
    assert (state, evidence["committed"], evidence["session_state"]) == (State.DONE, True, "ended")
    told = events(town, evidence["session"])
    assert ["m", "Run the statement"] in told
    assert ["m", f"sql [3 rows] {CHANGE['sql']}"] in told
    shown = "".join(data for code, data in told if code == "o")
    assert f"[3 rows] {CHANGE['sql']}" in shown
    row = ledger.get(town.site.store, evidence["session"])
    assert evidence["recording_sha256"] == row.recording_sha256
    found = verify(town.site.store, row.id, town.site.home.recordings / row.recording)
    assert (found.standing, found.sha256) == (Standing.INTACT, row.recording_sha256)
    assert town.entries("request.done")[-1].details["evidence"]["recording_sha256"] == row.recording_sha256
    assert checked(town) == 3


def test_whoever_executes_is_asked_about_the_rows_and_a_no_takes_everything_back(town: Town) -> None:
    asked = []

    def no(sql: str, rows: int) -> bool:
        asked.append((sql, rows))
        return False

    with attending(town, "suzuki"), maintenance_sessions.asking(no):
        state, evidence = execute(town, approved(town))
    assert asked == [(CHANGE["sql"], 3)]
    assert (state, evidence["committed"], checked(town)) == (State.FAILED, False, 0)
    assert ledger.get(town.site.store, evidence["session"]).state is ledger.State.FAILED


def test_a_stop_from_another_console_takes_back_what_was_not_committed(town: Town) -> None:
    def stop(row: SessionRow) -> None:
        other = Store(town.site.home.store, town.clock, seal=town.site.home.seal())
        watching.ask_stop(other, row.id, town.acting("suzuki"), reason="wrong day")
        other.close()

    def waits_for_the_stop(_sql: str, _rows: int) -> bool:
        until(lambda: town.entries("session.stop-asked"))
        return True

    with attending(town, "suzuki", stop), maintenance_sessions.asking(waits_for_the_stop):
        state, evidence = execute(town, approved(town))
    assert (state, evidence["committed"], checked(town)) == (State.FAILED, False, 0)
    assert "wrong day" in evidence["reason"]
    row = ledger.get(town.site.store, evidence["session"])
    assert (row.state, row.ended_by, row.reason) == (ledger.State.STOPPED, "S0104", "wrong day")


def test_a_statement_that_runs_long_is_broken_off_by_a_stop(town: Town) -> None:
    endless = "SELECT COUNT(*) FROM " + ", ".join(f"resident_register AS r{each}" for each in range(9))
    request = approved(town, "adhoc-sql", {"sql": endless})

    def stop(row: SessionRow) -> None:
        watching.ask_stop(town.site.store, row.id, town.acting("suzuki"), reason="too long")

    with attending(town, "suzuki", stop):
        state, evidence = execute(town, request)
    assert state is State.FAILED
    assert "too long" in evidence["reason"]
    assert evidence["session_state"] == "stopped"


def test_a_lock_on_the_task_lets_no_session_begin(town: Town) -> None:
    request = approved(town, "maintenance-task:care-reindex", {})
    locks.place(town.site.store, "task", "care-reindex", reason="dispute", actor="S0101")
    with pytest.raises(Refusal, match="locked"):
        execute(town, request)
    assert ledger.listed(town.site.store) == []
