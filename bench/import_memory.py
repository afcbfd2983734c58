"""The most memory that a process takes which imports a long access log, against the limit at any size."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.harness import Figure
from bench.log_import import ROWS, write_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST = 512.0  # MiB, the whole process
ENCODINGS = ("utf-8", "cp932")

_PEAK = """
import resource
import sys
from pathlib import Path
from bench.log_import import imported
imported(Path(sys.argv[1]), Path(sys.argv[2]))
(line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(int(line.split()[1]) / 1024 + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


def peak(log: Path, home: Path) -> float:
    """Return the MiB of the process that imports ``log``, and of the greatest of those that it starts."""
    run = subprocess.run([sys.executable, "-c", _PEAK, log, home], check=True, capture_output=True, text=True)
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
