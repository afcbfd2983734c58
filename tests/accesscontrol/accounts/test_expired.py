"""The whole road on real servers: an ID whose day is over can't be used by any method, seen from the server's side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import psycopg
import pytest

from accesscontrol.accounts import listing
from accesscontrol.accounts.connectors.postgresql import PostgresqlConnector
from accesscontrol.accounts.connectors.protocol import TemporaryPassword
from accesscontrol.accounts.lapsing import lapse_open
from accesscontrol.accounts.listing import Sources
from accesscontrol.accounts.planning import plan_due
from accesscontrol.accounts.provisioning import provision_open
from accesscontrol.accounts.synchronising import synchronise
from accesscontrol.clock import FixedClock, SystemClock
from accesscontrol.people.secret import Secret
from accesscontrol.store import Store
from tests.accesscontrol.accounts.office import Office
from tests.services.postgresql import PostgresqlServer

USER = "expiring_hana"
PASSWORD = "Kakitsubata-Hashi-8"
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> FixedClock:
    """A clock that begins at the servers' own time, because they judge by theirs."""
    return FixedClock(SystemClock().now().replace(microsecond=0))


@pytest.fixture
def connector(postgresql_server: PostgresqlServer, clock: FixedClock) -> Iterator[PostgresqlConnector]:
    yield PostgresqlConnector("register-db", postgresql_server.dsn(), clock)
    postgresql_server.query(f"DROP ROLE IF EXISTS {USER}")


def let_in(server: PostgresqlServer) -> dict[str, bool]:
    """Tell by which methods the server lets the ID in."""
    ways = {
        "socket": server.dsn(user=USER),
        "password": f"host=127.0.0.1 port={server.port} dbname=postgres user={USER} password={PASSWORD}",
    }
    found = {}
    for way, dsn in ways.items():
        try:
            psycopg.connect(dsn).close()
            found[way] = True
        except psycopg.OperationalError:
            found[way] = False
    return found


def test_an_expired_id_can_t_sign_in_by_any_method_and_its_sessions_are_gone(
    office: Office, store: Store, connector: PostgresqlConnector, postgresql_server: PostgresqlServer, clock: FixedClock
) -> None:
    office.person("S7")
    office.issue("register-db", USER, "S7", until=clock.now() + DAY)
    plan_due(store)
    password = TemporaryPassword(secret=Secret(PASSWORD), until=clock.now() + DAY)
    done = provision_open(store, {"register-db": connector}, passwords={("register-db", USER): password})
    assert done.verified == [f"register-db/{USER}"]
    assert let_in(postgresql_server) == {"socket": True, "password": True}
    with closing(psycopg.connect(postgresql_server.dsn(user=USER), autocommit=True)) as session:
        clock.advance(DAY)
        plan_due(store)
        assert lapse_open(store, {"register-db": connector}).verified == [f"register-db/{USER}"]
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")
    assert let_in(postgresql_server) == {"socket": False, "password": False}
    assert postgresql_server.query(f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{USER}'") == "0"
    postgresql_server.query(f"ALTER ROLE {USER} LOGIN")  # a hand at the server never outranks the end
    synchronise(store, [connector])
    sources = Sources(systems=["register-db"])
    ended = [each for each in listing.leftovers(store, sources, clock.now()).items if each.user_id == USER]
    assert len(ended) == 1
    plan_due(store)
    lapse_open(store, {"register-db": connector})
    synchronise(store, [connector])
    assert let_in(postgresql_server) == {"socket": False, "password": False}
    assert all(each.user_id != USER for each in listing.leftovers(store, sources, clock.now()).items)
