"""All checks of all records against one bare scan in Python of the same rows."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.harness import Figure, timed
from bench.register import city, settings
from registry.checks import check
from registry.files import FILES
from registry.files.tables import HISTORY_TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def figure(_folder: Path) -> Iterator[Figure]:
    """Yield the figure over a city's register: every row of the three files and of the history is looked at."""
    with city() as (registry, residents):

        def bare() -> None:
            for table in (*(file.table for file in FILES), HISTORY_TABLE):
                for _ in registry.rows(f"SELECT * FROM {table}"):  # noqa: S608 - our own schema
                    pass

        yield Figure(
            name=f"check all records of {residents:,} residents",
            reference="one bare scan of the same rows in Python",
            aim=3.0,
            ours=lambda: timed(lambda: check(registry, settings())),
            against=lambda: timed(bare),
            runs=3,
        )
