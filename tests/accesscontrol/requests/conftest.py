"""The city hall, built once and copied for each test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from accesscontrol.clock import FixedClock
from tests.accesscontrol.requests.city import OPENING, City, build_city, open_city


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a city hall in which nothing has been requested yet."""
    path = tmp_path_factory.mktemp("city") / "sekisho.sqlite3"
    city = build_city(path)
    city.store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    city.store.close()
    return path


@pytest.fixture
def new_city(built: Path, tmp_path: Path) -> Iterator[Callable[[], City]]:
    """Open a new copy of the city hall each time it is called."""
    opened: list[City] = []

    def open_copy() -> City:
        folder = tmp_path / f"city-{len(opened)}"
        folder.mkdir()
        shutil.copy(built, folder / built.name)
        opened.append(open_city(folder / built.name, FixedClock(OPENING)))
        return opened[-1]

    yield open_copy
    for each in opened:
        each.store.close()


@pytest.fixture
def city(new_city: Callable[[], City]) -> City:
    """A city hall of the test's own."""
    return new_city()
