"""A register in PostgreSQL is worked on through the tunnel of its session: a real sshd, a real server, true states."""

import csv
import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from accesscontrol.clock import SystemClock, to_text
from accesscontrol.people.roles import Role
from accesscontrol.requests import gate, reading
from accesscontrol.requests.states import State
from accesscontrol.sessions import ledger, watching
from accesscontrol.sessions.ledger import SessionRow
from accesscontrol.trail import entries
from backups.sealing.keys import Identity
from console import home as homes
from console import maintenance, maintenance_sessions, translation
from console import settings as site_settings
from console.evidence import register
from console.settings import BackupsSection, RegisterSection
from registry.files import RESIDENT_REGISTER
from registry.synthetic import create_city
from tests.accesscontrol.processes import start
from tests.accesscontrol.sessions.targets import Target, running_target
from tests.console.approving import CHANGE, approved, execute
from tests.console.second_persons import attending, until
from tests.console.town import HERE, Town
from tests.services.postgresql import PASSWORD, PostgresqlServer

BASE = SystemClock().now() - timedelta(hours=1)  # every code lets a minute pass, and the host's clock is the real one


@pytest.fixture(scope="module")
def target(postgresql_server: PostgresqlServer) -> Iterator[Target]:
    with running_target(f"127.0.0.1:{postgresql_server.port}") as running:
        yield running


@pytest.fixture
def town(tmp_path: Path, target: Target, postgresql_database: str) -> Town:
    """A town whose register is in a database on a managed host."""
    target.revoke()  # the serials of every town begin again, and the host would still refuse those of the one before
    translation.choose("en")
    create_city(postgresql_database, residents=30, seed=2026, today=BASE.date())
    town = Town.copied_to(tmp_path, BASE)
    passfile = tmp_path / "passfile"
    passfile.touch(0o600)
    passfile.write_text(f"*:*:*:*:{PASSWORD}\n")
    database = f"dbname={conninfo_to_dict(postgresql_database)['dbname']} user=postgres passfile={passfile}"
    settle(
        town,
        register=RegisterSection(host="register-db", database=database, reading=postgresql_database),
        backups=BackupsSection(
            recipients=(str(Identity.generate().recipient),), postgresql=(f"registry={database}",), judge_register=False
        ),
    )
    town.home.joinpath("registry", "registry.sqlite3").unlink()
    (town.home / "keys" / "sessions").write_bytes(target.authority._key.private_bytes_raw())
    town.give("nakamura", Role.BUSINESS_OWNER)
    pin(town, target)
    return town


def settle(town: Town, **sections: Any) -> None:
    """Put sections into the settings, before the site is opened."""
    home = homes.open_home(town.home)
    homes.replace_settings(home, msgspec.structs.replace(site_settings.read(home.path), **sections))


def pin(town: Town, target: Target) -> None:
    """Register the host as people do: asked for, approved with the fingerprint, executed by a third."""
    if target.host.keeper == target.host.account:
        pytest.skip("missing: two accounts, which only root can sign in to")
    names = ("name", "address", "account", "host_key", "seen_from", "port", "service", "gate", "keeper")
    parameters = {name: getattr(target.host, name) for name in names}
    assert execute(town, approved(town, "session-host", parameters))[0] is State.DONE


@pytest.fixture
def ask(postgresql_database: str) -> Iterator[Callable[[str], Any]]:
    """Ask the database directly, past the console."""
    with psycopg.connect(postgresql_database, autocommit=True) as connection:
        yield lambda sql: connection.execute(sql.encode()).fetchall()


def checked(ask: Callable[[str], Any]) -> int:
    ((count,),) = ask("SELECT count(*) FROM resident_register WHERE remarks = 'checked'")
    return int(count)


def session_of(town: Town) -> SessionRow:
    return ledger.listed(town.site.store)[0]


def test_a_change_runs_through_the_one_tunnel_with_the_certificate_of_its_request(
    town: Town, target: Target, ask: Callable[[str], Any]
) -> None:
    request = approved(town)
    with attending(town, "suzuki"):
        state, evidence = execute(town, request)
    assert (state, evidence["committed"], checked(ask)) == (State.DONE, True, 3)
    row = session_of(town)
    assert (row.id, row.host, row.tunnel, row.state) == (evidence["session"], "register-db", True, ledger.State.ENDED)
    assert f"ID {request.id} (serial {row.serial})" in target.log()
    recorded = (town.site.home.recordings / row.recording).read_text("utf-8")
    assert "tunnel opened" in recorded
    assert f"sql [3 rows] {CHANGE['sql']}" in recorded
    assert PASSWORD not in recorded


def test_a_stop_cuts_a_statement_on_the_server_and_takes_the_change_back(town: Town, ask: Callable[[str], Any]) -> None:
    ask_nothing(
        ask,
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(8643); RETURN NEW; END'",
    )
    ask_nothing(ask, "CREATE TRIGGER slow BEFORE UPDATE ON resident_register FOR EACH ROW EXECUTE FUNCTION slow()")

    def stop(row: SessionRow) -> None:
        until(lambda: sleeping(ask))
        watching.ask_stop(town.site.store, row.id, town.acting("suzuki"), reason="wrong table")

    request = approved(town)
    with attending(town, "suzuki", stop):
        state, evidence = execute(town, request)
    assert (state, evidence["committed"], evidence["session_state"]) == (State.FAILED, False, "stopped")
    assert "wrong table" in evidence["reason"]
    until(lambda: not sleeping(ask))
    assert checked(ask) == 0


