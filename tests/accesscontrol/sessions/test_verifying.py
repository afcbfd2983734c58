"""Verification: any changed byte of a recording is found, and one that was cut off is never called complete."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from accesscontrol.sessions.anchoring import anchor_cut_off
from accesscontrol.sessions.recording import Recording
from accesscontrol.sessions.verifying import Standing, require_sound, verify
from accesscontrol.store import Store
from tests.accesscontrol.sessions.tapes import SESSION, opened, played


@pytest.fixture
def tape(store: Store, clock: FixedClock, tmp_path: Path) -> Path:
    return played(store, clock, tmp_path / "s.cast", b"one\r\n", 1.5, "step", b"two\r\n")


def test_what_was_closed_and_not_touched_is_intact(store: Store, tape: Path) -> None:
    verdict = require_sound(store, SESSION, tape)
    assert verdict.standing is Standing.INTACT
    assert verdict.covered == verdict.size == tape.stat().st_size


def test_a_flipped_bit_anywhere_is_found(store: Store, tape: Path) -> None:
    octets = tape.read_bytes()
    header = octets.index(b"\n") + 1
    for place in range(len(octets)):
        changed = bytearray(octets)
        changed[place] ^= 1
        tape.write_bytes(changed)
        verdict = verify(store, SESSION, tape)
        assert verdict.standing is Standing.CHANGED
        assert verdict.changed == ((0, header) if place < header else (header, len(octets)))
    with pytest.raises(Refusal, match="was changed: bytes"):
        require_sound(store, SESSION, tape)


@pytest.mark.parametrize("tamper", ["shorter", "longer", "empty"])
def test_a_cut_or_lengthened_file_is_found(store: Store, tape: Path, tamper: str) -> None:
    octets = tape.read_bytes()
    tape.write_bytes({"shorter": octets[:-1], "longer": octets + b'[0.1,"o","x"]\n', "empty": b""}[tamper])
    assert verify(store, SESSION, tape).standing is Standing.CHANGED


def test_swapped_and_missing_recordings_are_found(store: Store, clock: FixedClock, tape: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.cast"
    played(store, clock, other, b"another\r\n")
    other.replace(tape)
    assert verify(store, SESSION, tape).standing is Standing.CHANGED
    with pytest.raises(Refusal, match="is missing"):
        require_sound(store, SESSION, other)
    stray = tmp_path / "stray.cast"
    stray.write_bytes(tape.read_bytes())
    with pytest.raises(Refusal, match="proves nothing"):
        require_sound(store, SESSION, stray)


def died(recording: Recording) -> None:
    """Leave a recording as one whose console died leaves it."""
    recording._stop.set()
    recording._keeper.join()
    os.close(recording._descriptor)


def test_a_recording_without_an_end_is_cut_off_and_names_its_torn_line(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    path = tmp_path / "s.cast"
    recording = opened(store, path)
    recording.output(b"one\r\n")
    clock.advance(timedelta(seconds=11))
    recording._anchor_growth()
    recording.output(b"two\r\n")
    assert verify(store, SESSION, path).standing is Standing.RUNNING
    died(recording)
    anchored = verify(store, SESSION, path).covered
    with path.open("ab") as file:
        file.write(b'[0.5,"o","to')
    verdict = verify(store, SESSION, path)
    assert verdict.standing is Standing.CUT_OFF
    assert verdict.sound
    assert verdict.torn is not None
    assert (verdict.torn.line, verdict.torn.size) == (4, 12)
    assert anchored == verdict.covered < verdict.size


def test_what_is_found_after_a_crash_is_vouched_for_from_then_on(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    path = tmp_path / "s.cast"
    recording = opened(store, path)
    recording.output(b"one\r\n")
    died(recording)
    assert anchor_cut_off(store, SESSION, path) is not None
    assert anchor_cut_off(store, SESSION, path) is None
    verdict = verify(store, SESSION, path)
    assert (verdict.standing, verdict.covered) == (Standing.CUT_OFF, path.stat().st_size)
    with path.open("ab") as file:
        file.write(b'[0.5,"o","more"]\n')
    assert verify(store, SESSION, path).standing is Standing.CHANGED


def test_a_closed_recording_is_never_called_cut_off(store: Store, tape: Path) -> None:
    assert anchor_cut_off(store, SESSION, tape) is None
    tape.unlink()
    assert anchor_cut_off(store, SESSION, tape) is None
