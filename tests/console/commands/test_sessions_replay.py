"""``sekisho sessions replay``, ``export`` and ``verify``: the recording as text, as a plain file, and its worth."""

import json
from pathlib import Path

import pytest

from console import translation
from console.commands.sessions_replay import export, replay, verify
from tests.console.commands.desk import answer, call, call_as
from tests.console.sessions import begun, ended, tampered
from tests.console.town import Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    translation.choose("en")
    return Town.copied_to(tmp_path)


def test_a_replay_is_lines_with_their_times_and_steps(town: Town) -> None:
    row = ended(town)
    lines = call_as(town, "nakamura", replay, row.id).stdout.splitlines()
    assert lines == [
        "00:00 == command reindex --table resident_register",
        "00:00 | 再構築 resident_register",
        "00:04 |   1 of 3 indexes",
        "01:04 == sql [1 rows] SELECT count(*) FROM resident_register",
        "01:04 |   2 of 3 indexes",
        "01:15 == exit 0",
        "01:15 | done",
        "01:15 == session ended",
        "whole: every byte is as the trail vouches for",
    ]


def test_a_text_is_found_with_its_moment(town: Town) -> None:
    row = ended(town)
    found = answer(call_as(town, "nakamura", replay, row.id, "--find", "OF 3", "--json"))
    assert [(each["at"], each["text"]) for each in found["events"]] == [
        (4.0, "  1 of 3 indexes"),
        (64.0, "  2 of 3 indexes"),
    ]
    assert (found["standing"], found["duration"]) == ("intact", 75.0)


def test_a_recording_is_carried_out_as_plain_asciicast(town: Town, tmp_path: Path) -> None:
    row = ended(town)
    found = answer(call_as(town, "nakamura", export, row.id, tmp_path / "out.cast", "--json"))
    header, *events = [json.loads(line) for line in (tmp_path / "out.cast").read_text("utf-8").splitlines()]
    assert header["version"] == 3
    assert "sekisho" not in header
    assert len(events) == found["events"] == 8
    assert town.entries("recording.exported")[-1].details["file"] == str(tmp_path / "out.cast")


def test_a_changed_recording_is_neither_shown_nor_carried_out(town: Town, tmp_path: Path) -> None:
    row = ended(town)
    tampered(town, row)
    for result in (
        call_as(town, "nakamura", replay, row.id),
        call_as(town, "nakamura", export, row.id, tmp_path / "out.cast"),
    ):
        assert result.exit_code == 1
        assert "was changed: bytes" in result.stderr
        assert result.stdout == ""
    assert not (tmp_path / "out.cast").exists()
    checked = call(town, verify, "--json")
    assert checked.exit_code == 1
    assert [each["standing"] for each in json.loads(checked.stdout)] == ["changed"]


def test_one_without_a_role_gets_nothing(town: Town, tmp_path: Path) -> None:
    row = ended(town)
    result = call_as(town, "yamada", export, row.id, tmp_path / "out.cast")
    assert result.exit_code == 1
    assert "role that you don't hold" in result.stderr
    assert not (tmp_path / "out.cast").exists()


def test_verify_says_what_each_recording_is_worth(town: Town) -> None:
    row = ended(town)
    running, recording = begun(town, "R-2026-0413")
    shown = call(town, verify)
    assert shown.exit_code == 0
    assert f"{row.id}  whole" in shown.stdout
    assert f"{running.id}  it still grows" in shown.stdout
    recording.close("ended")
    recording.path.unlink()
    missing = call(town, verify, running.id)
    assert missing.exit_code == 1
    assert "MISSING" in missing.stdout


def test_an_unknown_session_is_refused(town: Town) -> None:
    ended(town)
    result = call(town, verify, "S-2026-9999")
    assert result.exit_code == 1
    assert "There is no session S-2026-9999" in result.stderr
