"""The most memory that a backup takes above an idle process on its whole way, whatever the size of the file."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.files import mebibytes, plain_file
from bench.harness import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 64.0  # MiB above the idle process, whatever the size

_PEAK = """
import sys
from pathlib import Path
from backups.media.writing import hold, write
from backups.sealing.age import seal, unseal
from backups.sealing.keys import Identity
from backups.sealing.digests import digest_of, silent
def peak():
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024
identity, plain = Identity.generate(), Path(sys.argv[1])
sealed, opened = plain.with_suffix(".sealed"), plain.with_suffix(".opened")
idle = peak()
seal(plain, sealed, [identity.recipient])
digest = digest_of(sealed, fresh=True)
with hold(plain.parent) as medium:
    write(medium, sealed, "on-medium", digest, silent)
unseal(sealed, opened, [identity])
sealed.unlink(), opened.unlink(), (plain.parent / "on-medium").unlink()
print(peak() - idle)
"""


def highest() -> float:
    """Return the most MiB that this process has held so far."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def peak(plain: Path) -> float:
    """Return the MiB that sealing, reading back, writing to a medium and opening take above an idle process."""
    run = subprocess.run([sys.executable, "-c", _PEAK, plain], check=True, capture_output=True, text=True)
    return float(run.stdout)


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure; the reference is the limit itself."""
    plain = plain_file(folder)
    yield Figure(
        name=f"memory to seal, write, open {mebibytes()} MiB",
        reference=f"the limit of {MOST:.0f} MiB above idle",
        aim=1.0,
        ours=lambda: peak(plain),
        against=lambda: MOST,
        runs=3,
        unit="MiB",
    )
