# ruff: noqa: S608 - every text in these statements is quoted, every name is our own
"""The two roads by which a file's lines become staged events: DuckDB's where it is exact, else Python's."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from monitors.events import fast_csv, recode, staging
from monitors.events.engine import fetch, parquet
from monitors.events.fast_csv import FastFile
from monitors.events.normalise import Normaliser
from monitors.events.plans import Plan
from monitors.events.readers import delimited
from monitors.events.readers.encodings import UTF_8
from monitors.events.readers.mapping import Mapping
from monitors.events.readers.readings import Outcome
from monitors.events.staging import Scratch, Staged

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_HEAD_LINES: Final = 2  # header and first record


@dataclass(frozen=True, slots=True)
class Roads:
    """Stages one file; ``source_id`` is its number in the import ledger."""

    plan: Plan
    scratch: Scratch
    zone: ZoneInfo
    source_id: int
    engine: "DuckDBPyConnection"

    def stage(self) -> Staged:
        """Read the file by the fast road if it is open, else by Python's readers."""
        rows = self._stage_fast()
        if rows is None:
            staged = self._read(self.plan.outcomes())
            self._write(f"SELECT * FROM {staged.relation}", staged.events)
            return staged
        (held,) = fetch(self.engine, f"SELECT count(ts) AS good FROM {parquet([self.scratch.fast])}")
        if held["good"] == rows:
            self.scratch.fast.rename(self.scratch.staged)
            return Staged(events=rows)
        return self._stage_rest(rows)

    def _read(self, outcomes: Iterator[Outcome]) -> Staged:
        normaliser = Normaliser(system=self.plan.wish.system, source_id=self.source_id, zone=self.zone)
        return staging.stage(outcomes, normaliser, self.source_id, self.scratch, by_line=self.plan.format != "syslog")

    def _write(self, select: str, events: int) -> None:
        held = staging.write_parquet(self.engine, select, self.scratch.staged)
        if held != events:
            raise staging.MiscountError(f"{held} of {events}")

    def _stage_rest(self, rows: int) -> Staged:
        """Have Python's reader judge the lines whose time DuckDB could not read."""
        fast = parquet([self.scratch.fast])
        left = {row["line_no"] for row in fetch(self.engine, f"SELECT line_no FROM {fast} WHERE ts IS NULL")}
        rest = self._read(self.plan.outcomes(only={1, *left}))
        good = rows - len(left)
        self._write(
            f"SELECT * FROM {fast} WHERE ts IS NOT NULL UNION ALL BY NAME SELECT * FROM {rest.relation}",
            good + rest.events,
        )
        return Staged(events=good + rest.events, quarantined=rest.quarantined)

    def _stage_fast(self) -> int | None:
        """Return how many lines DuckDB read, or None where it may not or did not read every line as one row."""
        layout, records = self.plan.mapping, self.plan.probe.lines - 1
        names = self._names(layout) if layout and self.plan.format == "csv" else None
        parts = self._parts() if names else None
        if layout is None or names is None or parts is None:
            return None
        file = FastFile(
            parts=parts,
            headers=1 if parts == (self.plan.probe.path,) else 0,
            names=names,
            mapping=layout,
            system=self.plan.wish.system,
            zone=self.zone,
            source_id=self.source_id,
        )
        return self._run_fast(file, records)

    def _names(self, layout: Mapping) -> tuple[str, ...] | None:
        """Return the header's names if the file's shape and its first record allow the fast road."""
        seen = self.plan.probe
        if seen.packed or not seen.plain or seen.head.count(b"\n") < _HEAD_LINES:
            return None
        try:
            header, record = (
                line.removesuffix(b"\r").decode(self.plan.encoding) for line in seen.head.split(b"\n")[:_HEAD_LINES]
            )
        except ValueError:
            return None
        if not header.strip():
            return None
        names = delimited.header(header.removeprefix("\ufeff"), layout)
        cells = delimited.split(record, layout.delimiter) or ()
        return tuple(names) if fast_csv.can_read(layout, self.zone, cells, names) else None

    def _parts(self) -> tuple[Path, ...] | None:
        """Return the file itself if it is UTF-8, else its parts written as UTF-8; None if it is not valid."""
        seen, encoding = self.plan.probe, self.plan.encoding
        if encoding == UTF_8 or seen.ascii:
            return (seen.path,)
        return recode.recode(seen.path, encoding, self.scratch.folder)

    def _run_fast(self, file: fast_csv.FastFile, records: int) -> int | None:
        import duckdb

        try:
            rows = staging.write_parquet(self.engine, fast_csv.select(file), self.scratch.fast)
            (row,) = fetch(self.engine, "SELECT count(*) AS rejected FROM rejected")
        except duckdb.IOException:
            raise
        except duckdb.Error:
            return None  # whatever the engine can't read, Python's reader judges line by line
        return rows if rows == records and row["rejected"] == 0 else None
