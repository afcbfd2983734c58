"""Disabling an ID for a time, and enabling it again, which never outranks an end (AC-USR-03)."""

from accesscontrol.accounts import desired
from accesscontrol.accounts.model import DisableReason
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.store import Transaction


def suspend(
    tx: Transaction, system: str, user_id: str, reason: DisableReason, *, note: str, actor: str, terminal: str = ""
) -> None:
    """Disable an ID until somebody lifts it (act ``account.suspended``); a second suspension is refused."""
    entry = desired.entry(tx, system, user_id)
    if entry.suspension is not None:
        raise Refusal(N_("{system}/{user_id} is disabled already."), system=system, user_id=user_id)
    tx.execute(
        "INSERT INTO account_suspension (system, user_id, reason, note, since, suspended_by) VALUES (?, ?, ?, ?, ?, ?)",
        (system, user_id, reason.value, note, to_text(tx.at), actor),
    )
    tx.record(
        "account.suspended",
        actor=actor,
        subject=f"{system}/{user_id}",
        terminal=terminal,
        person=entry.account.staff_number,
        reason=reason.value,
        note=note,
    )


def resume(tx: Transaction, system: str, user_id: str, *, note: str, actor: str, terminal: str = "") -> None:
    """Lift a suspension (act ``account.resumed``). It never outranks an end: an ID that lapsed meanwhile is refused."""
    entry = desired.entry(tx, system, user_id)
    if entry.suspension is None:
        raise Refusal(N_("{system}/{user_id} is not disabled."), system=system, user_id=user_id)
    tx.execute(
        "UPDATE account_suspension SET lifted_at = ?, lifted_by = ?"
        " WHERE system = ? AND user_id = ? AND lifted_at IS NULL",
        (to_text(tx.at), actor, system, user_id),
    )
    if not desired.entry(tx, system, user_id).desired(tx.at).enabled:
        raise Refusal(
            N_("{system}/{user_id} has lapsed meanwhile, and enabling never outranks an end. It needs a new grant."),
            control="AC-USR-03",
            system=system,
            user_id=user_id,
        )
    tx.record(
        "account.resumed",
        actor=actor,
        subject=f"{system}/{user_id}",
        terminal=terminal,
        person=entry.account.staff_number,
        note=note,
    )
