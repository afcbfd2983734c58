"""The most memory that a process takes which imports a long access log, against the limit at any size."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.harness import Figure
from bench.log_import import ROWS, imported, write_log
from bench.memory import highest

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 512.0  # MiB, the whole process
ENCODINGS = ("utf-8", "cp932")


def take(log: Path, home: Path) -> None:
    """Import ``log``, and print the MiB of this process and of the greatest of those that it started."""
    imported(log, home)
    print(highest() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)  # noqa: T201 - asked for


def peak(log: Path, home: Path) -> float:
    """Return the MiB of the process that imports ``log``, and of the greatest of those that it starts."""
    run = subprocess.run(
        [sys.executable, "-m", "bench.import_memory", log, home], check=True, capture_output=True, text=True
    )
    shutil.rmtree(home)
    return float(run.stdout)


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure, of the encoding that takes most; the reference is the limit itself."""
    logs = [folder / f"{encoding}.csv" for encoding in ENCODINGS]
    for encoding, log in zip(ENCODINGS, logs, strict=True):
        write_log(log, encoding)
    yield Figure(
        name=f"memory to import {ROWS:,} rows of CSV",
        reference=f"the limit of {MOST:.0f} MiB",
        aim=1.0,
        ours=lambda: max(peak(log, folder / "site") for log in logs),
        against=lambda: MOST,
        runs=1,
        unit="MiB",
    )


if __name__ == "__main__":
    take(Path(sys.argv[1]), Path(sys.argv[2]))
