"""A database that is reached only through a tunnel that somebody opens for the time of one backup."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
import pytest

from accesscontrol.refusals import Refusal
from backups.sealing.digests import silent
from backups.sources import Part, differences
from backups.sources.basebackup import BaseBackupSource
from backups.sources.postgresql import Endpoint, Judge, PostgreSQLRestorer, PostgreSQLSource, unjudged
from tests.backups.conftest import Tool
from tests.services.postgresql import PostgresqlServer
from tests.services.sshd import SshServer

NOWHERE = "host=203.0.113.7 hostaddr=203.0.113.7 port=5432"  # what the settings say is behind the tunnel and out of our own reach


@dataclass
class Tunnel:
    """A plain ``ssh -L`` with a certificate of a few minutes; its Unix socket stands in a folder of our own."""

    server: SshServer
    key: Path
    database: PostgresqlServer
    passfile: Path
    opened_for: list[int] = field(default_factory=list)
    running: "subprocess.Popen[bytes] | None" = None

    @contextmanager
    def opened(self) -> Iterator[Endpoint]:
        folder = self.key.parent
        place = folder / f".s.PGSQL.{self.database.port}"
        place.unlink(missing_ok=True)
        command = self.server.ssh_command(self.key)
        forward = ["-N", "-o", "ExitOnForwardFailure=yes", "-L", f"{place}:127.0.0.1:{self.database.port}"]
        with subprocess.Popen([command[0], *forward, *command[1:]], stdin=subprocess.DEVNULL) as self.running:
            try:
                assert self._answers(place)
                self.opened_for.append(self.running.pid)
                yield Endpoint(host=str(folder), port=self.database.port, user="postgres", passfile=self.passfile)
            finally:
                self.running.kill()

    def _answers(self, place: Path) -> bool:
        while self.running is not None and self.running.poll() is None:
            with socket.socket(socket.AF_UNIX) as trial:
                try:
                    trial.connect(str(place))
                except OSError:
                    os.sched_yield()
                    continue
                return True
        return False


@pytest.fixture
def tunnel(ssh_server: SshServer, ssh_key: Path, postgresql_server: PostgresqlServer, tmp_path: Path) -> Tunnel:
    ssh_server.certify(ssh_key)
    passfile = tmp_path / "passfile"
    passfile.touch(mode=0o600)
    passfile.write_text(f"*:*:*:postgres:{postgresql_server.password}\n")
    return Tunnel(ssh_server, ssh_key, postgresql_server, passfile)


@pytest.fixture
def source(postgresql_database: str, tunnel: Tunnel, tool: Tool) -> PostgreSQLSource:
    with psycopg.connect(postgresql_database) as connection:
        connection.execute("CREATE TABLE resident AS SELECT i, md5(i::text) FROM generate_series(1, 3000) i")
        name = connection.info.dbname
    return PostgreSQLSource("register", f"{NOWHERE} dbname={name}", tool("pg_dump"), route=tunnel)


def test_counts_and_dump_come_through_one_tunnel_which_is_closed_afterwards(
    source: PostgreSQLSource, tunnel: Tunnel, tool: Tool, tmp_path: Path
) -> None:
    taken = source.take(tmp_path / "plain", silent)
    assert taken.parts[0].count == 3000
    assert len(tunnel.opened_for) == 1
    assert tunnel.running is not None
    assert tunnel.running.poll() is not None
    (tmp_path / "to").mkdir()
    restorer = PostgreSQLRestorer(f"{NOWHERE} dbname=postgres", tool("pg_restore"), route=tunnel)
    assert differences(taken.parts, restorer(tmp_path / "plain", tmp_path / "to").parts) == []
    assert len(tunnel.opened_for) == 2


def test_what_a_restore_left_whose_tunnel_broke_goes_with_the_next_one_and_nothing_that_is_in_use(
    source: PostgreSQLSource, tunnel: Tunnel, postgresql_server: PostgresqlServer, tool: Tool, tmp_path: Path
) -> None:
    def judge(_connection: "psycopg.Connection[tuple[object, ...]]") -> list[Part]:
        assert tunnel.running is not None
        tunnel.running.kill()
        tunnel.running.wait()
        return []

    def left() -> list[str]:
        return postgresql_server.query("SELECT datname FROM pg_database WHERE datname LIKE 'sekisho_scratch%'").split()

    source.take(tmp_path / "dump", silent)
    through = PostgreSQLRestorer(f"{NOWHERE} dbname=postgres", tool("pg_restore"), route=tunnel)
    straight = replace(through, conninfo=postgresql_server.dsn(), route=None)

    def restore(restorer: PostgreSQLRestorer, judge: Judge) -> None:
        shutil.copyfile(tmp_path / "dump", tmp_path / "plain")
        replace(restorer, judge=judge)(tmp_path / "plain", tmp_path)

    with pytest.raises(Refusal):
        restore(through, judge)
    (broken,) = left()

    def beside(_connection: "psycopg.Connection[tuple[object, ...]]") -> list[Part]:
        (ours,) = left()
        assert ours != broken
        restore(straight, unjudged)
        assert left() == [ours]
        return []

    restore(straight, beside)
    assert left() == []


def test_the_manifest_names_the_database_and_not_the_tunnel(source: PostgreSQLSource, tmp_path: Path) -> None:
    taken = source.take(tmp_path / "plain", silent)
    assert taken.identity.startswith("host=203.0.113.7 port=5432 dbname=test_")


def test_nothing_of_the_environment_leads_past_the_tunnel(
    source: PostgreSQLSource, tunnel: Tunnel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGHOSTADDR", "203.0.113.8")
    conninfo = source.conninfo.replace("hostaddr=203.0.113.7 ", "")
    assert replace(source, conninfo=conninfo).take(tmp_path / "plain", silent).parts[0].count == 3000
    assert len(tunnel.opened_for) == 1


def test_a_tunnel_that_breaks_while_the_database_is_read_ends_in_a_refusal_and_no_copy(
    source: PostgreSQLSource, tunnel: Tunnel, postgresql_server: PostgresqlServer, tmp_path: Path
) -> None:
    def judge(connection: "psycopg.Connection[tuple[object, ...]]") -> list[Part]:
        assert tunnel.running is not None
        tunnel.running.kill()
        connection.execute("SELECT pg_sleep(60)")
        return []

    with pytest.raises(Refusal, match="could not be read to its end"):
        replace(source, judge=judge).take(tmp_path / "plain", silent)
    busy = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"
    while postgresql_server.query(busy) != "0":  # the server notices by itself that nobody listens any more
        pass


def test_a_tunnel_that_is_refused_is_the_refusal_of_the_backup(source: PostgreSQLSource, tmp_path: Path) -> None:
    class Closed:
        def opened(self) -> AbstractContextManager[Endpoint]:
            raise Refusal("The session was not approved.")

    with pytest.raises(Refusal, match="not approved"):
        replace(source, route=Closed()).take(tmp_path / "plain", silent)
    assert not (tmp_path / "plain").exists()


def test_a_whole_cluster_comes_through_a_tunnel_too(tunnel: Tunnel, tool: Tool, tmp_path: Path) -> None:
    source = BaseBackupSource("cluster", NOWHERE, tool("pg_basebackup"), tool("pg_verifybackup"), route=tunnel)
    assert any(part.name == "backup_manifest" for part in source.take(tmp_path / "plain", silent).parts)
    assert len(tunnel.opened_for) == 1
