"""The register in PostgreSQL, as a city runs it: the same interface, the same tables, the city's own server."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from registry.databases.interface import TABLES, CommitUnknown
from registry.files.tables import SCHEMA_VERSION, Dialect, create_statements, index_statements

if TYPE_CHECKING:
    import psycopg

_FETCHED_AT_ONCE = 2000
_CONNECT_SECONDS = 10
# A server whose client is gone, because its tunnel was closed, would go on for hours; and nothing waits there for ever.
# A cursor is read to its end: planned for its first tenth, as is usual, it would look up each record by an index.
_SETTINGS = """
    SELECT set_config(l.name, l.value, false) FROM pg_settings
    JOIN (VALUES ('client_connection_check_interval', '500ms'), ('lock_timeout', '30s'),
        ('idle_in_transaction_session_timeout', '30min'), ('cursor_tuple_fraction', '1'))
        AS l (name, value) USING (name)
"""
_PLACE = ("host", "hostaddr", "port", "password", "sslpassword")


def _connect(conninfo: str) -> "psycopg.Connection[tuple[Any, ...]]":
    """Connect; :class:`Refusal` when the driver is missing or the server can't be reached."""
    try:
        import psycopg
    except ImportError:
        raise Refusal(
            N_("The registry needs the package {package}; install it with the extra {extra}."),
            package="psycopg",
            extra="postgresql",
        ) from None
    try:
        return psycopg.connect(conninfo, autocommit=True, connect_timeout=_CONNECT_SECONDS)
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise Refusal(N_("The registry could not be reached: {reason}"), reason=reason) from None


def through(conninfo: str, folder: Path) -> str:
    """Return ``conninfo`` (libpq) led to the socket in ``folder``, where the tunnel of a session listens.

    :class:`Refusal` for one that can't be read, that names a place of its own, or that holds a password.
    """
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    try:
        named = conninfo_to_dict(conninfo)
    except ProgrammingError:
        raise Refusal(N_("The connection string of the database cannot be read.")) from None
    if any(name in named for name in _PLACE):
        raise Refusal(
            N_("Name the register's database without a place and a password: the tunnel of its session leads there.")
        )
    return make_conninfo(conninfo, host=str(folder), port=5432)


def _translated(sql: str) -> str:
    """Return ``sql`` with the placeholders of psycopg instead of ``?``."""
    return sql.replace("%", "%%").replace("?", "%s")


