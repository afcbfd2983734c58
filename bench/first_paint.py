"""From the start of the program to its sign-in screen, against the smallest Textual program's first line."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.harness import Figure
from bench.hello import GREETING
from bench.terminal import running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SIGN_IN = "Password"


def paint(command: Sequence[str], text: str) -> float:
    """Return the seconds from starting ``command`` until ``text`` is drawn."""
    with running(command) as terminal:
        return terminal.wait_for(text)


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure over a small demo city."""
    sekisho = str(Path(sys.executable).with_name("sekisho"))
    home = folder / "site"
    build = [sekisho, "--home", str(home), "demo", "--no-ui", "--residents", "20", "--days", "1"]
    subprocess.run(build, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    yield Figure(
        name="first paint, sign-in screen",
        reference="hello-world Textual program",
        aim=1.5,
        ours=lambda: paint([sekisho, "--home", str(home), "--lang", "en"], SIGN_IN),
        against=lambda: paint([sys.executable, "-m", "bench.hello"], GREETING),
        runs=9,
    )
