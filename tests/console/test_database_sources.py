"""Every backup of a database is a controlled session: a real sshd and a real server, or this machine's own socket."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from accesscontrol.clock import SystemClock
from accesscontrol.refusals import Refusal
from accesscontrol.requests import submission
from accesscontrol.sessions import ledger, watching
from accesscontrol.sessions.ledger import SessionRow
from accesscontrol.sessions.verifying import Standing, verify
from backups import restoring
from backups.records import Backup, Health
from backups.sealing.keys import Identity
from console import home as homes
from console import settings as site_settings
from console import translation
from console.proof import opening
from console.settings import BackupsSection
from console.wiring import Installation
from tests.accesscontrol.sessions.targets import Target, running_target
from tests.console.approving import approved, execute
from tests.console.town import Town
from tests.services.postgresql import PASSWORD, PostgresqlServer

ROWS = 700
IDENTITY = Identity.generate()


@pytest.fixture(autouse=True)
def english() -> None:
    translation.choose("en")


@pytest.fixture(scope="module")
def target(postgresql_server: PostgresqlServer) -> Iterator[Target]:
    with running_target(f"127.0.0.1:{postgresql_server.port}") as running:
        yield running


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, target: Target) -> Town:
    """A town that knows the managed host, whose clock is the real one."""
    if target.host.keeper == target.host.account:
        pytest.skip("missing: two accounts, which only root can sign in to")
    folder = tmp_path_factory.mktemp("town")
    town = Town.copied_to(folder, SystemClock().now() - timedelta(hours=1))
    (town.home / "keys" / "sessions").write_bytes(target.authority._key.private_bytes_raw())
    passfile = folder / "passfile"
    passfile.touch(0o600)
    passfile.write_text(f"*:*:*:*:{PASSWORD}\n")
    names = ("name", "address", "account", "host_key", "seen_from", "port", "service", "gate", "keeper")
    execute(town, approved(town, "session-host", {name: getattr(target.host, name) for name in names}))
    return town


@pytest.fixture
def welfare(postgresql_database: str) -> str:
    """A database that is not the register; return its name."""
    with psycopg.connect(postgresql_database) as connection:
        connection.execute(f"CREATE TABLE household AS SELECT i FROM generate_series(1, {ROWS}) AS i")
    return str(conninfo_to_dict(postgresql_database)["dbname"])


def far(town: Town, more: str = "") -> str:
    """Return a connection string that leads nowhere but through a tunnel."""
    return f"host=203.0.113.7 hostaddr=203.0.113.7 user=postgres passfile={town.home.parent / 'passfile'} {more}"


def near(server: PostgresqlServer, more: str = "") -> str:
    return f"host={server.socket_directory} port={server.port} user=postgres {more}"


def settle(town: Town, **backups: object) -> None:
    """Change the settings of backups, and open the site anew."""
    section = BackupsSection(recipients=(str(IDENTITY.recipient),), **backups)  # type: ignore[arg-type]  # of any type in a test
    home = homes.open_home(town.home)
    homes.replace_settings(home, msgspec.structs.replace(site_settings.read(home.path), backups=section))
    town.site.store.close()
    town.__dict__["site"] = Installation(home, town.clock)


def take(town: Town, source: str, actor: str = "system") -> Backup:
    person = town.acting(actor) if actor != "system" else None
    at = (person.staff_number, person.terminal) if person else ("system", "")
    return town.site.catalogue.take(town.site.order(source, actor=at[0], terminal=at[1]))


def session_of(town: Town) -> SessionRow:
    return ledger.listed(town.site.store)[0]


def require_recorded(town: Town, row: SessionRow, *steps: str) -> None:
    """Require that the session's recording is whole, and names ``steps`` and no password."""
    path = town.site.home.recordings / row.recording
    assert verify(town.site.store, row.id, path).standing is Standing.INTACT
    text = path.read_text("utf-8")
    assert all(step in text for step in steps)
    assert PASSWORD not in text


@pytest.mark.parametrize("form", ["postgresql", "postgresql_directories"])
def test_any_database_on_a_managed_host_is_dumped_through_a_session_there_and_drilled_through_another(
    town: Town, target: Target, welfare: str, form: str
) -> None:
    settle(
        town,
        **{form: (f"welfare={far(town, f'dbname={welfare}')}",)},
        hosts=("welfare=register-db", "scratch=register-db"),
        scratch=far(town, "dbname=postgres"),
    )
    taken = take(town, "welfare")
    row = session_of(town)
    assert (row.request, row.host, row.tunnel, row.executor) == ("backup:welfare", "register-db", True, "system")
    assert row.state is ledger.State.ENDED
    assert f"ID backup:welfare (serial {row.serial})" in target.log()
    require_recorded(town, row, "Back up welfare", "tunnel opened")

    found = restoring.drill(town.site.catalogue, taken.id, opening(town.site, taken, [IDENTITY], town.acting("yamada")))
    assert found.good, found.faults
    assert [(part.name, part.count) for part in found.parts] == [("public.household", ROWS)]
    row = session_of(town)
    assert (row.request, row.host, row.executor) == ("restore", "register-db", "S0102")
    require_recorded(town, row, "Restore, count and compare")


