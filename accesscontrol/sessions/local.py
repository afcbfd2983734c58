"""The local way into a task's host: a command on this very machine, in a terminal of its own, under a warden.

For a console on the database host, and for the demo. The command is a list of words and never a line for a shell; it
gets only the environment that is given, no descriptor and no secret of the console; the warden ends it when its time
is over or the console lets go or dies, and everything that it started with it.
"""

import fcntl
import os
import platform
import pty
import select
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol.clock import Clock
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.sessions import tunnel, warden
from accesscontrol.sessions.ledger import Assignment, SessionRow
from accesscontrol.sessions.supervision import Supervision
from accesscontrol.sessions.transport import Command
from accesscontrol.store import Store

READ_BYTES: Final = 65_536
CLOSE_SECONDS: Final = 5.0
_LINE_BYTES: Final = 4_095  # of a terminal that hands over whole lines (n_tty)
_WARDEN: Final = Path(warden.__file__)
_ENVIRONMENT: Final[Mapping[str, str]] = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "TERM": "xterm-256color",
}


class LocalProcess:
    """One command that runs in a terminal of its own until it ends, its time is over, or ``end`` is called.

    ``seconds`` is what is left of the approved window. ``folder`` is where it runs; ``environment`` is added to a
    plain one (path, language, terminal).
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        seconds: float,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        columns: int = 80,
        rows: int = 24,
    ) -> None:
        _check(command, seconds)
        self._deadline = time.monotonic() + seconds
        self._reading = threading.Lock()
        self._terminal, slave = pty.openpty()
        lifeline, self._lifeline = os.pipe2(os.O_CLOEXEC)
        try:
            self.resize(columns, rows)
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_WARDEN), str(lifeline), str(seconds), *command],
                stdin=slave,
                stdout=slave,
                stderr=slave,
                pass_fds=(lifeline,),
                cwd=folder,
                env={**_ENVIRONMENT, "HOME": str(folder), **(environment or {})},
            )
        except BaseException:
            os.close(self._terminal)
            os.close(self._lifeline)
            raise
        finally:
            os.close(slave)
            os.close(lifeline)
        os.set_blocking(self._terminal, False)

    def read(self, timeout: float) -> bytes | None:
        """Return what the command wrote, ``b""`` when it and all its output are at an end, None after ``timeout``.

        ``timeout`` is in seconds.
        """
        with self._reading:  # whoever closes waits, so that nobody reads a descriptor that is another's by then
            return self._read(timeout) if self._terminal >= 0 else b""

    def _read(self, timeout: float) -> bytes | None:
        ready, _, _ = select.select([self._terminal], [], [], timeout)
        if not ready:
            return None
        data = bytearray()
        try:
            while len(data) < READ_BYTES:  # a terminal hands over a page at a time
                data += os.read(self._terminal, READ_BYTES)
        except BlockingIOError:
            return bytes(data) or None
        except OSError:  # EIO: nobody holds the other side any more; the next look finds that again
            return bytes(data)
        return bytes(data)

    def write(self, data: bytes) -> None:
        """Type ``data``; what a command that reads nothing does not take within a second is refused.

        So is a line that the terminal would cut off without a word.
        """
        if self._flags & termios.ICANON and max(map(len, data.splitlines()), default=0) > _LINE_BYTES:
            raise Refusal(N_("A typed line holds {limit} bytes at most."), limit=_LINE_BYTES)
        while data:
            _, ready, _ = select.select([], [self._terminal], [], 1.0)
            if not ready:
                raise Refusal(N_("The command reads nothing, so what was typed did not reach it."))
            with suppress(BlockingIOError):
                data = data[os.write(self._terminal, data) :]

    @property
    def hides_input(self) -> bool:
        """Tell whether the command has switched the echo off and reads a line: it asks for a password."""
        return bool(self._flags & termios.ICANON) and not self._flags & termios.ECHO

    @property
    def _flags(self) -> int:
        flags: int = termios.tcgetattr(self._terminal)[3]
        return flags

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size, in cells."""
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def end(self) -> None:
        """Let go: the warden ends the command and all that it started. The output can still be read to its end."""
        if self._lifeline >= 0:
            descriptor, self._lifeline = self._lifeline, -1
            os.close(descriptor)

    def wait(self, timeout: float) -> int | None:
        """Return the exit status, or None when it has not ended within ``timeout`` seconds.

        124: its time was over; 125: it was ended from here; 126, 127: it could not be run; 128 and more: a signal.
        A negative status is that of a warden that was killed: what became of the command is not known.
        """
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    @property
    def over(self) -> str:
        """How it came to its end: by itself, with its time, or let go; nothing until then."""
        status = self.wait(0)
        if status == warden.TIME_OVER and time.monotonic() >= self._deadline:
            return "time-over"
        return "" if status is None else "let-go" if self._lifeline < 0 else "ended"

    def close(self) -> None:
        """End what still runs and give everything back; a warden that does not end within seconds is killed."""
        self.end()
        until = time.monotonic() + CLOSE_SECONDS
        while self.wait(0) is None and self.read(0.05) != b"" and time.monotonic() < until:
            pass
        if self.wait(max(0.0, until - time.monotonic())) is None:
            self._process.kill()  # its command dies with it
            self.wait(1.0)
        with self._reading:
            if self._terminal >= 0:
                descriptor, self._terminal = self._terminal, -1
                os.close(descriptor)


