"""Reading the book: single entries and pages of it, newest first."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from accesscontrol.clock import from_text
from accesscontrol.store import Store

UNREADABLE: Final = "entry.unreadable"
_UNKNOWN: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the book, as it was written."""

    number: int
    at: datetime
    act: str
    actor: str
    subject: str
    outcome: str
    terminal: str
    details: Mapping[str, Any]

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> "Entry":
        """Decode a row's number and stored bytes; bytes that somebody made unreadable show as such, with their number.

        So a tampered entry is seen in its place in every list; the verification names it.
        """
        try:
            value = json.loads(row["body"])
            return cls(
                number=row["seq"],
                at=from_text(value["at"]),
                act=value["act"],
                actor=value["actor"],
                subject=value["subject"],
                outcome=value["outcome"],
                terminal=value["terminal"],
                details=dict(value["details"]),
            )
        except (ValueError, TypeError, KeyError, RecursionError):
            return cls(row["seq"], _UNKNOWN, UNREADABLE, "", "", "unreadable", "", {})


def size(store: Store) -> int:
    """Return the number of entries in the book."""
    row = store.row("SELECT coalesce(max(seq), 0) AS size FROM trail_entry")
    return int(row["size"]) if row else 0


def entry(store: Store, number: int) -> Entry | None:
    """Return the entry with this number, or None."""
    row = store.row("SELECT seq, body FROM trail_entry WHERE seq = ?", (number,))
    return Entry.from_row(row) if row else None


def numbered(store: Store, numbers: Sequence[int]) -> list[Entry]:
    """Return the entries with these numbers, in no promised order."""
    marks = ",".join("?" * len(numbers))
    # only question marks
    return _entries(store.rows(f"SELECT seq, body FROM trail_entry WHERE seq IN ({marks})", numbers))  # noqa: S608


def page(store: Store, *, before: int | None = None, limit: int = 200, contains: str = "") -> list[Entry]:
    """Return up to ``limit`` entries older than ``before`` (newest first), whose text contains ``contains``."""
    rows = store.rows(
        """
        SELECT seq, body FROM trail_entry
        WHERE seq < ? AND (? = '' OR instr(lower(CAST(body AS TEXT)), lower(?)))
        ORDER BY seq DESC LIMIT ?
        """,
        (before if before is not None else (1 << 62), contains, contains, limit),
    )
    return _entries(rows)


def of_act(store: Store, act: str) -> Iterator[Entry]:
    """Yield every entry of one act, oldest first; reads the whole book."""
    pattern = f'"act":"{act}"'
    for row in store.rows(
        "SELECT seq, body FROM trail_entry WHERE instr(body, CAST(? AS BLOB)) ORDER BY seq", (pattern,)
    ):
        entry = Entry.from_row(row)
        if entry.act == act:
            yield entry


def about(store: Store, subject: str) -> list[Entry]:
    """Return every entry about ``subject`` (a request, a backup, a finding…), oldest first."""
    rows = store.rows("SELECT seq, body FROM trail_entry WHERE subject <> '' AND subject = ? ORDER BY seq", (subject,))
    return _entries(rows)


def _entries(rows: list[sqlite3.Row]) -> list[Entry]:
    return [Entry.from_row(row) for row in rows]
