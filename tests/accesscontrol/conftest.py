"""A store of its own for each test, whose clock stands still until the test moves it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.store import Store

SEAL = bytes(range(32))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 24, 0, 0, 10, tzinfo=UTC))


@pytest.fixture
def store(tmp_path: Path, clock: FixedClock) -> Iterator[Store]:
    store = Store(tmp_path / "sekisho.sqlite3", clock, seal=SEAL)
    store.migrate()
    yield store
    store.close()
