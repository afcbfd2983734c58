"""The recording: every byte of a session is in it, or the session ends."""

import base64
import hashlib
import json
import os
import random
import resource
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal
from accesscontrol.sessions.recording import LOW_WATER, SYNC_SECONDS, Recording
from accesscontrol.store import Store
from accesscontrol.trail import entries
from tests.accesscontrol.processes import kill, start, wait_for_line
from tests.accesscontrol.sessions.tapes import HEADING, NUMBER, SESSION, opened, played

MIB = 1 << 20


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]


def shown(path: Path, code: str = "o") -> str:
    return "".join(data for _, kind, data in lines(path)[1:] if kind == code)


def test_it_is_an_asciicast_v3_with_the_request_in_its_first_line(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    path = played(store, clock, tmp_path / "s.cast", b"one\r\n", 1.5, "step 1/2", b"two\r\n", 0.25)
    header, *events = lines(path)
    assert header["version"] == 3
    assert header["term"] == {"cols": 80, "rows": 24, "type": "xterm-256color"}
    assert header["timestamp"] == int(clock.now().timestamp()) - 1
    assert header["sekisho"]["request"] == "R-2026-0412"
    assert events == [[0.0, "o", "one\r\n"], [1.5, "m", "step 1/2"], [0.0, "o", "two\r\n"], [0.25, "x", "0"]]
    assert path.stat().st_mode & 0o777 == 0o600


def test_input_resizes_and_sql_with_its_rows_are_in_it(store: Store, tmp_path: Path) -> None:
    recording = opened(store, tmp_path / "s.cast")
    recording.input(b"y\r")
    recording.resize(120, 40)
    recording.sql("SELECT *\n  FROM resident", 12)
    recording.sql("VACUUM", -1)
    recording.close("interrupted")
    assert [[code, data] for _, code, data in lines(recording.path)[1:]] == [
        ["i", "y\r"],
        ["r", "120x40"],
        ["m", "sql [12 rows] SELECT * FROM resident"],
        ["m", "sql [rows not told] VACUUM"],
        ["m", "session interrupted"],
    ]


def test_typing_that_the_process_does_not_echo_is_not_kept(store: Store, tmp_path: Path) -> None:
    recording = opened(store, tmp_path / "s.cast")
    for key in b"hunter2":
        recording.input(bytes([key]), hidden=True)
    recording.input(b"y\r")
    recording.close(0)
    assert [[code, data] for _, code, data in lines(recording.path)[1:]] == [
        ["m", "hidden input"],
        ["i", "y\r"],
        ["x", "0"],
    ]


def test_characters_that_are_cut_between_two_reads_come_out_whole(store: Store, tmp_path: Path) -> None:
    recording = opened(store, tmp_path / "s.cast")
    for octet in "住民".encode():
        recording.output(bytes([octet]))
    recording.close(0)
    assert shown(recording.path) == "住民"


def test_a_target_that_writes_another_encoding_is_read_in_it(store: Store, tmp_path: Path) -> None:
    recording = opened(store, tmp_path / "s.cast", heading=replace(HEADING, encoding="euc-jp"))
    for octet in "髙橋 住民票".encode("euc-jp", "replace"):
        recording.output(bytes([octet]))
    recording.close(0)
    assert "橋 住民票" in shown(recording.path)


def test_bytes_that_are_no_text_stand_beside_their_event(store: Store, tmp_path: Path) -> None:
    recording = opened(store, tmp_path / "s.cast")
    recording.output(b"a\xff\xfeb\x80\r\n")
    recording.close(0)
    assert shown(recording.path) == "a\ufffd\ufffdb\ufffd\r\n"
    assert '# undecodable {"1":"fffe","4":"80"}' in recording.path.read_text("utf-8")


def test_secrets_and_individual_numbers_never_reach_the_file(store: Store, tmp_path: Path) -> None:
    secret = Secret("correct horse")
    heading = replace(HEADING, title=f"for {NUMBER}", command="tool correct horse")
    recording = opened(store, tmp_path / "s.cast", secrets=[secret], heading=heading)
    recording.output(f"password correct \x1b[1mhorse\x1b[0m of {NUMBER[:6]}".encode())
    recording.output(f"{NUMBER[6:]}\r\n".encode())
    for key in NUMBER:
        recording.input(key.encode())
    recording.marker(f"looked at {NUMBER}")
    recording.close(0)
    written = recording.path.read_text("utf-8")
    assert "correct" not in written
    assert NUMBER not in written
    typed = shown(recording.path, "i")
    assert typed == "*" * 12
    assert all(NUMBER not in str(each.details) for each in entries.about(store, SESSION))


def test_the_trail_holds_its_digest_from_the_first_line_to_the_last(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    path = tmp_path / "s.cast"
    recording = opened(store, path)
    first = path.read_bytes()
    recording.output(b"x" * 1000)
    clock.advance(timedelta(seconds=11))
    recording._anchor_growth()
    grown = path.read_bytes()
    recording.close(3)
    told = entries.about(store, SESSION)
    assert [each.act for each in told] == ["recording.opened", "recording.grown", "recording.closed"]
    for entry, octets in zip(told, (first, grown, path.read_bytes()), strict=True):
        assert entry.details["sha256"] == hashlib.sha256(octets).hexdigest()
        assert entry.details["size"] == len(octets)
        assert entry.details["lines"] == octets.count(b"\n")
    assert told[-1].details["status"] == "3"


def test_a_second_recording_of_the_same_session_is_refused(store: Store, tmp_path: Path) -> None:
    opened(store, tmp_path / "s.cast").close(0)
    with pytest.raises(Refusal, match="can't be made"):
        opened(store, tmp_path / "s.cast")


def test_a_link_in_its_place_is_not_followed(store: Store, tmp_path: Path) -> None:
    (tmp_path / "s.cast").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refusal, match="can't be made"):
        opened(store, tmp_path / "s.cast")
    assert not (tmp_path / "elsewhere").exists()


def test_no_session_begins_when_space_is_short(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="Free space first"):
        opened(store, tmp_path / "s.cast", low_water=1 << 60)
    assert not (tmp_path / "s.cast").exists()


# -- what can't be written ends the session ---------------------------------------------------------------


def filled(recording: Recording) -> None:
    for _ in range(100):
        recording.output(base64.b64encode(os.urandom(30_000)))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root can mount a small disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_ends_the_session_and_leaves_whole_lines(store: Store, small_disk: Path) -> None:
    told: list[Refusal] = []
    recording = opened(store, small_disk / "s.cast", failed=told.append, low_water=0)
    with pytest.raises(Refusal, match="No space left"):
        filled(recording)
    assert told == [recording.failure]
    assert told[0].control == "MO-LOG-01"
    with pytest.raises(Refusal, match="No space left"):
        recording.input(b"x")
    with pytest.raises(Refusal, match="No space left"):
        recording.marker("x")
    mark = recording.close("unrecorded")
    assert mark.failure == "No space left on device"
    octets = recording.path.read_bytes()
    assert octets.endswith(b"]\n")
    assert mark.sha256 == hashlib.sha256(octets).hexdigest()
    last = entries.about(store, SESSION)[-1]
    assert (last.act, last.outcome) == ("recording.closed", "failed")


def test_a_file_that_may_grow_no_further_ends_the_session(store: Store, tmp_path: Path) -> None:
    recording = opened(store, tmp_path / "s.cast")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(Refusal, match="can't be written"):
            filled(recording)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    recording.close("unrecorded")
    assert recording.path.read_bytes().endswith(b"]\n")


def test_a_disk_that_fails_while_the_session_is_silent_ends_it_too(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = threading.Event()
    recording = opened(store, tmp_path / "s.cast", failed=lambda _refusal: told.set())

    def broken(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", broken)
    recording.output(b"the last that is seen\r\n")
    assert told.wait(20 * SYNC_SECONDS)
    with pytest.raises(Refusal, match="Input/output error"):
        recording.output(b"more")
    recording.close("unrecorded")


def test_a_trail_that_takes_no_anchor_ends_the_session(store: Store, clock: FixedClock, tmp_path: Path) -> None:
    recording = opened(store, tmp_path / "s.cast")

    def full(*_: Any) -> None:
        raise Refusal("Nothing was done: the disk is full.")

    recording._anchor = full
    recording.output(b"x" * 100)
    clock.advance(timedelta(seconds=11))
    recording._anchor_growth()
    with pytest.raises(Refusal, match="the disk is full"):
        recording.output(b"more")
    recording._stop.set()


# -- dying and bulk ---------------------------------------------------------------------------------------

_WRITER = """
import sys
from pathlib import Path
from accesscontrol.clock import SystemClock
from accesscontrol.store import Store
from tests.accesscontrol.sessions.tapes import opened
store = Store(Path(sys.argv[1]), SystemClock(), seal=bytes(range(32)))
store.migrate()
recording = opened(store, Path(sys.argv[2]))
print("writing", flush=True)
number = 0
while True:
    recording.output(b"row %d %s\\r\\n" % (number, b"x" * (number % 3000)))
    number += 1
"""


def test_a_writer_that_is_killed_at_any_point_leaves_whole_lines_and_one_order(tmp_path: Path) -> None:
    chance = random.Random(7)
    for attempt in range(4):
        path = tmp_path / f"{attempt}.cast"
        process = start(_WRITER, tmp_path / f"{attempt}.sqlite3", path)
        wait_for_line(process, b"writing")
        while path.stat().st_size < chance.randrange(1_000, 400_000):
            pass
        kill(process)
        rows = shown(path).split("\r\n")
        assert path.read_bytes().endswith(b"]\n")
        assert [row.split()[1] for row in rows[:-1]] == [str(number) for number in range(len(rows) - 1)]


def most_memory() -> int:
    """Return the most memory, in bytes, that this process has held since the last ``forget``."""
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) * 1024


def test_a_stream_of_any_length_takes_bounded_memory(store: Store, tmp_path: Path) -> None:
    recording = opened(store, tmp_path / "s.cast")
    block = (b"2026-11-24 10:00:00 row 12345678 of 190000 done\r\n" * 700)[:32_768]
    recording.output(block)
    Path("/proc/self/clear_refs").write_text("5")  # the mark of the most memory begins anew
    before = most_memory()
    for _ in range(100 * MIB // len(block)):
        recording.output(block)
    assert most_memory() - before < 8 * MIB
    assert recording.close(0).size > 100 * MIB
    recording.path.unlink()


def test_many_threads_write_whole_events_in_one_order(store: Store, tmp_path: Path) -> None:
    recording = opened(store, tmp_path / "s.cast")

    def write(name: int) -> None:
        for number in range(100):
            recording.output(f"<{name}.{number}>".encode())
            recording.input(b"k")

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    mark = recording.close(0)
    assert mark.sha256 == hashlib.sha256(recording.path.read_bytes()).hexdigest()
    assert shown(recording.path).count("<") == 400


def test_a_closed_recording_takes_nothing_more(store: Store, tmp_path: Path) -> None:
    recording = opened(store, tmp_path / "s.cast", low_water=LOW_WATER)
    mark = recording.close(0)
    assert recording.close(1) == mark
    with pytest.raises(Refusal, match="is closed"):
        recording.output(b"x")


def test_it_is_not_inherited_by_the_processes_of_the_session(store: Store, tmp_path: Path) -> None:
    recording = opened(store, tmp_path / "s.cast")
    listed = subprocess.run(["ls", "-l", "/proc/self/fd"], capture_output=True, text=True, check=True, close_fds=False)
    assert "s.cast" not in listed.stdout
    recording.close(-signal.SIGTERM)
