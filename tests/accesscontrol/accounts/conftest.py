"""A personnel office: a store with the ledger's tables, a clock that stands still, and a few persons."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accesscontrol.accounts.migrations import migrations
from accesscontrol.clock import FixedClock
from accesscontrol.people.migrations import migrations as people_migrations
from accesscontrol.store import Store
from tests.accesscontrol.accounts.office import Office


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 24, 0, 0, 10, tzinfo=UTC))


@pytest.fixture
def store(tmp_path: Path, clock: FixedClock) -> Iterator[Store]:
    store = Store(tmp_path / "sekisho.sqlite3", clock)
    store.migrate(people_migrations, migrations)
    yield store
    store.close()


@pytest.fixture
def office(store: Store, clock: FixedClock) -> Office:
    return Office(store, clock)
