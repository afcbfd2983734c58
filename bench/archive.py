# ruff: noqa: S608 - every text in these statements is our own
"""An archive of as many ordinary events as one likes, made by the engine itself, for what is measured on archives.

SEKISHO_BENCH_EVENTS names how many there are in the long one (10,000,000).
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from accesscontrol.clock import SystemClock
from accesscontrol.store import Store
from monitors.calendars.hours import Calendar, OfficeHours, intervals
from monitors.events import engine, ledger
from monitors.events.schema import COLUMNS, SCHEMA_VERSION
from monitors.events.staging import write_parquet
from monitors.facts import Account, AccountState, Facts, Terminal
from monitors.findings.migrations import migrations

FIRST_DAY = 20_544  # 2026-04-01, in days since 1970
A_DAY = 111_111  # events: ten million in ninety days
EVENTS = int(os.environ.get("SEKISHO_BENCH_EVENTS", "10000000"))
DAYS = max(1, round(EVENTS / A_DAY))
STAFF = 420
LONG_AGO = datetime(2020, 4, 1, tzinfo=UTC)
_SEGMENT = (
    "INSERT INTO event_segment (number, name, kind, source, system, stream, first_day, last_day, events, first, last,"
    " bytes, sha256, schema) VALUES (?, ?, 'events', ?, 'register', '', ?, ?, ?, ?, ?, ?, ?, ?)"
)
_SOURCE = (
    "INSERT INTO event_source (number, sha256, settings, name, size, system, stream, format, mapping, encoding, read,"
    " imported, duplicate, quarantined, first, last, imported_at, imported_by)"
    " VALUES (?, ?, '', 'made', 0, 'register', '', 'csv', '', 'utf-8', ?, ?, 0, 0, ?, ?, '', '')"
)


def knowledge() -> Facts:
    """Return what is known of the people in the archive."""
    return Facts(
        accounts=[
            Account(
                system="register",
                user_id=f"s{number:03}",
                staff_number=f"S{number:03}",
                office="city",
                changes=[(LONG_AGO, AccountState.ACTIVE)],
            )
            for number in range(STAFF)
        ],
        ledgers=frozenset({"register"}),
        terminals=[Terminal(terminal=f"t{number:03}", office="city") for number in range(STAFF)],
        terminal_systems=frozenset({"register"}),
        calendar=Calendar(offices={"city": OfficeHours(week=(intervals("08:30-17:15"),) * 7, on_holidays=True)}),
    )


@cache
def _long() -> Path:
    """Make the long archive once for all figures of a run; it goes away with the process."""
    folder = Path(tempfile.mkdtemp(prefix="sekisho-bench-archive-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    home = folder / "site"
    home.mkdir(mode=0o700)
    fill(home, DAYS).close()
    return home


def long(home: Path) -> Store:
    """Return the store of a site in the new folder ``home`` that has the long archive; nothing in it is copied."""
    shutil.copytree(_long(), home, copy_function=os.link, ignore=shutil.ignore_patterns("*.sqlite3*", "scratch"))
    for part in _long().glob("*.sqlite3*"):
        shutil.copy2(part, home)
    return opened(home)


def opened(home: Path) -> Store:
    """Return the store of the site in ``home``."""
    store = Store(home / "sekisho.sqlite3", SystemClock(), seal=bytes(32))
    store.migrate(ledger.migrations, migrations)
    return store


def fill(home: Path, days: int, *, a_day: int = A_DAY, first_day: int = FIRST_DAY, first_number: int = 1) -> Store:
    """Add ``days`` of ``a_day`` ordinary events to the archive in ``home``, a segment a day, and return its store."""
    folder = ledger.folder(home)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = opened(home)
    with engine.connect(home / "scratch") as connection:
        for number in range(first_number, first_number + days):
            day = first_day + number - first_number
            file = folder / f"{number:08d}-register-{day}.parquet"
            held = write_parquet(connection, _day(number, day, a_day), file)
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            first = day * 86_400_000 - 1_800_000
            last = first + a_day * (31_500_000 // a_day)
            with store.transaction() as tx:
                tx.execute(_SOURCE, (number, digest, held, held, first, last))
                size = file.stat().st_size
                tx.execute(
                    _SEGMENT, (number, file.name, number, day, day, held, first, last, size, digest, SCHEMA_VERSION)
                )
                tx.record("events.imported", actor="bench", subject="register", segments=[])
    return store


def _day(number: int, day: int, a_day: int) -> str:
    """Return a working day of searches, views and prints from 08:30 to 17:15 in Tokyo, as the engine computes it."""
    told = {
        "event_id": f"{number}::BIGINT * 4294967296 + n",
        "ts": f"{day * 86_400_000 - 1_800_000} + n * {31_500_000 // a_day}",
        "ts_raw": "''",
        "zone": "'Asia/Tokyo'",
        "day": str(day),
        "minute": f"510 + n * {31_500_000 // a_day} // 60000",
        "system": "'register'",
        "office": "'city'",
        "user_id": f"printf('s%03d', h % {STAFF})",
        "terminal": f"printf('t%03d', h % {STAFF})",
        "action": "CASE h // 1000 % 20 WHEN 0 THEN 'login' WHEN 1 THEN 'print' WHEN 2 THEN 'update' "
        "WHEN 3 THEN 'logout' WHEN 4 THEN 'view' WHEN 5 THEN 'view' ELSE 'search' END",
        "outcome": "CASE WHEN h // 20000 % 400 = 0 THEN 'failure' ELSE 'success' END",
        "target_count": "1",
        "object": "printf('k%07d', h // 7 % 1000000)",
        "search_keys": "CASE WHEN h // 100000 % 5000 = 0 THEN 1 ELSE 2 END",
        "key_set": "3",
        "detail": "'search'",
        "source_id": str(number),
        "line_no": "n",
    }
    made = ", ".join(
        f"({told.get(column.name, engine.quoted(str(column.empty)))})::{column.type} AS {column.name}"
        for column in COLUMNS
    )
    return (
        f"SELECT {made} FROM (SELECT n, (hash(n * 1000003 + {number}) >> 8)::BIGINT AS h FROM range({a_day}) AS t(n))"
    )
