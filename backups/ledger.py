"""The ledger of what left on media: one line an output, from the first byte to its return or end (BK-MED-06)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol import rows
from accesscontrol.canonical import JSON
from accesscontrol.clock import end_of_day, to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store, Transaction
from backups.records import Reader

ENDINGS: Final = MappingProxyType({"return": "returned", "destroy": "destroyed", "hand-over": "handed-over"})
"""What is to happen by the due day, and the state of a line when it has happened."""

ENDING_TITLES: Final = MappingProxyType(
    {"return": N_("return"), "destroy": N_("destruction"), "hand-over": N_("hand-over")}
)


class StateTitle(StrEnum):
    """What people read for the state of a line: each a msgid."""

    WRITING = N_("being written")
    OUT = N_("out")
    FAILED = N_("failed")
    RETURNED = N_("returned")
    DESTROYED = N_("destroyed")
    HANDED_OVER = N_("handed over")


STATE_TITLES: Final[Mapping[str, StateTitle]] = MappingProxyType(
    {title.name.lower().replace("_", "-"): title for title in StateTitle}
)


_PLAIN: Final = (
    *("number", "request", "requester", "kind", "content", "persons", "sha256", "size", "medium", "folder"),
    *("carrier", "destination", "purpose", "ending", "state", "actor", "terminal", "note"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOutput:
    """What is known of an output before its first byte. ``due`` is the last day (site's zone) for its end."""

    request: str
    kind: str
    content: str
    sha256: str
    size: int
    files: tuple[str, ...]
    medium: str
    folder: str
    carrier: str
    destination: str
    purpose: str
    ending: str
    due: date
    requester: str
    actor: str
    terminal: str
    persons: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Output(NewOutput):
    """One line of the ledger: what was known before, and what became of it."""

    number: int
    state: str
    started_at: datetime
    written_at: datetime | None
    ended_at: datetime | None
    ended_by: str = ""
    note: str

    def overdue(self, at: datetime, zone: ZoneInfo) -> bool:
        """Say whether it is still out after its last day (BK-MED-08)."""
        return self.state == "out" and at >= end_of_day(self.due, zone)

    def to_json(self) -> dict[str, JSON]:
        """Return the line as plain values for ``--json``."""
        values: dict[str, JSON] = {name: getattr(self, name) for name in _PLAIN}
        return values | {
            "files": list(self.files),
            "due": self.due.isoformat(),
            "started_at": to_text(self.started_at),
            "written_at": to_text(self.written_at) if self.written_at else None,
            "ended_at": to_text(self.ended_at) if self.ended_at else None,
            "ended_by": self.ended_by,
        }


def begin(store: Store, new: NewOutput, *, also: Callable[[Transaction], None] | None = None) -> int:
    """Open the line of an output that is about to be written, and return its number.

    ``also`` is a last rule, checked in the same transaction: two outputs at once can't both slip under it.
    """
    with store.transaction() as tx:
        if also is not None:
            also(tx)
        values = {name: getattr(new, name) for name in NewOutput.__slots__} | {
            "files": json.dumps(new.files, ensure_ascii=False),
            "due": new.due.isoformat(),
            "state": "writing",
            "started_at": to_text(tx.at),
        }
        number = tx.execute(
            f"INSERT INTO output ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",  # noqa: S608 - our names
            tuple(values.values()),
        ).lastrowid
        tx.record(
            "output.started",
            actor=new.actor,
            terminal=new.terminal,
            subject=new.request,
            number=number,
            content=new.content,
            sha256=new.sha256,
            medium=new.medium,
            destination=new.destination,
        )
    return int(number or 0)


def close_writing(store: Store, number: int, *, failure: str = "") -> Output:
    """Say that the output was written and read back, or why it failed."""
    with store.transaction() as tx:
        output = find(tx, number)
        tx.execute(
            "UPDATE output SET state = ?, written_at = ?, note = ? WHERE number = ?",
            ("failed" if failure else "out", None if failure else to_text(tx.at), failure, number),
        )
        tx.record(
            "output.written",
            actor=output.actor,
            terminal=output.terminal,
            subject=output.request,
            outcome="failed" if failure else "done",
            number=number,
            sha256=output.sha256,
            reason=failure,
        )
        return find(tx, number)


def end(store: Store, number: int, *, state: str, actor: str, terminal: str, note: str) -> Output:
    """Enter the return, destruction or hand-over of an output that is out; ``note`` says how it was seen."""
    if state not in ENDINGS.values():
        raise Refusal(N_("An output ends as returned, destroyed or handed over."), control="BK-MED-08")
    if not note.strip():
        raise Refusal(N_("Say how the end was seen: by whom, where, with which certificate."), control="BK-MED-08")
    with store.transaction() as tx:
        output = find(tx, number)
        if output.state != "out":
            raise Refusal(N_("Output {number} is not out: {state}."), number=number, state=STATE_TITLES[output.state])
        tx.execute(
            "UPDATE output SET state = ?, ended_at = ?, ended_by = ?, note = ? WHERE number = ?",
            (state, to_text(tx.at), actor, note, number),
        )
        tx.record(
            "output.ended",
            actor=actor,
            terminal=terminal,
            subject=output.request,
            outcome=state,
            number=number,
            sha256=output.sha256,
            note=note,
        )
        return find(tx, number)


def settle(store: Store, number: int, *, out: bool, note: str, actor: str, terminal: str) -> Output:
    """Enter what a person found on the medium of a broken-off writing: a whole output that is out, or none."""
    if not note.strip():
        raise Refusal(N_("Say what was found on the medium, and what was done with it."), control="BK-MED-06")
    with store.transaction() as tx:
        output = next((line for line in broken_off(tx) if line.number == number), None)
        if output is None:
            raise Refusal(N_("Output {number} was not broken off."), number=number)
        tx.execute(
            "UPDATE output SET state = ?, written_at = ?, note = ? WHERE number = ?",
            ("out" if out else "failed", to_text(tx.at) if out else None, note, number),
        )
        tx.record(
            "output.settled",
            actor=actor,
            terminal=terminal,
            subject=output.request,
            outcome="done" if out else "failed",
            number=number,
            sha256=output.sha256,
            note=note,
        )
        return find(tx, number)


def find(reader: Reader, number: int) -> Output:
    """Return one line; Refusal when there is none of that number."""
    row = reader.row("SELECT * FROM output WHERE number = ?", (number,))
    if row is None:
        raise Refusal(N_("There is no output {number}."), number=number)
    return _output(row)


def page(reader: Reader, *, before: int | None = None, limit: int = 100, medium: str = "") -> list[Output]:
    """Return up to ``limit`` lines, newest first, older than ``before``, of one medium if named."""
    found = reader.rows(
        "SELECT * FROM output WHERE number < ? AND (? = '' OR medium = ?) ORDER BY number DESC LIMIT ?",
        (before if before is not None else 1 << 62, medium, medium, limit),
    )
    return rows.values(found, _output, reader.note_damage)


def overdue(reader: Reader, at: datetime, zone: ZoneInfo) -> list[Output]:
    """Return everything that is out after its last day, longest first (BK-MED-08)."""
    return [output for output in out(reader) if output.overdue(at, zone)]


def out(reader: Reader) -> list[Output]:
    """Return everything that is out, that which is due first at the top."""
    found = reader.rows("SELECT * FROM output WHERE state = 'out' ORDER BY due, number")
    return rows.values(found, _output, reader.note_damage)


def broken_off(reader: Reader) -> list[Output]:
    """Return the outputs whose writing neither ended nor is under way: a person must look at the medium."""
    found = reader.rows(
        "SELECT output.* FROM output LEFT JOIN request ON request.id = output.request"
        " WHERE output.state = 'writing' AND request.state IS NOT 'executing' ORDER BY number"
    )
    return rows.values(found, _output, reader.note_damage)


_output: Final = rows.Mapper(Output, "output", "number")
