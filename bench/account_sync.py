"""Reading 10,000 roles of a PostgreSQL cluster into the ledger, against the bare queries of its catalogue."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg

from accesscontrol.accounts import reading
from accesscontrol.accounts.connectors import postgresql_roles as roles
from accesscontrol.accounts.connectors.postgresql import PostgresqlConnector
from accesscontrol.accounts.correlation import Directory
from accesscontrol.accounts.migrations import migrations
from accesscontrol.accounts.synchronising import synchronise
from accesscontrol.clock import SystemClock
from accesscontrol.store import Store
from bench.cluster import running_cluster
from bench.harness import Figure, timed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ROLES = 10_000
_END = datetime(2030, 3, 31, 15, tzinfo=UTC)
_MAKE = """
    DO $$ BEGIN
        CREATE ROLE clerks NOLOGIN;
        FOR number IN 1..{count} LOOP
            EXECUTE format('CREATE ROLE %I LOGIN VALID UNTIL %L IN ROLE clerks', 'u' || number, '{end}');
        END LOOP;
    END $$
"""


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure: a sync as every hour brings it, with its entry, when nothing changed since the last one."""
    with running_cluster(folder) as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(_MAKE.format(count=_ROLES, end=_END.isoformat()).encode())
        store = Store(folder / "sekisho.sqlite3", SystemClock(), seal=bytes(32))
        store.migrate(migrations)
        connector = PostgresqlConnector("register-db", conninfo, SystemClock())

        def bare() -> None:
            with psycopg.connect(conninfo, autocommit=True) as connection:
                for query in (roles.ROLES, roles.MEMBERSHIPS, roles.SESSIONS):
                    connection.execute(query.encode()).fetchall()

        def ours() -> None:
            synchronise(store, [connector], Directory.of(reading.persons(store)))

        yield Figure(
            name=f"sync {_ROLES:,} accounts of PostgreSQL",
            reference="the bare queries of its catalogue",
            aim=3,
            ours=lambda: timed(ours),
            against=lambda: timed(bare),
            runs=7,
        )
        store.close()
