"""The one declared tunnel: a real PostgreSQL through a real sshd, nothing else, and only while the session lasts."""

import socket
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import paramiko
import psycopg
import pytest

from accesscontrol.clock import SystemClock
from accesscontrol.refusals import Refusal
from accesscontrol.sessions.authority import Credential
from accesscontrol.sessions.ssh import SshTransport
from accesscontrol.sessions.transport import Command
from tests.accesscontrol.sessions.targets import Target, running_target, until
from tests.services.postgresql import PASSWORD, SUPERUSER, PostgresqlServer


@pytest.fixture(scope="module")
def target(postgresql_server: PostgresqlServer) -> Iterator[Target]:
    with running_target(f"127.0.0.1:{postgresql_server.port}") as running:
        yield running


@contextmanager
def tunnelled(target: Target, seconds: float = 300) -> Iterator[tuple[SshTransport, Path]]:
    end = SystemClock().now() + timedelta(seconds=seconds)
    transport = target.connect(target.certify(tunnel=True, until=end))
    try:
        with transport.tunnel() as folder:
            yield transport, folder
    finally:
        transport.close()


def connected(folder: Path) -> "psycopg.Connection[tuple[Any, ...]]":
    return psycopg.connect(f"host={folder} user={SUPERUSER} password={PASSWORD} dbname=postgres connect_timeout=5")


