"""Who holds the shares of which identity, when it was put together, and when it was destroyed for good.

The shares themselves are on paper with their holders and are never kept here. When every identity that
can open a sealed file has been destroyed, that file is erased cryptographically (NIST SP 800-88 Rev. 2,
purge): a statement that holds only as far as the persons' word that no copy of a key remains.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accesscontrol import rows
from accesscontrol.canonical import JSON
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from backups.lines import is_filled_line
from backups.records import Reader, backup_id
from backups.sealing.keys import Recipient

_FEWEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """One set of shares: of which identity (by its public key), how many open it, and who holds them."""

    number: int
    recipient: str
    threshold: int
    holders: tuple[str, ...]
    at: datetime
    actor: str

    def to_json(self) -> dict[str, JSON]:
        """Return the line as plain values for ``--json``."""
        return {
            "number": self.number,
            "recipient": self.recipient,
            "threshold": self.threshold,
            "holders": list(self.holders),
            "at": to_text(self.at),
            "actor": self.actor,
        }


@dataclass(frozen=True, slots=True)
class Opened:
    """One time that an identity was put together: by whom (staff numbers), what for, and when."""

    number: int
    participants: tuple[str, ...]
    purpose: str
    at: datetime

    def to_json(self) -> dict[str, JSON]:
        """Return the line as plain values for ``--json``."""
        participants: JSON = list(self.participants)
        return {
            "number": self.number,
            "participants": participants,
            "purpose": self.purpose,
            "at": to_text(self.at),
        }


def entrust(
    store: Store, recipient: Recipient, threshold: int, holders: Sequence[str], *, actor: str, terminal: str
) -> Custody:
    """Enter that each of ``holders`` (staff numbers, all different) took one share in their own hands."""
    if len(set(holders)) != len(holders) or not all(map(is_filled_line, holders)):
        raise Refusal(N_("Each share has a holder of its own."), control="BK-BAK-04")
    if not _FEWEST <= threshold <= len(holders):
        raise Refusal(N_("A key is shared so that at least 2, and at most all, of the shares open it."))
    with store.transaction() as tx:
        number = tx.execute(
            "INSERT INTO custody (recipient, threshold, holders, at, actor, terminal) VALUES (?, ?, ?, ?, ?, ?)",
            (str(recipient), threshold, json.dumps(list(holders)), to_text(tx.at), actor, terminal),
        ).lastrowid
        tx.record(
            "custody.entrusted",
            actor=actor,
            terminal=terminal,
            subject=str(recipient),
            number=number,
            threshold=threshold,
            holders=list(holders),
        )
        return find(tx, int(number or 0))


def open_with(
    store: Store, number: int, participants: Sequence[str], *, purpose: str, actor: str, terminal: str
) -> int:
    """Enter that holders put the identity together for ``purpose``; enough of them, and only holders."""
    with store.transaction() as tx:
        custody = find(tx, number)
        strangers = sorted(set(participants) - set(custody.holders))
        if strangers:
            raise Refusal(N_("{names} hold no share of this key."), control="BK-BAK-04", names=", ".join(strangers))
        if len(set(participants)) < custody.threshold:
            raise Refusal(
                N_("{threshold} holders are needed; there are {count}."),
                control="BK-BAK-04",
                threshold=custody.threshold,
                count=len(set(participants)),
            )
        if not is_filled_line(purpose):
            raise Refusal(N_("Say what the key is put together for."), control="BK-BAK-04")
        opening = tx.execute(
            "INSERT INTO custody_opening (custody, participants, purpose, at, actor, terminal)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (number, json.dumps(sorted(set(participants))), purpose, to_text(tx.at), actor, terminal),
        ).lastrowid
        tx.record(
            "custody.opened",
            actor=actor,
            terminal=terminal,
            subject=custody.recipient,
            number=opening,
            participants=sorted(set(participants)),
            purpose=purpose,
        )
    return int(opening or 0)


def destroy(
    store: Store, recipient: Recipient, *, performer: str, witness: str, statement: str, actor: str, terminal: str
) -> list[str]:
    """Enter the statement of two persons that no copy of an identity remains; return what is thereby erased.

    Refused while the newest good backup of any source can be opened by no other identity.
    """
    if performer == witness or not (is_filled_line(performer) and is_filled_line(witness)):
        raise Refusal(N_("Two different persons state a disposal."), control="BK-DSP-01")
    if not is_filled_line(statement):
        raise Refusal(N_("Say how every share and copy of the key was destroyed."), control="BK-DSP-01")
    with store.transaction() as tx:
        gone = destroyed(tx) | {str(recipient)}
        for row in tx.rows("SELECT source, max(number) AS number FROM backup WHERE state = 'taken' GROUP BY source"):
            if not _openers(tx, row["number"]) - gone:
                raise Refusal(
                    N_("{backup} could then be opened by nobody; take a new backup to other keys first."),
                    control="BK-BAK-04",
                    backup=backup_id(row["number"]),
                )
        tx.execute(
            "INSERT INTO identity_destruction (recipient, performer, witness, statement, at, actor, terminal)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (str(recipient), performer, witness, statement, to_text(tx.at), actor, terminal),
        )
        tx.record(
            "identity.destroyed",
            actor=actor,
            terminal=terminal,
            subject=str(recipient),
            performer=performer,
            witness=witness,
            statement=statement,
        )
        return erased(tx)


def destroyed(reader: Reader) -> frozenset[str]:
    """Return the public keys whose identities were stated to be destroyed."""
    return frozenset(row["recipient"] for row in reader.rows("SELECT recipient FROM identity_destruction"))


def erased(reader: Reader) -> list[str]:
    """Return the backups, copies that left included, that no remaining identity can open."""
    gone = destroyed(reader)
    rows = reader.rows("SELECT number FROM backup WHERE sealed_sha256 IS NOT NULL ORDER BY number")
    return [backup_id(row["number"]) for row in rows if not _openers(reader, row["number"]) - gone]


def find(reader: Reader, number: int) -> Custody:
    """Return one set of shares; Refusal when there is none of that number."""
    row = reader.row("SELECT * FROM custody WHERE number = ?", (number,))
    if row is None:
        raise Refusal(N_("There is no custody {number}."), number=number)
    return _custody(row)


def every(reader: Reader) -> list[Custody]:
    """Return all sets of shares, newest first."""
    found = reader.rows("SELECT * FROM custody ORDER BY number DESC")
    return rows.values(found, _custody, reader.note_damage)


def openings(reader: Reader, number: int) -> list[Opened]:
    """Return each time that the identity of one set of shares was put together, newest first."""
    found = reader.rows("SELECT * FROM custody_opening WHERE custody = ? ORDER BY number DESC", (number,))
    return rows.values(found, _opened, reader.note_damage)


def _openers(reader: Reader, number: int) -> frozenset[str]:
    row = reader.row("SELECT recipients FROM backup WHERE number = ?", (number,))
    return frozenset(json.loads(row["recipients"])) if row else frozenset()


_custody: Final = rows.Mapper(Custody, "custody", "number")
_opened: Final = rows.Mapper(Opened, "custody_opening", "number")
