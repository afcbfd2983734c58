"""What an event takes on the disk once it is imported, against the limit."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.harness import Figure
from bench.log_import import ROWS, imported, write_log
from monitors.events import ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST = 25.0  # bytes an event


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure; the reference is the limit itself."""
    log, home = folder / "access.csv", folder / "site"
    write_log(log)

    def size() -> float:
        imported(log, home)
        total = sum(file.stat().st_size for file in ledger.folder(home).glob("*.parquet"))
        shutil.rmtree(home)
        return total / ROWS

    yield Figure(
        name=f"an event of {ROWS:,} on the disk",
        reference=f"the limit of {MOST:.0f} bytes",
        aim=1.0,
        ours=size,
        against=lambda: MOST,
        runs=1,
        unit="B",
    )
