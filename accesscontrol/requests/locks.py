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
from accesscontrol.store import Store

TYPES: Final = ("person", "account", "terminal", "medium", "host", "request", "task")


@dataclass(frozen=True, slots=True)
class Lock:
    """One lock in force."""

    id: int
    type: str
    name: str
    reason: str
    placed_by: str
    placed_at: datetime
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
        lock = tx.row("SELECT type, name FROM lock WHERE id = ? AND lifted_at IS NULL", (number,))
        if lock is None:
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
    """Return every lock in force at ``at``."""
    found = store.rows(
        "SELECT * FROM lock WHERE lifted_at IS NULL AND (until IS NULL OR until > ?) ORDER BY id", (to_text(at),)
    )
    return rows.values(found, _lock)


@rows.of("lock", "id")
def _lock(row: Row) -> Lock:
    return Lock(
        row["id"],
        row["type"],
        row["name"],
        row["reason"],
        row["placed_by"],
        from_text(row["placed_at"]),
        from_text(row["until"]) if row["until"] else None,
    )


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
