"""The one declared tunnel: a real PostgreSQL through a real sshd, nothing else, and only while the session lasts."""

import stat
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


def test_it_leads_to_the_declared_service_and_nowhere_else(target: Target) -> None:
    with tunnelled(target) as (transport, _):
        for name, port in (("127.0.0.1", target.server.port), ("192.0.2.1", 22)):
            with pytest.raises(paramiko.ChannelException):
                transport._direct(name, port)
        with pytest.raises(paramiko.SSHException):
            transport._transport.request_port_forward("127.0.0.1", 0)


def test_a_session_without_it_reaches_no_service(target: Target) -> None:
    transport = target.connect(target.certify("echo hello residents 3 2026-11-24"))
    with pytest.raises(paramiko.ChannelException):
        transport._direct("127.0.0.1", 5432)
    transport.close()


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


def test_the_target_ends_the_whole_connection_with_the_window(target: Target) -> None:
    with tunnelled(target, seconds=2) as (transport, folder), connected(folder) as connection:
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT pg_sleep(60)")
        until(lambda: transport.lost)
        connection.close()


def test_a_certificate_for_a_tunnel_runs_no_program(target: Target) -> None:
    with tunnelled(target) as (transport, _):
        process = transport.start(Command.of(["env"]))
        assert process.read(10) == b""
        assert process.wait(5) == 126


def test_where_the_host_does_not_trust_it_no_tunnel_opens(target: Target) -> None:
    (target.folder / "principals").write_text("restrict sekisho\n")
    try:
        with pytest.raises(Refusal, match="does not let the session in"), tunnelled(target):
            pass
    finally:
        (target.folder / "principals").write_text(
            f'restrict sekisho\nrestrict,port-forwarding,permitopen="{target.host.service}" sekisho-tunnel\n'
        )
