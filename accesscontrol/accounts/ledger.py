"""Writing what should be: IDs, grants and their ends, each with its cause, rule and decider (AC-USR-01, AC-USR-07).

Nothing here touches a target. A change makes the account unsettled, and the jobs carry it there.
"""

from collections.abc import Sequence
from dataclasses import replace

from accesscontrol.accounts import desired, reading
from accesscontrol.accounts.lines import end_line, insert_account, insert_grant, open_grants, require_name, require_new
from accesscontrol.accounts.model import ACCESS, Account, DisableReason, Purpose, Terms
from accesscontrol.accounts.persons import require_holder
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.store import Transaction


def issue(
    tx: Transaction,
    system: str,
    user_id: str,
    staff_number: str,
    entitlements: Sequence[str],
    terms: Terms,
    *,
    actor: str,
    terminal: str = "",
) -> list[int]:
    """Plan a new personal ID (act ``account.issued``) and return the numbers of its grants.

    Refused: a name that was ever used on this system, a person who is not there, a contractor or temporary ID
    without an end or pledge (AC-USR-01, AC-USR-03, AC-USR-04, AC-CTR-02).
    """
    require_name(user_id)
    require_new(tx, system, user_id)
    person = require_holder(tx, staff_number, terms)
    insert_account(tx, system, user_id, staff_number, Purpose.PERSONAL, actor=actor)
    numbers = [insert_grant(tx, system, user_id, staff_number, each, terms) for each in (ACCESS, *entitlements)]
    tx.record(
        "account.issued",
        actor=actor,
        subject=f"{system}/{user_id}",
        terminal=terminal,
        person=person.staff_number,
        entitlements=list(entitlements),
        terms=terms.to_json(),
    )
    return numbers


def grant(
    tx: Transaction, system: str, user_id: str, entitlement: str, terms: Terms, *, actor: str, terminal: str = ""
) -> int:
    """Grant one more entitlement on a personal ID (act ``account.granted``) and return its number.

    With ``ACCESS`` it renews an ID whose access ended. One that the ID has already is refused: extend it instead.
    """
    account = _usable(tx, system, user_id)
    require_holder(tx, account.staff_number, terms)
    if any(each.entitlement == entitlement for each in open_grants(tx, system, user_id, tx.at)):
        raise Refusal(
            N_("{system}/{user_id} has {entitlement} already. Extend it, or end it first."),
            control="AC-USR-01",
            system=system,
            user_id=user_id,
            entitlement=entitlement or "access",
        )
    number = insert_grant(tx, system, user_id, account.staff_number, entitlement, terms)
    tx.record(
        "account.granted",
        actor=actor,
        subject=f"{system}/{user_id}",
        terminal=terminal,
        person=account.staff_number,
        grant=number,
        entitlement=entitlement,
        terms=terms.to_json(),
    )
    return number


def extend(tx: Transaction, system: str, user_id: str, terms: Terms, *, actor: str, terminal: str = "") -> list[int]:
    """Move the end of an ID's access to that of ``terms`` (act ``account.extended``, both ends kept).

    What was granted up to the same end goes with it; a right with an end of its own keeps that, and so does one that
    would begin after the new end. Each moved grant ends as replaced and a new one goes on, so that the ledger still
    tells what was known when.
    """
    account = _usable(tx, system, user_id)
    found = open_grants(tx, system, user_id, tx.at)
    ends = {each.valid_until for each in found if each.entitlement == ACCESS}
    going_on = [
        each
        for each in found
        if each.valid_until in ends
        and (each.entitlement == ACCESS or terms.valid_until is None or each.valid_from < terms.valid_until)
    ]
    if not going_on:
        raise Refusal(
            N_("{system}/{user_id} has lapsed. An ID that lapsed is issued anew by a grant, not extended."),
            control="AC-USR-03",
            system=system,
            user_id=user_id,
        )
    numbers = []
    for old in going_on:
        kept = replace(terms, valid_from=max(old.valid_from, tx.at))
        require_holder(tx, account.staff_number, kept)
        end_line(tx, old.number, DisableReason.REPLACED, actor)
        numbers.append(insert_grant(tx, system, user_id, old.staff_number, old.entitlement, kept))
    tx.record(
        "account.extended",
        actor=actor,
        subject=f"{system}/{user_id}",
        terminal=terminal,
        person=account.staff_number,
        before=[to_text(each.valid_until) if each.valid_until else None for each in going_on],
        terms=terms.to_json(),
    )
    return numbers


def end_grant(
    tx: Transaction, number: int, reason: DisableReason, *, actor: str, request: str = "", terminal: str = ""
) -> None:
    """End one grant now (act ``account.grant-ended``); ending ``ACCESS`` ends all that is granted within it."""
    found = reading.get_grant(tx, number)
    if found.ended_at is not None:
        raise Refusal(N_("The grant {number} has ended already."), control="AC-USR-07", number=number)
    with_it = [found]
    if found.entitlement == ACCESS:
        with_it += [each for each in open_grants(tx, found.system, found.user_id, tx.at) if each.number != number]
    for each in with_it:
        end_line(tx, each.number, reason, actor)
        tx.record(
            "account.grant-ended",
            actor=actor,
            subject=f"{each.system}/{each.user_id}",
            terminal=terminal,
            person=each.staff_number,
            grant=each.number,
            entitlement=each.entitlement,
            reason=reason.value,
            request=request,
        )


def revoke(
    tx: Transaction,
    system: str,
    user_id: str,
    reason: DisableReason,
    *,
    actor: str,
    request: str = "",
    terminal: str = "",
) -> int:
    """End everything that is open on an ID, what has not begun too, and return how many grants that were."""
    reading.get_account(tx, system, user_id)
    found = open_grants(tx, system, user_id, tx.at)
    for each in sorted(found, key=lambda each: each.entitlement == ACCESS):
        end_grant(tx, each.number, reason, actor=actor, request=request, terminal=terminal)
    return len(found)


def discard(tx: Transaction, system: str, user_id: str, *, actor: str, terminal: str = "") -> None:
    """Close an ID for ever (act ``account.discarded``): its name is never given out again (AC-USR-01).

    Refused while it is live, or while no fresh reading has shown that the target let go of it.
    """
    entry = desired.entry(tx, system, user_id)
    if entry.in_force(tx.at) or entry.held or open_grants(tx, system, user_id, tx.at):
        raise Refusal(
            N_("{system}/{user_id} still has grants, or its lapse is not verified yet. Revoke it and let it lapse."),
            control="AC-USR-01",
            system=system,
            user_id=user_id,
        )
    tx.execute(
        "UPDATE account SET discarded_at = ?, discarded_by = ? WHERE system = ? AND user_id = ?",
        (to_text(tx.at), actor, system, user_id),
    )
    tx.record(
        "account.discarded",
        actor=actor,
        subject=f"{system}/{user_id}",
        terminal=terminal,
        person=entry.account.staff_number,
    )


def _usable(tx: Transaction, system: str, user_id: str) -> Account:
    account = reading.get_account(tx, system, user_id)
    if account.discarded_at is not None:
        raise Refusal(
            N_("The ID {user_id} on {system} was discarded, and a discarded ID is never issued again. Choose another."),
            control="AC-USR-01",
            system=system,
            user_id=user_id,
        )
    if account.purpose is not Purpose.PERSONAL:
        raise Refusal(
            N_("{system}/{user_id} is a break-glass ID. It is checked out, not granted."),
            control="AC-USR-04",
            system=system,
            user_id=user_id,
        )
    return account
