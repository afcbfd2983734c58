"""``sekisho tasks``: listed, shown with a dry run, run, and their differences worked off."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from accesscontrol.people.roles import Role
from accesscontrol.sessions import ledger
from accesscontrol.sessions.ledger import State
from accesscontrol.trail import entries
from console import translation
from console.commands.consent import second_person_called
from console.commands.requests import group as requests
from console.commands.tasks import group
from registry.tasks.catalogue import CATALOGUE
from registry.tasks.due import RAN
from tests.console.approving import approved
from tests.console.commands.desk import answer, call, call_as
from tests.console.second_persons import attending, until
from tests.console.sessions import begun
from tests.console.town import Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    translation.choose("en")
    return Town.copied_to(tmp_path)


def change(town: Town, sql: str) -> None:
    with closing(sqlite3.connect(town.site.home.registry)) as register, register:
        register.execute(sql)


def test_every_task_is_listed_with_last_run_and_due_day(town: Town) -> None:
    listed = {each["name"]: each for each in answer(call(town, group, "list", "--json"))}
    assert list(listed) == list(CATALOGUE)
    erasure = listed["erase-register"]
    assert erasure["kind"] == "maintenance-task:erase-register"
    assert erasure["slots"] == ["business-owner"]
    assert (erasure["last_run"], erasure["next_due"]) == (None, "2026-11-24")
    assert "by itself" in call(town, group, "list").stdout


def test_a_task_is_shown_with_what_it_would_do(town: Town) -> None:
    shown = answer(call(town, group, "show", "erase-register", "--arguments", '{"day": "2026-11-24"}', "--json"))
    assert shown["dry_run"]["counts"]["resident_register"] >= 3
    assert len(shown["dry_run"]["sha256"]) == 64
    assert shown["undo"] == "This cannot be undone."
    words = call(town, group, "show", "erase-register").stdout
    assert "This cannot be undone." in words
    for wrong in (["show", "erase"], ["show", "erase-register", "--arguments", "[]"]):
        assert call(town, group, *wrong).exit_code == 1


def test_a_reading_task_runs_at_once_and_is_in_the_trail(town: Town) -> None:
    done = answer(call_as(town, "yamada", group, "run", "account-list", "--json"))
    assert done["accounts"]
    (entry,) = entries.about(town.site.store, "task:account-list")
    assert (entry.act, entry.actor, entry.outcome) == (RAN, "S0102", "done")
    assert done["accounts"][0]["display_name"] not in str(entry.details)
    listed = {each["name"]: each for each in answer(call(town, group, "list", "--json"))}
    assert listed["account-list"]["next_due"] == "2026-11-25"


def test_who_holds_no_role_for_it_and_what_needs_an_approval_is_refused(town: Town) -> None:
    refused = call_as(town, "nakamura", group, "run", "account-list")
    assert refused.exit_code == 1
    assert "a role that you don't hold" in refused.stderr
    refused = call_as(town, "yamada", group, "run", "erase-register", "--arguments", '{"day": "2026-11-24"}')
    assert refused.exit_code == 1
    assert "maintenance-task:erase-register" in refused.stderr


def test_differences_are_listed_and_decided_line_by_line(town: Town) -> None:
    change(town, "UPDATE identity_info SET address = 'x', change_date = '2020-01-01' WHERE record_id = 1")
    number = answer(call_as(town, "yamada", group, "run", "reconcile", "--json"))["report"]
    (head,) = answer(call(town, group, "report", "--json"))
    assert (head["report"], head["unsettled"]) == (number, 1)
    lines = answer(call(town, group, "report", number, "--json"))
    (line,) = [each for each in lines if each["kind"] == "differing"]
    assert line["place"]["identity_info"] == 1
    assert "differing" in call(town, group, "report", number).stdout
    decide = ("decide", number, line["line"], "--state", "handled", "--note", "sent again")
    assert call_as(town, "nakamura", group, *decide).exit_code == 1
    assert answer(call_as(town, "yamada", group, *decide, "--json"))["state"] == "handled"
    assert answer(call(town, group, "report", "--json"))[0]["unsettled"] == 0


def test_an_erasure_goes_the_whole_road_and_erases_its_list(town: Town) -> None:
    for login, role in (("sato", Role.BUSINESS_OWNER), ("ito", Role.OPERATOR)):
        town.give(login, role)
    kind, arguments = "maintenance-task:erase-register", '{"day": "2026-11-24"}'
    asked = answer(
        call_as(town, "yamada", requests, "submit", kind, "--parameters", arguments, "--reason", "monthly", "--json")
    )
    assert asked["dry_run"]["counts"]["resident_register"] >= 3
    number = asked["id"]
    counted = f"Records of file 1: {asked['dry_run']['counts']['resident_register']}"
    assert counted in call(town, requests, "show", number).stdout
    assert call_as(town, "ito", group, "run", "erase-register", "--request", number).exit_code == 1
    answer(call_as(town, "sato", requests, "approve", number, "--digest", asked["digest"], "--json"))
    unasked = call_as(town, "ito", group, "run", "erase-register", "--request", number)
    assert unasked.exit_code == 1
    assert "say --yes" in unasked.stderr
    assert counted in unasked.stderr
    answer(
        call_as(
            town, "suzuki", requests, "attest", number, "--phase", "before", "--statement", "I am seated.", "--json"
        )
    )
    with attending(town, "suzuki"):
        done = answer(call_as(town, "ito", group, "run", "erase-register", "--request", number, "--yes", "--json"))
    evidence = done["execution"]["evidence"]
    session = ledger.get(town.site.store, evidence["session"])
    assert (session.request, session.state, session.moderated) == (number, State.ENDED, True)
    assert evidence["recording_sha256"] == session.recording_sha256 != ""
    assert entries.about(town.site.store, number)[-1].details["evidence"]["session"] == session.id
    assert evidence["erased"] == asked["dry_run"]["counts"]["resident_register"]
    with closing(sqlite3.connect(town.site.home.registry)) as register:
        past = "deleted_record_class <> '0' AND deletion_change_date < '1876-11-24'"
        assert register.execute(f"SELECT count(*) FROM resident_register WHERE {past}").fetchone() == (0,)


def test_a_statement_is_committed_only_after_whoever_executes_said_yes(town: Town) -> None:
    town.give("nakamura", Role.BUSINESS_OWNER)
    for words, expected in (((), 0), (("--yes",), 3)):
        number = approved(town).id
        with attending(town, "suzuki"):
            done = call_as(town, "ito", requests, "execute", number, *words)
        assert "3 rows were touched, and nothing is committed yet." in done.stderr if words else done.exit_code == 1
        with closing(sqlite3.connect(town.site.home.registry)) as register:
            sql = "SELECT count(*) FROM resident_register WHERE remarks = 'checked'"
            assert register.execute(sql).fetchone() == (expected,)


def test_a_report_that_is_not_there_is_refused(town: Town) -> None:
    for wanted in (["report", 1], ["report", 1, "--json"]):
        refused = call(town, group, *wanted)
        assert refused.exit_code == 1
        assert "There is no report 1" in refused.stderr


def test_what_a_task_gives_out_is_said_as_a_table_with_names_masked(town: Town) -> None:
    said = call_as(town, "yamada", group, "run", "account-list").stdout
    assert "Enabled: " in said
    assert "User ID" in said
    names = {
        each["display_name"]
        for each in answer(call_as(town, "yamada", group, "run", "account-list", "--json"))["accounts"]
    }
    assert not [name for name in names if name in said]


def test_whoever_waits_for_the_second_person_is_told_how_they_come(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    row, recording = begun(town, moderated=True)
    with second_person_called(town.site, row.request):
        until(lambda: f"sekisho sessions watch {row.id} --as LOGIN" in capsys.readouterr().err)
    recording.close(0)
