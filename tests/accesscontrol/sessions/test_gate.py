"""The task gate by itself: what its host's list lets through, and what it says of its own end."""

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accesscontrol.clock import SystemClock
from accesscontrol.sessions.authority import Authority
from accesscontrol.sessions.revocation import revocation_list
from accesscontrol.sessions.trust import gate_program

MARK = "a1b2"
AUTHORITY = Authority(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
Gate = Callable[..., "subprocess.Popen[bytes]"]
RULES = "/bin/echo to {identifier} {number} {date}\n/bin/sh -c exit\n"


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    path = tmp_path / "tasks"
    path.write_text(RULES)
    path.chmod(0o644)
    return path


@pytest.fixture
def revoked(tmp_path: Path) -> Path:
    path = tmp_path / "revoked"
    path.write_bytes(listed())
    return path


@pytest.fixture
def gate(tmp_path: Path, tasks: Path, revoked: Path) -> Gate:
    program = tmp_path / "sekisho-gate"
    program.write_bytes(gate_program(str(tasks), str(revoked)))

    def start(
        asked: str | None, *approved: str, until: float | None = None, serial: int = 7
    ) -> "subprocess.Popen[bytes]":
        end = SystemClock().now().timestamp() + 60 if until is None else until
        environment = {} if asked is None else {"SSH_ORIGINAL_COMMAND": asked}
        return subprocess.Popen(
            [sys.executable, "-IS", program, MARK, str(serial), str(end), *(approved or ([asked] if asked else []))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )

    return start


def listed(*serials: int) -> bytes:
    """Return a list of revoked certificates as the console makes it."""
    return revocation_list(AUTHORITY.public_line, serials, at=datetime(2026, 11, 24, tzinfo=UTC))


def said(process: "subprocess.Popen[bytes]", handed: bytes | None = None) -> tuple[bytes, int]:
    """Return all output and the status, standard input being held open until the end, or ended after ``handed``."""
    if handed is not None:
        output, _ = process.communicate(handed, timeout=20)
        return output, process.returncode
    assert process.stdout is not None
    output = process.stdout.read()
    process.communicate(timeout=20)
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


def test_after_the_window_nothing_begins(gate: Gate, tasks: Path) -> None:
    tasks.write_text("/bin/sleep 77\n")
    assert said(gate("sleep 77", until=SystemClock().now().timestamp() - 1)) == (
        f"\x1eSEKISHO {MARK} refused 124\n".encode(),
        124,
    )


# -- revoked certificates -----------------------------------------------------------------------------


def handing_over(gate: Gate, data: bytes, *, certified: bytes | None = None) -> tuple[bytes, int]:
    asked = f"revocations {sha256(certified or data).hexdigest()}"
    return said(gate(asked, asked, serial=0), data)


def test_a_revoked_certificate_begins_nothing_and_what_it_began_is_ended(
    gate: Gate, tasks: Path, revoked: Path
) -> None:
    tasks.write_text("/bin/sleep 77\n")
    process = gate("sleep 77", serial=41)
    assert process.stdout is not None
    assert process.stdout.readline().endswith(b"begun 0\n")
    handing_over(gate, listed(41))
    assert said(process) == (f"\x1eSEKISHO {MARK} revoked 125\n".encode(), 125)
    assert said(gate("sleep 77", serial=41)) == REFUSED


def test_a_list_is_put_in_place_whole_and_both_digests_are_told(gate: Gate, revoked: Path) -> None:
    old, new = revoked.read_bytes(), listed(*range(1, 5_000))
    output, status = handing_over(gate, new)
    assert output.decode().split("\n")[1] == f"{sha256(old).hexdigest()} {sha256(new).hexdigest()}"
    assert (status, revoked.read_bytes(), revoked.stat().st_mode & 0o777) == (0, new, 0o644)
    assert {each.name for each in revoked.parent.iterdir()} == {"tasks", "revoked", "sekisho-gate"}


def test_no_other_list_than_the_certified_one_is_taken(gate: Gate, revoked: Path) -> None:
    old = revoked.read_bytes()
    for data in (listed(3), b"", old[:-1], b"text"):
        assert handing_over(gate, data, certified=listed(3, 4))[1] == 126
    assert handing_over(gate, b"no list at all")[1] == 126
    assert revoked.read_bytes() == old


def test_a_list_that_lets_a_revoked_certificate_in_again_is_refused(gate: Gate, revoked: Path) -> None:
    revoked.write_bytes(listed(3, 4))
    assert handing_over(gate, listed(4, 5))[1] == 126
    assert revoked.read_bytes() == listed(3, 4)


def test_a_list_that_cannot_be_read_says_no(gate: Gate, revoked: Path) -> None:
    revoked.write_bytes(b"nonsense")
    assert said(gate("echo to residents 7 2026-02-28")) == REFUSED
    revoked.unlink()
    assert said(gate("echo to residents 7 2026-02-28")) == REFUSED


# -- dying --------------------------------------------------------------------------------------------


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