def test_a_query_goes_through_and_the_socket_is_ours_alone(target: Target) -> None:
    with tunnelled(target) as (_, folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        with connected(folder) as one, connected(folder) as other:
            assert one.execute("SELECT 1").fetchone() == other.execute("SELECT 1").fetchone() == (1,)
    assert not folder.exists()


def test_much_goes_through_both_ways(target: Target) -> None:
    with tunnelled(target) as (_, folder), connected(folder) as connection:
        [found] = connection.execute("SELECT length(%s || repeat('x', 3000000))", ("y" * 3_000_000,)).fetchall()
        assert found == (6_000_000,)
        assert (
            sum(len(row[0]) for row in connection.execute("SELECT repeat('x', 100000) FROM generate_series(1, 50)"))
            == 5_000_000
        )


def test_a_running_statement_can_be_cancelled_through_it(target: Target) -> None:
    with tunnelled(target) as (_, folder), connected(folder) as connection:
        threading.Timer(0.2, connection.cancel_safe).start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(60)")


def forwarded(transport: SshTransport, name: str, port: int) -> paramiko.Channel:
    """Ask the server for what ssh -L asks for."""
    return transport._transport.open_channel("direct-tcpip", (name, port), ("127.0.0.1", 0), timeout=5)


def test_it_leads_to_the_declared_service_and_nothing_is_forwarded_beside_it(target: Target) -> None:
    service, _, port = target.host.service.rpartition(":")
    with tunnelled(target) as (transport, _):
        for place in ((service, int(port)), ("127.0.0.1", target.server.port), ("192.0.2.1", 22)):
            with pytest.raises(paramiko.ChannelException, match="prohibited"):
                forwarded(transport, *place)
        with pytest.raises(paramiko.SSHException):
            transport._transport.request_port_forward("127.0.0.1", 0)
        elsewhere = transport.ask(f"tunnel 127.0.0.1:{target.server.port}")
        assert (elsewhere.read(10), elsewhere.wait(5)) == (b"", 126)


def test_a_session_without_it_reaches_no_service(target: Target) -> None:
    transport = target.connect(target.certify("echo hello residents 3 2026-11-24"))
    with pytest.raises(Refusal, match="does not open the tunnel"), transport.tunnel():
        pass
    transport.close()


def test_a_service_that_is_away_is_said_before_any_work_begins() -> None:
    away = pytest.raises(Refusal, match="the service is away")
    with running_target("127.0.0.1:1") as lonely, away, tunnelled(lonely):
        pass


def test_a_second_tunnel_is_the_same_one(target: Target) -> None:
    with tunnelled(target) as (transport, _), transport.tunnel() as again, connected(again) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_closing_the_session_cuts_a_statement_that_runs(target: Target, postgresql_server: PostgresqlServer) -> None:
    with tunnelled(target) as (transport, folder), connected(folder) as connection:
        connection.execute("SET client_connection_check_interval = '100ms'")
        threading.Timer(0.3, transport.close).start()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT pg_sleep(8642)")
        connection.close()
    until(
        lambda: (
            postgresql_server.query("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(8642)'")
            == "0"
        )
    )


def test_the_target_ends_it_with_the_window(target: Target) -> None:
    with tunnelled(target, seconds=3) as (transport, folder), connected(folder) as connection:
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT pg_sleep(60)")
        connection.close()
        with pytest.raises(psycopg.OperationalError):
            connected(folder)
        assert not transport.lost


def test_a_certificate_for_a_tunnel_runs_no_program(target: Target) -> None:
    with tunnelled(target) as (transport, _):
        process = transport.start(Command.of(["env"]))
        assert process.read(10) == b""
        assert process.wait(5) == 126


def test_where_the_host_s_list_does_not_name_it_no_tunnel_opens(target: Target) -> None:
    tasks = target.folder / "tasks"
    before = tasks.read_text()
    tasks.write_text(before.replace(f"tunnel {target.host.service}", "tunnel 127.0.0.1:1"))
    try:
        with pytest.raises(Refusal, match="does not open the tunnel"), tunnelled(target):
            pass
    finally:
        tasks.write_text(before)


# -- a stolen certificate in a client of its own ------------------------------------------------------


@contextmanager
def thief(target: Target, folder: Path, credential: Credential, *options: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the plain ssh client with a certificate, as one who has stolen it; what it is asked for comes last."""
    command = target.client(credential, folder)
    with subprocess.Popen(
        [*command[:-1], *options[:-1], command[-1], *options[-1:]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as client:
        try:
            yield client
        finally:
            client.kill()


def asks(client: "subprocess.Popen[bytes]") -> None:
    """Ask PostgreSQL through the client's pipes whether it speaks TLS, and see it answer: the tunnel is open."""
    assert client.stdin is not None
    assert client.stdout is not None
    assert client.stdout.readline().endswith(b"begun 0\n")
    client.stdin.write(bytes([0, 0, 0, 8, 4, 210, 22, 47]))
    client.stdin.flush()
    assert client.stdout.read(1) in (b"N", b"S")


def test_the_target_ends_a_stolen_tunnel_with_the_window(target: Target, tmp_path: Path) -> None:
    end = SystemClock().now() + timedelta(seconds=3)
    credential = target.certify(tunnel=True, until=end)
    with thief(target, tmp_path, credential, f"tunnel {target.host.service}") as client:
        asks(client)
        assert client.stdout is not None
        assert client.stdout.read() == b""
        assert client.wait(10) == 124
    assert SystemClock().now() < end + timedelta(seconds=10)


def test_the_target_ends_a_stolen_tunnel_when_its_certificate_is_revoked(target: Target, tmp_path: Path) -> None:
    credential = target.certify(tunnel=True, serial=4_711)
    with thief(target, tmp_path, credential, f"tunnel {target.host.service}") as client:
        asks(client)
        try:
            target.revoke(4_711)
            assert client.wait(10) == 125
        finally:
            target.revoke()


@pytest.mark.parametrize("options", [("-N", "-L"), ("-N", "-W")], ids=" ".join)
def test_a_stolen_tunnel_certificate_forwards_nothing_past_the_gate(
    target: Target, tmp_path: Path, options: tuple[str, str]
) -> None:
    place = target.host.service if options[1] == "-W" else f"{tmp_path}/socket:{target.host.service}"
    with thief(target, tmp_path, target.certify(tunnel=True), "-v", *options, place, "") as client:
        if options[1] == "-L":
            until((tmp_path / "socket").exists)
            with socket.socket(socket.AF_UNIX) as link:
                link.connect(f"{tmp_path}/socket")
                link.settimeout(10)
                assert link.recv(1) == b""
        else:
            _, said = client.communicate(timeout=10)
            assert b"administratively prohibited" in said
