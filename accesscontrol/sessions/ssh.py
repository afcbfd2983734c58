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
import socket
import threading
import time
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.sessions import tunnel
from accesscontrol.sessions.authority import service_command
from accesscontrol.sessions.gate_channel import ServiceFlow, SshProcess, executed
from accesscontrol.sessions.hosts import key_blob
from accesscontrol.sessions.transport import Command

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
_KEX: Final = ("mlkem768x25519-sha256", "curve25519-sha256@libssh.org")
_CIPHERS: Final = ("aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "aes256-ctr")
_MACS: Final = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com")
_HOST_KEYS: Final = ("ssh-ed25519",)
_log = logging.getLogger("paramiko")
_log.addHandler(logging.NullHandler())  # guard 8
_log.propagate = False


class NotLetIn(Refusal):
    """The host knows neither the certificate nor its key, or no longer."""


class SshTransport:
    """An authenticated connection to one pinned host."""

    def __init__(self, transport: paramiko.Transport, credential: Credential, service: str) -> None:
        self._transport = transport
        self._mark = credential.mark
        self._service = service
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
        return self.ask(command.text)

    def ask(self, text: str) -> SshProcess:
        """Ask the host's gate for ``text``, which may be a command or a word of the gate's own."""
        return SshProcess(executed(self._transport, text, CONNECT_SECONDS), self._mark)

    def tunnel(self) -> AbstractContextManager[Path]:
        """Open the declared tunnel; the host's gate leads each connection, and ends all of them with the window.

        Raises ``Refusal`` when the gate does not let it in, or doesn't reach the service.
        """
        first = [self._led()]
        return tunnel.opened(lambda: first.pop() if first else self._led())

    def close(self) -> None:
        """Let go of everything at once."""
        self._closed.set()
        self._transport.close()

    def _led(self) -> ServiceFlow:
        channel = executed(self._transport, service_command(self._service), CONNECT_SECONDS)
        return ServiceFlow(channel, self._mark, CONNECT_SECONDS)

    def _ask(self) -> None:
        """Ask the server for a sign of life every second (guard 4); :attr:`lost` judges how long ago it gave one."""
        while not self._closed.wait(_ASK_SECONDS) and self._transport.is_active():
            self._transport.global_request("keepalive@openssh.com", wait=True)
            if self._transport.is_active():
                self._answered = time.monotonic()


def connect(
    host: Host, credential: Credential, *, changed: Callable[[bytes], Refusal], account: str = ""
) -> SshTransport:
    """Connect to ``host`` with ``credential``; ``changed`` gets the key of a host that shows another than its own.

    ``account`` is another one there than that of sessions.

    Raises ``Refusal`` when the host can't be reached or is not the pinned one, and ``NotLetIn`` when it does not let
    the session in: outside the window, from another address, with a revoked serial. Only the host's own log says which.
    """
    import paramiko

    link = _dialled(host)
    try:
        transport = paramiko.Transport(link)
        try:
            _agree(transport, host, changed)
            transport.auth_publickey(account or host.account, _key(credential))
            transport.set_keepalive(1)
        except BaseException:
            transport.close()
            link.close()  # guard 5: of a transport that hasn't started, close() leaves it open
            raise
    except paramiko.AuthenticationException:
        raise NotLetIn(
            N_(
                "Host {name} does not let the session in: its clock may be off, the certificate revoked there, or the"
                " console seen from another address. Compare its clock; its own log of sshd says why. Nothing was"
                " begun: when it is mended, hand in a new request."
            ),
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
    cipher: str = transport.remote_cipher  # type: ignore[attr-defined]  # its stubs lack it
    if not strict and "gcm" not in cipher:
        raise paramiko.SSHException("no strict key exchange")


def _key(credential: Credential) -> paramiko.PKey:
    import paramiko

    key = paramiko.Ed25519Key(file_obj=io.StringIO(credential.private_key.text()))
    key.load_certificate(credential.certificate)
    return key


def _unreachable(host: Host, reason: str) -> Refusal:
    return Refusal(N_("Host {name} can't be reached: {reason}."), control="MO-SYS-06", name=host.name, reason=reason)
