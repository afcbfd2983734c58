"""The first passwords that were handed over and not changed yet: one open line for an ID, with the end of its hours."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from accesscontrol import rows
from accesscontrol.clock import to_text
from accesscontrol.people.reading import Reader
from accesscontrol.store import Transaction


class Outcome(StrEnum):
    """Why a first password is over."""

    CHANGED = "changed"  # the person chose an own one
    REPLACED = "replaced"  # another first password was handed over
    REFUSED = "refused"  # the target did not take it
    LAPSED = "lapsed"  # its ID lapsed, and the password with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A first password that waits for its change, up to ``until`` (UTC, not included), or did up to ``ended_at``."""

    system: str
    user_id: str
    until: datetime
    ended_at: datetime | None = None
    outcome: Outcome | None = None


def open_ones(reader: Reader) -> list[Waiting]:
    """Return the first passwords that wait, the earliest end first; a damaged row is passed over and noted."""
    found = rows.values(reader.rows("SELECT * FROM first_password ORDER BY until"), _waiting, reader.note_damage)
    return [each for each in found if each.ended_at is None]


_waiting: Final = rows.Mapper(Waiting, "first_password", "number")


def open_row(tx: Transaction, system: str, user_id: str, until: datetime) -> None:
    """Write the line of a first password; whoever calls records it."""
    tx.execute(
        "INSERT INTO first_password (system, user_id, issued_at, until) VALUES (?, ?, ?, ?)",
        (system, user_id, to_text(tx.at), to_text(until)),
    )


def end(tx: Transaction, system: str, user_id: str, outcome: Outcome) -> None:
    """Close the open line of an ID, if there is one; whoever calls records why."""
    tx.execute(
        "UPDATE first_password SET ended_at = ?, outcome = ? WHERE system = ? AND user_id = ? AND ended_at IS NULL",
        (to_text(tx.at), outcome.value, system, user_id),
    )
