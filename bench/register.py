"""A city's register for the figures: as many residents as ``SEKISHO_BENCH_RESIDENTS`` says, else 190,000."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from registry.checks import Settings
from registry.databases import open_registry
from registry.synthetic import create_city

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from registry.databases import Registry

_TODAY = date(2026, 11, 24)


def settings() -> Settings:
    """Return the day on which the city is judged: the day it was made for."""
    return Settings(today=_TODAY)


@contextmanager
def city(folder: Path) -> Iterator[tuple[Registry, int]]:
    """Make the city once in ``folder`` and hold it open for reading."""
    residents = int(os.environ.get("SEKISHO_BENCH_RESIDENTS", "190000"))
    place = folder / "registry.sqlite3"
    create_city(place, residents=residents, seed=1, today=_TODAY)
    with open_registry(place, read_only=True) as registry:
        yield registry, residents
