"""From the start of the program to its sign-in screen, against the smallest Textual program's first line."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.harness import Figure
from bench.hello import GREETING
from bench.terminal import running
from console import home as homes
from console.settings import Settings, SiteSection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SIGN_IN = "Password"


def paint(command: Sequence[str], text: str) -> float:
    """Return the seconds from starting ``command`` until ``text`` is drawn."""
    with running(command) as terminal:
        return terminal.wait_for(text)


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure over a new, empty site."""
    home = folder / "site"
    homes.create(home, Settings(site=SiteSection(name="Bench", id="bench")))
    sekisho = [str(Path(sys.executable).with_name("sekisho")), "--home", str(home), "--lang", "en"]
    yield Figure(
        name="first paint, sign-in screen",
        reference="hello-world Textual program",
        aim=1.5,
        ours=lambda: paint(sekisho, SIGN_IN),
        against=lambda: paint([sys.executable, "-m", "bench.hello"], GREETING),
        runs=9,
    )
