"""Opening a controlled session up to the first word of its command, against ssh itself with the same certificate."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from accesscontrol.sessions.transport import Command
from bench.harness import Figure, timed
from tests.accesscontrol.sessions.targets import running_target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WORDS = ("echo", "hello", "residents", "3", "2026-11-24")


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure: connect, prove the certificate, pass the task gate, read the first word."""
    with running_target() as target:
        command = Command.of(_WORDS)
        client = target.client(target.certify(command.text), folder)

        def session() -> None:
            transport = target.connect(target.certify(command.text))
            if not (transport.start(command).read(10) or b"").startswith(b"hello"):
                raise RuntimeError("the host did not say what it should")
            transport.close()

        def ssh() -> None:
            with subprocess.Popen([*client, command.text], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
                if not any(line.startswith(b"hello") for line in process.stdout or ()):
                    raise RuntimeError("the host did not say what it should")
                process.kill()

        yield Figure(
            name="session: open to first byte",
            reference="ssh, same certificate and task gate",
            aim=1.3,
            ours=lambda: timed(session),
            against=lambda: timed(ssh),
            runs=15,
        )
