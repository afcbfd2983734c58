"""The warden of a local session: a small process that runs one command and leaves nothing of it behind.

``python -I -S warden.py LIFELINE SECONDS PROGRAM ARGUMENT...`` with a terminal as standard input. It makes
that terminal the command's own, runs the command in a session of its own, and ends it and everything that it started
(also what left its process group) when the command ends, when SECONDS are over, or when the other end of the LIFELINE,
a pipe, is closed: the console let go, or died. It exits as the command did, 124 when the time was over, 125 when the
console let go, 126 or 127 when the program could not be run.

Only the standard library, and nothing of this package: it starts in a blink and holds nothing of the console's.
"""

import ctypes
import os
import select
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

TIME_OVER, LET_GO, NOT_RUN, NOT_FOUND = 124, 125, 126, 127
GRACE_SECONDS = 0.3
_STEP_SECONDS = 0.02
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 36, 38
_SIGNALLED = 128


def main(arguments: list[str]) -> int:
    """Run the command and return the exit status."""
    lifeline, seconds = int(arguments[0]), float(arguments[1])
    os.login_tty(0)
    os.set_inheritable(lifeline, False)
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for each in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGHUP, signal.SIGTTOU, signal.SIGTTIN):
        signal.signal(each, signal.SIG_IGN)
    wake, woken = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken)
    deadline = time.monotonic() + seconds
    child = os.fork()
    if child == 0:
        _become(arguments[2:], prctl)
    status = _watch(child, lifeline, wake, deadline)
    _end_all(child)
    return status


def _become(command: list[str], prctl: "ctypes._NamedFuncPointer") -> None:
    """Turn into the command; never returns."""
    try:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpgrp())
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        signal.set_wakeup_fd(-1)
        for each in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(each, signal.SIG_DFL)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        os.execv(command[0], command)  # noqa: S606 - the very point: these words, and no shell
    except FileNotFoundError:
        os._exit(NOT_FOUND)
    except BaseException:  # noqa: BLE001 - nothing of this process may go on
        os._exit(NOT_RUN)


def _watch(child: int, lifeline: int, wake: int, deadline: float) -> int:
    """Wait for the first of the three ends and return the exit status that tells it."""
    while True:
        ready, _, _ = select.select([lifeline, wake], [], [], 0)
        ended = _taken_in(child)
        if ended is not None:
            return os.waitstatus_to_exitcode(ended) if os.WIFEXITED(ended) else _SIGNALLED + os.WTERMSIG(ended)
        if lifeline in ready:
            return LET_GO
        if time.monotonic() >= deadline:
            return TIME_OVER
        ready, _, _ = select.select([lifeline, wake], [], [], max(0.0, deadline - time.monotonic()))
        if wake in ready:
            os.read(wake, 512)


def _taken_in(child: int) -> int | None:
    """Take in who has ended, and return the wait status of ``child`` if it is among them."""
    found = None
    try:
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == child:
                found = ended[1]
    except ChildProcessError:
        pass
    return found


def _end_all(child: int) -> None:
    """End the command's group and whatever else still descends from here: asked first, then made to."""
    _signal_group(child, signal.SIGTERM)
    _signal_group(child, signal.SIGCONT)
    for each in _children():
        _signal(each, signal.SIGTERM)
    kill_at = time.monotonic() + GRACE_SECONDS
    while _anyone_left():
        if time.monotonic() >= kill_at:
            _signal_group(child, signal.SIGKILL)
            for each in _children():  # what they started comes to us when they are gone, and is next
                _signal(each, signal.SIGKILL)
        time.sleep(_STEP_SECONDS)


def _anyone_left() -> bool:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _children() -> list[int]:
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdecimal():
            try:
                parent = (place / "stat").read_text(errors="replace").rpartition(")")[2].split()[1]
            except (OSError, IndexError):
                continue
            if int(parent) == os.getpid():
                found.append(int(place.name))
    return found


def _signal(process: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(process, number)


def _signal_group(group: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
