"""Writing to a medium with the proof read back from it, against cp and sha256sum, which prove less."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from backups.media.writing import hold, write
from backups.sealing.digests import digest_of, silent
from bench.files import mebibytes, plain_file, synced
from bench.harness import Figure, timed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure over one large file; either side ends with the file on the disk and its hash known."""
    source, medium = plain_file(folder), folder / "medium"
    medium.mkdir()
    digest, target = digest_of(source), medium / "copy"

    def write_and_prove() -> None:
        with hold(medium) as held:
            write(held, source, target.name, digest, silent)

    def copy_and_hash() -> None:
        subprocess.run(["cp", source, target], check=True)
        synced(target)
        subprocess.run(["sha256sum", target], check=True, stdout=subprocess.DEVNULL)

    def ours() -> float:
        seconds = timed(write_and_prove)
        target.unlink()
        return seconds

    def against() -> float:
        seconds = timed(copy_and_hash)
        target.unlink()
        return seconds

    yield Figure(
        name=f"write {mebibytes()} MiB, read back from disk",
        reference="cp + fsync + sha256sum (from the cache)",
        aim=1.3,
        ours=ours,
        against=against,
        runs=5,
    )
