"""Rosters on their way: prepared beforehand, approved where the brake asks for it, applied at their instant.

A batch for 1 April lies ready from March on and is applied by the first tick at or after 00:00, with the ends of that
midnight even if the console was down then. What it would do is worked out anew at that moment; if it takes from
people who were not in what was approved, it is held, and nothing of it is done.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from sqlite3 import Row
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from accesscontrol import rows
from accesscontrol.accounts import ledger, persons, reading
from accesscontrol.canonical import JSON, canonical
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.operators import SYSTEM
from accesscontrol.people.reading import Reader
from accesscontrol.refusals import Refusal
from accesscontrol.rosters.brake import Brake
from accesscontrol.rosters.comparing import Change, Comparison, Consequence, compare, old_rights
from accesscontrol.rosters.model import Roster
from accesscontrol.store import Store, Transaction


class BatchState(StrEnum):
    """Where a batch is: ``held`` waits for a person, because it would do more than may be done."""

    PREPARED = "prepared"
    APPROVED = "approved"
    HELD = "held"
    APPLIED = "applied"
    CANCELLED = "cancelled"


BATCH_STATE_TITLES: Final = {
    BatchState.PREPARED: N_("prepared"),
    BatchState.APPROVED: N_("approved"),
    BatchState.HELD: N_("held, needs approval"),
    BatchState.APPLIED: N_("applied"),
    BatchState.CANCELLED: N_("cancelled"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One roster and the instant (UTC) from which it holds. ``allowed`` are those from whom an approval may take."""

    number: int
    roster: Roster
    effective: datetime
    prepared_at: datetime
    prepared_by: str
    state: BatchState
    request: str
    allowed: frozenset[str]
    finished_at: datetime | None

    @property
    def open(self) -> bool:
        """Tell whether the batch may still be applied."""
        return self.finished_at is None

    def to_json(self) -> dict[str, JSON]:
        """Return the batch as the command line prints it, without its lines."""
        return {
            "number": self.number,
            "kind": self.roster.kind.value,
            "source": self.roster.source,
            "sha256": self.roster.sha256,
            "persons": len(self.roster.lines),
            "effective": to_text(self.effective),
            "state": self.state.value,
            "request": self.request,
            "prepared_at": to_text(self.prepared_at),
            "prepared_by": self.prepared_by,
        }


def prepare(
    store: Store, roster: Roster, effective: datetime | None = None, *, actor: str, terminal: str = ""
) -> Batch:
    """Keep a roster that holds from ``effective`` (UTC; now when not given) on (act ``roster.prepared``).

    Nothing changes yet. The same file for the same instant is refused while it is open.
    """
    with store.transaction() as tx:
        at = effective or tx.at
        for each in every(tx, only_open=True):
            if each.roster.sha256 == roster.sha256 and each.effective == at:
                raise Refusal(
                    N_("This roster is prepared already as batch {number}."), control="AC-CTR-01", number=each.number
                )
        cursor = tx.execute(
            "INSERT INTO roster_batch (kind, source, sha256, effective, lines, prepared_at, prepared_by, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 'prepared')",
            (
                roster.kind.value,
                roster.source,
                roster.sha256,
                to_text(at),
                msgspec.json.encode(roster.lines).decode(),
                to_text(tx.at),
                actor,
            ),
        )
        number = int(cursor.lastrowid or 0)
        tx.record(
            "roster.prepared",
            actor=actor,
            subject=str(number),
            terminal=terminal,
            kind=roster.kind.value,
            source=roster.source,
            sha256=roster.sha256,
            persons=len(roster.lines),
            effective=to_text(at),
            consents=sorted({f"{line.employer}: {line.consent}" for line in roster.lines if line.consent}),
        )
        return get(tx, number)


def get(reader: Reader, number: int) -> Batch:
    """Return a batch; an unknown number is refused."""
    row = reader.row("SELECT * FROM roster_batch WHERE number = ?", (number,))
    if row is None:
        raise Refusal(N_("There is no roster batch {number}."), number=number)
    return _batch(row)


def every(reader: Reader, *, only_open: bool = False) -> list[Batch]:
    """Return all batches, or those that may still be applied, newest first."""
    where = "WHERE finished_at IS NULL" if only_open else ""
    found = reader.rows(f"SELECT * FROM roster_batch {where} ORDER BY number DESC")  # noqa: S608 - one of two constants
    return rows.values(found, _batch, reader.note_damage)


def consequences(reader: Reader, batch: Batch, zone: ZoneInfo) -> Comparison:
    """Return what the batch would change, given the ledger as it stands."""
    return compare(reader, batch.roster, batch.effective, zone)


