# ruff: noqa: S608 - every text in these statements is quoted, every name is our own
"""The two roads by which a file's lines become staged events: DuckDB's where it is exact, else Python's."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from monitors.events import fast_csv, parts, staging
from monitors.events.engine import Connection, fetch, parquet
from monitors.events.fast_csv import FastFile
from monitors.events.normalise import Normaliser
from monitors.events.parts import Part
from monitors.events.plans import Plan
from monitors.events.readers import delimited
from monitors.events.readers.encodings import UTF_8
from monitors.events.readers.mapping import Mapping
from monitors.events.readers.readings import Outcome
from monitors.events.staging import Scratch, Staged

_HEAD_LINES: Final = 2  # header and first record


@dataclass(frozen=True, slots=True)
class Roads:
    """Stages one file; ``source_id`` is its number in the import ledger."""

    plan: Plan
    scratch: Scratch
    zone: ZoneInfo
    source_id: int
    engine: Connection

    def stage(self) -> Staged:
        """Read the file by the fast road if it is open, else by Python's readers."""
        fast = self._stage_fast()
        if fast is None:
            staged = self._read(self.plan.outcomes())
            self._write(f"SELECT * FROM {staged.relation}", staged)
            return staged
        (held,) = fetch(self.engine, f"SELECT count(ts) AS good FROM {parquet(fast.files)}")
        return fast if held["good"] == fast.events else self._stage_rest(fast)

    def _read(self, outcomes: Iterator[Outcome]) -> Staged:
        normaliser = Normaliser(system=self.plan.wish.system, source_id=self.source_id, zone=self.zone)
        return staging.stage(outcomes, normaliser, self.source_id, self.scratch, by_line=self.plan.format != "syslog")

    def _write(self, select: str, staged: Staged) -> None:
        held = staging.write_parquet(self.engine, select, self.scratch.staged)
        if held != staged.events:
            raise staging.MiscountError(f"{held} of {staged.events}")
        staged.files = (self.scratch.staged,)

    def _stage_rest(self, fast: Staged) -> Staged:
        """Have Python's reader judge the lines whose time DuckDB could not read."""
        rows = parquet(fast.files)
        left = {row["line_no"] for row in fetch(self.engine, f"SELECT line_no FROM {rows} WHERE ts IS NULL")}
        rest = self._read(self.plan.outcomes(only={1, *left}))
        staged = Staged(events=fast.events - len(left) + rest.events, quarantined=rest.quarantined)
        self._write(
            f"SELECT * FROM {rows} WHERE ts IS NOT NULL UNION ALL BY NAME SELECT * FROM {rest.relation}", staged
        )
        return staged

    def _stage_fast(self) -> Staged | None:
        """Stage what DuckDB reads, or return None where it may not or did not read every line as one row."""
        layout, records = self.plan.mapping, self.plan.probe.lines - 1
        names = self._names(layout) if layout and self.plan.format == "csv" else None
        if layout is None or names is None:
            return None
        known = partial(
            FastFile,
            names=names,
            mapping=layout.for_columns(names),
            system=self.plan.wish.system,
            zone=self.zone,
            source_id=self.source_id,
        )
        pieces = parts.cut(self.plan.probe.path)
        targets = tuple(self.scratch.fast(number) for number in range(len(pieces)))
        with ThreadPoolExecutor(len(pieces)) as beside:
            rows = list(beside.map(partial(self._run_part, known), pieces, targets))
        read = sum(each for each in rows if each is not None)
        return Staged(events=read, files=targets) if None not in rows and read == records else None

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

    def _run_part(self, known: Callable[..., FastFile], piece: Part, target: Path) -> int | None:
        """Read one part in UTF-8; return its rows, or None where it is not valid or a line of it can't be read."""
        plain = target.with_suffix(".csv")
        if not piece.write(UTF_8 if self.plan.probe.ascii else self.plan.encoding, plain):
            return None
        rows = self._run_fast(known(path=plain, first_line=piece.first_line()), target)
        plain.unlink()
        return rows

    def _run_fast(self, file: FastFile, target: Path) -> int | None:
        """Have DuckDB read one part; return its rows, or None where it can't read one of its lines."""
        import duckdb

        try:
            with self.engine.cursor() as beside:
                rows = staging.write_parquet(beside, fast_csv.select(file), target)
                (row,) = fetch(beside, "SELECT count(*) AS rejected FROM rejected")
        except duckdb.IOException:
            raise
        except duckdb.Error:
            return None  # whatever the engine can't read, Python's reader judges line by line
        return rows if row["rejected"] == 0 else None