def test_a_link_that_dies_before_the_commit_leaves_the_register_as_it_was(
    town: Town, target: Target, ask: Callable[[str], Any]
) -> None:
    def cut(_sql: str, _rows: int) -> bool:
        kill_servers(target)
        until(lambda: not target.servers())
        return True

    request = approved(town)
    with attending(town, "suzuki"), maintenance_sessions.asking(cut):
        state, evidence = execute(town, request)
    assert (state, evidence["committed"]) == (State.FAILED, False)
    assert (session_of(town).state, checked(ask)) == (ledger.State.INTERRUPTED, 0)


def test_a_link_that_dies_during_the_commit_leaves_the_result_to_a_person_who_is_told_how_to_find_out(
    town: Town, target: Target, ask: Callable[[str], Any]
) -> None:
    ask_nothing(
        ask,
        "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(8643); RETURN NULL; END'",
    )
    ask_nothing(
        ask,
        "CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON resident_register DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION late()",
    )

    def cut(_row: SessionRow) -> None:
        until(lambda: sleeping(ask))
        kill_servers(target)

    request = approved(town)
    with attending(town, "suzuki", cut):
        state, evidence = execute(town, request)
    assert (state, evidence["committed"]) == (State.INTERRUPTED, None)
    assert "pg_xact_status" in evidence["reason"]
    until(lambda: not sleeping(ask))


def ask_nothing(ask: Callable[[str], Any], sql: str) -> None:
    """Run a statement that has no answer."""
    with pytest.raises(psycopg.ProgrammingError, match="didn't produce"):
        ask(sql)


def slow_updates(ask: Callable[[str], Any]) -> None:
    """Have every change of file 1 take for ever."""
    ask_nothing(
        ask,
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(8643); RETURN NEW; END'",
    )
    ask_nothing(ask, "CREATE TRIGGER slow BEFORE UPDATE ON resident_register FOR EACH ROW EXECUTE FUNCTION slow()")


def sleeping(ask: Callable[[str], Any]) -> bool:
    ((count,),) = ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND state = 'active'")
    return bool(count)


def kill_servers(target: Target) -> None:
    target.kill_servers()


CONSOLE = """
import sys
from pathlib import Path
from accesscontrol.clock import FixedClock, from_text
from accesscontrol.requests import gate
from accesscontrol.requests.desk import Acting
from console.wiring import open_site

site = open_site(Path(sys.argv[1]), FixedClock(from_text(sys.argv[2])))
gate.execute(site.desk, sys.argv[3], Acting("ito", "J0201", sys.argv[4]))
"""


def test_a_console_that_is_killed_leaves_an_untouched_register_and_an_interrupted_request(
    town: Town, ask: Callable[[str], Any]
) -> None:
    slow_updates(ask)
    request = approved(town)
    with (
        attending(town, "suzuki", lambda _row: until(lambda: sleeping(ask))),
        start(CONSOLE, town.home, to_text(town.clock.now()), request.id, HERE) as console,
    ):
        try:
            until(lambda: sleeping(ask))
        finally:  # also where it never gets there: what still runs would fail the tests that follow
            os.kill(console.pid, signal.SIGKILL)
    until(lambda: not sleeping(ask))
    assert gate.recover(town.site.desk) == [request.id]
    [name] = ledger.recover(town.site.store, town.site.home.recordings)
    row = ledger.get(town.site.store, name)
    assert (row.state, row.known, bool(row.recording_sha256)) == (ledger.State.INTERRUPTED, "unknown", True)
    assert reading.get(town.site.store, request.id).state is State.INTERRUPTED
    assert checked(ask) == 0


def test_a_backup_of_the_register_has_a_session_of_its_own_for_as_long_as_it_lasts(town: Town) -> None:
    taken = town.site.catalogue.take(town.site.order("registry", actor="system", terminal=""))
    row = session_of(town)
    assert (row.request, row.host, row.tunnel) == ("backup:registry", "register-db", True)
    assert row.state is ledger.State.ENDED
    assert taken.source == "registry"
    assert [each.act for each in entries.about(town.site.store, row.id)][-1] == "session.ended"


def test_automatic_tasks_go_through_a_session_when_they_are_due_and_only_then(
    town: Town, ask: Callable[[str], Any]
) -> None:
    ask_nothing(ask, "DELETE FROM destination_linkage")
    linked = "SELECT record_id, 'L1', '2026-01-05T01:00:00.000000+00:00' FROM destination_info"
    ask_nothing(ask, f"INSERT INTO destination_linkage (record_id, batch, linked_at) {linked}")
    done = maintenance.run_due(town.site)
    assert "purge-destination" in done["ran"], done
    row = session_of(town)
    assert (row.request, row.executor, row.tunnel) == ("automatic-maintenance", "system", True)
    assert ask("SELECT count(*) FROM destination_info") == [(0,)]
    maintenance.run_due(town.site)
    assert session_of(town).id == row.id


def test_records_are_loaded_through_a_session_of_whoever_loads_them(
    town: Town, tmp_path: Path, ask: Callable[[str], Any]
) -> None:
    (row,) = ask("SELECT * FROM resident_register WHERE record_id = 1")
    ask_nothing(ask, "DELETE FROM resident_register WHERE record_id = 1")
    source = tmp_path / "one.csv"
    with source.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([RESIDENT_REGISTER.columns, row[1:]])
    loaded = register.load(town.site, town.acting(), source, file_number=1, encoding="utf-8")
    assert loaded["records"] == 1
    code = row[1 + RESIDENT_REGISTER.columns.index("resident_code")]
    assert ask(f"SELECT count(*) FROM resident_register WHERE resident_code = '{code}'") == [(1,)]
    session = session_of(town)
    assert (session.request, session.executor, session.tunnel) == ("registry-load", "S0102", True)
    assert session.state is ledger.State.ENDED
