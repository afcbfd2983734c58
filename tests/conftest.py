"""What every test may ask for: a real OpenSSH server, a real PostgreSQL database."""

from __future__ import annotations

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