class PostgresqlRegistry:
    """An open register in PostgreSQL, in the first schema of the role's search path."""

    dialect = Dialect.postgresql

    def __init__(self, connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
        self._connection = connection
        self._in_transaction = False
        self._cursors = 0

    @classmethod
    def open(cls, conninfo: str, *, read_only: bool = False) -> Self:
        """Open the register that ``conninfo`` (libpq) leads to; :class:`Refusal` when there is none."""
        connection = _connect(conninfo)
        try:
            if read_only:  # the driver's own read_only says nothing about statements outside a transaction
                connection.execute("SET default_transaction_read_only = on")
            connection.execute(_SETTINGS)
            registry = cls(connection)
            registry._require_schema()
        except BaseException:
            connection.close()
            raise
        return registry

    def _require_schema(self) -> None:
        name = self._connection.info.dbname
        if not self.columns_of("registry_meta"):
            raise Refusal(N_("{path} is not a registry."), path=name)
        found = self.meta().get("schema_version", "")
        if found != str(SCHEMA_VERSION):
            raise Refusal(
                N_("The registry {path} has schema version {found}, this program needs {needed}."),
                path=name,
                found=found,
                needed=SCHEMA_VERSION,
            )

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Return the rows of a query, streaming through a cursor of the server."""
        import psycopg

        self._cursors += 1
        name = f"registry_{self._cursors}"
        # Outside a transaction the server keeps the result for the cursor, so that reads may interleave.
        cursor = self._connection.cursor(name, withhold=not self._in_transaction)
        try:
            cursor.itersize = _FETCHED_AT_ONCE
            cursor.execute(_translated(sql).encode(), tuple(parameters))
            for row in cursor:  # noqa: UP028 - "yield from" would close the cursor itself, where nobody sees it fail
                yield row
        finally:
            try:
                cursor.close()
            except psycopg.OperationalError:  # the server is gone, which the next question to it will say
                self._connection.close()
                cursor.close()

    def scan(self, table: str, columns: Sequence[str] = ()) -> Iterator[tuple[Any, ...]]:
        """Return ``record_id`` and the columns (default: all items) of each record of ``table``, streaming."""
        wanted = ", ".join(["record_id", *columns]) if columns else "*"
        return self.rows(f"SELECT {wanted} FROM {table} ORDER BY record_id")  # noqa: S608 - names of our own schema

    def reading(self) -> AbstractContextManager[None]:
        """Return the context of one state of the register for every query inside.

        An open change holds one already, and so does a snapshot in which whoever opened the connection reads it.
        """
        import psycopg

        idle = self._connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE
        return self.writing() if idle else nullcontext()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold one all-or-nothing change; what fails inside leaves the register as it was.

        It sees one state of the register throughout, and a row that another has changed meanwhile fails it.
        """
        import psycopg

        self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        change = None
        try:
            with self._connection.transaction():
                self._in_transaction = True
                try:
                    yield
                    change = self._connection.execute("SELECT pg_current_xact_id_if_assigned()::text").fetchone()
                finally:
                    self._in_transaction = False
        except psycopg.OperationalError:
            if change is None or not self._connection.broken:
                raise
            raise CommitUnknown(
                N_("The connection broke during the commit. The server knows: SELECT pg_xact_status('{number}')."),
                number=change[0],
            ) from None

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run one changing statement; return the number of rows it touched."""
        return self._connection.execute(_translated(sql).encode(), tuple(parameters)).rowcount

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Insert ``rows`` by COPY, streaming; return how many there were."""
        count = 0
        statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with self._connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for count, row in enumerate(rows, start=1):  # noqa: B007 - the last count is the answer
                copy.write_row(row)
        return count

    def columns_of(self, table: str) -> tuple[str, ...]:
        """Return the columns of ``table`` in order; empty when it is missing."""
        sql = (
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) "
            "AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        )
        return tuple(row[0] for row in self._connection.execute(sql, (table,)))

    def meta(self) -> Mapping[str, str]:
        """Return the facts about the register itself."""
        return dict(self._connection.execute("SELECT name, value FROM registry_meta").fetchall())

    def counts(self) -> dict[str, int]:
        """Return the number of rows of each table."""
        # names of ours
        return {table: next(self.rows(f"SELECT count(*) FROM {table}"))[0] for table in TABLES}  # noqa: S608

    def integrity(self) -> list[str]:
        """Return what PostgreSQL finds damaged; empty when it is sound.

        Reads every table (which finds bad pages where checksums are on), lists invalid indexes, and checks each
        index against its table where the extension amcheck is installed.
        """
        import psycopg

        indexes = (
            "SELECT i.indexrelid::regclass::text, i.indisvalid FROM pg_index AS i "
            "JOIN pg_class AS t ON t.oid = i.indrelid WHERE i.indrelid = ANY(%s::regclass[]) ORDER BY 1"
        )
        found = self._connection.execute(indexes, (list(TABLES),)).fetchall()
        damage = [f"{name}: invalid index" for name, valid in found if not valid]
        has_amcheck = self._connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'amcheck'").fetchone()
        questions = [(table, f"SELECT count(t.*) FROM {table} AS t") for table in TABLES]  # noqa: S608 - names of ours
        if has_amcheck:
            questions += [(name, f"SELECT bt_index_check('{name}'::regclass, true)") for name, valid in found if valid]
        for name, question in questions:
            try:
                self._connection.execute(question.encode())
            except psycopg.Error as error:
                damage.append(f"{name}: {' '.join(str(error).split())}")
        return damage

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        """Use the register in a ``with`` block that closes it."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the register."""
        self.close()


@contextmanager
def building(conninfo: str, meta: Mapping[str, str]) -> Iterator[PostgresqlRegistry]:
    """Build a register in an existing database, in one transaction: it is there whole or not at all.

    :class:`Refusal` when the database holds a register already.
    """
    with PostgresqlRegistry(_connect(conninfo)) as registry:
        if registry.columns_of("registry_meta"):
            name = registry._connection.info.dbname  # noqa: SLF001 - this is its own module
            raise Refusal(N_("There is a registry at {path} already; move it away first."), path=name)
        with registry.writing():
            for statement in create_statements(Dialect.postgresql):
                registry.execute(statement)
            facts = {"schema_version": str(SCHEMA_VERSION), **meta}
            registry.fill("registry_meta", ("name", "value"), list(facts.items()))
            yield registry
            for statement in index_statements():
                registry.execute(statement)
        registry.execute("ANALYZE")
