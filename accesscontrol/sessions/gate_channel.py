"""What comes through one channel of a host's task gate: a command with its output, or a connection to the service.

The gate's own lines are known by the session's mark and taken out. Whatever paramiko waits for without a limit of its
own gets one here.
"""

from __future__ import annotations

import re
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.sessions.transport import NOT_KNOWN, Known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import paramiko

SEND_SECONDS: Final = 5.0
REVOKED: Final = "revoked"
_READ_BYTES: Final = 1 << 16
_LONGEST_LINE: Final = 200


@contextmanager
def released_after(seconds: float, *releases: Callable[[], object]) -> Iterator[None]:
    """Call ``releases`` when what happens within takes longer than ``seconds``, so that it can't wait for ever."""

    def release() -> None:
        for each in releases:
            each()

    timer = threading.Timer(seconds, release)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def executed(transport: paramiko.Transport, text: str, seconds: float) -> paramiko.Channel:
    """Open a channel of its own and ask for ``text`` to be executed in it: no terminal, no environment.

    Raises ``Refusal`` when the host does not take it within ``seconds``.
    """
    import paramiko

    try:
        channel = transport.open_session(timeout=seconds)
        # paramiko waits for the answer without a limit: for ever, if the link breaks in the moment before it asks
        with released_after(seconds, transport.close, channel.event.set):
            channel.exec_command(text)
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise Refusal(
            N_("The host does not take the command: {reason}."),
            control="MO-SYS-06",
            reason=str(error) or type(error).__name__,
        ) from None
    return channel


class SshProcess:
    """One command under the host's gate, whose own lines are taken out of what it wrote."""

    def __init__(self, channel: paramiko.Channel, mark: str) -> None:
        self._channel = channel
        self._start_of_line = f"\x1eSEKISHO {mark} ".encode()
        self._line = re.compile(re.escape(self._start_of_line) + rb"([a-z-]+) ([0-9]+)\n")
        self._kept = b""
        self._ended = threading.Event()
        self._at_end = False
        self._status = NOT_KNOWN
        self.known = Known.UNKNOWN
        self.over = ""
        channel.set_combine_stderr(True)  # guard 1

    def read(self, timeout: float) -> bytes | None:
        """Return what the command wrote, ``b""`` at the end of all its output, None after ``timeout`` seconds."""
        until = time.monotonic() + timeout
        while not self._at_end:
            passed = self._received(max(0.0, until - time.monotonic()))
            if passed != b"":  # nothing is passed on when only the gate spoke
                return passed
        return b""

    def send(self, data: bytes) -> None:
        """Hand ``data`` over to the gate, and end its input."""
        with released_after(SEND_SECONDS, self._cut):
            self._channel.settimeout(SEND_SECONDS)
            self._channel.sendall(data)
        self.end()

    def end(self) -> None:
        """Let go: the end of its input tells the gate to end it and all that it started."""
        with released_after(SEND_SECONDS, self._cut), suppress(OSError, EOFError):
            self._channel.shutdown_write()

    def wait(self, timeout: float) -> int | None:
        """Return the status that the gate told, or None while the output has not come to its end."""
        if not self._ended.wait(timeout):
            return None
        return self._status

    def close(self) -> None:
        """Let go and give the channel back."""
        self.end()
        with released_after(SEND_SECONDS, self._cut):
            self._channel.close()

    def _cut(self) -> None:
        self._channel.get_transport().close()

    def _received(self, timeout: float) -> bytes | None:
        self._channel.settimeout(timeout)
        try:
            data = self._channel.recv(_READ_BYTES)
        except TimeoutError:
            return None
        except OSError:
            data = b""
        return self._taken(data)

    def _taken(self, data: bytes) -> bytes:
        """Return what may be passed on, without the gate's lines; the beginning of one waits for its end."""
        kept = self._kept + data
        while found := self._line.search(kept):
            self._told(found[1].decode(), int(found[2]))
            kept = kept[: found.start()] + kept[found.end() :]
        if data:
            at = _begins(kept, self._start_of_line)
            self._kept = kept[at:]
            return kept[:at]
        self._kept, self._at_end = b"", True
        self._ended.set()
        return kept

    def _told(self, word: str, status: int) -> None:
        if word == "begun":
            self.known = Known.RUNNING
            return
        self.known = Known.NOT_BEGUN if word == "refused" else Known.ENDED
        self.over = word
        self._status = status


def _begins(data: bytes, start: bytes) -> int:
    """Return where in ``data`` an unfinished line of the gate's may begin, or its end."""
    at = data.rfind(b"\x1e", max(0, len(data) - _LONGEST_LINE))
    rest = data[at:] if at >= 0 else b""
    return at if rest and (start.startswith(rest) or rest.startswith(start)) else len(data)


class ServiceFlow:
    """One connection to the host's service, led there by its gate: a ``tunnel.Flow``.

    Raises ``Refusal`` when the gate does not say within ``seconds`` that it stands.
    """

    def __init__(self, channel: paramiko.Channel, mark: str, seconds: float) -> None:
        self._channel = channel
        channel.settimeout(seconds)
        if not self._begun(f"\x1eSEKISHO {mark} begun 0\n".encode()):
            self.close()
            raise Refusal(
                N_("The host's task gate does not open the tunnel: it isn't allowed there, or the service is away."),
                control="AC-AUT-03",
            )
        channel.settimeout(None)  # it goes on until one side ends it, or the gate, or the link's end

    def _begun(self, expected: bytes) -> bool:
        said = b""
        with suppress(OSError, EOFError):
            while len(said) < len(expected) and (data := self._channel.recv(len(expected) - len(said))):
                said += data
        return said == expected

    def recv(self, nbytes: int, /) -> bytes:
        """Return the next octets, none at the end."""
        return self._channel.recv(nbytes)

    def sendall(self, data: bytes, /) -> None:
        """Send all of ``data``."""
        self._channel.sendall(data)

    def close(self) -> None:
        """Close it in both directions."""
        with released_after(SEND_SECONDS, self._channel.get_transport().close):
            self._channel.close()
