"""Opening a sealed file with both hashes, against the age program opening the same file."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from backups.sealing.age import seal, unseal
from backups.sealing.keys import Identity, write_identity_file
from bench.files import mebibytes, plain_file, synced
from bench.harness import Figure, timed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure over one large sealed file; either side ends with the content on the disk."""
    age = shutil.which("age")
    if age is None:
        raise SystemExit("age is missing: scripts/services puts it in place")
    plain, sealed, opened = plain_file(folder), folder / "sealed", folder / "opened"
    identity = Identity.generate()
    write_identity_file(folder / "identity", identity)
    seal(plain, sealed, [identity.recipient])
    plain.unlink()

    def ours() -> float:
        seconds = timed(lambda: unseal(sealed, opened, [identity]))
        opened.unlink()
        return seconds

    def run_age() -> None:
        subprocess.run([age, "-d", "-i", folder / "identity", "-o", opened, sealed], check=True)
        synced(opened)

    def against() -> float:
        seconds = timed(run_age)
        opened.unlink()
        return seconds

    yield Figure(
        name=f"open {mebibytes()} MiB and hash both sides",
        reference="age -d + fsync, no hashes",
        aim=2.0,
        ours=ours,
        against=against,
        runs=5,
    )
