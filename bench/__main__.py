"""``python -m bench [NAME...]``: measure every figure, or those whose module is named, and print the table.

The exit code is 0 whatever the ratios are: a benchmark informs, it does not judge a change.
"""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from bench.harness import measure

if TYPE_CHECKING:
    from bench.harness import Result

LOGS = (
    "log_import",
    "cp932_import",
    "import_memory",
    "event_size",
    "detection",
    "detection_growth",
    "detection_memory",
    "new_day",
    "newest_page",
    "filtered_jump",
    "typed_filter",
    "rare_word",
    "one_event",
    "query_lag",
    "query_cancel",
)
REGISTER = ("reconciliation", "reconciliation_postgresql", "record_checks")
BACKUPS = ("sealing", "opening", "sqlite_backup", "medium_write", "memory")
ACCOUNTS = ("account_sync", "account_lapse")
SESSIONS = ("session_stream", "session_lag", "session_open", "session_stop", "session_tunnel")
MODULES = (
    "first_paint",
    "key_to_repaint",
    "review_screen",
    "trail_verify",
    "trail_append",
    *LOGS,
    *BACKUPS,
    *REGISTER,
    *ACCOUNTS,
    *SESSIONS,
)
TITLES = ("figure", "ours", "reference", "of", "ratio", "spread", "aim", "met")
WIDTHS = (36, 10, 10, 44, 6, 13, 6, 4)


def seconds(value: float) -> str:
    """Return a duration in a unit that leaves it readable."""
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.2f} ms"


def shown(value: float, unit: str) -> str:
    """Return a figure in its unit."""
    return seconds(value) if unit == "s" else f"{value:.1f} {unit}"


def line(*cells: str) -> str:
    """Return one line of the table."""
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()


def row(result: Result) -> str:
    """Return the table's line for one figure."""
    return line(
        result.figure.name,
        shown(result.ours, result.figure.unit),
        shown(result.against, result.figure.unit),
        result.figure.reference,
        f"{result.ratio:.2f}",
        f"{result.least:.2f}-{result.greatest:.2f}",
        f"<= {result.figure.aim:g}",
        "yes" if result.met else "NO",
    )


def main(names: list[str]) -> int:
    """Measure and print, a line as soon as its figure is known."""
    unknown = set(names) - set(MODULES)
    if unknown:
        sys.stderr.write(f"no such figure: {', '.join(sorted(unknown))}; there are {', '.join(MODULES)}\n")
        return 2
    sys.stdout.write(line(*TITLES) + "\n")
    for name in names or MODULES:
        module = import_module(f"bench.{name}")
        with tempfile.TemporaryDirectory(prefix="sekisho-bench-") as folder, module.figure(Path(folder)) as figure:
            result = measure(figure)
        sys.stdout.write(row(result) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