def allow(tx: Transaction, number: int, taking: Sequence[str], *, request: str, actor: str, terminal: str = "") -> None:
    """Let a batch take from the persons (staff numbers) of an approved request (act ``roster.approved``)."""
    batch = _open(tx, number)
    tx.execute(
        "UPDATE roster_batch SET state = 'approved', request = ?, allowed = ? WHERE number = ?",
        (request, json.dumps(sorted(taking)), batch.number),
    )
    tx.record(
        "roster.approved", actor=actor, subject=str(number), terminal=terminal, request=request, persons=sorted(taking)
    )


def cancel(tx: Transaction, number: int, *, reason: str, actor: str, terminal: str = "") -> None:
    """Take a batch back before it is applied (act ``roster.cancelled``)."""
    batch = _open(tx, number)
    if not reason.strip():
        raise Refusal(N_("Give a reason: it is kept with the entry."))
    _finish(tx, batch.number, BatchState.CANCELLED)
    tx.record("roster.cancelled", actor=actor, subject=str(number), terminal=terminal, reason=reason)


def apply(store: Store, number: int, zone: ZoneInfo, brake: Brake, *, actor: str = SYSTEM, terminal: str = "") -> Batch:
    """Carry out a batch whose instant has come, whole, and return it applied, or held with nothing done.

    Acts ``roster.applied`` or ``roster.held``, and one for every person and grant that changed. Lapses follow by the
    jobs that the accounts plan.
    """
    with store.transaction() as tx:
        batch = _open(tx, number)
        if batch.effective > tx.at:
            raise Refusal(N_("Batch {number} holds from a later day on. It is applied then by itself."), number=number)
        comparison = consequences(tx, batch, zone)
        beyond = sorted({change.staff_number for change in comparison.taking} - batch.allowed)
        if beyond and (batch.state is BatchState.APPROVED or brake.acts(comparison)):
            _hold(tx, batch, beyond, actor)
        else:
            for change in comparison.changes:
                _carry_out(tx, batch, change, actor, terminal)
            _finish(tx, number, BatchState.APPLIED)
            tx.record(
                "roster.applied",
                actor=actor,
                subject=str(number),
                terminal=terminal,
                request=batch.request,
                counts={consequence.value: count for consequence, count in comparison.counts.items()},
            )
        return get(tx, number)


def apply_due(store: Store, zone: ZoneInfo, brake: Brake, *, actor: str = SYSTEM) -> list[Batch]:
    """Apply every batch that was prepared for an instant that has come, in order; held ones wait for a person."""
    due = [
        batch
        for batch in sorted(every(store, only_open=True), key=lambda each: (each.effective, each.number))
        if batch.effective <= store.clock.now() and batch.state is not BatchState.HELD
    ]
    return [apply(store, batch.number, zone, brake, actor=actor) for batch in due]


def _hold(tx: Transaction, batch: Batch, beyond: Sequence[str], actor: str) -> None:
    tx.execute("UPDATE roster_batch SET state = 'held', allowed = '[]' WHERE number = ?", (batch.number,))
    tx.record(
        "roster.held",
        actor=actor,
        subject=str(batch.number),
        outcome="refused",
        persons=list(beyond),
        request=batch.request,
    )


def _carry_out(tx: Transaction, batch: Batch, change: Change, actor: str, terminal: str) -> None:
    if change.after is None:
        return
    persons.enter_person(tx, change.after, actor=actor, terminal=terminal)
    reason = change.ending
    if reason is None:
        return
    for account in reading.accounts(tx, staff_number=change.staff_number):
        granted = reading.grants(tx, account.system, account.user_id)
        leaving = change.consequence is Consequence.LEAVES
        for grant in granted if leaving else old_rights(granted, batch.effective):
            if reading.get_grant(tx, grant.number).ended_at is None:  # the end of access ends what stands within it
                ledger.end_grant(tx, grant.number, reason, actor=actor, request=batch.request, terminal=terminal)


def _open(reader: Reader, number: int) -> Batch:
    batch = get(reader, number)
    if not batch.open:
        raise Refusal(N_("Batch {number} was applied or cancelled already."), number=number)
    return batch


def _finish(tx: Transaction, number: int, state: BatchState) -> None:
    tx.execute(
        "UPDATE roster_batch SET state = ?, finished_at = ? WHERE number = ?",
        (state.value, to_text(tx.at), number),
    )


def digest_of(batch: Batch) -> bytes:
    """Return the canonical octets of all that a batch says, for the digest of a request that names it."""
    lines: JSON = msgspec.to_builtins(batch.roster.lines)
    return canonical({"effective": to_text(batch.effective), "kind": batch.roster.kind.value, "lines": lines})


_roster: Final = rows.Mapper(Roster, "roster_batch", "number")
_stored: Final = rows.Mapper(Batch, "roster_batch", "number")


def _batch(row: Row) -> Batch:
    return _stored(row, roster=_roster(row))
