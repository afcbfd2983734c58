"""The local way: a real command in a real terminal, which takes nothing with it and leaves nothing behind."""

import os
import select
import signal
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from accesscontrol.sessions.local import LocalProcess, LocalTransport
from accesscontrol.sessions.transport import Command, Process, Transport
from accesscontrol.sessions.warden import LET_GO, NOT_FOUND, NOT_RUN, TIME_OVER
from tests.accesscontrol.processes import kill, start
from tests.services.postgresql import PostgresqlServer

SHELL = "/bin/sh"


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[LocalProcess]]:
    processes: list[LocalProcess] = []
    yield processes
    for process in processes:
        process.close()


def run(started: list[LocalProcess], folder: Path, *command: str, seconds: float = 20.0) -> LocalProcess:
    process = LocalProcess(command, seconds=seconds, folder=folder)
    started.append(process)
    return process


def all_output(process: LocalProcess) -> bytes:
    output = b""
    while (data := process.read(20.0)) != b"":
        assert data is not None, output
        output += data
    return output


def until(process: LocalProcess, wanted: bytes) -> bytes:
    output = b""
    while wanted not in output:
        data = process.read(20.0)
        assert data, output
        output += data
    return output


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_it_runs_in_a_terminal_and_ends_with_its_status(started: list[LocalProcess], tmp_path: Path) -> None:
    process = run(started, tmp_path, SHELL, "-c", "tty; stty size; pwd; exit 3")
    lines = all_output(process).decode().split("\r\n")
    assert lines[0].startswith("/dev/pts/")
    assert lines[1:3] == ["24 80", str(tmp_path)]
    assert process.wait(20) == 3


def test_words_are_words_and_no_line_of_a_shell(started: list[LocalProcess], tmp_path: Path) -> None:
    words = ["a; id", "$(id)", "`id`", "&& id", "\n", "", "*", "'", '"', "-n"]
    program = "import sys; print(sys.argv[1:])"
    process = run(started, tmp_path, sys.executable, "-c", program, *words)
    assert all_output(process).decode().strip() == repr(words)


@pytest.mark.parametrize("command", [(), ("ls",), ("./ls",), ("/bin/ls", "a\0b")])
def test_anything_but_a_list_with_a_whole_path_is_refused(tmp_path: Path, command: tuple[str, ...]) -> None:
    with pytest.raises(Refusal, match="list of words"):
        LocalProcess(command, seconds=1, folder=tmp_path)


def test_nothing_of_the_console_goes_with_it(
    started: list[LocalProcess], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "hunter2")
    secret = os.open(tmp_path / "secret", os.O_RDWR | os.O_CREAT)
    os.set_inheritable(secret, True)
    process = run(started, tmp_path, SHELL, "-c", "/usr/bin/env; ls /proc/self/fd")
    output = all_output(process).decode()
    os.close(secret)
    assert "hunter2" not in output
    names = {line.partition("=")[0] for line in output.splitlines() if "=" in line}
    assert names <= {"PATH", "LANG", "TERM", "HOME", "PWD", "SHLVL", "_", "OLDPWD"}
    assert {line for line in output.split() if line.isdecimal()} <= {"0", "1", "2", "3"}  # 3 is ls's own


def test_it_gains_no_privileges(started: list[LocalProcess], tmp_path: Path) -> None:
    process = run(started, tmp_path, "/bin/grep", "NoNewPrivs", "/proc/self/status")
    assert all_output(process).split() == [b"NoNewPrivs:", b"1"]


def test_a_program_that_is_not_there_or_no_program_says_so(started: list[LocalProcess], tmp_path: Path) -> None:
    missing = run(started, tmp_path, "/nowhere/program")
    all_output(missing)
    assert missing.wait(20) == NOT_FOUND
    folder = run(started, tmp_path, str(tmp_path))
    all_output(folder)
    assert folder.wait(20) == NOT_RUN