def test_a_whole_cluster_on_a_managed_host_is_copied_through_a_session_there_and_verified(
    town: Town, target: Target
) -> None:
    settle(town, clusters=(f"main={far(town)}",), hosts=("main=register-db",))
    taken = take(town, "main", "yamada")
    row = session_of(town)
    assert (row.request, row.host, row.executor) == ("backup:main", "register-db", "S0102")
    assert f"ID backup:main (serial {row.serial})" in target.log()
    require_recorded(town, row, "Back up main", "tunnel opened")
    how = opening(town.site, taken, [IDENTITY], town.acting("yamada"))
    assert restoring.drill(town.site.catalogue, taken.id, how).good  # pg_verifybackup looks at it, too


def test_a_server_on_this_machine_is_reached_by_its_socket_in_a_session_here(
    town: Town, postgresql_server: PostgresqlServer, welfare: str
) -> None:
    settle(
        town,
        postgresql=(f"welfare={near(postgresql_server, f'dbname={welfare}')}",),
        clusters=(f"main={near(postgresql_server)}",),
    )
    for source in ("welfare", "main"):
        assert take(town, source, "yamada").source == source
        row = session_of(town)
        assert (row.request, row.host, row.executor) == (f"backup:{source}", "console", "S0102")
        require_recorded(town, row, f"Back up {source}", "tunnel opened")


@pytest.mark.parametrize("host", ["", "register-db"])
def test_a_stop_ends_a_dump_at_once_and_leaves_no_backup(
    town: Town, postgresql_server: PostgresqlServer, welfare: str, host: str
) -> None:
    conninfo = far(town, f"dbname={welfare}") if host else near(postgresql_server, f"dbname={welfare}")
    settle(town, postgresql=(f"welfare={conninfo}",), hosts=(f"welfare={host}",) if host else ())
    with psycopg.connect(near(postgresql_server, f"dbname={welfare}")) as holding:
        holding.execute("LOCK TABLE household IN ACCESS EXCLUSIVE MODE")  # the dump waits for it

        def stop() -> None:
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            while postgresql_server.query(waiting, welfare) == "0":
                pass
            watching.ask_stop(town.site.store, session_of(town).id, town.acting("suzuki"), reason="wrong night")

        stopping = threading.Thread(target=stop)
        stopping.start()
        with pytest.raises(Refusal, match="stopped"):
            take(town, "welfare")
        stopping.join()
    assert session_of(town).state is ledger.State.STOPPED
    assert town.site.catalogue.page(limit=1)[0].health is Health.FAILED


@pytest.mark.parametrize(
    "conninfo",
    [
        "host=203.0.113.7 dbname=x",
        "host=localhost dbname=x",  # what listens there may lead anywhere
        "dbname=x",
        "service=x",
        "host=/run/postgresql hostaddr=203.0.113.7",
        "host=/run/postgresql,db.example",
    ],
)
def test_a_server_to_which_no_session_leads_is_refused_when_it_is_named_and_when_it_is_taken(
    town: Town, conninfo: str
) -> None:
    change = {"section": "backups", "name": "clusters", "value": f'["main={conninfo}"]'}
    with pytest.raises(Refusal, match="No controlled session leads to the database main"):
        submission.submit(town.site.desk, "settings-change", change, town.acting("yamada"), reason="A new server")
    settle(town, clusters=(f"main={conninfo}",))
    before = ledger.listed(town.site.store)
    with pytest.raises(Refusal, match=r"backups\.hosts \(main=HOST\)"):
        take(town, "main")
    assert ledger.listed(town.site.store) == before


def test_a_host_that_is_not_registered_is_refused(town: Town) -> None:
    settle(town, clusters=(f"main={far(town)}",), hosts=("main=elsewhere",))
    with pytest.raises(Refusal, match="Host elsewhere is not registered"):
        take(town, "main")


def test_nothing_is_dumped_from_a_host_that_shows_another_key_than_its_own(
    town: Town, target: Target, welfare: str
) -> None:
    settle(town, postgresql=(f"welfare={far(town, f'dbname={welfare}')}",), hosts=("welfare=register-db",))
    with town.site.store.transaction() as tx:
        tx.execute("UPDATE session_host SET host_key = ?", (target.authority.public_line,))
        tx.record("clock.stepped", actor="system")
    for told in ("is not the registered one", "locked"):
        with pytest.raises(Refusal, match=told):
            take(town, "welfare")
        assert town.site.catalogue.page(limit=1)[0].health is Health.FAILED
