# ruff: noqa: S608 - every text in these statements is quoted, every name is our own
"""Making immutable segments of what was staged: folded, without what is already there, sorted, safe on disk."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from monitors.events import engine
from monitors.events.engine import Connection, fetch, parquet
from monitors.events.ledger import folder
from monitors.events.normalise import fold
from monitors.events.schema import CONTENT, NAMES
from monitors.events.staging import write_parquet

SUFFIX: Final = ".parquet"
_ORDER: Final = "ORDER BY ts, event_id"
_FOLDED: Final = ("user_id", "terminal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Events that are already in the archive: exports of the same log whose time overlaps, the same file's lines."""

    overlapping: Sequence[Path] = ()
    first: int = 0
    last: int = -1
    same_file: Sequence[Path] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a file of events holds. Times are milliseconds since 1970 in UTC.

    ``lowest`` and ``highest`` are running numbers of the log, 0 if it has none.
    """

    events: int
    first: int
    last: int
    first_day: int
    last_day: int
    lowest: int = 0
    highest: int = 0


def facts(connection: Connection, files: Sequence[Path]) -> Facts:
    """Return what ``files`` hold together."""
    (row,) = fetch(
        connection,
        "SELECT count(*) AS events, coalesce(min(ts), 0) AS first, coalesce(max(ts), 0) AS last, "
        "coalesce(min(day), 0) AS first_day, coalesce(max(day), 0) AS last_day, "
        "coalesce(min(sequence) FILTER (sequence > 0), 0) AS lowest, coalesce(max(sequence), 0) AS highest "
        f"FROM {parquet(files)}",
    )
    return Facts(**row)


def settle(connection: Connection, staged: Sequence[Path], known: Known, target: Path) -> Sequence[Path]:
    """Return what becomes segments: the staged files as they are where nothing is to change, else ``target``."""
    folding = _unfolded(connection, staged)
    if not folding and not known.overlapping and not known.same_file and _in_order(connection, staged):
        return staged
    source = _with_folding(connection, parquet(staged), folding)
    if known.same_file:
        source = f"(SELECT * FROM {source} ANTI JOIN {parquet(known.same_file)} USING (line_no))"
    if known.overlapping:
        source = _without_known(source, known)
    write_parquet(connection, f"SELECT {', '.join(NAMES)} FROM {source} {_ORDER}", target)
    return [target]


def _in_order(connection: Connection, files: Sequence[Path]) -> bool:
    sql = "SELECT coalesce(bool_or(ts IS NULL OR ts < before), false) AS late FROM ({})"
    each = "SELECT ts, lag(ts) OVER () AS before FROM {}"
    return not any(fetch(connection, sql.format(each.format(parquet([file]))))[0]["late"] for file in files)


def _unfolded(connection: Connection, files: Sequence[Path]) -> dict[str, dict[tuple[str, str], str]]:
    """Return identifiers beyond ASCII that DuckDB folded otherwise than Python does, as (folded, written) each."""
    found: dict[str, dict[tuple[str, str], str]] = {}
    for column in _FOLDED:
        raw = f"{column.removesuffix('_id')}_raw"
        rows = fetch(
            connection,
            f"SELECT DISTINCT {column} AS id, {raw} AS raw FROM {parquet(files)} "
            f"WHERE strlen({column}) <> length({column})",
        )
        pairs = {(row["id"], row["raw"]): fold(row["raw"] or row["id"]) for row in rows}
        changed = {pair: folded for pair, folded in pairs.items() if folded != pair[0]}
        if changed:
            found[column] = changed
    return found


def _with_folding(connection: Connection, source: str, folding: dict[str, dict[tuple[str, str], str]]) -> str:
    for column, changed in folding.items():
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE fold_{column} (was VARCHAR, was_raw VARCHAR, id VARCHAR, raw VARCHAR)"
        )
        rows = [[was, raw, folded, raw or was] for (was, raw), folded in changed.items()]
        connection.executemany(f"INSERT INTO fold_{column} VALUES (?, ?, ?, ?)", rows)
        written = f"{column.removesuffix('_id')}_raw"
        source = (
            f"(SELECT events.* REPLACE (coalesce(f.id, {column}) AS {column}, coalesce(f.raw, {written}) AS {written}) "
            f"FROM {source} AS events LEFT JOIN fold_{column} AS f ON {column} = f.was AND {written} = f.was_raw)"
        )
    return f"(SELECT * FROM {source} WHERE ts IS NOT NULL)"


def _without_known(source: str, known: Known) -> str:
    """Leave out what an overlapping export brought already, as often as it brought it, and not once more.

    Two honest twins in the new export and one in the archive: one comes in. It is a comparison of counts within the
    time that both exports cover; nothing is ever compared within one file.
    """
    content = ", ".join(CONTENT)
    inside = f"ts BETWEEN {known.first} AND {known.last}"
    return (
        f"(SELECT {', '.join(NAMES)} FROM {source} WHERE NOT ({inside}) UNION ALL BY NAME "
        f"SELECT {', '.join(f'fresh.{name}' for name in NAMES)} FROM "
        f"(SELECT *, row_number() OVER (PARTITION BY {content} ORDER BY event_id) AS nth "
        f"FROM {source} WHERE {inside}) AS fresh "
        f"LEFT JOIN (SELECT {content}, count(*) AS times FROM {parquet(known.overlapping)} "
        f"WHERE {inside} GROUP BY ALL) AS old USING ({content}) "
        "WHERE old.times IS NULL OR nth > old.times)"
    )


def publish(temporary: Path, final: Path) -> str:
    """Make ``temporary``, which lies on the same filesystem, durable under its final name and return its SHA-256."""
    with temporary.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    temporary.chmod(0o600)
    temporary.rename(final)
    directory = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return digest


def sweep(home: Path, listed: set[str]) -> list[str]:
    """Remove what a crash left, segments that no manifest row lists, and return their names.

    The caller holds the import lock, so nothing found here can be in use by an import.
    """
    removed = []
    for path in sorted(folder(home).iterdir()):
        if path.name.endswith(SUFFIX) and path.name not in listed:
            path.unlink()
            removed.append(path.name)
    return removed


def scratch_folder(home: Path) -> Path:
    """Return the folder for temporary files of imports and queries."""
    return folder(home) / "scratch"


def connection(home: Path, *, memory: str = engine.MEMORY) -> Connection:
    """Open an engine that spills into the home's own scratch folder."""
    return engine.connect(scratch_folder(home), memory=memory)


@contextmanager
def reading(home: Path, *, memory: str = engine.MEMORY) -> Iterator[Connection]:
    """Open an engine to read the archive; raises ``Refusal`` when a segment is damaged, gone or of an older layout."""
    import duckdb

    try:
        with connection(home, memory=memory) as opened:
            yield opened
    except duckdb.Error as error:
        raise unreadable(error) from None


def unreadable(error: Exception) -> Refusal:
    """Return what to tell people when the engine can't read the archive."""
    words = N_(
        "The archive of events can't be read. Run `sekisho logs verify`, and put back from a backup what it names"
        " ({reason})."
    )
    return Refusal(words, control="MO-LOG-01", reason=str(error).partition("\n")[0])
