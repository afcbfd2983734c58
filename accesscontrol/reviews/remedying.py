"""Remedies: planned by the signed answers, carried out by a custodian, verified only by a fresh reading (AC-PRM-01).

Whoever answered an item changes nothing about it: an inspector sees rights and does not set them (AC-PRM-02).
"""

from typing import Final, Protocol

from accesscontrol.clock import to_text
from accesscontrol.individual_numbers import mask_individual_numbers
from accesscontrol.messages import N_
from accesscontrol.people.operators import SYSTEM
from accesscontrol.people.reading import Reader
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting, check_place, check_role
from accesscontrol.requests.kinds import Place
from accesscontrol.reviews import reading
from accesscontrol.reviews.lines import Ledger, Line, Sight
from accesscontrol.reviews.model import (
    ACCEPTERS,
    OPEN_REMEDIES,
    REMEDIERS,
    Answer,
    Item,
    Remedy,
    RemedyState,
    Review,
    Verdict,
)
from accesscontrol.store import Store, Transaction

_CONTROL: Final = "AC-PRM-01"
_NOT_READ: Final = N_("not read since")


class Carrier(Protocol):
    """What brings the ledger of user IDs into line with an answer, inside the transaction that records it."""

    def carry_out(self, tx: Transaction, line: Line, answer: Answer, *, cause: str, actor: Acting) -> str:
        """Do what ``answer`` asks for and return what to call it (a job, a request); Refusal when it can't be."""
        ...


def begin(store: Store, carrier: Carrier, number: int, item: int, actor: Acting) -> Remedy:
    """Carry the remedy of one item out (act ``review.remedy-begun``): planned becomes executing, in the same step.

    Refused: without the custodian's or administrator's role, for an ID of one's own, and to whoever answered it.
    """
    with store.transaction() as tx:
        review, found, remedy = _find(tx, number, item)
        if remedy.state is not RemedyState.PLANNED:
            raise Refusal(N_("Item {number} is under way already."), control=_CONTROL, number=item)
        check_role(tx, actor, REMEDIERS, _CONTROL)
        check_place(tx, Place.REGISTERED, actor.terminal)
        _not_involved(tx, review, found, actor)
        cause = f"{review.name}/{item}"
        reference = carrier.carry_out(tx, found.line, remedy.answer, cause=cause, actor=actor)
        _move(tx, review, item, RemedyState.EXECUTING, request=reference, by=actor.staff_number)
        tx.record(
            "review.remedy-begun",
            actor=actor.staff_number,
            subject=review.name,
            terminal=actor.terminal,
            item=item,
            account="/".join(found.line.key),
            verdict=remedy.answer.verdict.value,
            reference=reference,
        )
    return reading.remedy(store, review, item)


def verify(store: Store, ledger: Ledger, number: int, actor: str = SYSTEM) -> tuple[int, int]:
    """Compare every open remedy with the newest reading of its target; return how many are verified, and still open.

    Only a reading that is younger than the signed answers, and than the act that carried them out, proves anything.
    What the target still shows is kept with the remedy.
    """
    with store.transaction() as tx:
        review = reading.get(tx, number)
        waiting = [each for each in reading.remedies(tx, number) if each.state in OPEN_REMEDIES]
        if not waiting:
            return 0, 0
        verified = [each.item for each in waiting if _verify(tx, ledger, review, each)]
        tx.record(
            "review.remedies-verified",
            actor=actor,
            subject=review.name,
            verified=verified,
            open=[each.item for each in waiting if each.item not in verified],
        )
    return len(verified), len(waiting) - len(verified)


def verify_due(store: Store, ledger: Ledger) -> int:
    """Verify what new readings can prove, over all reviews that are being remedied; return how many it proved."""
    proven = 0
    for review in reading.unfinished(store):
        remedies = [each for each in reading.remedies(store, review.number) if each.state in OPEN_REMEDIES]
        if any(_is_news(store, ledger, review, each) for each in remedies):
            proven += verify(store, ledger, review.number)[0]
    return proven


