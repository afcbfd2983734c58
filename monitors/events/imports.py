# ruff: noqa: S608 - every text in these statements is quoted, every name is our own
"""Importing a log file: every line accounted for, all of it or nothing, the same file twice adds nothing."""

import fcntl
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from accesscontrol.canonical import JSON
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from monitors.events import ledger, plans, roads, segments, staging
from monitors.events.normalise import Normaliser
from monitors.events.plans import Plan, Wish
from monitors.events.readers.probe import state_of
from monitors.events.readers.readings import REASONS, Quarantined
from monitors.events.schema import NAMES, QUARANTINE_COLUMNS, SCHEMA_VERSION
from monitors.events.staging import Scratch, Staged
from monitors.events.times import instant_of

_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_PREVIEWED: Final = 20
_HEAD_LINES: Final = 2  # header and first record
_SOURCE: Final = """
INSERT INTO event_source (number, sha256, settings, name, size, system, stream, format, mapping, encoding, read,
    imported, duplicate, quarantined, first, last, lowest, highest, imported_at, imported_by)
VALUES (:number, :sha256, :settings, :name, :size, :system, :stream, :format, :mapping, :encoding, :read,
    :imported, :duplicate, :quarantined, :first, :last, :lowest, :highest, :imported_at, :imported_by)
"""
_SEGMENT: Final = """
INSERT INTO event_segment (number, name, kind, source, system, stream, first_day, last_day, events, first, last,
    bytes, sha256, schema)
VALUES (:number, :name, :kind, :source, :system, :stream, :first_day, :last_day, :events, :first, :last,
    :bytes, :sha256, :schema)
"""


