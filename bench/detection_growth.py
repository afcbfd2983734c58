"""Every shipped rule over a long archive, per event, against a tenth of it: the time grows as the events do."""

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


@contextmanager
def figure(folder: Path) -> Iterator[Figure]:
    """Yield the figure: seconds a million events."""
    few = max(1, archive.DAYS // 10)
    homes = {archive.DAYS: folder / "long", few: folder / "short"}
    homes[few].mkdir(mode=0o700)
    stores = {archive.DAYS: archive.long(homes[archive.DAYS]), few: archive.fill(homes[few], few)}
    rules, facts = catalogue.shipped(), archive.knowledge()

    def run(days: int, store: Store) -> float:
        seconds = timed(
            lambda: detection.detect(store, homes[days], rules, lambda *_: facts, actor="bench", everything=True)
        )
        return seconds / (days * archive.A_DAY) * 1_000_000

    yield Figure(
        name=f"all rules over {archive.DAYS * archive.A_DAY:,}, per million",
        reference=f"the same over {few * archive.A_DAY:,} events, per million",
        aim=1.2,
        ours=lambda: run(archive.DAYS, stores[archive.DAYS]),
        against=lambda: run(few, stores[few]),
        runs=1,
    )
    for store in stores.values():
        store.close()
