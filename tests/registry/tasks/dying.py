"""A process that is killed in the middle of an erasure, after rows were deleted and before anything is committed."""

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from accesscontrol.clock import FixedClock
from accesscontrol.store import Store
from registry.checks import Settings
from registry.databases import open_registry
from registry.tasks.erasure import TASK
from registry.tasks.model import Ground, Person
from registry.tasks.running import Silent, run


class Deadly(Silent):
    """A journal that kills its process once the records are gone."""

    def statement(self, sql: str, rows: int) -> None:
        if rows and sql.startswith("DELETE FROM resident_register"):
            os.kill(os.getpid(), signal.SIGKILL)


def main(place: str, store_path: str) -> None:
    now = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    store = Store(Path(store_path), FixedClock(now))
    with open_registry(place if "=" in place else Path(place)) as registry:
        ground = Ground(registry=registry, settings=Settings(today=now.date()), store=store)
        parameters = TASK.read({"day": "2026-11-24"})
        run(TASK, ground, parameters, journal=Deadly(), person=Person(staff_number="S-kawai", terminal="SR-01"))


if __name__ == "__main__":
    main(*sys.argv[1:])
