"""A real PostgreSQL cluster, thrown away after the run; each test gets a new database in it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.services.availability import require_programs
from tests.services.networking import HOST, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

SUPERUSER = "postgres"
PASSWORD = "only-for-this-test-run"
ATTEMPTS = 5

# Nothing of this cluster outlives the run, so nothing is forced to the disk.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "listen_addresses": HOST,
    "unix_socket_permissions": "0777",
    "log_min_messages": "warning",
}


@dataclass(frozen=True, slots=True)
class PostgresqlServer:
    """A running cluster.

    The Unix socket in ``socket_directory`` lets anyone of this machine in as any role (`trust`); the TCP port on
    loopback asks for a password (SCRAM), the superuser's is ``password``.
    """

    socket_directory: Path
    port: int
    psql: Path
    superuser: str = SUPERUSER
    password: str = PASSWORD

    def dsn(self, database: str = "postgres", *, user: str = SUPERUSER) -> str:
        """Return the libpq connection string of ``database`` over the Unix socket."""
        return f"host={self.socket_directory} port={self.port} dbname={database} user={user}"

    def query(self, sql: str, database: str = "postgres") -> str:
        """Run ``sql`` with psql as superuser and return its unaligned output without the last newline."""
        done = subprocess.run(
            [self.psql, "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, self.dsn(database)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.removesuffix("\n")


def server_account() -> pwd.struct_passwd | None:
    """Return the account PostgreSQL runs as when we are root, whom it refuses; None for ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("missing on this machine: the account postgres (scripts/services puts it in place)")


def _run(account: pwd.struct_passwd | None, log: Path, *command: str | Path) -> bool:
    """Run a command as ``account``; what it says goes to ``log``, since the server keeps its output open."""
    with log.open("ab") as output:
        done = subprocess.run(
            command,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
        )
    return done.returncode == 0


def _initialise(account: pwd.struct_passwd | None, directory: Path, initdb: Path) -> None:
    password_file = directory / "password"
    password_file.write_text(PASSWORD)
    if account:
        for path in (directory, password_file):
            os.chown(path, account.pw_uid, account.pw_gid)
    log = directory / "initdb.log"
    done = _run(
        account,
        log,
        *(initdb, "--no-sync", "-D", directory / "data", "-U", SUPERUSER, "--pwfile", password_file),
        *("-E", "UTF8", "--locale=C", "--auth-local=trust", "--auth-host=scram-sha-256"),
    )
    assert done, log.read_text()
    lines = {**SETTINGS, "unix_socket_directories": str(directory)}
    with (directory / "data" / "postgresql.auto.conf").open("a") as configuration:
        configuration.writelines(f"{name} = '{value}'\n" for name, value in lines.items())


def _start(account: pwd.struct_passwd | None, directory: Path, pg_ctl: Path) -> int:
    log = directory / "server.log"
    for _ in range(ATTEMPTS):  # another process may take the port between our look and the server's
        port = free_port()
        log.unlink(missing_ok=True)
        started = _run(
            account,
            directory / "pg_ctl.log",
            *(pg_ctl, "-D", directory / "data", "-l", log, "-o", f"-p {port}", "-w", "start"),
        )
        if started:
            return port
        if not log.exists() or "in use" not in log.read_text():
            break
    pytest.fail(f"PostgreSQL did not start: {log.read_text() if log.exists() else 'no log was written'}")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """One PostgreSQL cluster for the whole run (one for each worker)."""
    initdb, pg_ctl, psql = require_programs("initdb", "pg_ctl", "psql")
    account = server_account()
    # Not pytest's own folder: a socket's path has room for about 100 bytes, and the account can't enter root's folder.
    directory = Path(tempfile.mkdtemp(prefix="sekisho-pg-"))
    try:
        directory.chmod(0o755)
        _initialise(account, directory, initdb)
        port = _start(account, directory, pg_ctl)
        try:
            yield PostgresqlServer(directory, port, psql)
        finally:
            stop = (pg_ctl, "-D", directory / "data", "-m", "immediate", "-w", "stop")
            _run(account, directory / "pg_ctl.log", *stop)
    finally:
        shutil.rmtree(directory)


_numbers = count(1)


@pytest.fixture
def postgresql_database(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """Return the connection string of a new, empty database."""
    name = f"test_{next(_numbers)}"
    postgresql_server.query(f"CREATE DATABASE {name} TEMPLATE template0")
    yield postgresql_server.dsn(name)
    postgresql_server.query(f"DROP DATABASE {name} WITH (FORCE)")