class LocalTransport:
    """This machine as a host: it runs the tasks that it lists, each a program's whole path and its first words.

    ``until`` ends the approved window: what runs then is ended by its warden, whatever becomes of the console.
    ``database`` is the database's own Unix socket here, the only thing that ``tunnel`` reaches.
    """

    lost = ""

    def __init__(
        self,
        tasks: Mapping[str, Sequence[str]],
        *,
        until: datetime,
        clock: Clock,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        database: Path | None = None,
    ) -> None:
        self._tasks = tasks
        self._until = until
        self._clock = clock
        self._folder = folder
        self._environment = environment
        self._database = database
        self._processes: list[LocalProcess] = []
        self._links: list[socket.socket] = []
        self._closed = False

    def start(self, command: Command) -> LocalProcess:
        """Start a task of this host's list; raises ``Refusal`` for any other, and after the window's end."""
        name, *words = command.words
        if self._closed or name not in self._tasks:
            raise Refusal(
                N_("This host takes no command {name}: it is not in its list of tasks."),
                control="AC-AUT-03",
                name=name,
            )
        process = LocalProcess(
            [*self._tasks[name], *words],
            seconds=(self._until - self._clock.now()).total_seconds(),
            folder=self._folder,
            environment=self._environment,
        )
        self._processes.append(process)
        return process

    def tunnel(self) -> AbstractContextManager[Path]:
        """Lead to the database's socket on this machine until the transport is closed; one without any is refused."""
        database = self._database
        if self._closed or database is None:
            raise Refusal(N_("This host declares no database to reach."), control="AC-AUT-03")
        first = [self._led(database)]
        return tunnel.opened(lambda: first.pop() if first else self._led(database))

    def _led(self, database: Path) -> socket.socket:
        link = socket.socket(socket.AF_UNIX)
        try:
            link.connect(str(database))
        except OSError as error:
            link.close()
            raise Refusal(
                N_("No database answers at {path}: {reason}."), path=database, reason=error.strerror or str(error)
            ) from None
        self._links.append(link)
        if self._closed:  # meanwhile: whoever closed may not have seen it
            link.close()
        return link

    def close(self) -> None:
        """End all that was started here and cut all that was led; a second call does nothing."""
        self._closed = True
        while self._links:
            tunnel.end(self._links.pop())
        for process in self._processes:
            process.end()
        while self._processes:
            self._processes.pop().close()


def on_this_machine(
    store: Store,
    zone: ZoneInfo,
    recordings: Path,
    *,
    name: str,
    tasks: Mapping[str, Sequence[str]],
    folder: Path,
    database: Path | None = None,
) -> Supervision:
    """Return the supervision of sessions that run the listed ``tasks`` here, in ``folder``.

    ``name`` is the host's name in requests: a session that was approved for another host is refused.
    """

    def target(assignment: Assignment) -> str:
        if assignment.host != name:
            raise Refusal(
                N_("This session was approved for {host}, and this machine is {name}."),
                control="AC-AUT-03",
                host=assignment.host,
                name=name,
            )
        return platform.node()

    def connect(assignment: Assignment, _row: SessionRow) -> LocalTransport:
        return LocalTransport(tasks, until=assignment.until, clock=store.clock, folder=folder, database=database)

    return Supervision(store=store, zone=zone, recordings=recordings, target=target, connect=connect)


def _check(command: Sequence[str], seconds: float) -> None:
    if not command or not Path(command[0]).is_absolute() or any("\0" in word for word in command):
        raise Refusal(N_("A command is a list of words, and its first is the whole path of the program."))
    if seconds <= 0:
        raise Refusal(N_("The approved time is over, so nothing begins."), control="AC-AUT-03")
