"""A city's register for the figures: as many residents as ``SEKISHO_BENCH_RESIDENTS`` says, else 190,000."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bench.cluster import running_cluster
from registry.checks import Settings
from registry.databases import open_registry
from registry.synthetic import create_city

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.databases import Registry

_TODAY = date(2026, 11, 24)


def settings() -> Settings:
    """Return the day on which the city is judged: the day it was made for."""
    return Settings(today=_TODAY)


@cache
def _made(residents: int) -> Path:
    """Make the city, which takes longer than a figure does, once for all figures of a run."""
    folder = Path(tempfile.mkdtemp(prefix="sekisho-bench-city-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    create_city(folder / "registry.sqlite3", residents=residents, seed=1, today=_TODAY)
    return folder / "registry.sqlite3"


def _residents() -> int:
    return int(os.environ.get("SEKISHO_BENCH_RESIDENTS", "190000"))


@contextmanager
def city() -> Iterator[tuple[Registry, int]]:
    """Hold the city open for reading."""
    residents = _residents()
    with open_registry(_made(residents), read_only=True) as registry:
        yield registry, residents


@contextmanager
def city_in_postgresql(folder: Path) -> Iterator[tuple[Registry, int]]:
    """Hold the same city open for reading in a PostgreSQL of its own."""
    residents = _residents()
    with running_cluster(folder) as place:
        create_city(place, residents=residents, seed=1, today=_TODAY)
        with open_registry(place, read_only=True) as registry:
            yield registry, residents
