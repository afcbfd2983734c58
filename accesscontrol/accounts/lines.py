"""The lines of the ledger's tables, written inside the transaction of the act that records them."""

import re
from datetime import datetime
from typing import Final

from accesscontrol.accounts import reading
from accesscontrol.accounts.model import DisableReason, Grant, Purpose, Terms
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.store import Transaction

_NAME: Final = re.compile(r"[^\s/:\x00-\x1f\x7f]{1,64}")


def require_name(name: str) -> None:
    """Refuse a name of a system, person or ID that could not be told apart, or could drive a terminal."""
    if not _NAME.fullmatch(name) or not name.isprintable():
        raise Refusal(
            N_("{name} can't be a name here: 1 to 64 characters, no spaces, slashes, colons or control characters."),
            control="AC-USR-01",
            name=repr(name),
        )


def require_new(tx: Transaction, system: str, user_id: str) -> None:
    """Refuse a name that was ever used on the system, also in other letters' case (AC-USR-01, AC-USR-04)."""
    row = tx.row(
        "SELECT user_id, discarded_at FROM account WHERE system = ? AND lower(user_id) = lower(?)", (system, user_id)
    )
    if row is None:
        return
    if row["discarded_at"]:
        raise Refusal(
            N_("The ID {user_id} on {system} was discarded, and a discarded ID is never issued again. Choose another."),
            control="AC-USR-01",
            system=system,
            user_id=row["user_id"],
        )
    raise Refusal(
        N_("The ID {user_id} on {system} has an owner already, and no ID is shared. Choose another."),
        control="AC-USR-04",
        system=system,
        user_id=row["user_id"],
    )


def insert_account(
    tx: Transaction, system: str, user_id: str, staff_number: str, purpose: Purpose, *, actor: str, native_id: str = ""
) -> None:
    """Write the account's line; whoever calls records the act."""
    tx.execute(
        "INSERT INTO account (system, user_id, staff_number, purpose, native_id, issued_at, issued_by)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (system, user_id, staff_number or None, purpose.value, native_id, to_text(tx.at), actor),
    )


def insert_grant(tx: Transaction, system: str, user_id: str, staff_number: str, entitlement: str, terms: Terms) -> int:
    """Write one grant's line and return its number; whoever calls records the act."""
    cursor = tx.execute(
        "INSERT INTO account_grant (system, user_id, staff_number, entitlement, valid_from, valid_until, cause, rule,"
        " request, granted_by, granted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            system,
            user_id,
            staff_number,
            entitlement,
            to_text(terms.valid_from),
            to_text(terms.valid_until) if terms.valid_until else None,
            terms.cause.value,
            terms.rule,
            terms.request,
            terms.granted_by,
            to_text(tx.at),
        ),
    )
    return int(cursor.lastrowid or 0)


def end_line(tx: Transaction, number: int, reason: DisableReason, actor: str) -> None:
    """Write the end of a grant; whoever calls records the act."""
    tx.execute(
        "UPDATE account_grant SET ended_at = ?, ended_by = ?, end_reason = ? WHERE number = ? AND ended_at IS NULL",
        (to_text(tx.at), actor, reason.value, number),
    )


def open_grants(tx: Transaction, system: str, user_id: str, at: datetime) -> list[Grant]:
    """Return the grants of an account that hold at ``at`` or will, whatever their person's state."""
    return [
        each
        for each in reading.grants(tx, system, user_id)
        if each.ended_at is None and (each.valid_until is None or each.valid_until > at)
    ]
