"""Where each medium is, and every move of it: one present place, giver and receiver, permission, return (BK-MED-08)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol import rows
from accesscontrol.canonical import JSON
from accesscontrol.clock import end_of_day, to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks
from accesscontrol.store import Store, Transaction
from backups.lines import is_filled_line
from backups.media.register import Medium, find, find_by_id, medium_id
from backups.records import Reader

DIRECTION_TITLES: Final = MappingProxyType(
    {"out": N_("moved out"), "in": N_("brought in"), "within": N_("moved within")}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A move as a person enters it. ``permission`` is the number of the request that allows a taking out."""

    medium: str
    to_place: str
    rule: str
    giver: str
    receiver: str
    permission: str = ""
    due: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One line of the movement ledger."""

    number: int
    medium: int
    direction: str
    from_place: str
    to_place: str
    rule: str
    permission: str
    giver: str
    receiver: str
    due: date | None
    at: datetime
    actor: str
    terminal: str
    note: str

    def to_json(self) -> dict[str, JSON]:
        """Return the line as plain values for ``--json``."""
        plain = ("number", "direction", "from_place", "to_place", "rule", "permission", "giver", "receiver", "note")
        return {
            "medium": medium_id(self.medium),
            **{name: getattr(self, name) for name in plain},
            "due": self.due.isoformat() if self.due else None,
            "at": to_text(self.at),
            "actor": self.actor,
            "terminal": self.terminal,
        }


def move(store: Store, stores: frozenset[str], asked: Move, *, actor: str, terminal: str) -> Movement:
    """Enter a move. Between ``stores`` (the site's locked places) it needs no permission; out of them it does.

    A medium that comes back ends the outputs on it that were to be returned.
    """
    _require_sensible(asked)
    with store.transaction() as tx:
        medium = find_by_id(tx, asked.medium)
        if medium.state != "registered":
            raise Refusal(N_("{medium} is not in use any more."), control="BK-MED-08", medium=medium.id)
        locks.check(store, [("medium", medium.id)], tx.at)
        direction = _direction(medium, asked, stores)
        if direction == "out":
            _require_permission(tx, medium, asked)
        tx.execute("UPDATE medium SET place = ? WHERE number = ?", (asked.to_place, medium.number))
        number = _insert(tx, medium, direction, asked, actor, terminal)
        if direction == "in":
            tx.execute(
                "UPDATE output SET state = 'returned', ended_at = ?, ended_by = ?, note = ?"
                " WHERE medium = ? AND state = 'out' AND ending = 'return'",
                (to_text(tx.at), actor, N_("Ended by movement No. {number}.").format(number=number), medium.id),
            )
        tx.record(
            "medium.moved",
            actor=actor,
            terminal=terminal,
            subject=medium.id,
            outcome=direction,
            number=number,
            from_place=medium.place,
            to_place=asked.to_place,
            giver=asked.giver,
            receiver=asked.receiver,
            permission=asked.permission,
            due=asked.due.isoformat() if asked.due else None,
        )
        return _one(tx, number)


def page(reader: Reader, *, medium: str = "", before: int | None = None, limit: int = 100) -> list[Movement]:
    """Return up to ``limit`` movements, newest first, older than ``before``, of one medium if named."""
    number = find_by_id(reader, medium).number if medium else 0
    found = reader.rows(
        "SELECT * FROM medium_movement WHERE number < ? AND (? = 0 OR medium = ?) ORDER BY number DESC LIMIT ?",
        (before if before is not None else 1 << 62, number, number, limit),
    )
    return rows.values(found, _movement, reader.note_damage)


def overdue(reader: Reader, at: datetime, zone: ZoneInfo) -> list[Movement]:
    """Return the takings out whose medium is not back although its last day has passed (BK-MED-08)."""
    found = reader.rows(
        "SELECT m.* FROM medium_movement AS m JOIN medium ON medium.number = m.medium"
        " WHERE medium.state = 'registered' AND m.direction = 'out' AND m.number ="
        " (SELECT max(number) FROM medium_movement WHERE medium = m.medium) ORDER BY m.due, m.number"
    )
    moved = rows.values(found, _movement, reader.note_damage)
    return [each for each in moved if each.due and at >= end_of_day(each.due, zone)]


def outside(reader: Reader, stores: frozenset[str]) -> Sequence[Medium]:
    """Return the registered media that are in none of the site's stores."""
    found = reader.rows("SELECT number, place FROM medium WHERE state = 'registered' ORDER BY number")
    return [find(reader, row["number"]) for row in found if row["place"] not in stores]


def _require_sensible(asked: Move) -> None:
    texts = (asked.to_place, asked.rule, asked.giver, asked.receiver)
    if not all(is_filled_line(text) for text in texts):
        raise Refusal(N_("A move names its place, rule, giver and receiver."), control="BK-MED-08")
    if asked.giver == asked.receiver:
        raise Refusal(N_("Giver and receiver are two people."), control="BK-MED-08")


def _direction(medium: Medium, asked: Move, stores: frozenset[str]) -> str:
    if medium.place == asked.to_place:
        raise Refusal(
            N_("{medium} is at {place} already."), control="BK-MED-08", medium=medium.id, place=asked.to_place
        )
    if asked.to_place not in stores:
        return "out"
    return "within" if medium.place in stores else "in"


def _require_permission(tx: Transaction, medium: Medium, asked: Move) -> None:
    """Refuse a taking out without an executed request whose output is on this medium, or without a day of return."""
    row = tx.row(
        "SELECT 1 FROM output WHERE request = ? AND medium = ? AND state = 'out'", (asked.permission, medium.id)
    )
    if row is None:
        raise Refusal(
            N_("{medium} leaves only with an executed request for what is on it; name its number."),
            control="BK-BAK-02",
            medium=medium.id,
        )
    if asked.due is None:
        raise Refusal(N_("A taking out needs the day of its return."), control="BK-MED-08")


def _insert(tx: Transaction, medium: Medium, direction: str, asked: Move, actor: str, terminal: str) -> int:
    number = tx.execute(
        "INSERT INTO medium_movement (medium, direction, from_place, to_place, rule, permission, giver, receiver,"
        " due, at, actor, terminal, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            medium.number,
            direction,
            medium.place,
            asked.to_place,
            asked.rule,
            asked.permission,
            asked.giver,
            asked.receiver,
            asked.due.isoformat() if asked.due else None,
            to_text(tx.at),
            actor,
            terminal,
            asked.note,
        ),
    ).lastrowid
    return int(number or 0)


def _one(reader: Reader, number: int) -> Movement:
    (row,) = reader.rows("SELECT * FROM medium_movement WHERE number = ?", (number,))
    return _movement(row)


_movement: Final = rows.Mapper(Movement, "medium_movement", "number")
