"""A PostgreSQL database, taken with pg_dump inside one exported snapshot, in which rows are counted and summed too.

Reading a dump's table of contents proves nothing (a dump that is cut in half still lists well); only a
restore into a scratch database and the comparison of every table does, so that is what restoring means here.
"""

import hashlib
import secrets
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups.sealing.digests import Progress
from backups.sources import Fault, Part, SourceState
from backups.sources.programs import failed, last_line, located, version

if TYPE_CHECKING:
    import psycopg

KIND = "postgresql"
_LOOK_SECONDS = 0.2
_CONNECT_SECONDS = 10
_SETTINGS = (
    "SET TIME ZONE 'UTC'",
    "SET DateStyle TO 'ISO, YMD'",
    "SET IntervalStyle TO 'iso_8601'",
    "SET extra_float_digits TO 3",
    "SET bytea_output TO 'hex'",
    "SET search_path TO ''",
    "SET default_transaction_read_only TO on",
)
_TABLES = """
    SELECT n.nspname, c.relname
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    ORDER BY 1, 2
"""
# The sum of the rows' hashes needs no sorting and no memory, and is the same in whatever order rows come.
_SUMS = """
    SELECT count(*),
        coalesce(sum(('x' || substr(h, 1, 16))::bit(64)::bigint::numeric), 0),
        coalesce(sum(('x' || substr(h, 17, 16))::bit(64)::bigint::numeric), 0)
    FROM (SELECT md5(t::text) AS h FROM {}.{} AS t) AS hashed
"""


@dataclass(frozen=True, slots=True)
class PostgreSQLSource:
    """One database. ``conninfo`` holds no password: libpq takes it from a password file or the server trusts us."""

    name: str
    conninfo: str
    pg_dump: str = "pg_dump"
    kind: str = KIND

    def take(self, to: Path, progress: Progress) -> SourceState:
        """Dump the database as it stands at one moment; Refusal when it can't be reached or dumped."""
        require_no_password(self.conninfo)
        with _connected(self.conninfo) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            snapshot, size, server = _row(
                connection,
                "SELECT pg_catalog.pg_export_snapshot(), pg_catalog.pg_database_size(current_database()),"
                " current_setting('server_version')",
            )
            command = [
                located(self.pg_dump),
                "--format=custom",
                "--compress=1",
                "--no-password",
                "--lock-wait-timeout=30s",
            ]
            command += [f"--snapshot={snapshot}", f"--file={to}", f"--dbname={self.conninfo}"]
            with _running(command, to, progress, size):
                parts = tables(connection)
        to.chmod(0o600)
        progress(size, size)
        return SourceState(
            KIND, _shown(self.conninfo), {"postgresql": server, "pg_dump": version(located(self.pg_dump))}, parts
        )


@dataclass(frozen=True, slots=True)
class PostgreSQLRestorer:
    """Restores dumps into scratch databases of the server behind ``conninfo``, which may create databases."""

    conninfo: str
    pg_restore: str = "pg_restore"

    def __call__(self, plain: Path, to: Path) -> SourceState:
        """Restore, count and sum every table, and drop the scratch database; the dump stays in the folder ``to``."""
        from psycopg.conninfo import make_conninfo

        require_no_password(self.conninfo)
        dump = to / "database.dump"
        plain.rename(dump)
        with self._scratch() as name:
            target = make_conninfo(self.conninfo, dbname=name)
            command = [
                located(self.pg_restore),
                "--exit-on-error",
                "--no-owner",
                "--no-privileges",
                "--jobs=2",
                "--no-password",
            ]
            run = subprocess.run(
                [*command, f"--dbname={target}", str(dump)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
            if run.returncode:
                fault = Fault(N_("The dump cannot be restored: {reason}"), {"reason": last_line(run.stderr)})
                return SourceState(KIND, name, {}, (), [fault])
            with _connected(target) as connection:
                return SourceState(KIND, name, {}, tables(connection))

    @contextmanager
    def _scratch(self) -> Iterator[str]:
        from psycopg import sql

        name = f"sekisho_scratch_{secrets.token_hex(8)}"
        with _connected(self.conninfo, settings=()) as connection:
            connection.rollback()
            connection.autocommit = True
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
            try:
                yield name
            finally:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def tables(connection: "psycopg.Connection[tuple[Any, ...]]") -> list[Part]:
    """Return every table with its rows and an order-free checksum of them, in the connection's snapshot."""
    from psycopg import sql

    parts = []
    for schema, table in connection.execute(_TABLES).fetchall():
        query = sql.SQL(_SUMS).format(sql.Identifier(schema), sql.Identifier(table))
        count, *sums = _row(connection, query)
        checksum = hashlib.sha256(":".join(map(str, sums)).encode()).hexdigest()
        parts.append(Part(f"{schema}.{table}", count, checksum))
    return parts


def require_no_password(conninfo: str) -> None:
    """Refuse a connection string with a password in it: every user of the host could read it in the process list."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        found: Mapping[str, Any] = conninfo_to_dict(conninfo)
    except ProgrammingError:
        raise Refusal(N_("The connection string of the database cannot be read.")) from None
    if "password" in found:
        raise Refusal(N_("Put the database's password into a password file (passfile), not into the settings."))


@contextmanager
def _connected(conninfo: str, settings: Sequence[str] = _SETTINGS) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    import psycopg

    try:
        connection = psycopg.connect(conninfo, connect_timeout=_CONNECT_SECONDS, application_name="sekisho backup")
    except psycopg.OperationalError as error:
        raise Refusal(
            N_("The database {database} cannot be reached: {reason}"),
            database=_shown(conninfo),
            reason=last_line(str(error).encode()),
        ) from None
    try:
        for setting in settings:
            connection.execute(setting.encode())
        connection.commit()
        yield connection
    finally:
        connection.close()


@contextmanager
def _running(command: Sequence[str], to: Path, progress: Progress, total: int) -> Iterator[None]:
    """Run ``command`` beside the body; afterwards wait for it and tell how far its file has grown."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as run:
        try:
            yield
            error = _waited(run, to, progress, total)
        finally:
            run.kill()
    if run.returncode:
        raise failed(error, to.parent, N_("The database cannot be dumped: {reason}"))


def _waited(run: "subprocess.Popen[bytes]", to: Path, progress: Progress, total: int) -> bytes:
    while True:
        try:
            return run.communicate(timeout=_LOOK_SECONDS)[1]
        except subprocess.TimeoutExpired:
            done = to.stat().st_size if to.exists() else 0
            progress(min(done, total), total)


def _row(connection: "psycopg.Connection[tuple[Any, ...]]", query: Any) -> tuple[Any, ...]:
    (row,) = connection.execute(query).fetchall()
    return row


def _shown(conninfo: str) -> str:
    """Return where the database is, without what is secret or of no use to a reader."""
    from psycopg.conninfo import conninfo_to_dict

    found = conninfo_to_dict(conninfo)
    return " ".join(f"{name}={found[name]}" for name in ("host", "port", "dbname") if found.get(name))
