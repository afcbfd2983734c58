"""Reconciling the register with the municipal CS against a bare EXCEPT in both directions on the same database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.harness import Figure, timed
from bench.register import city, settings
from registry.files.codes import Deleted, RecordStatus
from registry.tasks.reconciliation import COMPARED, reconcile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from registry.databases import Registry


def against_except(registry: Registry, name: str) -> Figure:
    """Return the figure over a city's register; ours counts, names items and places, and makes both digests."""
    ours = ", ".join(["resident_code", *COMPARED])
    theirs = ", ".join(["resident_code", *COMPARED.values()])
    # names of ours
    register = f"SELECT {ours} FROM resident_register WHERE deleted_record_class = '{Deleted.living}'"  # noqa: S608
    # names of ours
    identity = f"SELECT {theirs} FROM identity_info WHERE record_status_flag = '{RecordStatus.current}'"  # noqa: S608

    def bare() -> None:
        for one, other in ((register, identity), (identity, register)):
            for _ in registry.rows(f"{one} EXCEPT {other}"):
                pass

    return Figure(
        name=name,
        reference="bare SQL EXCEPT in both directions",
        aim=1.5,
        ours=lambda: timed(lambda: reconcile(registry, settings())),
        against=lambda: timed(bare),
        runs=3,
    )


@contextmanager
def figure(_folder: Path) -> Iterator[Figure]:
    """Yield the figure in the embedded database."""
    with city() as (registry, residents):
        yield against_except(registry, f"reconcile {residents:,} residents, with digests")