_OF_ANOTHER: Final = (
    "SELECT system, stream FROM event_source WHERE sha256 = ? AND (system, stream) <> (?, ?) AND imported > 0"
)
_SAME_FILE: Final = "SELECT number FROM event_source WHERE sha256 = ?"
_OVERLAPPING: Final = (
    "SELECT number, first, last FROM event_source WHERE system = ? AND stream = ? AND first <= ? AND last >= ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did. ``read = imported + duplicate + quarantined``, always; times are ISO 8601 in UTC."""

    read: int
    imported: int
    duplicate: int
    quarantined: int
    first: str | None
    last: str | None
    segments: tuple[dict[str, JSON], ...] = ()

    def as_json(self) -> dict[str, JSON]:
        """Return the report as ``logs import --json`` prints it."""
        return {
            "read": self.read,
            "imported": self.imported,
            "duplicate": self.duplicate,
            "quarantined": self.quarantined,
            "first": self.first,
            "last": self.last,
            "segments": list(self.segments),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The first lines of a file as an import would understand them."""

    format: str
    encoding: str
    mapping: str
    lines: int
    rows: tuple[dict[str, Any], ...]
    quarantined: tuple[tuple[int, str], ...]  # line number and the reason's msgid


def preview(path: Path, wish: Wish, *, home: Path, zone: ZoneInfo, store: Store) -> Preview:
    """Show how ``path`` would be read, and change nothing. Raises ``Refusal`` like an import."""
    plan = plans.make(path, wish, home=home, zone=zone, latest=store.clock.now())
    normaliser = Normaliser(system=wish.system, source_id=0, zone=zone)
    rows: list[dict[str, Any]] = []
    bad: list[tuple[int, str]] = []
    for outcome in islice(plan.outcomes(), _PREVIEWED):
        if isinstance(outcome, Quarantined):
            bad.append((outcome.line.number, REASONS[outcome.reason]))
        else:
            row = next(normaliser.rows(outcome, outcome.line_no))
            rows.append(dict(zip(NAMES, row, strict=True)))
    return Preview(
        format=plan.format,
        encoding=plan.encoding,
        mapping=plan.mapping.name if plan.mapping else "",
        lines=plan.probe.lines,
        rows=tuple(rows),
        quarantined=tuple(bad),
    )


def import_file(
    store: Store, home: Path, path: Path, wish: Wish, *, actor: str, zone: ZoneInfo, terminal: str = ""
) -> ImportReport:
    """Read ``path`` into the site's archive and return the account of its lines.

    ``zone`` is the site's. Raises ``Refusal`` when the file can't be read or understood as a whole, or when the disk
    is full; then nothing was imported. Imports of one site run one after another.
    """
    plan = plans.make(path, wish, home=home, zone=zone, latest=store.clock.now())
    with _lock(home):
        earlier = store.row(
            "SELECT * FROM event_source WHERE sha256 = ? AND settings = ?", (plan.probe.sha256, plan.settings)
        )
        if earlier is not None:
            return _again(earlier)
        _refuse_a_log_of_another(store, plan)
        segments.sweep(home, {segment.name for segment in ledger.all_segments(store)})
        with _disk(path), _scratch(home) as scratch:
            return _Import(store, home, plan, scratch, zone).run(actor, terminal)


def _again(row: sqlite3.Row) -> ImportReport:
    return ImportReport(
        read=row["read"],
        imported=0,
        duplicate=row["imported"] + row["duplicate"],
        quarantined=row["quarantined"],
        first=_text(row["first"]),
        last=_text(row["last"]),
    )


def _refuse_a_log_of_another(store: Store, plan: Plan) -> None:
    """Raise ``Refusal`` for a file whose events stand in the archive as those of another log."""
    wish = plan.wish
    other = store.row(_OF_ANOTHER, (plan.probe.sha256, wish.system, wish.stream))
    if other is not None:
        raise Refusal(
            N_(
                "Nothing was imported: {file} is in the archive as a log of {system}, and the same file is no log of "
                "another one. Choose the right file."
            ),
            file=plan.probe.path.name,
            system=" ".join(filter(None, (other["system"], other["stream"]))),
        )


def _text(ts: int | None) -> str | None:
    return None if ts is None else to_text(instant_of(ts))


@contextmanager
def _lock(home: Path) -> Iterator[None]:
    folder = ledger.folder(home)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _scratch(home: Path) -> Iterator[Scratch]:
    """Give a fresh temporary folder; what a crash left in an older one goes away first."""
    folder = segments.scratch_folder(home) / "import"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield Scratch(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    import duckdb

    try:
        yield
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise Refusal(
            N_("Nothing was imported of {file}: the disk refused ({reason}). Free space, then import again."),
            file=path.name,
            reason=str(error).splitlines()[0][:200],
        ) from error


class _Import:
    """One import while it runs, under the lock."""

    def __init__(self, store: Store, home: Path, plan: Plan, scratch: Scratch, zone: ZoneInfo) -> None:
        self._store = store
        self._home = home
        self._plan = plan
        self._scratch = scratch
        self._zone = zone
        self._source = _next(store, "event_source")
        self._number = _next(store, "event_segment")
        self._engine = segments.connection(home)

    def run(self, actor: str, terminal: str) -> ImportReport:
        try:
            staged = roads.Roads(self._plan, self._scratch, self._zone, self._source, self._engine).stage()
            if state_of(self._plan.probe.path) != self._plan.probe.changed:
                raise Refusal(
                    N_("Nothing was imported: {file} changed while it was read. Import a finished copy of it."),
                    file=self._plan.probe.path.name,
                )
            here = segments.facts(self._engine, staged.files) if staged.events else None
            made = [*(self._events(staged, here) if here else ()), *self._quarantine(staged)]
        finally:
            self._engine.close()
        report = self._report(staged, here, made)
        self._commit(report, here, made, actor, terminal)
        return report

    def _events(self, staged: Staged, here: segments.Facts) -> list[dict[str, Any]]:
        settled = segments.settle(self._engine, staged.files, self._known(here), self._scratch.settled)
        held = [(file, segments.facts(self._engine, [file])) for file in settled]
        return [self._publish("events", file, facts) for file, facts in held if facts.events]

    def _known(self, here: segments.Facts) -> segments.Known:
        plan = self._plan
        ours = (plan.wish.system, plan.wish.stream)
        same = {row["number"] for row in self._store.rows(_SAME_FILE, (plan.probe.sha256,))}
        others = self._store.rows(_OVERLAPPING, (*ours, here.last, here.first))
        over = [row for row in others if row["number"] not in same]
        listed = ledger.all_segments(self._store)
        files = {
            name: ledger.paths(
                self._home,
                [segment for segment in listed if segment.kind == "events" and segment.source in numbers],
            )
            for name, numbers in (("same", same), ("over", {row["number"] for row in over}))
        }
        return segments.Known(
            overlapping=files["over"],
            first=max(here.first, min((row["first"] for row in over), default=0)),
            last=min(here.last, max((row["last"] for row in over), default=-1)),
            same_file=files["same"],
        )

    def _quarantine(self, staged: Staged) -> list[dict[str, Any]]:
        if not staged.quarantined:
            return []
        target = self._scratch.bad
        relation = staging.text_rows(self._scratch.quarantine, QUARANTINE_COLUMNS)
        held = staging.write_parquet(self._engine, f"SELECT * FROM {relation}", target)
        if held != staged.quarantined:
            raise staging.MiscountError(f"{held} of {staged.quarantined}")
        nothing = segments.Facts(events=held, first=0, last=0, first_day=0, last_day=0)
        return [self._publish("quarantine", target, nothing)]

    def _publish(self, kind: str, temporary: Path, held: segments.Facts) -> dict[str, Any]:
        system = self._plan.wish.system
        word = date.fromordinal(held.first_day + _EPOCH_DAY).strftime("%Y%m%d") if kind == "events" else kind
        final = ledger.folder(self._home) / f"{self._number:08d}-{system}-{word}{segments.SUFFIX}"
        digest = segments.publish(temporary, final)
        made = {
            "number": self._number,
            "name": final.name,
            "kind": kind,
            "source": self._source,
            "system": system,
            "stream": self._plan.wish.stream,
            "first_day": held.first_day,
            "last_day": held.last_day,
            "events": held.events,
            "first": held.first,
            "last": held.last,
            "bytes": final.stat().st_size,
            "sha256": digest,
            "schema": SCHEMA_VERSION,
        }
        self._number += 1
        return made

    def _report(self, staged: Staged, here: segments.Facts | None, made: list[dict[str, Any]]) -> ImportReport:
        events = [segment for segment in made if segment["kind"] == "events"]
        imported = sum(segment["events"] for segment in events)
        return ImportReport(
            read=staged.read,
            imported=imported,
            duplicate=staged.events - imported,
            quarantined=staged.quarantined,
            first=_text(here.first) if here else None,
            last=_text(here.last) if here else None,
            segments=tuple({name: segment[name] for name in ("name", "sha256", "events")} for segment in events),
        )

    def _commit(
        self,
        report: ImportReport,
        here: segments.Facts | None,
        made: list[dict[str, Any]],
        actor: str,
        terminal: str,
    ) -> None:
        """List file and segments, and write them into the trail, all in one transaction."""
        plan = self._plan
        counts = {name: getattr(report, name) for name in ("read", "imported", "duplicate", "quarantined")}
        mapping = f"{plan.mapping.name} {plan.mapping.sha256}" if plan.mapping else ""
        with self._store.transaction() as tx:
            tx.execute(
                _SOURCE,
                {
                    **counts,
                    "number": self._source,
                    "sha256": plan.probe.sha256,
                    "settings": plan.settings,
                    "name": plan.probe.path.name,
                    "size": plan.probe.size,
                    "system": plan.wish.system,
                    "stream": plan.wish.stream,
                    "format": plan.format,
                    "mapping": mapping,
                    "encoding": plan.encoding,
                    "first": here.first if here else None,
                    "last": here.last if here else None,
                    "lowest": here.lowest if here else 0,
                    "highest": here.highest if here else 0,
                    "imported_at": to_text(tx.at),
                    "imported_by": actor,
                },
            )
            for segment in made:
                tx.execute(_SEGMENT, segment)
            tx.record(
                "events.imported",
                actor=actor,
                subject=plan.wish.system,
                terminal=terminal,
                file=plan.probe.path.name,
                sha256=plan.probe.sha256,
                **counts,
                segments=[{name: segment[name] for name in ("name", "sha256", "events")} for segment in made],
            )


def _next(store: Store, table: str) -> int:
    row = store.row(f"SELECT coalesce(max(number), 0) + 1 AS number FROM {table}")
    return int(row["number"]) if row else 1
