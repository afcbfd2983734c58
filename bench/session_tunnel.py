"""A round trip through the tunnel of a session, against ssh -L to the same service."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from accesscontrol.sessions.tunnel import SOCKET
from bench.harness import Figure, timed
from tests.accesscontrol.sessions.targets import running_target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TRIPS = 1_000
_BYTES = 64


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
    while True:
        link = socket.socket(socket.AF_UNIX)
        try:
            link.connect(str(path))
        except OSError:
            link.close()
            time.sleep(0.01)
        else:
            return link


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure: small questions and answers, one after the other, as a database client makes them."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_echo, args=(listening,), daemon=True).start()
        with running_target(f"127.0.0.1:{listening.getsockname()[1]}") as target:
            transport = target.connect(target.certify(tunnel=True))
            path = folder / "forwarded"
            client = target.client(target.certify(tunnel=True), folder, "-N", "-L", f"{path}:{target.host.service}")
            with transport.tunnel() as private, subprocess.Popen(client, stdin=subprocess.DEVNULL) as ssh:
                with _reached(private / SOCKET) as ours, _reached(path) as against:
                    yield Figure(
                        name="session: round trip in the tunnel",
                        reference="ssh -L",
                        aim=2,
                        ours=lambda: timed(lambda: _trips(ours)),
                        against=lambda: timed(lambda: _trips(against)),
                        runs=9,
                    )
                ssh.kill()
            transport.close()
