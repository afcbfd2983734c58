import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from registry.databases.sqlite import SqliteRegistry
from registry.synthetic import create_city

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="session")
def city_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city of 2,000, made once; tests that change it take a copy."""
    path = tmp_path_factory.mktemp("city") / "registry.sqlite3"
    create_city(path, residents=2000, seed=4, today=TODAY)
    return path


@pytest.fixture
def city(city_file: Path) -> Iterator[SqliteRegistry]:
    """The city, for reading."""
    with SqliteRegistry.open(city_file, read_only=True) as registry:
        yield registry


@pytest.fixture
def own_city(city_file: Path, tmp_path: Path) -> Iterator[SqliteRegistry]:
    """A copy of the city, to plant faults in."""
    path = tmp_path / "registry.sqlite3"
    shutil.copyfile(city_file, path)
    with SqliteRegistry.open(path) as registry:
        yield registry


@pytest.fixture(scope="session")
def town_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town of 500, small enough to be judged once for every planted fault."""
    path = tmp_path_factory.mktemp("town") / "registry.sqlite3"
    create_city(path, residents=500, seed=5, today=TODAY)
    return path


@pytest.fixture
def town(town_file: Path, tmp_path: Path) -> Iterator[SqliteRegistry]:
    """A copy of the town, to plant faults in."""
    path = tmp_path / "town.sqlite3"
    shutil.copyfile(town_file, path)
    with SqliteRegistry.open(path) as registry:
        yield registry
