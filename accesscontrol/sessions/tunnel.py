"""The one declared tunnel: a Unix socket in a folder that only we may enter, each connection a channel of its own.

No port is opened that another user of this machine could reach. libpq finds it by ``host=<folder>``.
"""

from __future__ import annotations

import socket
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOCKET: Final = ".s.PGSQL.5432"
_CHUNK_BYTES: Final = 1 << 16


class Flow(Protocol):
    """The part of a socket that a channel has too."""

    def recv(self, nbytes: int, /) -> bytes:
        """Return the next octets, none at the end."""
        ...

    def sendall(self, data: bytes, /) -> None:
        """Send all of ``data``."""
        ...

    def close(self) -> None:
        """Close it in both directions."""
        ...


@contextmanager
def opened(open_channel: Callable[[], Flow]) -> Iterator[Path]:
    """Listen, and lead each connection through a channel of ``open_channel``; yield the folder of the socket."""
    with tempfile.TemporaryDirectory(prefix="sekisho-tunnel-") as folder, socket.socket(socket.AF_UNIX) as listening:
        Path(folder).chmod(0o700)
        listening.bind(str(Path(folder) / SOCKET))
        listening.listen()
        flows: list[Flow] = []
        threading.Thread(target=_accept, args=(listening, open_channel, flows), name="tunnel", daemon=True).start()
        try:
            yield Path(folder)
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            for flow in tuple(flows):
                end(flow)


def _accept(listening: socket.socket, open_channel: Callable[[], Flow], flows: list[Flow]) -> None:
    while True:
        try:
            near, _ = listening.accept()
        except OSError:
            return
        try:
            far = open_channel()
        except Exception:  # noqa: BLE001 - whatever the host says, this connection isn't made; libpq reports it
            near.close()
            continue
        flows += [near, far]
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=_carry, args=(source, sink), name="tunnel", daemon=True).start()


def _carry(source: Flow, sink: Flow) -> None:
    with suppress(OSError, EOFError):
        while data := source.recv(_CHUNK_BYTES):
            sink.sendall(data)
    end(source)
    end(sink)


def end(flow: Flow) -> None:
    """Close ``flow`` in both directions, and wake the thread that reads it."""
    with suppress(OSError, EOFError):
        if isinstance(flow, socket.socket):
            flow.shutdown(socket.SHUT_RDWR)
        flow.close()
