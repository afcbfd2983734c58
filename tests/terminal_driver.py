"""A real terminal for a real program: a pty on one side, a screen in memory on the other.

::

    with Terminal(["sekisho", "demo"], size=(80, 24)) as terminal:
        terminal.wait_for("Password")
        terminal.type("secret").press("enter")
        assert "Today" in terminal.text
"""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import pyte

KEYS = {
    "enter": "\r", "escape": "\x1b", "tab": "\t", "space": " ", "backspace": "\x7f",
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
    "home": "\x1b[H", "end": "\x1b[F", "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "shift+tab": "\x1b[Z",
    "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f10": "\x1b[21~",
    **{f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"},
}  # fmt: skip
CURSOR_QUESTION = b"\x1b[6n"
PATIENCE = 30.0  # seconds; far more than anything takes, so that only a hang fails


class Terminal:
    """Runs a program on a pty and shows its screen. Leaves nothing running."""

    def __init__(
        self, command: Sequence[str], *, size: tuple[int, int] = (80, 24), environ: Mapping[str, str] | None = None
    ) -> None:
        self.received = b""
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._own, theirs = pty.openpty()
        self._resize(*size)
        # Workers of the tests have the size of another terminal in their environment, which would outrank this one's.
        foreign = ("TMUX", "LC_", "LANG", "COLUMNS", "LINES")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        environment = {
            **clean,
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "COLORTERM": "truecolor",
            **(environ or {}),
        }
        # setsid makes the pty the controlling terminal, so that dropping it hangs up
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *command], stdin=theirs, stdout=theirs, stderr=theirs, env=environment
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def text(self) -> str:
        """What the screen shows now."""
        self._read(0.0)
        # the second cell of a wide character is empty; pyte's own `display` fails on one that was half overwritten
        rows = (self._screen.buffer[y] for y in range(self._screen.lines))
        cells = range(self._screen.columns)
        return "\n".join("".join(row[x].data for x in cells).rstrip() for row in rows)

    def wait_for(self, words: str) -> str:
        """Read until the screen shows ``words``, and return the screen; fail if it never does."""
        return self._wait(lambda: words in self.text, f"never showed {words!r}")

    def wait_until_gone(self, words: str) -> str:
        """Read until the screen no longer shows ``words``, and return the screen."""
        return self._wait(lambda: words not in self.text, f"went on showing {words!r}")

    def _wait(self, happened: Callable[[], bool], complaint: str) -> str:
        end = time.monotonic() + PATIENCE
        while not happened():
            if time.monotonic() > end or (self.process.poll() is not None and not self._read(0.1) and not happened()):
                raise AssertionError(f"the terminal {complaint}:\n{self.text}")
            self._read(0.05)
        return self.text

    def press(self, *keys: str) -> Self:
        """Press keys by name (``enter``, ``ctrl+l``, ``f10``) or letter."""
        for key in keys:
            os.write(self._own, KEYS.get(key, key).encode())
            if key == "escape":
                self._read(0.1)  # a lone Esc must not run into the next key
        return self

    def type(self, text: str) -> Self:
        """Type text, as an input method commits it."""
        os.write(self._own, text.encode())
        return self

    def type_bytes(self, data: bytes) -> Self:
        """Send raw bytes."""
        os.write(self._own, data)
        return self

    def resize(self, width: int, height: int) -> Self:
        """Change the size of the terminal."""
        self._screen.resize(height, width)
        self._resize(width, height)
        return self

    def signal(self, number: signal.Signals) -> Self:
        """Send a signal to the program."""
        self.process.send_signal(number)
        return self

    def hang_up(self) -> Self:
        """Drop the line: the terminal is gone for the program."""
        os.close(self._own)
        self._own = -1
        return self

    def wait(self) -> int:
        """Read to the end of the program, and return its exit code."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            if time.monotonic() > end:
                raise AssertionError(f"the program did not end:\n{self.text}")
            self._read(0.05)
        while self._read(0.05):
            pass
        return self.process.returncode

    def close(self) -> None:
        """End the program if it still runs, and give the terminal back."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self._own >= 0:
            os.close(self._own)
            self._own = -1

    def _read(self, seconds: float) -> bool:
        if self._own < 0:
            time.sleep(seconds)
            return False
        ready, _, _ = select.select([self._own], [], [], seconds)
        if not ready:
            return False
        with contextlib.suppress(OSError):
            data = os.read(self._own, 65536)
            self.received += data
            self._answer(data)
            self._stream.feed(data)
            return bool(data)
        return False

    def _answer(self, data: bytes) -> None:
        """Answer the questions that a terminal is asked at the start."""
        asked = self.received.count(CURSOR_QUESTION)
        for number in range(asked - data.count(CURSOR_QUESTION), asked):
            # the probe draws one character from the left edge: first a line of one cell, then a kanji of two
            os.write(self._own, f"\x1b[1;{3 if number % 2 else 2}R".encode())

    def _resize(self, width: int, height: int) -> None:
        fcntl.ioctl(self._own, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
