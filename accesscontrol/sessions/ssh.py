"""The way to a host over SSH: paramiko, with a guard for each of the things that it would do wrong for us.

1. Output and errors are read as one stream, the status last: an unread stream would block the other for ever.
2. Nothing waits without a limit, the exit status least of all.
3. How a command ended is read from the gate's last line; paramiko says -1 for a signal and a lost link alike.
4. A dead peer is noticed: TCP_USER_TIMEOUT with keep-alives for a dead network, an own question with a time limit for
   a server that hangs behind a living one.
5. Whatever fails, the transport is closed: each one is a thread and a socket.
6. Only the session's own certificate is offered; no agent, no key of the account that the console runs under.
7. Only strong algorithms are offered, and a server without strict key exchange must use GCM (Terrapin).
8. paramiko's log never reaches the screen.
"""

from __future__ import annotations

import io
import logging
import re
import socket
import threading
import time
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING, Final

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.sessions import tunnel
from accesscontrol.sessions.authority import HOLD
from accesscontrol.sessions.hosts import key_blob
from accesscontrol.sessions.transport import NOT_KNOWN, Command, Known

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import paramiko

    from accesscontrol.sessions.authority import Credential
    from accesscontrol.sessions.hosts import Host

CONNECT_SECONDS: Final = 10.0
DEAD_LINK_SECONDS: Final = 4.0
ANSWER_SECONDS: Final = 6.0
_ASK_SECONDS: Final = 1.0
_READ_BYTES: Final = 1 << 16
_KEX: Final = ("mlkem768x25519-sha256", "curve25519-sha256@libssh.org")
_CIPHERS: Final = ("aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "aes256-ctr")
_MACS: Final = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com")
_HOST_KEYS: Final = ("ssh-ed25519",)
_LONGEST_LINE: Final = 200
_log = logging.getLogger("paramiko")
_log.addHandler(logging.NullHandler())  # guard 8
_log.propagate = False


class SshTransport:
    """An authenticated connection to one pinned host."""

    def __init__(self, transport: paramiko.Transport, credential: Credential, service: str) -> None:
        self._transport = transport
        self._mark = credential.mark
        self._service = service
        self._holding: SshProcess | None = None
        self._closed = threading.Event()
        self._answered = time.monotonic()
        threading.Thread(target=self._ask, name="session link", daemon=True).start()

    @property
    def lost(self) -> str:
        """Why the host can't be reached any more, or nothing."""
        if self._closed.is_set():
            return ""
        if time.monotonic() - self._answered > ANSWER_SECONDS:
            self._transport.close()
            return N_("the host does not answer any more")
        if not self._transport.is_active():
            return N_("the connection to the host broke")
        return ""

    def start(self, command: Command) -> SshProcess:
        """Start ``command`` in a channel of its own: one request to execute, no terminal, no environment."""
        return self._start(command.text)

    def tunnel(self) -> AbstractContextManager[Path]:
        """Open the declared tunnel; the host's gate holds it and ends it with the window."""
        if self._holding is None:
            self._holding = self._start(HOLD)
            self._holding.begun(CONNECT_SECONDS)
        name, _, port = self._service.rpartition(":")
        return tunnel.opened(lambda: self._direct(name, int(port)))

    def close(self) -> None:
        """Let go of everything at once."""
        self._closed.set()
        self._transport.close()

    def _start(self, text: str) -> SshProcess:
        import paramiko

        try:
            channel = self._transport.open_session(timeout=CONNECT_SECONDS)
            channel.set_combine_stderr(True)  # guard 1
            channel.settimeout(CONNECT_SECONDS)
            channel.exec_command(text)
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise Refusal(
                N_("The host does not take the command: {reason}."),
                control="MO-SYS-06",
                reason=str(error) or type(error).__name__,
            ) from None
        return SshProcess(channel, self._mark)

    def _direct(self, name: str, port: int) -> paramiko.Channel:
        return self._transport.open_channel("direct-tcpip", (name, port), ("127.0.0.1", 0), timeout=CONNECT_SECONDS)

    def _ask(self) -> None:
        """Ask the server for a sign of life every second (guard 4); :attr:`lost` judges how long ago it gave one."""
        while not self._closed.wait(_ASK_SECONDS) and self._transport.is_active():
            self._transport.global_request("keepalive@openssh.com", wait=True)
            if self._transport.is_active():
                self._answered = time.monotonic()


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

    def read(self, timeout: float) -> bytes | None:
        """Return what the command wrote, ``b""`` at the end of all its output, None after ``timeout`` seconds."""
        until = time.monotonic() + timeout
        while not self._at_end:
            passed = self._received(max(0.0, until - time.monotonic()))
            if passed != b"":  # nothing is passed on when only the gate spoke
                return passed
        return b""

    def begun(self, timeout: float) -> None:
        """Wait until the gate says that it holds the session; raises ``Refusal`` when it does not."""
        until = time.monotonic() + timeout
        while self.known is Known.UNKNOWN and not self._at_end and time.monotonic() < until:
            self._received(max(0.0, until - time.monotonic()))
        self._require_running()

    def _require_running(self) -> None:
        if self.known is not Known.RUNNING:
            raise Refusal(N_("The host's task gate does not let the session in."), control="AC-AUT-03")

    def end(self) -> None:
        """Let go: the end of its input tells the gate to end it and all that it started."""
        with suppress(OSError, EOFError):
            self._channel.shutdown_write()

    def wait(self, timeout: float) -> int | None:
        """Return the status that the gate told, or None while the output has not come to its end."""
        if not self._ended.wait(timeout):
            return None
        return self._status

    def close(self) -> None:
        """Let go and give the channel back."""
        self.end()
        self._channel.close()

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
        self._status = status


def _begins(data: bytes, start: bytes) -> int:
    """Return where in ``data`` an unfinished line of the gate's may begin, or its end."""
    at = data.rfind(b"\x1e", max(0, len(data) - _LONGEST_LINE))
    rest = data[at:] if at >= 0 else b""
    return at if rest and (start.startswith(rest) or rest.startswith(start)) else len(data)


def connect(host: Host, credential: Credential, *, changed: Callable[[bytes], Refusal]) -> SshTransport:
    """Connect to ``host`` with ``credential``; ``changed`` gets the key of a host that shows another than its own.

    Raises ``Refusal`` when the host can't be reached, is not the pinned one, or does not let the session in: outside
    the window, from another address, with a revoked serial. Only the host's own log says which.
    """
    import paramiko

    link = _dialled(host)
    try:
        transport = paramiko.Transport(link)
        try:
            _agree(transport, host, changed)
            transport.auth_publickey(host.account, _key(credential))
            transport.set_keepalive(1)
        except BaseException:
            transport.close()
            link.close()  # guard 5: of a transport that hasn't started, close() leaves it open
            raise
    except paramiko.AuthenticationException:
        raise Refusal(
            N_("Host {name} does not let the session in; its own log of sshd says why."),
            control="AC-AUT-03",
            name=host.name,
        ) from None
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise _unreachable(host, str(error) or type(error).__name__) from None
    return SshTransport(transport, credential, host.service)


def _dialled(host: Host) -> socket.socket:
    try:
        link = socket.create_connection((host.address, host.port), timeout=CONNECT_SECONDS)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(DEAD_LINK_SECONDS * 1000))  # guard 4
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        raise _unreachable(host, error.strerror or str(error)) from None
    return link


