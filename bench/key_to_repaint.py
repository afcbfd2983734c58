"""From a key to the last byte of its repaint in a list of a million rows, against the same list of a hundred."""

from __future__ import annotations

import statistics
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.harness import Figure
from bench.long_list import write_table
from bench.terminal import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.terminal import Terminal

MANY, FEW = 1_000_000, 100
UP, DOWN, PAGE_UP, PAGE_DOWN, END = b"\x1b[A", b"\x1b[B", b"\x1b[5~", b"\x1b[6~", b"\x1b[F"
# From the last row: the cursor alone, a scroll by one line and back, a turn of two pages and back.
KEYS = (UP, DOWN, PAGE_UP, UP, PAGE_UP, DOWN, PAGE_DOWN, UP, DOWN, PAGE_DOWN)


def typed(terminal: Terminal) -> float:
    """Return the mean seconds from a key to its repaint."""
    return statistics.fmean(terminal.press(key) for key in KEYS)


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure; both programs stand open side by side, at the end of their lists."""
    files = {rows: folder / f"{rows}.sqlite3" for rows in (MANY, FEW)}
    for rows, path in files.items():
        write_table(path, rows)
    command = [sys.executable, "-m", "bench.long_list"]
    with running([*command, str(files[MANY])]) as many, running([*command, str(files[FEW])]) as few:
        for terminal in (many, few):
            terminal.wait_for("all counted")
            terminal.settle()
            terminal.press(END)
            terminal.settle()
        yield Figure(
            name=f"key to repaint, {MANY:,} rows",
            reference=f"the same list with {FEW} rows",
            aim=1.3,
            ours=lambda: typed(many),
            against=lambda: typed(few),
            runs=15,
        )
