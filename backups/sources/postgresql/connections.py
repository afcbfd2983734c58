"""How a source reaches its server: straight, or by a route that a controlled session holds open."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups.sources.programs import last_line

if TYPE_CHECKING:
    import psycopg


_CONNECT_SECONDS = 10
_PORT = "5432"
_SECRETS = {"password", "sslpassword"}
_SETTINGS = (
    "SET TIME ZONE 'UTC'",
    "SET DateStyle TO 'ISO, YMD'",
    "SET IntervalStyle TO 'iso_8601'",
    "SET extra_float_digits TO 3",
    "SET bytea_output TO 'hex'",
    "SET search_path TO ''",
    "SET default_transaction_read_only TO on",
    "SET lock_timeout TO '30s'",
    # A server whose client is gone, because its tunnel was closed, would go on counting for hours.
    """
    SELECT set_config(name, '500ms', false) FROM pg_catalog.pg_settings WHERE name = 'client_connection_check_interval'
    """,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where the server is found for now: ``host`` is a name, an address, or the folder of a Unix socket.

    ``user`` and ``passfile`` (a libpq password file that only we may read) are credentials of the session that
    opened the way; without them those of the settings hold.
    """

    host: str
    port: int
    user: str = ""
    passfile: Path | None = None


class Route(Protocol):
    """A way to the server that must be opened first and is closed again when the backup is done."""

    def opened(self) -> AbstractContextManager[Endpoint]:
        """Open the way for as long as the context lasts; Refusal when it can't or mustn't be opened."""
        ...


@contextmanager
def reached(conninfo: str, route: Route | None) -> Iterator[str]:
    """Yield the connection string that leads to the server now; what it says of the database stays as it is."""
    from psycopg.conninfo import make_conninfo

    require_no_password(conninfo)
    if route is None:
        yield conninfo
        return
    with route.opened() as end:
        credentials = {"user": end.user, "passfile": str(end.passfile) if end.passfile else ""}
        given = {name: value for name, value in credentials.items() if value}
        # An address would outrank the host: an empty one keeps out that of the settings, a service and PGHOSTADDR.
        yield make_conninfo(conninfo, host=end.host, hostaddr="", port=end.port, **given)


def require_no_password(conninfo: str) -> None:
    """Refuse a connection string with a password in it: every user of the host could read it in the process list."""
    if _SECRETS & _fields(conninfo).keys():
        raise Refusal(N_("Put the database's password into a password file (passfile), not into the settings."))


def local_socket(conninfo: str) -> Path | None:
    """Return the Unix socket of this machine that the connection string names, or None where it leads elsewhere.

    Only what it says itself counts: a service, the environment, or libpq's own default could lead anywhere.
    """
    found = _fields(conninfo)
    host, port = str(found.get("host", "")), str(found.get("port", _PORT))
    if not host.startswith("/") or "," in host or not port.isdecimal() or "hostaddr" in found:
        return None
    return Path(host) / f".s.PGSQL.{port}"


def shown(conninfo: str) -> str:
    """Return where the database is, without what is secret or of no use to a reader."""
    found = _fields(conninfo)
    return " ".join(f"{name}={found[name]}" for name in ("host", "port", "dbname") if found.get(name))


def _fields(conninfo: str) -> Mapping[str, Any]:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        return conninfo_to_dict(conninfo)
    except ProgrammingError:
        raise Refusal(N_("The connection string of the database cannot be read.")) from None


@contextmanager
def connected(conninfo: str, settings: Sequence[str] = _SETTINGS) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    """Yield a connection that reads alike on every server; Refusal when there is none, or when it breaks off."""
    import psycopg

    try:
        connection = psycopg.connect(conninfo, connect_timeout=_CONNECT_SECONDS, application_name="sekisho backup")
    except psycopg.OperationalError as error:
        raise Refusal(
            N_("The database {database} cannot be reached: {reason}"),
            database=shown(conninfo),
            reason=last_line(str(error).encode()),
        ) from None
    try:
        for setting in settings:
            connection.execute(setting.encode())
        connection.commit()
        yield connection
    except psycopg.Error as error:
        reason, _, _ = str(error).strip().partition("\n")  # further lines may hold values
        raise Refusal(
            N_("The database {database} could not be read to its end: {reason}"),
            database=shown(conninfo),
            reason=reason or type(error).__name__,
        ) from error
    finally:
        connection.close()
