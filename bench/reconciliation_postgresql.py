"""The reconciliation where a city runs it: in PostgreSQL, against the same bare EXCEPT there."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.reconciliation import against_except
from bench.register import city_in_postgresql

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.harness import Figure


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure; making the city on the server takes longer than it does."""
    with city_in_postgresql(folder) as (registry, residents):
        yield against_except(registry, f"reconcile {residents:,} in PostgreSQL")
