"""Bringing a file's events into one temporary Parquet file, by Python's readers or by DuckDB's own CSV reader."""

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from monitors.events.engine import Connection, quoted, typed
from monitors.events.normalise import Normaliser
from monitors.events.readers.readings import KEPT_HEAD, Outcome, Quarantined
from monitors.events.schema import COLUMNS, Column

# Version 2 writes numbers as differences: a fifth smaller here, and cheaper to write. Columns whose values are
# nearly all different give up their dictionary early. Level 1 takes less time than the usual 3, and less room here.
COMPRESSION: Final = (
    "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARQUET_VERSION v2, "
    "DICTIONARY_SIZE_LIMIT 4096, STRING_DICTIONARY_PAGE_SIZE_LIMIT 65536"
)


class MiscountError(Exception):
    """The engine holds another number of events than the reader gave it: a fault in the program; nothing is kept."""


@dataclass(slots=True)
class Staged:
    """What was read of a file so far: how much it is, and the temporary files that hold its events in their order."""

    events: int = 0
    quarantined: int = 0
    relation: str = ""
    files: tuple[Path, ...] = ()

    @property
    def read(self) -> int:
        """Return how many records were read."""
        return self.events + self.quarantined


@dataclass(frozen=True, slots=True)
class Scratch:
    """The temporary files of one import."""

    folder: Path

    @property
    def rows(self) -> Path:
        """Rows of the event schema as text."""
        return self.folder / "rows.csv"

    @property
    def quarantine(self) -> Path:
        """Quarantined lines as text."""
        return self.folder / "quarantine.csv"

    def fast(self, number: int) -> Path:
        """Events as DuckDB read them of the part of this number."""
        return self.folder / f"fast{number}.parquet"

    @property
    def staged(self) -> Path:
        """Events as they were read."""
        return self.folder / "staged.parquet"

    @property
    def settled(self) -> Path:
        """Events as they go into the archive."""
        return self.folder / "settled.parquet"

    @property
    def bad(self) -> Path:
        """Quarantined lines as they go into the archive."""
        return self.folder / "quarantine.parquet"


def stage(
    outcomes: Iterable[Outcome], normaliser: Normaliser, source_id: int, scratch: Scratch, *, by_line: bool
) -> Staged:
    """Write what a reader yields as text rows.

    An event's place in the file is its line number (``by_line``), or its running number where one line may tell
    of several events.
    """
    staged = Staged()
    with (
        scratch.rows.open("w", encoding="utf-8", newline="") as rows,
        scratch.quarantine.open("w", encoding="utf-8", newline="") as bad,
    ):
        write_row = csv.writer(rows, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow
        write_bad = csv.writer(bad, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow
        for outcome in outcomes:
            if isinstance(outcome, Quarantined):
                write_bad(_quarantined(outcome, source_id))
                staged.quarantined += 1
                continue
            for row in normaliser.rows(outcome, outcome.line_no if by_line else staged.events + 1):
                write_row(row)
                staged.events += 1
    staged.relation = text_rows(scratch.rows)
    return staged


def _quarantined(outcome: Quarantined, source_id: int) -> tuple[int | str, ...]:
    line = outcome.line
    size = len(line.data) if line.whole else line.size
    digest = line.sha256 or hashlib.sha256(line.data).hexdigest()
    return source_id, line.number, outcome.reason, size, digest, line.data[:KEPT_HEAD].hex()


def text_rows(file: Path, columns: Sequence[Column] = COLUMNS) -> str:
    """Return a relation over rows that :func:`stage` wrote; every field is quoted, so no text is taken for NULL."""
    return (
        f"read_csv({quoted(str(file))}, header=false, auto_detect=false, columns={typed(columns)}, delim=',', "
        "quote='\"', escape='\"', nullstr='', allow_quoted_nulls=false, max_line_size=16777216)"
    )


def write_parquet(connection: Connection, select: str, file: Path) -> int:
    """Write the rows of ``select`` to ``file`` and return their number."""
    counted = connection.execute(f"COPY ({select}) TO {quoted(str(file))} ({COMPRESSION})").fetchone()
    return int(counted[0]) if counted else 0