def test_a_signal_that_ended_it_is_told(started: list[LocalProcess], tmp_path: Path) -> None:
    process = run(started, tmp_path, SHELL, "-c", "kill -SEGV $$")
    all_output(process)
    assert process.wait(20) == 128 + signal.SIGSEGV


def test_its_time_ends_it_whatever_the_console_does(started: list[LocalProcess], tmp_path: Path) -> None:
    process = run(started, tmp_path, SHELL, "-c", "echo begun; sleep 600", seconds=0.5)
    assert all_output(process) == b"begun\r\n"
    assert process.wait(20) == TIME_OVER
    with pytest.raises(Refusal, match="time is over"):
        LocalProcess((SHELL,), seconds=0, folder=tmp_path)


STUBBORN = (
    "trap '' TERM HUP INT; (trap '' TERM HUP INT; setsid sh -c 'trap \"\" TERM HUP; echo inner $$; sleep 601') &"
    " sleep 600 & echo outer $$; wait; sleep 602"
)


def stubborn(process: LocalProcess) -> set[int]:
    output = b""
    while output.count(b"\n") < 2:
        output += process.read(20.0) or b""
    return {int(line.split()[1]) for line in output.decode().splitlines()}


def test_ending_it_ends_all_that_it_started_even_what_will_not(started: list[LocalProcess], tmp_path: Path) -> None:
    process = run(started, tmp_path, SHELL, "-c", STUBBORN)
    pids = stubborn(process)
    assert all(lives(pid) for pid in pids)
    process.end()
    all_output(process)
    assert process.wait(20) == LET_GO
    assert not any(lives(pid) for pid in pids)


def test_what_a_command_leaves_behind_ends_with_it(started: list[LocalProcess], tmp_path: Path) -> None:
    process = run(started, tmp_path, SHELL, "-c", "setsid sh -c 'sleep 603' & echo left $!; exit 0")
    pid = int(until(process, b"\n").split()[1])
    all_output(process)
    assert process.wait(20) == 0
    assert not lives(pid)


_CONSOLE = """
import sys
from pathlib import Path
from accesscontrol.sessions.local import LocalProcess
from tests.accesscontrol.sessions.test_local import STUBBORN, stubborn
process = LocalProcess(("/bin/sh", "-c", STUBBORN), seconds=600, folder=Path(sys.argv[1]))
print(*sorted(stubborn(process)), process._process.pid, flush=True)
sys.stdin.readline()
"""


def test_a_console_that_is_killed_takes_its_command_with_it(tmp_path: Path) -> None:
    console = start(_CONSOLE, tmp_path)
    assert console.stdout is not None
    pids = [int(word) for word in console.stdout.readline().split()]
    assert len(pids) == 3
    ends = [os.pidfd_open(pid) for pid in pids]
    kill(console)
    for end in ends:
        assert _ended(end)
        os.close(end)


def _ended(pidfd: int) -> bool:
    return bool(select.select([pidfd], [], [], 20.0)[0])


def test_what_is_typed_reaches_it_and_a_password_prompt_is_seen(started: list[LocalProcess], tmp_path: Path) -> None:
    program = "import getpass; print('you are', input('name? ')); print(len(getpass.getpass('secret? ')))"
    process = run(started, tmp_path, sys.executable, "-c", program)
    seen = []
    until(process, b"name? ")
    seen.append(process.hides_input)
    process.write(b"Suzuki\r")
    until(process, b"secret? ")
    seen.append(process.hides_input)
    assert seen == [False, True]
    process.write(b"hunter2\r")
    assert b"7" in all_output(process)


def test_its_terminal_can_change_size(started: list[LocalProcess], tmp_path: Path) -> None:
    process = run(started, tmp_path, SHELL, "-c", "read line; stty size")
    process.resize(120, 40)
    process.write(b"\r")
    assert b"40 120" in all_output(process)


