from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.store import Store
from monitors.events import ledger

NOW = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def store(home: Path, clock: FixedClock) -> Iterator[Store]:
    store = Store(home / "sekisho.sqlite3", clock, seal=b"seal of a test")
    store.migrate(ledger.migrations)
    yield store
    store.close()
