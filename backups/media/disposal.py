"""The end of a medium, in the terms of NIST SP 800-88 Rev. 2, and no word more than is known (BK-DSP-01).

Clear: overwritten where a user can address it. Purge: the device's own sanitize command, or destruction
of all keys of what was only ever written encrypted. Destroy: the device is gone. That nothing can be
recovered is never a statement of this program, only of two named persons.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from sqlite3 import Row
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol import rows
from accesscontrol.canonical import JSON
from accesscontrol.clock import end_of_day, local_day, to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store, Transaction
from backups.lines import is_filled_line
from backups.media.register import Medium, find, find_by_id, medium_id
from backups.records import Reader
from backups.sources import Fault

METHOD_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {"clear": N_("Clear"), "purge": N_("Purge"), "destroy": N_("Destroy")}
)
_STATEMENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "clear": N_(
            "{performer} and {witness} state that the addressable storage of {medium} was overwritten on {day} at"
            " {place} ({technique}, {tool}) and checked: {verification}."
        ),
        "purge": N_(
            "{performer} and {witness} state that {medium} was sanitized on {day} at {place} ({technique}, {tool})"
            " and checked: {verification}."
        ),
        "destroy": N_(
            "{performer} and {witness} state that {medium} was destroyed beyond recovery on {day} at {place}"
            " ({technique}, {tool}); certificate {certificate}."
        ),
    }
)
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What two persons state. ``evidence`` is the SHA-256 of the photograph or certificate file."""

    medium: str
    method: str
    technique: str
    tool: str
    verification: str
    place: str
    performer: str
    witness: str
    day: date
    certificate: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposal:
    """One line of the disposal ledger; ``contents`` are all outputs ever written to the medium."""

    number: int
    serial: str
    kind: str
    statement: Statement
    contents: Sequence[int]
    at: datetime
    actor: str

    def sentence(self) -> Fault:
        """Return the statement as a sentence: a msgid and its fields."""
        said = self.statement
        names = ("medium", "technique", "tool", "verification", "place", "performer", "witness", "certificate")
        return Fault(
            _STATEMENTS[said.method], {name: getattr(said, name) for name in names} | {"day": said.day.isoformat()}
        )

    def to_json(self) -> dict[str, JSON]:
        """Return the line as plain values for ``--json``."""
        said = self.statement
        names = ("medium", "method", "technique", "tool", "verification", "place", "performer", "witness")
        return {
            "number": self.number,
            "serial": self.serial,
            "kind": self.kind,
            **{name: getattr(said, name) for name in names},
            "certificate": said.certificate,
            "evidence": said.evidence,
            "day": said.day.isoformat(),
            "contents": list(self.contents),
            "at": to_text(self.at),
            "actor": self.actor,
        }


def dispose(store: Store, said: Statement, *, zone: ZoneInfo, actor: str, terminal: str) -> Disposal:
    """Enter the end of a medium; it cannot be used again, and what is on it counts as destroyed."""
    _require_sensible(said)
    with store.transaction() as tx:
        medium = find_by_id(tx, said.medium)
        if medium.state != "registered":
            raise Refusal(N_("{medium} is not in use any more."), control="BK-DSP-01", medium=medium.id)
        if said.day > local_day(tx.at, zone):
            raise Refusal(N_("The day {day} is yet to come."), control="BK-DSP-01", day=said.day)
        number = _insert(tx, medium, said, actor, terminal)
        tx.execute("UPDATE medium SET state = 'disposed' WHERE number = ?", (medium.number,))
        tx.execute(
            "UPDATE output SET state = 'destroyed', ended_at = ?, ended_by = ?, note = ?"
            " WHERE medium = ? AND state = 'out'",
            (to_text(tx.at), actor, N_("Ended by disposal No. {number}.").format(number=number), medium.id),
        )
        tx.record(
            "medium.disposed",
            actor=actor,
            terminal=terminal,
            subject=medium.id,
            number=number,
            method=said.method,
            technique=said.technique,
            performer=said.performer,
            witness=said.witness,
            certificate=said.certificate,
            evidence=said.evidence,
        )
        return _one(tx, number)


def page(reader: Reader, *, before: int | None = None, limit: int = 100) -> list[Disposal]:
    """Return up to ``limit`` disposals, newest first, older than ``before``."""
    found = reader.rows(
        "SELECT d.*, m.serial, m.kind FROM medium_disposal AS d JOIN medium AS m ON m.number = d.medium"
        " WHERE d.number < ? ORDER BY d.number DESC LIMIT ?",
        (before if before is not None else 1 << 62, limit),
    )
    return rows.values(found, _disposal, reader.note_damage)


def due(reader: Reader, at: datetime, zone: ZoneInfo) -> list[Medium]:
    """Return the media in use whose storage period is over (BK-DSP-01)."""
    rows = reader.rows(
        "SELECT number FROM medium WHERE state = 'registered' AND keep_until IS NOT NULL ORDER BY keep_until, number"
    )
    media = [find(reader, row["number"]) for row in rows]
    return [medium for medium in media if medium.keep_until and at >= end_of_day(medium.keep_until, zone)]


def _require_sensible(said: Statement) -> None:
    if said.method not in METHOD_TITLES:
        raise Refusal(N_("A medium ends by clear, purge or destroy."), control="BK-DSP-01")
    texts = (said.technique, said.tool, said.verification, said.place, said.performer, said.witness)
    if not all(is_filled_line(text) for text in texts):
        raise Refusal(N_("A disposal names technique, tool, check, place and two persons."), control="BK-DSP-01")
    if said.performer == said.witness:
        raise Refusal(N_("Two different persons state a disposal."), control="BK-DSP-01")
    if said.method == "destroy" and not said.certificate.strip():
        raise Refusal(N_("A destruction needs the number of its certificate."), control="BK-DSP-02")
    if (said.method == "destroy" or said.evidence) and not _SHA256.fullmatch(said.evidence):
        raise Refusal(
            N_("Give the SHA-256 of the photograph or of the certificate's file as evidence."), control="BK-DSP-02"
        )


def _insert(tx: Transaction, medium: Medium, said: Statement, actor: str, terminal: str) -> int:
    written = tx.rows(
        "SELECT number FROM output WHERE medium = ? AND written_at IS NOT NULL ORDER BY number", (medium.id,)
    )
    number = tx.execute(
        "INSERT INTO medium_disposal (medium, method, technique, tool, verification, place, performer, witness, day,"
        " certificate, evidence, contents, at, actor, terminal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            medium.number,
            said.method,
            said.technique,
            said.tool,
            said.verification,
            said.place,
            said.performer,
            said.witness,
            said.day.isoformat(),
            said.certificate,
            said.evidence,
            json.dumps([row["number"] for row in written]),
            to_text(tx.at),
            actor,
            terminal,
        ),
    ).lastrowid
    return int(number or 0)


def _one(reader: Reader, number: int) -> Disposal:
    (found,) = page(reader, before=number + 1, limit=1)
    return found


_statement: Final = rows.Mapper(Statement, "medium_disposal", "number", given=["medium"])
_line: Final = rows.Mapper(Disposal, "medium_disposal", "number")


def _disposal(row: Row) -> Disposal:
    return _line(row, statement=_statement(row, medium=medium_id(row["medium"])))
