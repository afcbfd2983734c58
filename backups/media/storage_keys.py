"""The keys of the locked stores: who holds which, since when, and which should be back by now (BK-MED-08)."""

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
from backups.records import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """One lending of a key; ``due`` is the closing time by which it is back (UTC)."""

    number: int
    key: str
    holder: str
    purpose: str
    lent_by: str
    lent_at: datetime
    due: datetime
    returned_at: datetime | None
    received_by: str = ""

    def to_json(self) -> dict[str, JSON]:
        """Return the line as plain values for ``--json``."""
        return {
            "number": self.number,
            "key": self.key,
            "holder": self.holder,
            "purpose": self.purpose,
            "lent_by": self.lent_by,
            "lent_at": to_text(self.lent_at),
            "due": to_text(self.due),
            "returned_at": to_text(self.returned_at) if self.returned_at else None,
            "received_by": self.received_by,
        }


def add(store: Store, name: str, place: str, *, actor: str, terminal: str) -> None:
    """Enter a key of the locked store at ``place``."""
    if not all(is_filled_line(text) for text in (name, place)):
        raise Refusal(N_("A key needs a name and the place that it opens."), control="BK-MED-08")
    with store.transaction() as tx:
        if tx.row("SELECT 1 FROM storage_key WHERE name = ?", (name,)) is not None:
            raise Refusal(N_("The key {key} is in the ledger already."), control="BK-MED-08", key=name)
        tx.execute("INSERT INTO storage_key (name, place) VALUES (?, ?)", (name, place))
        tx.record("storage-key.added", actor=actor, terminal=terminal, subject=name, place=place)


def lend(store: Store, key: str, *, holder: str, purpose: str, due: datetime, lent_by: str, terminal: str) -> Loan:
    """Lend a key until ``due``; nobody lends to themselves, and a key is in one hand at a time."""
    if holder == lent_by:
        raise Refusal(N_("Nobody lends a key to themselves."), control="BK-MED-08")
    if not (holder.strip() and purpose.strip()):
        raise Refusal(N_("A lending names the holder and the purpose."), control="BK-MED-08")
    with store.transaction() as tx:
        if tx.row("SELECT 1 FROM storage_key WHERE name = ?", (key,)) is None:
            raise Refusal(N_("There is no key {key}."), control="BK-MED-08", key=key)
        held = tx.row("SELECT holder FROM storage_key_loan WHERE key = ? AND returned_at IS NULL", (key,))
        if held is not None:
            raise Refusal(N_("The key {key} is with {holder}."), control="BK-MED-08", key=key, holder=held["holder"])
        if due <= tx.at:
            raise Refusal(N_("A key is lent until a time that is yet to come."), control="BK-MED-08")
        number = tx.execute(
            "INSERT INTO storage_key_loan (key, holder, purpose, lent_by, lent_at, due) VALUES (?, ?, ?, ?, ?, ?)",
            (key, holder, purpose, lent_by, to_text(tx.at), to_text(due)),
        ).lastrowid
        tx.record(
            "storage-key.lent",
            actor=lent_by,
            terminal=terminal,
            subject=key,
            number=number,
            holder=holder,
            purpose=purpose,
        )
        return _loans(tx, "number = ?", int(number or 0))[0]


def give_back(store: Store, key: str, *, received_by: str, terminal: str) -> Loan:
    """Enter that a key is back in the hands of ``received_by``, who is not the holder."""
    with store.transaction() as tx:
        held = _loans(tx, "key = ? AND returned_at IS NULL", key)
        if not held:
            raise Refusal(N_("The key {key} is not lent."), control="BK-MED-08", key=key)
        if held[0].holder == received_by:
            raise Refusal(N_("Somebody else than the holder takes a key back."), control="BK-MED-08")
        tx.execute(
            "UPDATE storage_key_loan SET returned_at = ?, received_by = ? WHERE number = ?",
            (to_text(tx.at), received_by, held[0].number),
        )
        tx.record("storage-key.returned", actor=received_by, terminal=terminal, subject=key, number=held[0].number)
        return _loans(tx, "number = ?", held[0].number)[0]


def every(reader: Reader) -> list[tuple[str, str, Loan | None]]:
    """Return each key with the place that it opens and its open lending, if it is lent."""
    loans = {loan.key: loan for loan in lent(reader)}
    found = reader.rows("SELECT name, place FROM storage_key ORDER BY name")
    return [(row["name"], row["place"], loans.get(row["name"])) for row in found]


def history(reader: Reader, key: str) -> list[Loan]:
    """Return all lendings of a key, newest first."""
    return list(reversed(_loans(reader, "key = ? ORDER BY number", key)))


def lent(reader: Reader) -> list[Loan]:
    """Return the lendings that are open, longest due first."""
    return _loans(reader, "returned_at IS ? ORDER BY due, number", None)


def overdue(reader: Reader, at: datetime) -> list[Loan]:
    """Return the lendings whose key should be back by ``at``: each is a finding."""
    return [loan for loan in lent(reader) if loan.due <= at]


def _loans(reader: Reader, where: str, value: object) -> list[Loan]:
    found = reader.rows(f"SELECT * FROM storage_key_loan WHERE {where}", (value,))  # noqa: S608 - constants above
    return rows.values(found, _loan, reader.note_damage)


_loan: Final = rows.Mapper(Loan, "storage_key_loan", "number")
