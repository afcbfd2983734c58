"""User IDs on a real PostgreSQL cluster, and the traps that were measured there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest

from accesscontrol.accounts.connectors.postgresql import PostgresqlConnector
from accesscontrol.accounts.connectors.postgresql_roles import instant
from accesscontrol.accounts.connectors.protocol import Connector, ObservedAccount, TemporaryPassword, Unreadable, Wanted
from accesscontrol.clock import FixedClock, SystemClock
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal
from tests.services.postgresql import PostgresqlServer

CONSOLE = "sekisho_console"
TOKYO_END = datetime(2027, 3, 31, 15, 0, tzinfo=UTC)  # the end of 31 March in Japan
PASSWORD = "Kakitsubata-Hashi-8"

_numbers = count(1)


@pytest.fixture(scope="module")
def server(postgresql_server: PostgresqlServer) -> Iterator[PostgresqlServer]:
    """The cluster, with a role for the console that is no superuser."""
    postgresql_server.query(f"CREATE ROLE {CONSOLE} LOGIN CREATEROLE; GRANT pg_signal_backend TO {CONSOLE}")
    postgresql_server.query("CREATE ROLE clerks NOLOGIN; CREATE ROLE readers NOLOGIN")
    yield postgresql_server
    names = postgresql_server.query(
        f"SELECT rolname FROM pg_roles WHERE rolname IN ('{CONSOLE}', 'clerks', 'readers') OR rolname ~ '^m?u[0-9]+$'"
    )
    for name in names.splitlines():
        postgresql_server.query(f'DROP OWNED BY "{name}"; DROP ROLE "{name}"')


@pytest.fixture
def connector(server: PostgresqlServer) -> PostgresqlConnector:
    return PostgresqlConnector("register-db", server.dsn(user=CONSOLE), SystemClock())


@pytest.fixture
def user() -> str:
    """A name that no other test uses."""
    return f"u{next(_numbers)}"


def seen(connector: Connector, user: str) -> ObservedAccount:
    return connector.look([user])[user]


def lapse(connector: Connector, user: str) -> None:
    assert connector.block([user]) == {}
    assert connector.end_sessions([user]) == {}
    assert connector.strip([user]) == {}


def signs_in(server: PostgresqlServer, user: str, password: str | None = None) -> bool:
    """Tell whether a new connection is let in: by password over TCP, or without one over the socket."""
    dsn = server.dsn(user=user)
    if password is not None:
        dsn = f"host=127.0.0.1 port={server.port} dbname=postgres user={user} password={password}"
    try:
        psycopg.connect(dsn).close()
    except psycopg.OperationalError:
        return False
    return True


def test_an_id_is_issued_with_its_owner_its_end_and_its_rights(connector: PostgresqlConnector, user: str) -> None:
    connector.issue(
        Wanted(
            user_id=user, staff_number="S1004", display_name="鈴木　一郎", entitlements=("clerks",), valid_to=TOKYO_END
        )
    )
    found = seen(connector, user)
    assert (found.enabled, found.staff_number, found.display_name) == (True, "S1004", "鈴木　一郎")
    assert (found.valid_to, found.entitlements, found.sessions, found.doubts) == (TOKYO_END, ("clerks",), 0, ())
    assert (found.administrator, found.own, found.built_in) == (False, False, False)


def test_a_name_that_is_there_already_is_refused(connector: PostgresqlConnector, user: str) -> None:
    connector.issue(Wanted(user_id=user))
    with pytest.raises(Refusal, match="already exists"):
        connector.issue(Wanted(user_id=user))


def test_what_is_half_refused_leaves_nothing(connector: PostgresqlConnector, user: str) -> None:
    with pytest.raises(Refusal, match="no_such_group"):
        connector.issue(Wanted(user_id=user, entitlements=("no_such_group",)))
    assert connector.look([user]) == {}


@pytest.mark.parametrize("name", ["pg_clerk", "n" * 64])
def test_a_name_that_the_server_keeps_for_itself_or_cuts_is_refused(connector: PostgresqlConnector, name: str) -> None:
    with pytest.raises(Refusal, match="can't be a role"):
        connector.issue(Wanted(user_id=name))


def test_a_name_can_t_become_a_statement(connector: PostgresqlConnector, server: PostgresqlServer) -> None:
    name = 'u"; DROP ROLE clerks; --'
    connector.issue(Wanted(user_id=name, staff_number="S1", display_name="'; DROP ROLE clerks; --"))
    assert seen(connector, name).display_name == "'; DROP ROLE clerks; --"
    assert server.query("SELECT count(*) FROM pg_roles WHERE rolname = 'clerks'") == "1"
    server.query('DROP ROLE "u""; DROP ROLE clerks; --"')


def test_a_change_brings_exactly_the_rights_and_the_end_that_are_wanted(
    connector: PostgresqlConnector, user: str
) -> None:
    connector.issue(Wanted(user_id=user, entitlements=("clerks",)))
    assert connector.change([Wanted(user_id=user, entitlements=("readers",), valid_to=TOKYO_END)]) == {}
    found = seen(connector, user)
    assert (found.entitlements, found.valid_to) == (("readers",), TOKYO_END)
    assert connector.change([Wanted(user_id=user)]) == {}
    assert (seen(connector, user).entitlements, seen(connector, user).valid_to) == ((), None)


def test_a_change_that_the_server_refuses_says_whose_and_why(connector: PostgresqlConnector, user: str) -> None:
    connector.issue(Wanted(user_id=user))
    assert "does not exist" in connector.change([Wanted(user_id=user, entitlements=("nowhere",))])[user]


def test_a_password_goes_over_as_a_verifier_and_opens_only_up_to_its_end(
    connector: PostgresqlConnector, server: PostgresqlServer, user: str
) -> None:
    tomorrow = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    connector.issue(
        Wanted(user_id=user, valid_to=TOKYO_END), TemporaryPassword(secret=Secret(PASSWORD), until=tomorrow)
    )
    assert server.query(f"SELECT rolpassword FROM pg_authid WHERE rolname = '{user}'").startswith("SCRAM-SHA-256$")
    assert signs_in(server, user, PASSWORD)
    assert not signs_in(server, user, "another")
    assert seen(connector, user).valid_to == min(tomorrow, TOKYO_END)
    past = datetime.now(UTC) - timedelta(seconds=1)
    connector.set_password(user, TemporaryPassword(secret=Secret(PASSWORD), until=past))
    assert not signs_in(server, user, PASSWORD)


def test_no_cleartext_stands_in_the_server_s_log(
    connector: PostgresqlConnector, server: PostgresqlServer, user: str
) -> None:
    server.query("ALTER SYSTEM SET log_statement = 'all'")
    server.query("SELECT pg_reload_conf()")
    try:
        connector.issue(Wanted(user_id=user), TemporaryPassword(secret=Secret(PASSWORD), until=TOKYO_END))
        connector.set_password(user, TemporaryPassword(secret=Secret("Yukimi-Shoji-31"), until=TOKYO_END))
    finally:
        server.query("ALTER SYSTEM RESET log_statement")
        server.query("SELECT pg_reload_conf()")
    log = (server.socket_directory / "server.log").read_text()
    assert f'CREATE ROLE "{user}"' in log
    assert "SCRAM-SHA-256$" in log
    assert PASSWORD not in log
    assert "Yukimi-Shoji-31" not in log


def test_a_lapse_closes_the_way_in_ends_sessions_and_takes_rights_away(
    connector: PostgresqlConnector, server: PostgresqlServer, user: str
) -> None:
    secret = TemporaryPassword(secret=Secret(PASSWORD), until=TOKYO_END)
    connector.issue(Wanted(user_id=user, entitlements=("clerks",), valid_to=TOKYO_END), secret)
    with closing(psycopg.connect(server.dsn(user=user), autocommit=True)) as session:
        session.execute("SELECT 1")
        assert seen(connector, user).sessions == 1
        lapse(connector, user)
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")
    found = seen(connector, user)
    assert found.lapsed
    assert found.valid_to is not None
    assert not signs_in(server, user, PASSWORD)
    assert not signs_in(server, user)
    assert server.query(f"SELECT rolpassword IS NULL FROM pg_authid WHERE rolname = '{user}'") == "t"
    assert server.query(f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{user}'") == "0"


def test_a_lapsed_id_stays_in_the_reading_and_a_change_opens_it_again(
    connector: PostgresqlConnector, server: PostgresqlServer, user: str
) -> None:
    connector.issue(Wanted(user_id=user, staff_number="S1"))
    lapse(connector, user)
    assert [each.enabled for each in connector.read().accounts if each.user_id == user] == [False]
    assert connector.change([Wanted(user_id=user, staff_number="S1", valid_to=TOKYO_END)]) == {}
    assert signs_in(server, user)


# Traps, each measured on this server.


def test_valid_until_alone_closes_no_way_in_without_a_password(
    connector: PostgresqlConnector, server: PostgresqlServer, user: str
) -> None:
    connector.issue(Wanted(user_id=user, valid_to=datetime(2020, 4, 1, tzinfo=UTC)))
    assert signs_in(server, user)
    assert seen(connector, user).enabled
    lapse(connector, user)
    assert not signs_in(server, user)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_an_end_is_the_same_instant_whatever_zone_the_session_has(
    server: PostgresqlServer, user: str, zone: str
) -> None:
    server.query(f"ALTER ROLE {CONSOLE} SET timezone = '{zone}'")
    connector = PostgresqlConnector("register-db", server.dsn(user=CONSOLE), SystemClock())
    connector.issue(Wanted(user_id=user, valid_to=TOKYO_END))
    assert seen(connector, user).valid_to == TOKYO_END
    bare = "SELECT extract(epoch FROM '2030-03-31'::timestamptz)::bigint"
    shown = int(server.query(f"SET timezone = '{zone}'; {bare}"))
    assert datetime.fromtimestamp(shown, UTC).hour == {"UTC": 0, "Asia/Tokyo": 15}[zone]
    server.query(f"ALTER ROLE {CONSOLE} RESET timezone")


def test_a_block_without_the_end_of_sessions_leaves_them_alive(
    connector: PostgresqlConnector, server: PostgresqlServer, user: str
) -> None:
    connector.issue(Wanted(user_id=user, valid_to=TOKYO_END))
    with closing(psycopg.connect(server.dsn(user=user), autocommit=True)) as session:
        connector.block([user])
        session.execute("SELECT 1")
        found = seen(connector, user)
        assert (found.enabled, found.sessions, found.lapsed) == (False, 1, False)


def test_a_client_that_comes_back_by_itself_is_out_for_good_once_it_is_blocked_and_ended(
    connector: PostgresqlConnector, server: PostgresqlServer, user: str
) -> None:
    connector.issue(Wanted(user_id=user, valid_to=TOKYO_END))
    connected, over = Event(), Event()

    def pooled() -> None:
        while not over.is_set():
            try:
                with psycopg.connect(server.dsn(user=user), autocommit=True) as session:
                    connected.set()
                    while not over.is_set():
                        session.execute("SELECT pg_sleep(0.01)")
            except psycopg.OperationalError:
                continue

    client = Thread(target=pooled)
    client.start()
    assert connected.wait(10)
    try:
        connected.clear()
        assert connector.end_sessions([user]) == {}  # alone it ends one session, and the next one begins
        assert connected.wait(10)
        lapse(connector, user)
        assert [seen(connector, user).sessions for _ in range(2)] == [0, 0]
    finally:
        over.set()
        client.join()


def test_the_server_keeps_neither_when_a_role_was_made_nor_when_it_signed_in_last(
    connector: PostgresqlConnector, server: PostgresqlServer, user: str
) -> None:
    instants = "attrelid = 'pg_authid'::regclass AND atttypid = 'timestamptz'::regtype"
    assert server.query(f"SELECT attname FROM pg_attribute WHERE {instants}") == "rolvaliduntil"
    connector.issue(Wanted(user_id=user, valid_to=TOKYO_END))
    assert seen(connector, user).last_use is None


def test_a_role_that_was_dropped_while_connected_is_seen_as_a_session_without_a_role(
    connector: PostgresqlConnector, server: PostgresqlServer, user: str
) -> None:
    connector.issue(Wanted(user_id=user))
    with closing(psycopg.connect(server.dsn(user=user), autocommit=True)) as session:
        oid = server.query(f"SELECT oid FROM pg_roles WHERE rolname = '{user}'")
        server.query(f"DROP ROLE {user}")
        session.execute("SELECT 1")
        ghost = next(each for each in connector.read().accounts if each.user_id == f"dropped-{oid}")
        assert (ghost.sessions, ghost.lapsed, ghost.doubts) == (1, False, ("dropped, and still connected",))


def test_a_role_without_login_is_not_clean_while_others_may_become_it(
    connector: PostgresqlConnector, server: PostgresqlServer, user: str
) -> None:
    connector.issue(Wanted(user_id=user, valid_to=TOKYO_END))
    connector.issue(Wanted(user_id=f"m{user}", entitlements=(user,)))
    connector.block([user])
    with closing(psycopg.connect(server.dsn(user=f"m{user}"), autocommit=True)) as session:
        session.execute(f"SET ROLE {user}")
    found = seen(connector, user)
    assert (found.enabled, found.remains, found.lapsed) == (False, (f"member m{user}",), False)
    lapse(connector, user)
    assert seen(connector, user).lapsed
    with (
        closing(psycopg.connect(server.dsn(user=f"m{user}"), autocommit=True)) as session,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        session.execute(f"SET ROLE {user}")


def test_a_lapse_keeps_the_role_that_owns_objects_in_another_database(
    connector: PostgresqlConnector, server: PostgresqlServer, postgresql_database: str, user: str
) -> None:
    connector.issue(Wanted(user_id=user, staff_number="S1"))
    database = re.search(r"dbname=(\w+)", postgresql_database)
    assert database
    server.query(f"GRANT CREATE ON SCHEMA public TO {user}; SET ROLE {user}; CREATE TABLE paper ()", database[1])
    with pytest.raises(AssertionError, match="cannot be dropped"):
        server.query(f"DROP OWNED BY {user}; DROP ROLE {user}")
    lapse(connector, user)
    assert seen(connector, user).lapsed


def test_infinity_and_none_are_both_no_end_and_both_flagged(
    connector: PostgresqlConnector, server: PostgresqlServer, user: str
) -> None:
    connector.issue(Wanted(user_id=user))
    assert (seen(connector, user).valid_to, seen(connector, user).doubts) == (None, ("VALID UNTIL is infinity",))
    server.query(f"CREATE ROLE m{user} LOGIN")
    assert (seen(connector, f"m{user}").valid_to, seen(connector, f"m{user}").doubts) == (None, ("no VALID UNTIL",))


def test_an_end_that_no_calendar_reaches_is_read(
    connector: PostgresqlConnector, server: PostgresqlServer, user: str
) -> None:
    server.query(f"CREATE ROLE {user} LOGIN VALID UNTIL '20000-01-01 00:00:00+00'")
    assert seen(connector, user).valid_to == datetime.max.replace(tzinfo=UTC)
    assert instant(-1e15) == datetime.min.replace(tzinfo=UTC)


def test_groups_are_rights_and_no_accounts(connector: PostgresqlConnector) -> None:
    names = {each.user_id for each in connector.read().accounts}
    assert not names & {"clerks", "readers", "pg_signal_backend"}
    assert {CONSOLE, "postgres"} <= names


def test_the_console_s_own_role_and_the_administrators_are_marked(connector: PostgresqlConnector) -> None:
    own, superuser = seen(connector, CONSOLE), seen(connector, "postgres")
    assert (own.own, own.administrator, own.built_in) == (True, True, False)
    assert (superuser.own, superuser.administrator, superuser.built_in) == (False, True, True)
    assert "attribute:superuser" in superuser.entitlements


def test_a_superuser_that_the_console_may_not_touch_is_a_failure_and_stays_seen(
    connector: PostgresqlConnector, server: PostgresqlServer, user: str
) -> None:
    server.query(f"CREATE ROLE {user} LOGIN SUPERUSER")
    assert "superuser" in connector.block([user])[user]
    with closing(psycopg.connect(server.dsn(user=user), autocommit=True)):
        assert "superuser" in connector.end_sessions([user])[user]
        assert seen(connector, user).sessions == 1


def test_attributes_are_rights_that_are_given_and_taken(
    connector: PostgresqlConnector, server: PostgresqlServer, user: str
) -> None:
    server.query(f"ALTER ROLE {CONSOLE} CREATEDB")
    connector.issue(Wanted(user_id=user, entitlements=("attribute:createdb",)))
    assert seen(connector, user).entitlements == ("attribute:createdb",)
    lapse(connector, user)
    assert seen(connector, user).lapsed


def test_a_reading_tells_how_far_the_clocks_are_apart(server: PostgresqlServer) -> None:
    slow = FixedClock(datetime.now(UTC) - timedelta(minutes=5))
    reading = PostgresqlConnector("register-db", server.dsn(user=CONSOLE), slow).read()
    assert timedelta(minutes=5) <= reading.skew < timedelta(minutes=6)
    assert reading.read_at == slow.now()


def test_a_server_that_is_down_is_unreadable_in_every_step(tmp_path: Path) -> None:
    connector = PostgresqlConnector("register-db", f"host={tmp_path} dbname=postgres", SystemClock())
    for step in (
        connector.read,
        lambda: connector.look(["u"]),
        lambda: connector.issue(Wanted(user_id="u")),
        lambda: connector.block(["u"]),
        lambda: connector.end_sessions(["u"]),
        lambda: connector.strip(["u"]),
        lambda: connector.change([Wanted(user_id="u")]),
    ):
        with pytest.raises(Unreadable, match="can't be read"):
            step()