def test_a_command_that_reads_nothing_does_not_hold_the_console(started: list[LocalProcess], tmp_path: Path) -> None:
    process = run(started, tmp_path, SHELL, "-c", "stty raw -echo; echo ready; sleep 600")
    until(process, b"ready")
    with pytest.raises(Refusal, match="reads nothing"):
        process.write(b"x" * 1_000_000)


def test_a_line_that_the_terminal_would_cut_off_is_refused(started: list[LocalProcess], tmp_path: Path) -> None:
    process = run(started, tmp_path, "/usr/bin/wc", "-c")
    with pytest.raises(Refusal, match="4095 bytes at most"):
        process.write(b"x" * 4_096 + b"\r")
    process.write(b"x" * 4_094 + b"\r\x04")
    assert b"4095" in all_output(process)


def test_any_amount_of_output_comes_whole(started: list[LocalProcess], tmp_path: Path) -> None:
    process = run(started, tmp_path, SHELL, "-c", "head -c 3000000 /dev/zero | tr '\\0' x")
    assert len(all_output(process)) == 3_000_000
    assert process.wait(20) == 0


def test_a_reader_that_stops_and_ends_it_is_not_held(started: list[LocalProcess], tmp_path: Path) -> None:
    process = run(started, tmp_path, "/usr/bin/yes")
    until(process, b"y\r\n")
    closing = threading.Thread(target=process.close)
    closing.start()
    closing.join(20.0)
    assert not closing.is_alive()


# -- as a transport ---------------------------------------------------------------------------------------


def transport(folder: Path, clock: FixedClock, **changes: Any) -> LocalTransport:
    tasks = {"say": (sys.executable, "-c", "import sys; print(sys.argv[1:])"), "wait": ("/bin/sleep", "600")}
    until = clock.now() + timedelta(minutes=5)
    return LocalTransport(tasks, until=until, clock=clock, folder=folder, **changes)


def test_it_runs_the_tasks_of_its_list_and_no_other(tmp_path: Path, clock: FixedClock) -> None:
    host: Transport = transport(tmp_path, clock)
    process: Process = host.start(Command.of(["say", "--table", "resident"]))
    output = b""
    while data := process.read(20.0):
        output += data
    assert output == b"['--table', 'resident']\r\n"
    assert process.wait(20) == 0
    with pytest.raises(Refusal, match="not in its list of tasks"):
        host.start(Command.of(["sh", "-c"]))
    assert host.lost == ""
    host.close()


def test_closing_it_ends_all_and_it_starts_nothing_more(tmp_path: Path, clock: FixedClock) -> None:
    host = transport(tmp_path, clock)
    process = host.start(Command.of(["wait"]))
    host.close()
    host.close()
    assert process.wait(0) == LET_GO
    with pytest.raises(Refusal, match="not in its list of tasks"):
        host.start(Command.of(["wait"]))


def test_nothing_begins_after_the_windows_end(tmp_path: Path, clock: FixedClock) -> None:
    host = transport(tmp_path, clock)
    clock.advance(timedelta(minutes=5))
    with pytest.raises(Refusal, match="time is over"):
        host.start(Command.of(["wait"]))


def test_the_tunnel_leads_to_the_databases_own_socket_here_until_it_is_closed(
    tmp_path: Path, clock: FixedClock, postgresql_server: PostgresqlServer
) -> None:
    own = postgresql_server.socket_directory / f".s.PGSQL.{postgresql_server.port}"
    host = transport(tmp_path, clock, database=own)
    with host.tunnel() as folder, psycopg.connect(f"host={folder} user=postgres") as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        host.close()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(f"host={folder} user=postgres")
    with pytest.raises(Refusal, match="declares no database"):
        transport(tmp_path, clock).tunnel()
    with pytest.raises(Refusal, match="No database answers at"):
        transport(tmp_path, clock, database=tmp_path / "none").tunnel()
