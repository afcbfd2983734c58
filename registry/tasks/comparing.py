"""Comparing records of the register with records that came from elsewhere, item by item, at any size.

Both sides are reduced to keyed hashes, whose key lives only as long as the comparison: the working table, which
the database may put on disk, holds nothing that a record holds.
"""

import csv
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any, Final

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from registry.files import File
from registry.tasks.differences import Line

_SIZE: Final = 8
_READ: Final = 1 << 20


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file; :class:`Refusal` when it can't be read."""
    digest = sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_READ):
                digest.update(block)
    except OSError as error:
        raise Refusal(
            N_("The file {path} can't be read: {reason}."),
            path=str(path),
            reason=error.strerror or type(error).__name__,
        ) from None
    return digest.hexdigest()


@contextmanager
def records_of(
    source: Path, file: File, key: str, *, beside: Sequence[str] = ()
) -> Iterator[tuple[tuple[str, ...], Iterator[tuple[str, ...]]]]:
    """Open a CSV export of ``file`` as (columns, rows); its first line names items, ``key`` first of all.

    Items are named by column or as printed; ``beside`` are columns that are no items. A line that does not follow the
    first refuses the whole (CHK-FMT-07).
    """
    printed = {item.name_ja: item.column for item in file.items}
    try:
        with source.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            columns = tuple(printed.get(name, name) for name in next(reader, []))
            if (
                columns[:1] != (key,)
                or len(set(columns)) != len(columns)
                or not set(columns) <= {*file.columns, *beside}
            ):
                raise _unreadable(1)
            yield columns, _rows(reader, len(columns))
    except OSError as error:
        raise Refusal(
            N_("The file {path} can't be read: {reason}."), path=str(source), reason=error.strerror or "?"
        ) from None


def _rows(reader: Any, width: int) -> Iterator[tuple[str, ...]]:
    try:
        for fields in reader:
            if len(fields) != width or not fields[0]:
                raise _unreadable(reader.line_num)
            yield tuple(fields)
    except (csv.Error, UnicodeDecodeError):
        raise _unreadable(max(1, reader.line_num)) from None


def _unreadable(line: int) -> Refusal:
    return Refusal(
        N_("Import data does not follow the layout (line {line}); nothing was registered."),
        control="RG-PRV-07",
        line=line,
    )


class Comparison:
    """One comparison by one key: give it our side, then theirs, then ask for the differences."""

    def __init__(self) -> None:
        """Make a working table in a database that disappears with it."""
        self._secret = secrets.token_bytes(32)
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE ours (person BLOB PRIMARY KEY, place INTEGER, items BLOB) WITHOUT ROWID")
        self._database.execute("CREATE TABLE theirs (person BLOB PRIMARY KEY, line INTEGER, items BLOB) WITHOUT ROWID")

    def _hash(self, value: object) -> bytes:
        text = "" if value is None else str(value)
        return blake2b(text.encode(), digest_size=_SIZE, key=self._secret).digest()

    def _fill(self, table: str, rows: Iterable[tuple[int, Sequence[object]]]) -> int:
        hashed = ((self._hash(row[0]), at, b"".join(map(self._hash, row[1:]))) for at, row in rows)
        self._database.execute("BEGIN")
        try:
            # names of ours
            count = self._database.executemany(f"INSERT INTO {table} VALUES (?, ?, ?)", hashed).rowcount  # noqa: S608
        except sqlite3.IntegrityError:
            raise Refusal(N_("One person stands twice in the records to compare; nothing was compared.")) from None
        self._database.execute("COMMIT")
        return count

    def ours(self, rows: Iterable[tuple[Any, ...]]) -> int:
        """Take our records: surrogate key, matching key, then the items; return how many there were."""
        return self._fill("ours", ((row[0], row[1:]) for row in rows))

    def theirs(self, rows: Iterable[Sequence[object]]) -> int:
        """Take their records: matching key, then the same items; return how many there were."""
        return self._fill("theirs", enumerate(rows, start=1))

    def differences(self, table: str, numbers: Sequence[int]) -> Iterator[Line]:
        """Yield what is missing on either side and what differs; their records go by their line in the file."""
        one_sided = (
            (
                "missing_there",
                "SELECT place FROM ours WHERE person NOT IN (SELECT person FROM theirs) ORDER BY 1",
                table,
            ),
            (
                "missing_here",
                "SELECT line FROM theirs WHERE person NOT IN (SELECT person FROM ours) ORDER BY 1",
                "line",
            ),
        )
        for kind, sql, place in one_sided:
            for (at,) in self._database.execute(sql):
                yield Line(kind=kind, place={place: at})
        sql = (
            "SELECT o.place, t.line, o.items, t.items FROM ours AS o JOIN theirs AS t ON t.person = o.person "
            "WHERE o.items <> t.items ORDER BY 1"
        )
        for place, line, mine, other in self._database.execute(sql):
            differing = [
                number
                for number, at in zip(numbers, range(0, len(mine), _SIZE), strict=True)
                if mine[at : at + _SIZE] != other[at : at + _SIZE]
            ]
            yield Line(kind="differing", place={table: place, "line": line}, items=tuple(differing))

    def close(self) -> None:
        """Let the working table disappear."""
        self._database.close()


@contextmanager
def comparison() -> Iterator[Comparison]:
    """Hold one comparison and let its working table disappear afterwards."""
    with closing(Comparison()) as held:
        yield held


def counted(lines: Sequence[Line]) -> Mapping[str, int]:
    """Return the number of lines of each kind."""
    kinds = ("missing_there", "missing_here", "differing")
    return {kind: sum(line.kind == kind for line in lines) for kind in kinds}
