"""Reading the book: single entries and pages of it, newest first."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accesscontrol.clock import from_text
from accesscontrol.store import Store


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
    def from_body(cls, body: bytes) -> "Entry":
        """Decode the stored bytes of an entry."""
        value = json.loads(body)
        return cls(
            number=value["number"],
            at=from_text(value["at"]),
            act=value["act"],
            actor=value["actor"],
            subject=value["subject"],
            outcome=value["outcome"],
            terminal=value["terminal"],
            details=value["details"],
        )


def size(store: Store) -> int:
    """Return the number of entries in the book."""
    row = store.row("SELECT coalesce(max(seq), 0) AS size FROM trail_entry")
    return int(row["size"]) if row else 0


def entry(store: Store, number: int) -> Entry | None:
    """Return the entry with this number, or None."""
    row = store.row("SELECT body FROM trail_entry WHERE seq = ?", (number,))
    return Entry.from_body(row["body"]) if row else None


def numbered(store: Store, numbers: Sequence[int]) -> list[Entry]:
    """Return the entries with these numbers, in no promised order."""
    marks = ",".join("?" * len(numbers))
    return _entries(store.rows(f"SELECT body FROM trail_entry WHERE seq IN ({marks})", numbers))  # noqa: S608


def page(store: Store, *, before: int | None = None, limit: int = 200, contains: str = "") -> list[Entry]:
    """Return up to ``limit`` entries older than ``before`` (newest first), whose text contains ``contains``."""
    rows = store.rows(
        """
        SELECT body FROM trail_entry
        WHERE seq < ? AND (? = '' OR instr(lower(CAST(body AS TEXT)), lower(?)))
        ORDER BY seq DESC LIMIT ?
        """,
        (before if before is not None else (1 << 62), contains, contains, limit),
    )
    return _entries(rows)


def of_act(store: Store, act: str) -> Iterator[Entry]:
    """Yield every entry of one act, oldest first; reads the whole book."""
    pattern = f'"act":"{act}"'
    for row in store.rows("SELECT body FROM trail_entry WHERE instr(body, CAST(? AS BLOB)) ORDER BY seq", (pattern,)):
        entry = Entry.from_body(row["body"])
        if entry.act == act:
            yield entry


def about(store: Store, subject: str) -> list[Entry]:
    """Return every entry about ``subject`` (a request, a backup, a finding…), oldest first."""
    rows = store.rows("SELECT body FROM trail_entry WHERE subject <> '' AND subject = ? ORDER BY seq", (subject,))
    return _entries(rows)


def _entries(rows: list[sqlite3.Row]) -> list[Entry]:
    return [Entry.from_body(row["body"]) for row in rows]
