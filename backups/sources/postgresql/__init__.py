"""PostgreSQL as a source: how its server is reached, one database as a dump, and a whole cluster as a copy.

The server is reached straight, or by a :class:`Route` that somebody opens for the time of one backup, such as the
tunnel of a controlled session.
"""

from backups.sources.postgresql.connections import Endpoint, Route, local_socket
from backups.sources.postgresql.dumps import DIRECTORY_KIND, KIND, Judge, PostgreSQLRestorer, PostgreSQLSource, unjudged

__all__ = [
    "DIRECTORY_KIND",
    "KIND",
    "Endpoint",
    "Judge",
    "PostgreSQLRestorer",
    "PostgreSQLSource",
    "Route",
    "local_socket",
    "unjudged",
]
