"""A round trip through the tunnel of a session, against ssh -L to the same service.

The service is a process of its own, as a database server is: within this one it would share the interpreter with the
tunnel, and how long a trip took would depend on which thread had it. What is left of the spread is the machine's: the
tunnel's trip passes through two threads of this process, each of which must find a free processor.
"""

from __future__ import annotations

import multiprocessing
import socket
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from accesscontrol.sessions.tunnel import SOCKET
from bench.harness import Figure, timed
from tests.accesscontrol.sessions.targets import running_target
from tests.services.sshd import make_key, running_sshd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TRIPS = 1_000
_BYTES = 64
_PATIENCE = 30.0


def _echo(listening: socket.socket) -> None:
    with suppress(OSError):
        while True:
            caller, _ = listening.accept()
            caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=_answer, args=(caller,), daemon=True).start()


def _answer(caller: socket.socket) -> None:
    with caller, suppress(OSError):
        while data := caller.recv(4096):
            caller.sendall(data)


def _trips(link: socket.socket) -> None:
    for _ in range(_TRIPS):
        link.sendall(bytes(_BYTES))
        waiting = _BYTES
        while waiting:
            waiting -= len(link.recv(waiting))


def _reached(path: Path) -> socket.socket:
    """Connect to a Unix socket that is about to be there."""
    end = time.monotonic() + _PATIENCE
    while True:
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(_PATIENCE)
        try:
            link.connect(str(path))
        except OSError:
            link.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return link


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure: small questions and answers, one after the other, as a database client makes them.

    The reference goes through a plain server beside, since a managed host forwards nothing.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        echo = multiprocessing.get_context("spawn").Process(target=_echo, args=(listening,), daemon=True)
        echo.start()
        service = f"127.0.0.1:{listening.getsockname()[1]}"
        with running_target(service) as target, running_sshd() as plain:
            transport = target.connect(target.certify(tunnel=True))
            path, key = folder / "forwarded", make_key(folder / "key")
            plain.certify(key)
            *command, place = plain.ssh_command(key)
            client = [*command, "-N", "-L", f"{path}:{service}", place]
            with transport.tunnel() as private, subprocess.Popen(client, stdin=subprocess.DEVNULL) as ssh:
                try:
                    with _reached(private / SOCKET) as ours, _reached(path) as against:
                        yield Figure(
                            name="session: round trip in the tunnel",
                            reference="ssh -L",
                            aim=2,
                            ours=lambda: timed(lambda: _trips(ours)),
                            against=lambda: timed(lambda: _trips(against)),
                            runs=9,
                        )
                finally:
                    ssh.kill()
                    transport.close()
                    echo.kill()
