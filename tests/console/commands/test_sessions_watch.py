"""Watching a session by command: a second person sees it live, is present by it, and ends it with a typed word."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from accesscontrol.clock import SystemClock
from accesscontrol.people import totp
from accesscontrol.sessions import ledger, watching
from accesscontrol.sessions.ledger import Ending, State
from console import translation
from console.commands.sessions import group
from tests.console.commands.desk import call_as
from tests.console.second_persons import until
from tests.console.sessions import begun, ended
from tests.console.town import PASSWORD, Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    translation.choose("en")
    return Town.copied_to(tmp_path, SystemClock().now())


@contextmanager
def watcher(town: Town, session: str, login: str, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """Run the command as another process, whose standard input is typed into."""
    reading, writing = os.pipe()
    code = totp.code_at(town.seeds[login], SystemClock().now()).text()  # the process is on the host's own time
    os.write(writing, json.dumps({"password": PASSWORD, "code": code}).encode())
    os.close(writing)
    command = [sys.executable, "-m", "console", "--home", str(town.home), "--lang", "en", "sessions", "watch", session]
    with subprocess.Popen(
        [*command, "--as", login, "--credentials-fd", str(reading), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=[reading],
        text=True,
    ) as process:
        os.close(reading)
        try:
            yield process
        finally:
            process.kill()


def test_the_second_person_sees_it_live_and_stops_it_with_a_reason(town: Town) -> None:
    row, recording = begun(town, moderated=True)
    attendance = watching.Attendance(town.site.store, town.site.home.recordings, row.id, apart={"S0102"})
    with watcher(town, row.id, "suzuki", "--json") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        until(attendance.present)
        recording.marker("Run the statement")
        recording.output(b"UPDATE \x1b]0;owned\x07resident_register\r\n")
        seen = [json.loads(process.stdout.readline()) for _ in range(2)]
        assert [(each["code"], each["text"]) for each in seen] == [
            ("m", "Run the statement"),
            ("o", "UPDATE resident_register"),
        ]
        process.stdin.write("stop the wrong day\n")
        process.stdin.flush()
        until(lambda: watching.stop_asked(town.site.store, row.id))
        sha256 = recording.close("stopped").sha256
        stop = watching.stop_asked(town.site.store, row.id)
        assert stop is not None
        end = Ending(state=State.STOPPED, by=stop.by, reason=stop.reason)
        ledger.finish(town.site.store, row.id, end, recording_sha256=sha256)
        rest, _ = process.communicate(timeout=30)
    assert json.loads(rest.splitlines()[-1]) == {
        "session": row.id,
        "state": "stopped",
        "by": "S0104",
        "reason": "the wrong day",
    }
    assert process.returncode == 0
    assert not attendance.present()


def test_whoever_leaves_is_no_longer_present(town: Town) -> None:
    row, recording = begun(town, moderated=True)
    attendance = watching.Attendance(town.site.store, town.site.home.recordings, row.id)
    with watcher(town, row.id, "suzuki") as process:
        until(attendance.present)
        process.send_signal(2)
        _, said = process.communicate(timeout=30)
    assert "You no longer count as present." in said
    assert not attendance.present()
    assert [entry.details["reason"] for entry in town.entries(watching.UNWATCHED)] == ["left"]
    recording.close(0)


def test_neither_the_executor_nor_a_stranger_watches_and_nobody_one_that_has_ended(town: Town) -> None:
    done = ended(town)
    row, recording = begun(town, "R-2026-0413")
    for login, session, why in (
        ("yamada", row.id, "Nobody watches their own session"),
        ("ito", row.id, "role"),
        ("suzuki", done.id, "does not run any more"),
    ):
        refused = call_as(town, login, group, "watch", session)
        assert refused.exit_code == 1
        assert why in refused.stderr
    recording.close(0)
