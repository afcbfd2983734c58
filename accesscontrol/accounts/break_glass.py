"""Named break-glass IDs: nobody's own, and in one person's hands at a time, from check-out to check-in (AC-USR-04)."""

from collections.abc import Sequence

from accesscontrol.accounts import desired, ledger, reading
from accesscontrol.accounts.lines import insert_account, insert_grant, open_grants, require_name, require_new
from accesscontrol.accounts.model import ACCESS, Account, DisableReason, Grant, Purpose, Terms
from accesscontrol.accounts.persons import require_holder
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.store import Transaction


def enter(tx: Transaction, system: str, user_id: str, *, actor: str, terminal: str = "") -> None:
    """Name a break-glass ID (act ``account.break-glass-named``); nobody may use it until it is checked out."""
    require_name(user_id)
    require_new(tx, system, user_id)
    insert_account(tx, system, user_id, "", Purpose.BREAK_GLASS, actor=actor)
    tx.record("account.break-glass-named", actor=actor, subject=f"{system}/{user_id}", terminal=terminal)


def check_out(
    tx: Transaction,
    system: str,
    user_id: str,
    staff_number: str,
    entitlements: Sequence[str],
    terms: Terms,
    *,
    actor: str,
    terminal: str = "",
) -> None:
    """Put a break-glass ID into one person's hands up to the end of ``terms`` (act ``account.checked-out``).

    Refused without an end, and while somebody else has it.
    """
    _break_glass(tx, system, user_id)
    if terms.valid_until is None:
        raise Refusal(N_("A break-glass ID is checked out up to an end. Give one."), control="AC-USR-03")
    require_holder(tx, staff_number, terms)
    if (holder := _holder(tx, system, user_id)) is not None:
        raise Refusal(
            N_("{system}/{user_id} is in the hands of {holder}. It must be checked in first."),
            control="AC-USR-04",
            system=system,
            user_id=user_id,
            holder=holder,
        )
    if desired.entry(tx, system, user_id).held:
        raise Refusal(
            N_("The last use of {system}/{user_id} has not lapsed verifiably yet. Let it lapse first."),
            control="AC-USR-04",
            system=system,
            user_id=user_id,
        )
    for entitlement in (ACCESS, *entitlements):
        insert_grant(tx, system, user_id, staff_number, entitlement, terms)
    tx.record(
        "account.checked-out",
        actor=actor,
        subject=f"{system}/{user_id}",
        terminal=terminal,
        person=staff_number,
        entitlements=list(entitlements),
        terms=terms.to_json(),
    )


def check_in(tx: Transaction, system: str, user_id: str, *, actor: str, terminal: str = "") -> None:
    """Take a break-glass ID back (act ``account.checked-in``); its lapse is due at once."""
    _break_glass(tx, system, user_id)
    holder = _holder(tx, system, user_id)
    if holder is None:
        raise Refusal(N_("{system}/{user_id} is not checked out."), control="AC-USR-04", system=system, user_id=user_id)
    ledger.revoke(tx, system, user_id, DisableReason.EXPIRY, actor=actor, terminal=terminal)
    tx.record("account.checked-in", actor=actor, subject=f"{system}/{user_id}", terminal=terminal, person=holder)


def _break_glass(tx: Transaction, system: str, user_id: str) -> Account:
    account = reading.get_account(tx, system, user_id)
    if account.purpose is not Purpose.BREAK_GLASS or account.discarded_at is not None:
        raise Refusal(
            N_("{system}/{user_id} is no break-glass ID."), control="AC-USR-04", system=system, user_id=user_id
        )
    return account


def _holder(tx: Transaction, system: str, user_id: str) -> str | None:
    found: list[Grant] = open_grants(tx, system, user_id, tx.at)
    return found[0].staff_number if found else None
