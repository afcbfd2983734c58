"""The most memory that a process takes which runs every shipped rule over a long archive, against the limit."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench import archive
from bench.harness import Figure
from bench.memory import highest
from monitors.findings import detection
from monitors.rules import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 1024.0  # MiB, the whole process


def detect(home: Path) -> None:
    """Look at all events, and print the MiB that it took."""
    store, facts = archive.opened(home), archive.knowledge()
    detection.detect(store, home, catalogue.shipped(), lambda *_: facts, actor="bench", everything=True)
    store.close()
    print(highest())  # noqa: T201 - what the other process asks for


def peak(home: Path) -> float:
    """Return the MiB that a process took which looked at all events."""
    run = subprocess.run(
        [sys.executable, "-m", "bench.detection_memory", home], check=True, capture_output=True, text=True
    )
    return float(run.stdout)


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure; the reference is the limit itself."""
    home = folder / "site"
    archive.long(home).close()
    yield Figure(
        name=f"memory of all rules over {archive.DAYS * archive.A_DAY:,}",
        reference=f"the limit of {MOST:.0f} MiB",
        aim=1.0,
        ours=lambda: peak(home),
        against=lambda: MOST,
        runs=1,
        unit="MiB",
    )


if __name__ == "__main__":
    detect(Path(sys.argv[1]))
