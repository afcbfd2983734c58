"""Import of a long access log in CP932, against our own import of the same log in UTF-8."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.harness import Figure
from bench.log_import import ROWS, import_time, write_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure; each import goes into a new, empty site."""
    logs = {encoding: folder / f"{encoding}.csv" for encoding in ("cp932", "utf-8")}
    for encoding, log in logs.items():
        write_log(log, encoding)
    yield Figure(
        name=f"import {ROWS:,} rows in CP932",
        reference="our import of the same rows in UTF-8",
        aim=1.6,
        ours=lambda: import_time(logs["cp932"], folder / "site"),
        against=lambda: import_time(logs["utf-8"], folder / "site"),
        runs=5,
    )
