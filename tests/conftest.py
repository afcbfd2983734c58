"""What every test may ask for: a real OpenSSH server, a real PostgreSQL database."""

from __future__ import annotations

import os
import signal

pytest_plugins = (
    "pytester",
    "tests.services.availability",
    "tests.services.sshd",
    "tests.services.postgresql",
    "tests.services.slapd",
    "tests.services.scim",
)


def pytest_configure() -> None:
    """Let no program that a test starts ignore a signal because this run does: in the background, or under nohup."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)  # a program inherits what is ignored, not what is handled


def pytest_xdist_auto_num_workers() -> int:
    """Return one worker more than there are processors: a quarter of the tests' time is spent waiting for servers."""
    return (os.cpu_count() or 1) + 1
