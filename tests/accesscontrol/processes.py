"""Real processes for what only they can show: racing, dying by kill -9, and asking from outside."""

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def start(program: str, *arguments: str | Path) -> "subprocess.Popen[bytes]":
    """Start Python with ``program`` as its text; it reads its arguments from ``sys.argv[1:]``."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wait_for_line(process: "subprocess.Popen[bytes]", expected: bytes) -> None:
    """Wait until the process has written ``expected`` as its next line."""
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    if line != expected:
        _, error = process.communicate()
        raise AssertionError(f"{line!r} {error.decode()}")


def let_go(process: "subprocess.Popen[bytes]") -> None:
    """Let a process that waits for a line on its standard input go on."""
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.flush()


def finish(process: "subprocess.Popen[bytes]") -> str:
    """Wait for a process that must end well, and return what it wrote."""
    output, error = process.communicate(timeout=60)
    assert process.returncode == 0, error.decode()
    return output.decode()


def kill(process: "subprocess.Popen[bytes]") -> None:
    """End a process as a power cut would."""
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
