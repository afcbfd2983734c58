"""The import ledger and the manifest of segments: which file was read, and where its events lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlite_utils.db import Database
from sqlite_utils.migrations import Migrations

from accesscontrol import rows
from accesscontrol.store import Store

migrations = Migrations("monitors.events")

_LEDGER = """
CREATE TABLE event_source (
    number INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL,
    settings TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    system TEXT NOT NULL,
    stream TEXT NOT NULL,
    format TEXT NOT NULL,
    mapping TEXT NOT NULL,
    encoding TEXT NOT NULL,
    read INTEGER NOT NULL,
    imported INTEGER NOT NULL,
    duplicate INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    first INTEGER,
    last INTEGER,
    imported_at TEXT NOT NULL,
    imported_by TEXT NOT NULL,
    UNIQUE (sha256, settings),
    CHECK (read = imported + duplicate + quarantined)
) STRICT
"""
_MANIFEST = """
CREATE TABLE event_segment (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('events', 'quarantine', 'erased')),
    source INTEGER NOT NULL REFERENCES event_source (number),
    system TEXT NOT NULL,
    stream TEXT NOT NULL,
    first_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    events INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    schema INTEGER NOT NULL
) STRICT
"""
_RUNS = """
CREATE TABLE detection_run (
    number INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    rules TEXT NOT NULL,
    segment INTEGER NOT NULL,
    events INTEGER NOT NULL,
    raised INTEGER NOT NULL
) STRICT
"""
_BY_TIME = "CREATE INDEX event_segment_time ON event_segment (kind, last, first)"


@migrations()
def m001_ledger_and_manifest(db: Database) -> None:
    """Create the two tables; the equation of an import is a constraint of the table itself."""
    for statement in (_LEDGER, _MANIFEST, _BY_TIME):
        db.execute(statement)


@migrations()
def m002_detection_runs(db: Database) -> None:
    """Keep which segments detection has seen, and with which rules."""
    db.execute(_RUNS)


@migrations()
def m003_running_numbers(db: Database) -> None:
    """Keep with each file the lowest and highest running number that it brought; 0: it has none."""
    for column in ("lowest", "highest"):
        db.execute(f"ALTER TABLE event_source ADD COLUMN {column} INTEGER NOT NULL DEFAULT 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A file whose lines have running numbers, from ``lowest`` to ``highest``; times are ms since 1970 in UTC."""

    number: int
    name: str
    system: str
    stream: str
    first: int
    last: int
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One immutable file of events, as the manifest lists it. Times are milliseconds since 1970 in UTC."""

    number: int
    name: str
    kind: str
    source: int
    system: str
    stream: str
    first_day: int
    last_day: int
    events: int
    first: int
    last: int
    bytes: int
    sha256: str
    schema: int


_segment: Final = rows.Mapper(Segment, "event_segment", "number")


def folder(home: Path) -> Path:
    """Return the folder of the segments in a site's home."""
    return home / "events"


def segments(
    store: Store, *, first: int | None = None, last: int | None = None, systems: Sequence[str] = ()
) -> list[Segment]:
    """Return the event segments that may hold events of ``first`` to ``last`` (inclusive), oldest first."""
    sql = "SELECT * FROM event_segment WHERE kind = 'events' AND last >= ? AND first <= ?"
    parameters: list[int | str] = [-(1 << 62) if first is None else first, 1 << 62 if last is None else last]
    if systems:
        sql += f" AND system IN ({', '.join('?' * len(systems))})"
        parameters += systems
    return rows.values(store.rows(sql + " ORDER BY first, number", parameters), _segment)


def all_segments(store: Store) -> list[Segment]:
    """Return every listed segment, of events and of quarantined lines; not the erased ones."""
    sql = "SELECT * FROM event_segment WHERE kind <> 'erased' ORDER BY number"
    return rows.values(store.rows(sql), _segment)


def paths(home: Path, listed: Sequence[Segment]) -> list[Path]:
    """Return where the files of ``listed`` lie."""
    return [folder(home) / segment.name for segment in listed]


def systems(store: Store) -> list[str]:
    """Return the names of the systems of which events were imported, in order."""
    return [str(row["system"]) for row in store.rows("SELECT DISTINCT system FROM event_source ORDER BY system")]


def numbered(store: Store) -> list[Numbered]:
    """Return the imported files whose lines have running numbers, oldest first, erased ones too."""
    columns = "number, name, system, stream, first, last, lowest, highest"
    # names of ours
    found = store.rows(f"SELECT {columns} FROM event_source WHERE highest > 0 ORDER BY first, number")  # noqa: S608
    return [Numbered(**dict(row)) for row in found]


def sources(store: Store) -> list[dict[str, int | str | None]]:
    """Return what was imported, newest first: one account of lines for each file."""
    columns = "number, imported_at, imported_by, system, stream, name, sha256, format, encoding, size, read"
    found = store.rows(
        # names of ours
        f"SELECT {columns}, imported, duplicate, quarantined, first, last FROM event_source ORDER BY number DESC"  # noqa: S608
    )
    return [dict(row) for row in found]
