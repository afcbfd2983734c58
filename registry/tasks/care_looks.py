"""What can be seen of a database's health from inside: one query for each question, the same answers' shape on both.

Texts of other people's statements are not shown: they may hold what a record holds.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from registry.databases.interface import TABLES, Registry
from registry.files.tables import Dialect

Row = dict[str, Any]
_DEAD_SHARE: Final = 0.2  # of a table's rows
_LONG_SECONDS: Final = 300
_LAG_BYTES: Final = 64 << 20
_FREE_SHARE: Final = 0.25

# What a register's server is agreed to run with; anything else is a notice.
BASELINE: Final[Mapping[Dialect, Mapping[str, str]]] = {
    Dialect.postgresql: {
        "data_checksums": "on",
        "fsync": "on",
        "full_page_writes": "on",
        "log_connections": "on",
        "password_encryption": "scram-sha-256",
        "ssl": "on",
        "synchronous_commit": "on",
    },
    Dialect.sqlite: {"foreign_keys": "0", "journal_mode": "wal", "secure_delete": "1", "synchronous": "2"},
}


def _postgresql_space(registry: Registry) -> Iterator[Row]:
    # Sizes as the server last noted them: asking for the present ones would wait for a locked table.
    sql = (
        "SELECT s.relname, (SELECT coalesce(sum(c.relpages), 0) FROM pg_class AS c WHERE c.oid = s.relid OR c.oid IN "
        "(SELECT i.indexrelid FROM pg_index AS i WHERE i.indrelid = s.relid))::bigint "
        "* current_setting('block_size')::bigint, s.n_live_tup, s.n_dead_tup "
        "FROM pg_stat_user_tables AS s WHERE s.relname = ANY(string_to_array(?, ',')) ORDER BY s.relname"
    )
    for table, size, live, dead in registry.rows(sql, (",".join(TABLES),)):
        yield {"table": table, "bytes": size, "dead_rows": dead, "notice": dead > _DEAD_SHARE * max(live, 1000)}


def _postgresql_locks(registry: Registry) -> Iterator[Row]:
    sql = (
        "SELECT a.pid, a.usename, unnest(pg_blocking_pids(a.pid)), "
        "extract(epoch FROM clock_timestamp() - a.query_start)::bigint FROM pg_stat_activity AS a "
        "WHERE cardinality(pg_blocking_pids(a.pid)) > 0 ORDER BY 1, 3"
    )
    for waiting, account, blocking, seconds in registry.rows(sql):
        yield {"process": waiting, "account": account, "waits_for": blocking, "seconds": seconds, "notice": True}


def _postgresql_long(registry: Registry) -> Iterator[Row]:
    sql = (
        "SELECT pid, usename, state, extract(epoch FROM clock_timestamp() - xact_start)::bigint "
        "FROM pg_stat_activity WHERE xact_start IS NOT NULL AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend' ORDER BY xact_start"
    )
    for process, account, state, seconds in registry.rows(sql):
        yield {
            "process": process,
            "account": account,
            "state": state,
            "seconds": seconds,
            "notice": seconds >= _LONG_SECONDS,
        }


def _postgresql_replication(registry: Registry) -> Iterator[Row]:
    sql = (
        "SELECT application_name, state, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint "
        "FROM pg_stat_replication ORDER BY 1"
    )
    if next(iter(registry.rows("SELECT pg_is_in_recovery()")))[0]:
        return
    for name, state, behind in registry.rows(sql):
        lagging = behind is None or behind > _LAG_BYTES or state != "streaming"
        yield {"standby": name, "state": state, "bytes_behind": behind, "notice": lagging}


def _postgresql_settings(registry: Registry) -> Iterator[Row]:
    agreed = BASELINE[Dialect.postgresql]
    sql = "SELECT name, setting FROM pg_settings WHERE name = ANY(string_to_array(?, ',')) ORDER BY name"
    for name, found in registry.rows(sql, (",".join(agreed),)):
        yield {"setting": name, "agreed": agreed[name], "found": found, "notice": not _agrees(found, agreed[name])}


def _agrees(found: str, agreed: str) -> bool:
    # Newer servers name which parts of a connection are logged: any of them is as agreed.
    return found == agreed or (agreed == "on" and found not in {"", "off"})


def _sqlite_space(registry: Registry) -> Iterator[Row]:
    pages, free, size = (
        next(iter(registry.rows(f"PRAGMA {name}")))[0] for name in ("page_count", "freelist_count", "page_size")
    )
    yield {"table": "*", "bytes": pages * size, "free_bytes": free * size, "notice": free > _FREE_SHARE * pages}


def _sqlite_settings(registry: Registry) -> Iterator[Row]:
    for name, agreed in BASELINE[Dialect.sqlite].items():
        found = str(next(iter(registry.rows(f"PRAGMA {name}")))[0])
        yield {"setting": name, "agreed": agreed, "found": found, "notice": found != agreed}


def _nothing(_registry: Registry) -> Iterator[Row]:
    """Return nothing: an embedded register has one process and no standby."""
    return iter(())


_LOOKS: Final[Mapping[str, Mapping[Dialect, Callable[[Registry], Iterator[Row]]]]] = {
    "space": {Dialect.sqlite: _sqlite_space, Dialect.postgresql: _postgresql_space},
    "locks": {Dialect.sqlite: _nothing, Dialect.postgresql: _postgresql_locks},
    "long_statements": {Dialect.sqlite: _nothing, Dialect.postgresql: _postgresql_long},
    "replication": {Dialect.sqlite: _nothing, Dialect.postgresql: _postgresql_replication},
    "settings": {Dialect.sqlite: _sqlite_settings, Dialect.postgresql: _postgresql_settings},
}


def look(registry: Registry) -> dict[str, list[Row]]:
    """Return what is seen by question; a row with a true ``notice`` wants somebody's eyes."""
    return {name: list(by_dialect[registry.dialect](registry)) for name, by_dialect in _LOOKS.items()}
