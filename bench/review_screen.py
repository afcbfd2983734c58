"""From a key to the last byte of its repaint in a review of 10,000 items, against the same review of 100."""

from __future__ import annotations

import statistics
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.harness import Figure
from bench.review_items import build
from bench.terminal import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.terminal import Terminal

MANY, FEW = 10_000, 100
DOWN, UP = b"\x1b[B", b"\x1b[A"
# From the first item: three answers that go on, the cursor alone between them; then all of it taken back.
KEYS = (b"k", DOWN, b"k", DOWN, b"k", b"u", UP, b"u", b"u")


def typed(terminal: Terminal) -> float:
    """Return the mean seconds from a key to its repaint, the writing of the answer and its entry included."""
    return statistics.fmean(terminal.press(key) for key in KEYS)


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure; both programs stand open side by side."""
    homes = {items: folder / str(items) for items in (MANY, FEW)}
    for items, home in homes.items():
        build(home, items)
    command = [sys.executable, "-m", "bench.review_items"]
    with running([*command, str(homes[MANY])]) as many, running([*command, str(homes[FEW])]) as few:
        for terminal in (many, few):
            terminal.wait_for("row 1 of")
            terminal.settle()
        yield Figure(
            name=f"review answer to repaint, {MANY:,} items",
            reference=f"the same review with {FEW} items",
            aim=1.3,
            ours=lambda: typed(many),
            against=lambda: typed(few),
            runs=15,
        )
