"""Letting 1,000 due IDs of a PostgreSQL cluster lapse, verified and recorded, against the bare statements."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from accesscontrol.accounts import ledger, persons
from accesscontrol.accounts.connectors.postgresql import PostgresqlConnector
from accesscontrol.accounts.lapsing import lapse_open
from accesscontrol.accounts.migrations import migrations
from accesscontrol.accounts.model import Cause, Person, Terms
from accesscontrol.accounts.planning import plan_due
from accesscontrol.clock import FixedClock
from accesscontrol.store import Store
from bench.cluster import running_cluster
from bench.harness import Figure, timed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_IDS = 1000
_FIRST = datetime(2026, 4, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure: each run has new IDs, which the ledger knows to be held at the target and to be over."""
    numbers = count()
    with running_cluster(folder) as conninfo, psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("CREATE ROLE clerks NOLOGIN")
        clock = FixedClock(_FIRST)
        store = Store(folder / "sekisho.sqlite3", clock, seal=bytes(32))
        store.migrate(migrations)
        connector = PostgresqlConnector("register-db", conninfo, clock)

        def made() -> list[str]:
            batch = next(numbers)
            names = [f"u{batch}_{number}" for number in range(_IDS)]
            for name in names:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN IN ROLE clerks").format(sql.Identifier(name)))
            return names

        def ours() -> float:
            names = made()
            _know(store, names)
            clock.advance(_DAY)
            return timed(lambda: (plan_due(store), lapse_open(store, {"register-db": connector})))

        def bare() -> float:
            names = made()
            return timed(lambda: _lapse(conninfo, names))

        yield Figure(
            name=f"lapse of {_IDS:,} IDs of PostgreSQL",
            reference="the bare statements, unverified, unrecorded",
            aim=3,
            ours=ours,
            against=bare,
            runs=3,
        )
        store.close()


def _know(store: Store, names: list[str]) -> None:
    """Let the ledger hold an ID of a person of its own for each role, until tomorrow."""
    with store.transaction() as tx:
        for name in names:
            persons.enter_person(tx, Person(staff_number=name, name=name, valid_from=_FIRST), actor="system")
            terms = Terms(cause=Cause.APPOINTMENT, granted_by="S1", valid_from=tx.at, valid_until=tx.at + _DAY)
            ledger.issue(tx, "register-db", name, name, ("clerks",), terms, actor="system")
        tx.execute("UPDATE account_grant SET held = 1 WHERE ended_at IS NULL AND valid_until > ?", (tx.at.isoformat(),))


def _lapse(conninfo: str, names: list[str]) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for name in names:
            role = sql.Identifier(name)
            connection.execute(
                sql.SQL("ALTER ROLE {} NOLOGIN PASSWORD NULL VALID UNTIL '2026-04-02 00:00:00+00'").format(role)
            )
            connection.execute(sql.SQL("REVOKE clerks FROM {}").format(role))
            connection.execute(
                "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE usename = %s", (name,)
            )