def _agree(transport: paramiko.Transport, host: Host, changed: Callable[[bytes], Refusal]) -> None:
    """Agree on keys with strong algorithms only, with exactly the pinned host, before anything is sent (guard 7)."""
    import paramiko

    options = transport.get_security_options()
    options.kex, options.ciphers, options.digests, options.key_types = _KEX, _CIPHERS, _MACS, _HOST_KEYS
    transport.banner_timeout = transport.auth_timeout = transport.channel_timeout = CONNECT_SECONDS
    transport.start_client(timeout=CONNECT_SECONDS)
    shown = transport.get_remote_server_key().asbytes()
    if shown != key_blob(host.host_key):
        raise changed(shown)
    strict: bool = transport.agreed_on_strict_kex  # type: ignore[attr-defined]  # its stubs are older
    cipher: str = transport.remote_cipher  # type: ignore[attr-defined]
    if not strict and "gcm" not in cipher:
        raise paramiko.SSHException("no strict key exchange")


def _key(credential: Credential) -> paramiko.PKey:
    import paramiko

    key = paramiko.Ed25519Key(file_obj=io.StringIO(credential.private_key.text()))
    key.load_certificate(credential.certificate)
    return key


def _unreachable(host: Host, reason: str) -> Refusal:
    return Refusal(N_("Host {name} can't be reached: {reason}."), control="MO-SYS-06", name=host.name, reason=reason)
