"""Media that are attached and in no register: each attachment is entered once and waits for a person (BK-MED-03)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accesscontrol import rows
from accesscontrol.canonical import JSON
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.operators import SYSTEM
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store, Transaction
from backups.lines import is_filled_line
from backups.media.register import Observed
from backups.records import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One attachment of a medium that nobody registered, or that is not what was registered.

    ``wrong`` names what of a registered medium does not agree; ``medium`` is empty for an unknown one.
    """

    number: int
    identity: str
    node: str
    folder: str
    serial: str
    uuid: str
    medium: str
    wrong: str
    at: datetime
    gone_at: datetime | None
    closed_at: datetime | None
    closed_by: str = ""
    note: str

    def to_json(self) -> dict[str, JSON]:
        """Return the line as plain values for ``--json``."""
        plain = ("number", "identity", "node", "folder", "serial", "uuid", "medium", "wrong", "closed_by", "note")
        instants = ("at", "gone_at", "closed_at")
        values: dict[str, JSON] = {name: getattr(self, name) for name in plain}
        return values | {name: to_text(each) if (each := getattr(self, name)) else None for name in instants}


def note(store: Store, seen: Iterable[Observed]) -> list[Sighting]:
    """Enter the unregistered media that are new since the last look, and which of the earlier ones are gone.

    Looking twice at the same attachment enters it once; putting the same medium in again is a new attachment.
    """
    present = {each.identity(): each for each in seen if not each.known}
    there = {each.identity for each in _rows(store, "gone_at IS NULL")}
    if present.keys() == there:
        return []
    with store.transaction() as tx:
        for each in _rows(tx, "gone_at IS NULL"):
            if each.identity not in present:
                _leave(tx, each)
            present.pop(each.identity, None)
        return [_enter(tx, each) for each in present.values()]


def waiting(reader: Reader) -> list[Sighting]:
    """Return the sightings about which no person has said anything yet, oldest first."""
    return _rows(reader, "closed_at IS NULL")


def close(store: Store, number: int, *, note: str, actor: str, terminal: str) -> Sighting:
    """Enter what a person found out about a sighting."""
    if not is_filled_line(note):
        raise Refusal(N_("Say whose medium it was and what was done with it."), control="BK-MED-03")
    with store.transaction() as tx:
        if not _rows(tx, f"closed_at IS NULL AND number = {int(number)}"):
            raise Refusal(N_("There is no open sighting {number}."), number=number)
        tx.execute(
            "UPDATE medium_sighting SET closed_at = ?, closed_by = ?, note = ? WHERE number = ?",
            (to_text(tx.at), actor, note, number),
        )
        (closed,) = _rows(tx, f"number = {int(number)}")
        tx.record("sighting.closed", actor=actor, terminal=terminal, subject=str(number), node=closed.node, note=note)
        return closed


def _enter(tx: Transaction, seen: Observed) -> Sighting:
    wrong = seen.label_fault or ", ".join(seen.disagreeing)
    if seen.medium is not None and not wrong:
        wrong = seen.medium.state
    number = tx.execute(
        "INSERT INTO medium_sighting (identity, node, folder, serial, uuid, medium, wrong, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            seen.identity(),
            seen.device.node,
            str(seen.folder) if seen.mounted else "",
            seen.device.serial,
            seen.device.uuid,
            seen.medium.id if seen.medium else "",
            wrong,
            to_text(tx.at),
        ),
    ).lastrowid
    tx.record(
        "sighting.entered",
        actor=SYSTEM,
        subject=str(number),
        outcome="unregistered",
        node=seen.device.node,
        serial=seen.device.serial,
        uuid=seen.device.uuid,
        medium=seen.medium.id if seen.medium else "",
        wrong=wrong,
    )
    return _rows(tx, f"number = {int(number or 0)}")[0]


def _leave(tx: Transaction, gone: Sighting) -> None:
    tx.execute("UPDATE medium_sighting SET gone_at = ? WHERE number = ?", (to_text(tx.at), gone.number))
    tx.record("sighting.gone", actor=SYSTEM, subject=str(gone.number), node=gone.node)


def _rows(reader: Reader, where: str) -> list[Sighting]:
    query = f"SELECT * FROM medium_sighting WHERE {where} ORDER BY number"  # noqa: S608 - constants and integers
    return rows.values(reader.rows(query), _sighting, reader.note_damage)


_sighting: Final = rows.Mapper(Sighting, "medium_sighting", "number")
