"""Taking an ID that was read from a target into the ledger: it gets its one owner, and grants for what it has there."""

from accesscontrol.accounts import observations, reading
from accesscontrol.accounts.lines import insert_account, insert_grant, require_new
from accesscontrol.accounts.model import ACCESS, Purpose, Situation, Terms
from accesscontrol.accounts.observations import Observation
from accesscontrol.accounts.persons import require_holder
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.store import Transaction


def link(
    tx: Transaction, system: str, user_id: str, staff_number: str, terms: Terms, *, actor: str, terminal: str = ""
) -> None:
    """Give an observed ID its owner (act ``account.linked``), with a grant for each right that it was read to have.

    The end goes to the target at the next run. An ID whose target names somebody else as owner is refused.
    """
    seen = _observed(tx, system, user_id)
    require_new(tx, system, user_id)
    require_holder(tx, staff_number, terms)
    if seen.account.staff_number and seen.account.staff_number != staff_number:
        raise Refusal(
            N_("{system} says that {user_id} belongs to {owner}. Clear that up there first."),
            control="AC-USR-04",
            system=system,
            user_id=user_id,
            owner=seen.account.staff_number,
        )
    insert_account(tx, system, user_id, staff_number, Purpose.PERSONAL, actor=actor, native_id=seen.account.native_id)
    limit = to_text(seen.account.valid_to) if seen.account.valid_to else None
    for entitlement in (ACCESS, *seen.account.entitlements):
        number = insert_grant(tx, system, user_id, staff_number, entitlement, terms)
        tx.execute("UPDATE account_grant SET held = 1, held_until = ? WHERE number = ?", (limit, number))
    tx.execute(
        "UPDATE observed_account SET situation = ?, candidates = '[]' WHERE system = ? AND user_id = ?",
        (Situation.LINKED.value, system, user_id),
    )
    tx.record(
        "account.linked",
        actor=actor,
        subject=f"{system}/{user_id}",
        terminal=terminal,
        person=reading.get_person(tx, staff_number).staff_number,
        entitlements=list(seen.account.entitlements),
        terms=terms.to_json(),
    )


def _observed(tx: Transaction, system: str, user_id: str) -> Observation:
    for seen in observations.observations(tx, system, [user_id]):
        if seen.missing_since is None:
            return seen
    raise Refusal(
        N_("{user_id} was not in the last reading of {system}. Run `sekisho accounts sync` first."),
        control="AC-USR-02",
        system=system,
        user_id=user_id,
    )
