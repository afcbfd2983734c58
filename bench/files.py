"""Large files for the figures about backups: SEKISHO_BENCH_MIB names their size (256 MiB)."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def mebibytes() -> int:
    """Return the size of the large files in MiB."""
    return int(os.environ.get("SEKISHO_BENCH_MIB", "256"))


def plain_file(folder: Path, size: int | None = None) -> Path:
    """Write a file of random bytes and return it; ``size`` is in MiB."""
    path = folder / "plain"
    source = random.Random(1)  # noqa: S311 - content of a benchmark
    with path.open("wb") as file:
        for _ in range(size or mebibytes()):
            file.write(source.randbytes(1 << 20))
    return path


def synced(path: Path) -> None:
    """Force a file to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
