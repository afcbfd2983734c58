"""Playing: events come when they are due, idle times are left out, any moment can be gone to, text is found."""

import json
from io import BufferedReader, FileIO
from pathlib import Path

import pytest
from typing_extensions import Buffer

from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from accesscontrol.sessions.playback import REBUILT_BYTES, Playback
from accesscontrol.sessions.replaying import Point, read_events, read_header, timeline
from accesscontrol.sessions.searching import search
from accesscontrol.store import Store
from tests.accesscontrol.sessions.tapes import played


@pytest.fixture
def tape(store: Store, clock: FixedClock, tmp_path: Path) -> Path:
    return played(store, clock, tmp_path / "s.cast", b"one\r\n", 1.0, "first step", b"two\r\n", 60.0, b"three\r\n", 1.0)


def data(events: object) -> list[str]:
    return [event.data for event in events]  # type: ignore[attr-defined]  # its types lack it


def test_a_time_line_tells_duration_steps_and_exit(tape: Path) -> None:
    found = timeline(tape)
    assert (found.duration, found.exit, found.events) == (62.0, "0", 5)
    assert [(each.at, each.data) for each in found.markers] == [(1.0, "first step")]
    assert found.header.told["session"] == "S-2026-0007"
    assert found.torn is None


def test_events_come_when_they_are_due(tape: Path) -> None:
    with Playback(timeline(tape)) as playback:
        assert data(playback.advance(0.5)) == ["one\r\n"]
        assert playback.position == 0.5
        assert data(playback.advance(0.5)) == ["first step", "two\r\n"]
        assert data(playback.advance(59.9)) == []
        assert data(playback.advance(5.0)) == ["three\r\n", "0"]
        assert playback.ended


def test_speed_and_left_out_idle_times_shorten_the_waiting(tape: Path) -> None:
    with Playback(timeline(tape), speed=4.0, idle=2.0) as playback:
        assert data(playback.advance(0.25)) == ["one\r\n", "first step", "two\r\n"]
        assert data(playback.advance(0.25)) == []
        assert playback.position == 60.0
        assert data(playback.advance(0.25)) == ["three\r\n"]


def test_one_step_goes_to_the_next_output_however_far_away(tape: Path) -> None:
    with Playback(timeline(tape)) as playback:
        assert data(playback.step()) == ["one\r\n"]
        assert data(playback.step()) == ["first step", "two\r\n"]
        assert data(playback.step()) == ["three\r\n"]
        assert playback.position == 61.0
        assert data(playback.step()) == ["0"]
        assert data(playback.step()) == []


def test_any_moment_is_rebuilt_from_the_beginning_of_a_short_recording(tape: Path) -> None:
    with Playback(timeline(tape)) as playback:
        assert data(playback.seek(61.0)) == ["one\r\n", "first step", "two\r\n", "three\r\n"]
        assert data(playback.seek(0.2)) == ["one\r\n"]
        assert playback.position == 0.2
        assert playback.whole(61.0)
        assert data(playback.seek(999.0))[-1] == "0"
        assert playback.position == 62.0


def test_a_long_recording_is_rebuilt_from_its_last_part(store: Store, clock: FixedClock, tmp_path: Path) -> None:
    acts = [each for number in range(200) for each in (f"{number:08}\r\n".encode() * 800, 1.0)]
    found = timeline(played(store, clock, tmp_path / "s.cast", *acts))
    with Playback(found) as playback:
        rebuilt = data(playback.seek(150.5))
        assert rebuilt[-1].startswith("00000150")
        assert not playback.whole(150.5)
        assert sum(map(len, rebuilt)) <= REBUILT_BYTES + 64 * 1024 + 20_000


def test_text_is_found_across_chunks_and_colours(store: Store, clock: FixedClock, tmp_path: Path) -> None:
    path = played(store, clock, tmp_path / "s.cast", b"say va\x1b[1mcu\x1b[0m", 2.0, b"um done\r\nVACUUM 2\r\n")
    hits = list(search(timeline(path), "vacuum"))
    assert [(hit.at, hit.around) for hit in hits] == [(2.0, "say vacuum done"), (2.0, "VACUUM 2")]
    assert list(search(timeline(path), "")) == []
    assert list(search(timeline(path), "nothing")) == []


def test_a_torn_tail_is_told_and_the_rest_plays(tape: Path) -> None:
    whole = tape.read_bytes()
    for cut in range(whole.rindex(b"\n", 0, -1) + 2, len(whole)):
        tape.write_bytes(whole[:cut])
        found = timeline(tape)
        assert found.torn is not None
        assert found.torn.line == 6
        assert found.duration == 61.0
        with Playback(found) as playback:
            assert data(playback.advance(100.0))[-1] == "three\r\n"


class Growing(FileIO):
    """A file to which the rest of its last line is added in the moment after its end was found."""

    def __init__(self, path: Path, rest: bytes) -> None:
        super().__init__(path)
        self._rest = rest

    def readinto(self, buffer: Buffer, /) -> int | None:
        got = super().readinto(buffer)
        if not got and self._rest:
            with Path(str(self.name)).open("ab") as file:
                file.write(self._rest)
            self._rest = b""
        return got


def test_a_line_that_is_being_written_is_read_when_it_is_whole(tape: Path) -> None:
    whole = tape.read_bytes()
    tape.write_bytes(whole[:-9])
    with BufferedReader(Growing(tape, whole[-9:])) as file:
        read_header(file)
        seen = list(read_events(file, Point(0.0, file.tell(), 2)))
        assert data(seen)[-1] == "three\r\n"
        last = seen[-1]
        assert data(read_events(file, Point(last.at, last.offset, last.line)))[-1] == "0"


def test_damage_in_the_middle_is_named_by_its_line(tape: Path) -> None:
    tape.write_bytes(tape.read_bytes().replace(b'"two', b'two"'))
    with pytest.raises(Refusal, match=r"Line 4 of the recording s\.cast can't be read"):
        timeline(tape)


@pytest.mark.parametrize(
    "first", [b"", b"\n", b"{}\n", b'{"version":2,"width":80,"height":24}\n', b'{"version":3', b"\xff\xfe\n"]
)
def test_another_file_is_no_recording(tmp_path: Path, first: bytes) -> None:
    (tmp_path / "x.cast").write_bytes(first)
    with pytest.raises(Refusal, match="is no recording"):
        timeline(tmp_path / "x.cast")


def test_what_the_format_may_bring_is_passed_over(tmp_path: Path) -> None:
    header = {"version": 3, "term": {"cols": 99_999, "rows": 0}, "unknown": 1}
    (tmp_path / "x.cast").write_text(
        json.dumps(header) + '\n# a comment\n[0.5,"z","?"]\n[-3,"o","back"]\n[0.25,"r","bad"]\n', encoding="utf-8"
    )
    found = timeline(tmp_path / "x.cast")
    assert (found.header.columns, found.header.rows) == (400, 1)
    assert found.duration == 0.75
    with Playback(found) as playback:
        assert data(playback.advance(5.0)) == ["?", "back", "bad"]
