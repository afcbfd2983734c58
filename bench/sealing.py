"""Sealing a file with both hashes, against the age program writing the same file to the disk."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from backups.sealing.age import seal
from backups.sealing.keys import Identity
from bench.files import mebibytes, plain_file, synced
from bench.harness import Figure, timed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure over one large file; either side ends with the file on the disk."""
    age = shutil.which("age")
    if age is None:
        raise SystemExit("age is missing: scripts/services puts it in place")
    plain, sealed = plain_file(folder), folder / "sealed"
    recipient = Identity.generate().recipient

    def ours() -> float:
        seconds = timed(lambda: seal(plain, sealed, [recipient]))
        sealed.unlink()
        return seconds

    def run_age() -> None:
        subprocess.run([age, "-r", str(recipient), "-o", sealed, plain], check=True)
        synced(sealed)

    def against() -> float:
        seconds = timed(run_age)
        sealed.unlink()
        return seconds

    yield Figure(
        name=f"seal {mebibytes()} MiB and hash both sides",
        reference="age program + fsync, no hashes",
        aim=2.0,
        ours=ours,
        against=against,
        runs=5,
    )