def accept(store: Store, number: int, item: int, actor: Acting, *, reason: str) -> Remedy:
    """Accept by name that an item stays as it is (act ``review.remedy-accepted``), so that the review can close.

    It takes the security officer, with a reason, and nobody does it for an ID of their own or that they answered.
    """
    words = mask_individual_numbers(reason.strip())
    with store.transaction() as tx:
        review, found, remedy = _find(tx, number, item)
        if remedy.state not in OPEN_REMEDIES:
            raise Refusal(N_("Item {number} is at its end already."), control=_CONTROL, number=item)
        check_role(tx, actor, ACCEPTERS, _CONTROL)
        _not_involved(tx, review, found, actor)
        if not words:
            raise Refusal(N_("Give a reason: it is kept with the entry."), control=_CONTROL)
        _move(tx, review, item, RemedyState.ACCEPTED, reason=words, by=actor.staff_number)
        tx.record(
            "review.remedy-accepted",
            actor=actor.staff_number,
            subject=review.name,
            terminal=actor.terminal,
            item=item,
            account="/".join(found.line.key),
            reason=words,
        )
    return reading.remedy(store, review, item)


def outstanding(answer: Answer, sight: Sight) -> str:
    """Return what a target still shows against ``answer``, as a msgid; empty when it shows what was asked for."""
    if answer.verdict is Verdict.REVOKE:
        return N_("it can still be used") if sight.usable else ""
    if not sight.usable:
        return ""
    if set(answer.remove) & set(sight.rights):
        return N_("it still has a right that was to go")
    if answer.until is not None and (sight.valid_until is None or sight.valid_until > answer.until):
        return N_("its end is still later")
    return ""


def _find(reader: Reader, number: int, item: int) -> tuple[Review, Item, Remedy]:
    review = reading.get(reader, number)
    return review, reading.item(reader, review, item), reading.remedy(reader, review, item)


def _not_involved(tx: Transaction, review: Review, item: Item, actor: Acting) -> None:
    if actor.staff_number == item.line.staff_number:
        raise Refusal(N_("This ID is your own: somebody else does this."), control="AC-AUT-03")
    if any(each.reviewer == actor.staff_number for each in reading.decisions(tx, review.number, item.number)):
        raise Refusal(N_("You answered this item: somebody else does this."), control="AC-PRM-02")


def _proof(reader: Reader, ledger: Ledger, review: Review, remedy: Remedy) -> Sight | None:
    """Return the reading that can prove or disprove the remedy: one younger than its last step."""
    line = reading.item(reader, review, remedy.item).line
    sight = ledger.sight(reader, line.system, line.user_id)
    return sight if sight is not None and sight.read_at > remedy.since else None


def _is_news(reader: Reader, ledger: Ledger, review: Review, remedy: Remedy) -> bool:
    sight = _proof(reader, ledger, review, remedy)
    return sight is not None and sight.read_at != remedy.read_at


def _verify(tx: Transaction, ledger: Ledger, review: Review, remedy: Remedy) -> bool:
    sight = _proof(tx, ledger, review, remedy)
    seen = _NOT_READ if sight is None else outstanding(remedy.answer, sight)
    done = sight is not None and not seen
    tx.execute(
        "UPDATE review_remedy SET state = ?, seen = ?, read_at = ? WHERE review = ? AND item = ?",
        (
            (RemedyState.VERIFIED if done else remedy.state).value,
            seen,
            to_text(sight.read_at) if sight else None,
            review.number,
            remedy.item,
        ),
    )
    return done


def _move(tx: Transaction, review: Review, item: int, state: RemedyState, **facts: str) -> None:
    columns = "".join(f", {name} = ?" for name in facts)
    tx.execute(
        f"UPDATE review_remedy SET state = ?, since = ?{columns} WHERE review = ? AND item = ?",  # noqa: S608 - names
        (state.value, to_text(tx.at), *facts.values(), review.number, item),
    )
