"""A host that lies: what it may try against the console gets nothing, and a peer that is none is given up in time."""

import io
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import paramiko
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from accesscontrol.clock import SystemClock
from accesscontrol.refusals import Refusal
from accesscontrol.sessions import ssh
from accesscontrol.sessions.authority import Authority
from accesscontrol.sessions.hosts import Host
from accesscontrol.sessions.ssh import SshTransport
from accesscontrol.sessions.transport import Command

AUTH_SUCCESSFUL, OPEN_SUCCEEDED = 0, 0  # of RFC 4252 and 4254, as paramiko numbers them
HOST = Host(
    name="register-db",
    address="127.0.0.1",
    port=22,
    account="sekisho",
    host_key="",
    seen_from="127.0.0.0/8",
    gate="/usr/local/libexec/sekisho-gate",
    keeper="sekisho-lists",
    service="127.0.0.1:5432",
    request="R-2026-0000",
    registered_by="S-yamada",
)


class Liar(paramiko.ServerInterface):
    """Lets everybody in and answers no request to execute, so that whoever asks waits."""

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        del username, key
        return AUTH_SUCCESSFUL

    def get_allowed_auths(self, username: str) -> str:
        del username
        return "publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        del kind, chanid
        return OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        del command
        channel.get_transport().close()  # the link breaks in the moment in which the answer was due
        return True


@contextmanager
def lying(*, strict: bool = True, gcm: bool = True) -> Iterator[tuple[Host, "list[paramiko.Transport]"]]:
    """Run a lying host; yield it with the server's side of each connection."""
    own = Ed25519PrivateKey.generate()
    sides: list[paramiko.Transport] = []

    def serve(listening: socket.socket) -> None:
        caller, _ = listening.accept()
        side = paramiko.Transport(caller, strict_kex=strict)
        if not gcm:
            side.get_security_options().ciphers = ("aes256-ctr",)
        text = own.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
        side.add_server_key(paramiko.Ed25519Key(file_obj=io.StringIO(text)))
        sides.append(side)
        side.start_server(event=threading.Event(), server=Liar())

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        try:
            yield replace(HOST, port=listening.getsockname()[1], host_key=_line(own)), sides
        finally:
            for side in sides:
                side.close()


def _line(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def connected(host: Host) -> SshTransport:
    now = SystemClock().now()
    credential = Authority(Ed25519PrivateKey.generate()).certify(
        host,
        request="R-2026-0001",
        serial=1,
        commands=[Command.of(["echo", "hello"])],
        tunnel=False,
        not_before=now - timedelta(minutes=1),
        until=now + timedelta(minutes=5),
        mark="a1b2c3d4",
    )
    return ssh.connect(host, credential, changed=lambda _: Refusal("changed"))


@pytest.mark.parametrize("kind", ["session", "x11", "auth-agent@openssh.com", "forwarded-tcpip", "direct-tcpip"])
def test_a_host_opens_no_channel_into_the_console(kind: str) -> None:
    with lying() as (host, sides):
        transport = connected(host)
        place = ("127.0.0.1", 1)
        with pytest.raises((paramiko.ChannelException, paramiko.SSHException)):
            sides[0].open_channel(kind, dest_addr=place, src_addr=place, timeout=5)
        transport.close()


def test_a_link_that_breaks_when_the_answer_was_due_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "CONNECT_SECONDS", 1.0)
    with lying() as (host, _):
        transport = connected(host)
        with pytest.raises(Refusal, match="does not take the command"):
            transport.start(Command.of(["echo"]))
        transport.close()


def test_a_channel_that_was_closed_in_the_moment_before_it_is_asked_holds_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The race in which paramiko forgets that the channel is closed, and waits for an answer without a limit."""
    monkeypatch.setattr(ssh, "CONNECT_SECONDS", 0.3)
    pending = paramiko.Channel._event_pending  # type: ignore[attr-defined]  # its types lack it

    def closed_meanwhile(channel: paramiko.Channel) -> None:
        channel.get_transport().close()
        pending(channel)

    with lying() as (host, _):
        transport = connected(host)
        monkeypatch.setattr(paramiko.Channel, "_event_pending", closed_meanwhile)
        with pytest.raises(Refusal, match="does not take the command"):
            transport.start(Command.of(["echo"]))
        transport.close()


def test_without_strict_key_exchange_only_gcm_will_do() -> None:
    with lying(strict=False, gcm=False) as (host, _), pytest.raises(Refusal, match="no strict key exchange"):
        connected(host)
    with lying(strict=False) as (host, _):
        connected(host).close()


PEERS: dict[str, bytes] = {
    "silent": b"",
    "old": b"SSH-1.5-old\r\n",
    "garbled": b"SSH-2.0-OpenSSH_9.2\r\n" + bytes(range(256)) * 4,
}


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_that_speaks_no_ssh_is_given_up_in_time(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "CONNECT_SECONDS", 1.0)
    key = _line(Ed25519PrivateKey.generate())
    with _peer(PEERS[name]) as port, pytest.raises(Refusal, match="can't be reached"):
        connected(replace(HOST, port=port, host_key=key))


@contextmanager
def _peer(says: bytes) -> Iterator[int]:
    def serve(listening: socket.socket, over: Callable[[float], bool]) -> None:
        caller, _ = listening.accept()
        with caller:
            caller.sendall(says)
            over(30)

    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening, over.wait), daemon=True).start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()
