"""The task gate by itself: what its host's list lets through, and what it says of its own end."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from accesscontrol.clock import SystemClock
from accesscontrol.sessions.trust import gate_program

MARK = "a1b2"
Gate = Callable[..., "subprocess.Popen[bytes]"]
RULES = "/bin/echo to {identifier} {number} {date}\n/bin/sh -c exit\n"


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    path = tmp_path / "tasks"
    path.write_text(RULES)
    path.chmod(0o644)
    return path


@pytest.fixture
def gate(tmp_path: Path, tasks: Path) -> Gate:
    program = tmp_path / "sekisho-gate"
    program.write_bytes(gate_program(str(tasks)))

    def start(asked: str | None, *approved: str, until: float | None = None) -> "subprocess.Popen[bytes]":
        end = SystemClock().now().timestamp() + 60 if until is None else until
        environment = {} if asked is None else {"SSH_ORIGINAL_COMMAND": asked}
        return subprocess.Popen(
            [sys.executable, "-IS", program, MARK, str(end), *(approved or ([asked] if asked else []))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )

    return start


def said(process: "subprocess.Popen[bytes]") -> tuple[bytes, int]:
    """Return all output and the status, standard input being held open until the end."""
    assert process.stdout is not None
    output = process.stdout.read()
    process.communicate()
    return output, process.returncode


REFUSED = (f"\x1eSEKISHO {MARK} refused 126\n".encode(), 126)


def test_a_task_of_the_list_runs_between_the_gate_s_own_lines(gate: Gate) -> None:
    assert said(gate("echo to residents 7 2026-02-28")) == (
        f"\x1eSEKISHO {MARK} begun 0\nto residents 7 2026-02-28\n\x1eSEKISHO {MARK} ended 0\n".encode(),
        0,
    )


@pytest.mark.parametrize(
    "asked",
    [
        "echo to Residents 7 2026-02-28",
        "echo to residents seven 2026-02-28",
        "echo to residents 7 2026-13-28",
        "echo to residents 7",
        "echo to residents 7 2026-02-28 more",
        "echo  to residents 7 2026-02-28",
        "echo to residents 7 2026-02-28 ",
        "echo to residents 7 2026-02-28\nid",
        "echo to a;id 7 2026-02-28",
        "/bin/echo to residents 7 2026-02-28",
        "../bin/echo to residents 7 2026-02-28",
        "id",
        "",
    ],
)
def test_what_does_not_fit_the_list_is_refused_even_if_it_was_approved(gate: Gate, asked: str) -> None:
    assert said(gate(asked, asked)) == REFUSED


def test_what_was_not_approved_is_refused_even_if_it_fits(gate: Gate) -> None:
    assert said(gate("echo to residents 7 2026-02-28", "echo to residents 8 2026-02-28")) == REFUSED


def test_a_shell_is_never_given(gate: Gate) -> None:
    assert said(gate(None, "echo to residents 7 2026-02-28")) == REFUSED


@pytest.mark.parametrize("mode", [0o666, 0o664])
def test_a_list_that_others_can_write_lets_nothing_through(gate: Gate, tasks: Path, mode: int) -> None:
    tasks.chmod(mode)
    assert said(gate("echo to residents 7 2026-02-28")) == REFUSED


def test_without_a_list_nothing_runs(gate: Gate, tasks: Path) -> None:
    tasks.unlink()
    assert said(gate("echo to residents 7 2026-02-28")) == REFUSED


def test_after_the_window_it_ends_at_once(gate: Gate, tasks: Path) -> None:
    tasks.write_text("/bin/sleep 77\n")
    output, status = said(gate("sleep 77", until=SystemClock().now().timestamp() - 1))
    assert (output.endswith(b"time-over 124\n"), status) == (True, 124)


def test_the_gate_killed_outright_takes_its_program_with_it(gate: Gate, tasks: Path, tmp_path: Path) -> None:
    program = tmp_path / "tell"
    program.write_text("#!/bin/sh\necho $$\nexec sleep 864214\n")
    program.chmod(0o755)
    tasks.write_text(f"{program}\n")
    process = gate("tell")
    assert process.stdout is not None
    process.stdout.readline()
    child = int(process.stdout.readline())
    process.kill()
    process.communicate()
    until = time.monotonic() + 10
    while _runs(child):
        assert time.monotonic() < until
        time.sleep(0.005)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
