"""A new day of events on top of a long archive: every shipped rule over it, against that day after one other.

Rules look back for up to a day, so that the day before is read in both.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench import archive
from bench.harness import Figure, timed
from monitors.findings import detection
from monitors.rules import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from accesscontrol.store import Store

ROWS = 150_000


def _forget(store: Store) -> None:
    """Let detection believe that it has seen everything but the newest segment."""
    with store.transaction() as tx:
        tx.execute("DELETE FROM detection_run")
        newest = tx.row("SELECT max(number) AS number FROM event_segment")
        rules = detection.rules_digest(catalogue.shipped())
        tx.execute(
            "INSERT INTO detection_run (at, rules, segment, events, raised) VALUES ('', ?, ?, 0, 0)",
            (rules, (newest["number"] if newest else 1) - 1),
        )
        tx.record("findings.detected", actor="bench")


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure: what went before should cost next to nothing."""
    long, short = folder / "long", folder / "short"
    facts, last_day = archive.knowledge(), archive.FIRST_DAY + archive.DAYS
    short.mkdir(mode=0o700)
    archive.long(long).close()
    archive.fill(short, 1, first_day=last_day - 1, first_number=archive.DAYS).close()
    stores = {
        home: archive.fill(home, 1, a_day=ROWS, first_day=last_day, first_number=archive.DAYS + 1)
        for home in (long, short)
    }

    def run(home: Path) -> float:
        store = stores[home]
        _forget(store)
        return timed(lambda: detection.detect(store, home, catalogue.shipped(), lambda *_: facts, actor="bench"))

    yield Figure(
        name=f"all rules over a day of {ROWS:,} on {archive.DAYS * archive.A_DAY:,}",
        reference="the same with only the day before it",
        aim=1.2,
        ours=lambda: run(long),
        against=lambda: run(short),
        runs=3,
    )
    for store in stores.values():
        store.close()
