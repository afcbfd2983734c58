"""Seeing a recording: only who may, only what is whole, always in the trail; and carried out for any player."""

import json
from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.sessions.exporting import export
from accesscontrol.sessions.recording_file import is_locked
from accesscontrol.sessions.replaying import timeline
from accesscontrol.sessions.verifying import Standing
from accesscontrol.sessions.viewing import begin_export, begin_replay
from accesscontrol.trail import entries
from tests.accesscontrol.requests.city import City
from tests.accesscontrol.sessions.tapes import SESSION, opened, played


@pytest.fixture
def tape(city: City, tmp_path: Path) -> Path:
    return played(city.store, city.clock, tmp_path / "s.cast", b"one\xff\r\n", 1.5, "step", b"two\r\n")


def test_a_replay_is_an_entry_of_its_own(city: City, tape: Path) -> None:
    verdict = begin_replay(city.store, SESSION, tape, city.acting("endo"))
    assert verdict.standing is Standing.INTACT
    last = entries.about(city.store, SESSION)[-1]
    assert (last.act, last.actor) == ("recording.replayed", "S-endo")


def test_one_without_a_role_sees_nothing(city: City, tape: Path) -> None:
    with pytest.raises(Refusal, match="role that you don't hold"):
        begin_replay(city.store, SESSION, tape, city.acting("yamada"))


def test_a_changed_recording_is_not_shown_and_the_try_stays_in_the_trail(city: City, tape: Path) -> None:
    tape.write_bytes(tape.read_bytes().replace(b"two", b"too"))
    with pytest.raises(Refusal, match="was changed"):
        begin_export(city.store, SESSION, tape, city.acting("endo"), Path("out.cast"))
    assert entries.about(city.store, SESSION)[-1].act == "recording.exported"


def test_what_is_carried_out_is_plain_asciicast(city: City, tape: Path, tmp_path: Path) -> None:
    assert export(tape, tmp_path / "out.cast") == 4
    header, *events = (json.loads(line) for line in (tmp_path / "out.cast").read_text("utf-8").splitlines())
    assert set(header) == {"version", "term", "timestamp", "title", "command"}
    assert [code for _, code, _ in events] == ["o", "m", "o", "x"]
    assert timeline(tmp_path / "out.cast").duration == timeline(tape).duration
    with pytest.raises(Refusal, match="Name a new file"):
        export(tape, tmp_path / "out.cast")


def test_a_torn_last_line_is_not_carried_out(city: City, tape: Path, tmp_path: Path) -> None:
    tape.write_bytes(tape.read_bytes()[:-4])
    assert export(tape, tmp_path / "out.cast") == 3


def test_a_recording_tells_while_its_session_lives(city: City, tmp_path: Path) -> None:
    recording = opened(city.store, tmp_path / "s.cast")
    assert is_locked(recording.path)
    recording.close(0)
    assert not is_locked(recording.path)
    assert not is_locked(tmp_path / "none.cast")
