import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.people import terminals
from accesscontrol.people.migrations import migrations as people_migrations
from accesscontrol.people.terminals import Terminal, TerminalPlace
from accesscontrol.requests.migrations import migrations as requests_migrations
from accesscontrol.store import Store
from registry.migrations import migrations
from registry.synthetic import create_city
from tests.registry.conftest import TODAY
from tests.registry.tasks.hall import Hall
from tests.services.postgresql import PostgresqlServer

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
_numbers = count(1)


@pytest.fixture(scope="session")
def built_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "sekisho.sqlite3"
    store = Store(path, FixedClock(NOW))
    store.migrate(people_migrations, requests_migrations, migrations)
    with store.transaction() as tx:
        room = Terminal(name="SR-01", place=TerminalPlace.SERVER_ROOM, fact="host:SR-01")
        terminals.register(tx, room, actor="S1001")
    store.close()
    return path


@pytest.fixture
def store(tmp_path: Path, built_store: Path) -> Iterator[Store]:
    shutil.copyfile(built_store, tmp_path / "sekisho.sqlite3")
    store = Store(tmp_path / "sekisho.sqlite3", FixedClock(NOW))
    yield store
    store.close()


@pytest.fixture(scope="session")
def town_database(postgresql_server: PostgresqlServer) -> str:
    """The town in PostgreSQL, made once; each test gets a copy made by the server."""
    postgresql_server.query("CREATE DATABASE town TEMPLATE template0")
    create_city(postgresql_server.dsn("town"), residents=500, seed=5, today=TODAY)
    return "town"


@pytest.fixture
def sqlite_hall(store: Store, town_file: Path, tmp_path: Path) -> Hall:
    place = tmp_path / "registry.sqlite3"
    shutil.copyfile(town_file, place)
    return Hall(store, place)


@pytest.fixture
def postgresql_hall(store: Store, postgresql_server: PostgresqlServer, town_database: str) -> Iterator[Hall]:
    name = f"hall_{next(_numbers)}"
    postgresql_server.query(f"CREATE DATABASE {name} TEMPLATE {town_database}")
    yield Hall(store, postgresql_server.dsn(name))
    postgresql_server.query(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def hall(request: pytest.FixtureRequest) -> Hall:
    """The hall on either database: a task does the same on both."""
    found: Hall = request.getfixturevalue(f"{request.param}_hall")
    return found
