"""Locks: a person, account, terminal, medium, host or request is stopped, with reason and end; any lock wins."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Row
from typing import Final

from accesscontrol import rows
from accesscontrol.clock import from_text, to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.rows import DamagedRowError
from accesscontrol.store import Store

TYPES: Final = ("person", "account", "terminal", "medium", "host", "request", "task")


@dataclass(frozen=True, slots=True)
class Lock:
    """One lock in force. Of a damaged one ``placed_at`` and ``until`` are not known."""

    id: int
    type: str
    name: str
    reason: str
    placed_by: str
    placed_at: datetime | None
    until: datetime | None


def place(
    store: Store,
    type_: str,
    name: str,
    *,
    reason: str,
    actor: str,
    terminal: str = "",
    until: datetime | None = None,
) -> int:
    """Lock (type, name) from now, to ``until`` or until it is lifted, and return the lock's number."""
    if type_ not in TYPES:
        raise ValueError(f"nothing of type {type_!r} can be locked")
    if not reason.strip():
        raise Refusal(N_("A lock needs a reason."))
    with store.transaction() as tx:
        cursor = tx.execute(
            "INSERT INTO lock (type, name, reason, placed_by, placed_at, until) VALUES (?, ?, ?, ?, ?, ?)",
            (type_, name, reason, actor, to_text(tx.at), to_text(until) if until else None),
        )
        number = int(cursor.lastrowid or 0)
        tx.record(
            "lock.placed",
            actor=actor,
            subject=f"{type_}:{name}",
            terminal=terminal,
            lock=number,
            reason=reason,
            until=to_text(until) if until else None,
        )
    return number


def lift(store: Store, number: int, *, reason: str, actor: str, terminal: str = "") -> None:
    """Lift a lock; the one who placed it may not be the one it stops, which the caller's role check sees to."""
    with store.transaction() as tx:
        lock = tx.row("SELECT * FROM lock WHERE id = ?", (number,))
        if lock is None or _lifted(lock):
            raise Refusal(N_("Lock {number} is not in force."), number=number)
        if lock["type"] == "person" and lock["name"] == actor:
            raise Refusal(N_("Nobody lifts a lock on themselves."))
        tx.execute("UPDATE lock SET lifted_by = ?, lifted_at = ? WHERE id = ?", (actor, to_text(tx.at), number))
        tx.record(
            "lock.lifted",
            actor=actor,
            subject=f"{lock['type']}:{lock['name']}",
            terminal=terminal,
            lock=number,
            reason=reason,
        )


def in_force(store: Store, at: datetime) -> list[Lock]:
    """Return every lock in force at ``at``.

    A damaged one is in force until it is lifted, and is noted. Of which nobody can tell what it stops, all is stopped.
    """
    found = (_standing(store, row, at) for row in store.rows("SELECT * FROM lock ORDER BY id"))
    return [lock for lock in found if lock is not None]


def _standing(store: Store, row: Row, at: datetime) -> Lock | None:
    if _lifted(row):
        return None
    try:
        lock = _lock(row)
    except DamagedRowError as damage:
        if row["type"] not in TYPES:
            raise
        store.note_damage(damage)
        return Lock(row["id"], row["type"], row["name"], row["reason"], row["placed_by"], None, None)
    return lock if lock.until is None or at < lock.until else None


def _lifted(row: Row) -> bool:
    """Tell whether somebody lifted the lock: an instant that is none was not written by that."""
    try:
        return row["lifted_at"] is not None and bool(from_text(row["lifted_at"]))
    except (ValueError, OverflowError):
        return False


@rows.of("lock", "id")
def _lock(row: Row) -> Lock:
    """Return a lock that nobody lifted."""
    if row["type"] not in TYPES:
        raise ValueError(f"nothing of type {row['type']!r} can be locked")
    if row["lifted_at"] is not None:
        from_text(row["lifted_at"])
    return _stored(row)


_stored: Final = rows.Mapper(Lock, "lock", "id")


def check(store: Store, targets: Iterable[tuple[str, str]], at: datetime) -> None:
    """Refuse when any of ``targets`` (type, name) is locked; a list that can't be read refuses by raising."""
    stopped = {(lock.type, lock.name): lock for lock in in_force(store, at)}
    for target in targets:
        lock = stopped.get(target)
        if lock is not None:
            raise Refusal(
                N_("{type} {name} is locked: {reason}. The security officer can lift the lock."),
                type=lock.type,
                name=lock.name,
                reason=lock.reason,
            )
