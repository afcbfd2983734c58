"""Stocktaking: every medium that should be in the stores is looked for by a person; each gap is named (BK-MED-08)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Row
from typing import Final

from accesscontrol import rows
from accesscontrol.canonical import JSON
from accesscontrol.clock import from_text, to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store, Transaction
from backups.media.register import find_by_id, medium_id
from backups.records import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One medium on the count sheet: where it should be, and where it was seen, by whom, if at all."""

    medium: str
    serial: str
    expected: str
    found: str | None
    seen_at: datetime | None
    seen_by: str = ""
    note: str

    @property
    def gap(self) -> bool:
        """Say whether it was not seen, or was seen somewhere else."""
        return self.found != self.expected

    def to_json(self) -> dict[str, JSON]:
        """Return the line as plain values for ``--json``."""
        return {
            "medium": self.medium,
            "serial": self.serial,
            "expected": self.expected,
            "found": self.found,
            "seen_at": to_text(self.seen_at) if self.seen_at else None,
            "seen_by": self.seen_by,
            "note": self.note,
            "gap": self.gap,
        }


def begin(store: Store, stores: frozenset[str], *, actor: str, terminal: str) -> int:
    """Begin a stocktaking of everything that should be in ``stores`` now; one at a time. Return its number."""
    with store.transaction() as tx:
        running = tx.row("SELECT number FROM stocktaking WHERE closed_at IS NULL")
        if running is not None:
            raise Refusal(N_("Stocktaking {number} is not closed yet."), number=running["number"])
        number = tx.execute(
            "INSERT INTO stocktaking (opened_at, opened_by) VALUES (?, ?)", (to_text(tx.at), actor)
        ).lastrowid
        media = tx.rows("SELECT number, place FROM medium WHERE state = 'registered' ORDER BY number")
        expected = [(number, row["number"], row["place"]) for row in media if row["place"] in stores]
        for line in expected:
            tx.execute("INSERT INTO stocktaking_line (stocktaking, medium, expected) VALUES (?, ?, ?)", line)
        tx.record("stocktaking.begun", actor=actor, terminal=terminal, subject=str(number), media=len(expected))
    return int(number or 0)


def count(store: Store, number: int, medium: str, *, found: str, actor: str, terminal: str, note: str = "") -> None:
    """Enter that ``medium`` was seen at ``found``; a medium outside the list that turns up is added to it."""
    with store.transaction() as tx:
        _require_running(tx, number)
        known = find_by_id(tx, medium)
        tx.execute(
            "INSERT INTO stocktaking_line (stocktaking, medium, expected, found, seen_at, seen_by, note)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (stocktaking, medium) DO UPDATE SET"
            " found = excluded.found, seen_at = excluded.seen_at, seen_by = excluded.seen_by, note = excluded.note",
            (number, known.number, known.place, found, to_text(tx.at), actor, note),
        )
        tx.record(
            "stocktaking.counted",
            actor=actor,
            terminal=terminal,
            subject=known.id,
            number=number,
            found=found,
            note=note,
        )


def close(store: Store, number: int, *, actor: str, terminal: str) -> list[Line]:
    """Close the stocktaking and return its gaps, each of which is a finding."""
    with store.transaction() as tx:
        _require_running(tx, number)
        tx.execute(
            "UPDATE stocktaking SET closed_at = ?, closed_by = ? WHERE number = ?", (to_text(tx.at), actor, number)
        )
        gaps = [line for line in sheet(tx, number) if line.gap]
        tx.record(
            "stocktaking.closed",
            actor=actor,
            terminal=terminal,
            subject=str(number),
            outcome="gaps" if gaps else "done",
            gaps=[line.medium for line in gaps],
        )
    return gaps


def sheet(reader: Reader, number: int) -> Sequence[Line]:
    """Return the count sheet, in order of place and number."""
    found = reader.rows(
        "SELECT l.*, m.serial FROM stocktaking_line AS l JOIN medium AS m ON m.number = l.medium"
        " WHERE l.stocktaking = ? ORDER BY l.expected, l.medium",
        (number,),
    )
    return rows.values(found, _line, reader.note_damage)


def running(reader: Reader) -> int | None:
    """Return the number of the stocktaking that is under way, or None."""
    row = reader.row("SELECT number FROM stocktaking WHERE closed_at IS NULL")
    return int(row["number"]) if row else None


def newest(reader: Reader) -> int | None:
    """Return the number of the newest stocktaking, under way or closed, or None."""
    row = reader.row("SELECT max(number) AS number FROM stocktaking")
    return int(row["number"]) if row and row["number"] else None


def newest_closed(reader: Reader) -> int | None:
    """Return the number of the newest stocktaking that was closed, or None."""
    row = reader.row("SELECT max(number) AS number FROM stocktaking WHERE closed_at IS NOT NULL")
    return int(row["number"]) if row and row["number"] else None


def last_closed(reader: Reader) -> datetime | None:
    """Return when the newest stocktaking was closed, or None."""
    row = reader.row("SELECT max(closed_at) AS at FROM stocktaking")
    return from_text(row["at"]) if row and row["at"] else None


def _require_running(tx: Transaction, number: int) -> None:
    if tx.row("SELECT 1 FROM stocktaking WHERE number = ? AND closed_at IS NULL", (number,)) is None:
        raise Refusal(N_("Stocktaking {number} is not running."), number=number)


_stored: Final = rows.Mapper(Line, "stocktaking_line", "stocktaking", "medium", given=["medium"])


def _line(row: Row) -> Line:
    return _stored(row, medium=medium_id(row["medium"]))
