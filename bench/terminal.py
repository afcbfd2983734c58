"""A program on a pseudo-terminal, with the moments at which its bytes arrive.

A key is stamped before it is written; its repaint is over with the last byte before 60 ms of silence. Like any real
terminal it answers when a program asks where the cursor stands.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from wcwidth import wcswidth

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COLUMNS, LINES = 120, 40
CURSOR_QUESTION = re.compile(rb"\r([^\x1b\r\n]*)\x1b\[6n")
QUIET = 0.06
PATIENCE = 30.0


class Terminal:
    """The master side: what the program writes, and what a person would type."""

    def __init__(self, descriptor: int, started: float) -> None:
        self._descriptor = descriptor
        self._started = started

    def wait_for(self, text: str) -> float:
        """Read until ``text`` has been drawn; return the seconds since the program was started."""
        seen = b""
        while text.encode() not in seen:
            if not select.select([self._descriptor], [], [], PATIENCE)[0]:
                raise TimeoutError(f"{text!r} was not drawn; the end of what was: {seen[-500:]!r}")
            seen += self._read(f"{text!r} was not drawn", seen)
        return time.perf_counter() - self._started

    def press(self, key: bytes) -> float:
        """Type ``key``; return the seconds to the last byte of the repaint."""
        pressed = time.perf_counter()
        os.write(self._descriptor, key)
        last = pressed
        patience = PATIENCE
        while select.select([self._descriptor], [], [], patience)[0]:
            self._read("the program ended")
            last = time.perf_counter()
            patience = QUIET
        if last == pressed:
            raise TimeoutError(f"nothing was repainted after {key!r}")
        return last - pressed

    def settle(self) -> None:
        """Read until the program has nothing more to say."""
        while select.select([self._descriptor], [], [], 5 * QUIET)[0]:
            self._read("the program ended")

    def _read(self, complaint: str, seen: bytes = b"") -> bytes:
        try:
            data = os.read(self._descriptor, 1 << 16)
            for drawn in CURSOR_QUESTION.findall(data):
                os.write(self._descriptor, b"\x1b[1;%dR" % (1 + wcswidth(drawn.decode())))
            return data  # noqa: TRY300 - both calls fail in the same way when the program has ended
        except OSError:  # Linux reports a closed pseudo-terminal as an input/output error
            raise EOFError(f"{complaint}; the program ended with {seen[-2000:].decode(errors='replace')}") from None


@contextmanager
def running(command: Sequence[str]) -> Iterator[Terminal]:
    """Run ``command`` on a terminal of 120x40, in English; it is killed afterwards."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    surroundings = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
    surroundings.pop("LANGUAGE", None)
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env=surroundings, start_new_session=True
    )
    os.close(slave)
    try:
        yield Terminal(master, started)
    finally:
        process.kill()
        process.wait()
        os.close(master)
