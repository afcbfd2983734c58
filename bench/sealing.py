"""Sealing a file with both hashes, against the age program writing the same file to the disk."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from backups.sealing.age import seal
from backups.sealing.keys import Identity
from bench.harness import Figure, timed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MEBIBYTES = 256


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure over a file of 256 MiB; either side ends with the file on the disk."""
    age = shutil.which("age")
    if age is None:
        raise SystemExit("age is missing: scripts/services puts it in place")
    plain, sealed = folder / "plain", folder / "sealed"
    source = random.Random(1)  # noqa: S311 - content of a benchmark
    with plain.open("wb") as file:
        for _ in range(MEBIBYTES):
            file.write(source.randbytes(1 << 20))
    recipient = Identity.generate().recipient

    def ours() -> float:
        seconds = timed(lambda: seal(plain, sealed, [recipient]))
        sealed.unlink()
        return seconds

    def run_age() -> None:
        subprocess.run([age, "-r", str(recipient), "-o", sealed, plain], check=True)
        descriptor = os.open(sealed, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)

    def against() -> float:
        seconds = timed(run_age)
        sealed.unlink()
        return seconds

    yield Figure(
        name=f"seal {MEBIBYTES} MiB and hash both sides",
        reference="age program + fsync, no hashes",
        aim=2.2,
        ours=ours,
        against=against,
        runs=5,
    )
