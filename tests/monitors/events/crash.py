"""A process of its own that imports a file and is killed at a stated point."""

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from accesscontrol.clock import FixedClock
from accesscontrol.store import Store, Transaction
from monitors.events import ledger
from monitors.events.imports import import_file
from monitors.events.plans import Wish

TOKYO = ZoneInfo("Asia/Tokyo")


def open_store(home: Path) -> Store:
    store = Store(
        home / "sekisho.sqlite3", FixedClock(datetime(2026, 11, 24, 0, 30, tzinfo=UTC)), seal=b"seal of a test"
    )
    store.migrate(ledger.migrations)
    return store


def die(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def main(point: str, home: Path, path: Path) -> None:
    store = open_store(home)
    if point == "fsync":
        os.fsync = die
    elif point == "rename":
        Path.rename = die  # type: ignore[method-assign]  # the test stands in for it
    elif point == "directory":
        os.open = die
    elif point == "commit":
        Transaction.record = die  # type: ignore[method-assign]  # the test stands in for it
    import_file(store, home, path, Wish(system="register"), actor="1", zone=TOKYO)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
