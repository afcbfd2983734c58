"""A PostgreSQL database, taken with pg_dump inside one exported snapshot, in which rows are counted and summed too.

Reading a dump's table of contents proves nothing (a dump that is cut in half still lists well); only a
restore into a scratch database and the comparison of every table does, so that is what restoring means here.
"""

import hashlib
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from accesscontrol.messages import N_
from backups.sealing.digests import Progress
from backups.sources import Fault, Part, SourceState, tree
from backups.sources.postgresql.connections import Route, connected, reached, require_no_password, shown
from backups.sources.programs import failed, last_line, located, version
from backups.sources.tree import TreeSource

if TYPE_CHECKING:
    import psycopg

KIND: Final = "postgresql"
DIRECTORY_KIND: Final = "postgresql-directory"
_FORMATS = {KIND: "custom", DIRECTORY_KIND: "directory"}
_JOBS = "--jobs=2"
_LOOK_SECONDS = 0.2
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
# The maker of a scratch database holds a lock of its name. One that was stopped or killed could not drop it any more.
_LEFT_BEHIND = """
    SELECT datname FROM pg_catalog.pg_database
    WHERE datname ~ '^sekisho_scratch_[0-9a-f]{16}$' AND datdba = current_user::regrole
        AND pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended(datname, 0))
"""
_HOLD = "SELECT pg_catalog.pg_advisory_lock(pg_catalog.hashtextextended(%s, 0))"
_DROP = "DROP DATABASE {} WITH (FORCE)"

Judge = Callable[["psycopg.Connection[tuple[Any, ...]]"], Sequence[Part]]
"""Looks at a database with the eyes of its trade; what it counts is compared like any table."""


def unjudged(_connection: "psycopg.Connection[tuple[Any, ...]]") -> Sequence[Part]:
    """Judge nothing."""
    return ()


@dataclass(frozen=True, slots=True)
class PostgreSQLSource:
    """One database, reached by ``route`` if there is one.

    ``conninfo`` holds no password: libpq takes it from a password file or the server trusts us. The kind says in
    which format it is dumped; as a directory, two tables are dumped at a time. ``judge`` sees the same snapshot.
    """

    name: str
    conninfo: str
    pg_dump: str = "pg_dump"
    kind: str = KIND
    route: Route | None = None
    judge: Judge = field(default=unjudged)

    def take(self, to: Path, progress: Progress) -> SourceState:
        """Dump the database as it stands at one moment; Refusal when it can't be reached or dumped."""
        dump = to if self.kind == KIND else to.with_name("dump")
        try:
            with reached(self.conninfo, self.route) as conninfo, connected(conninfo) as connection:
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                snapshot, size, server = _row(
                    connection,
                    "SELECT pg_catalog.pg_export_snapshot(), pg_catalog.pg_database_size(current_database()),"
                    " current_setting('server_version')",
                )
                with _running(self._command(conninfo, snapshot, dump), dump, progress, size):
                    parts = [*tables(connection), *self.judge(connection)]
            if dump is not to:
                TreeSource(self.name, dump).take(to, progress)
        finally:
            if dump is not to:
                shutil.rmtree(dump, ignore_errors=True)
        to.chmod(0o600)
        progress(size, size)
        tools = {"postgresql": server, "pg_dump": version(located(self.pg_dump))}
        return SourceState(self.kind, shown(self.conninfo), tools, parts)

    def _command(self, conninfo: str, snapshot: str, dump: Path) -> Sequence[str]:
        command = [located(self.pg_dump), f"--format={_FORMATS[self.kind]}", "--compress=1"]
        command += [_JOBS] if self.kind == DIRECTORY_KIND else []
        command += ["--no-password", "--lock-wait-timeout=30s"]
        return [*command, f"--snapshot={snapshot}", f"--file={dump}", f"--dbname={conninfo}"]


@dataclass(frozen=True, slots=True)
class PostgreSQLRestorer:
    """Restores dumps into scratch databases of the server behind ``conninfo``, which may create databases.

    It is reached by ``route`` if there is one.
    """

    conninfo: str
    pg_restore: str = "pg_restore"
    kind: str = KIND
    judge: Judge = field(default=unjudged)
    route: Route | None = None

    def __call__(self, plain: Path, to: Path) -> SourceState:
        """Restore, count and sum every table, and drop the scratch database; the dump stays in the folder ``to``."""
        from psycopg.conninfo import make_conninfo

        require_no_password(self.conninfo)
        dump, faults = self._unpacked(plain, to)
        if faults:
            return SourceState(self.kind, "", {}, (), faults)
        with reached(self.conninfo, self.route) as conninfo, _scratch(conninfo) as name:
            target = make_conninfo(conninfo, dbname=name)
            command = [located(self.pg_restore), "--exit-on-error", "--no-owner", "--no-privileges", _JOBS]
            run = subprocess.run(
                [*command, "--no-password", f"--dbname={target}", str(dump)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
            if run.returncode:
                fault = Fault(N_("The dump cannot be restored: {reason}"), {"reason": last_line(run.stderr)})
                return SourceState(self.kind, name, {}, (), [fault])
            with connected(target) as connection:
                return SourceState(self.kind, name, {}, [*tables(connection), *self.judge(connection)])

    def _unpacked(self, plain: Path, to: Path) -> tuple[Path, Sequence[Fault]]:
        if self.kind == DIRECTORY_KIND:
            return to / "files", tree.restore(plain, to).faults
        return plain.rename(to / "database.dump"), ()


@contextmanager
def _scratch(conninfo: str) -> Iterator[str]:
    """Make a database of a name that nobody else has, and drop it again, with those whose makers are gone."""
    from psycopg import sql

    name = f"sekisho_scratch_{secrets.token_hex(8)}"
    with connected(conninfo, settings=()) as connection:
        connection.rollback()
        connection.autocommit = True
        for (left,) in connection.execute(_LEFT_BEHIND).fetchall():
            connection.execute(sql.SQL(_DROP).format(sql.Identifier(left)))
        connection.execute(_HOLD, (name,))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            yield name
        finally:
            connection.execute(sql.SQL(_DROP).format(sql.Identifier(name)))


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


@contextmanager
def _running(command: Sequence[str], to: Path, progress: Progress, total: int) -> Iterator[None]:
    """Run ``command`` beside the body; afterwards wait for it and tell how far its output has grown."""
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
            progress(min(_written(to), total), total)


def _written(to: Path) -> int:
    """Return the bytes of a file, or of the files of a folder, that is still being written."""
    files = to.iterdir() if to.is_dir() else [to]
    return sum(path.stat().st_size for path in files if path.exists())


def _row(connection: "psycopg.Connection[tuple[Any, ...]]", query: Any) -> tuple[Any, ...]:
    (row,) = connection.execute(query).fetchall()
    return row
