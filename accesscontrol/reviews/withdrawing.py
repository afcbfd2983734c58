"""Taking a review back that was ordered wrongly: it counts as never held, and the trail tells by whom and why."""

from accesscontrol.clock import to_text
from accesscontrol.individual_numbers import mask_individual_numbers
from accesscontrol.messages import N_
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting, check_place, check_role
from accesscontrol.requests.kinds import Place
from accesscontrol.reviews import reading
from accesscontrol.reviews.answering import check_answering
from accesscontrol.reviews.model import ACCEPTERS, Review
from accesscontrol.store import Store


def withdrawers(review: Review) -> frozenset[Role]:
    """Return who may withdraw ``review``: those who order such a one, while nobody has answered.

    Once answers stand in it only the security officer may, so that no administrator sweeps away an inspection that
    finds something (AC-PRM-02).
    """
    return ACCEPTERS if review.answered else review.part.orders | ACCEPTERS


def withdraw(store: Store, number: int, actor: Acting, *, reason: str) -> Review:
    """Withdraw a review whose answers are not signed yet, and return it (act ``review.withdrawn``).

    What was said in it stays readable and leads to nothing; the review of its month is due as if it had never been
    ordered. Refused: another role, no reason, or answers that are signed.
    """
    words = mask_individual_numbers(reason.strip())
    with store.transaction() as tx:
        review = reading.get(tx, number)
        control = review.part.control
        check_answering(review)
        check_role(tx, actor, withdrawers(review), control)
        check_place(tx, Place.REGISTERED, actor.terminal)
        if not words:
            raise Refusal(N_("Give a reason: it is kept with the entry."), control=control)
        tx.execute(
            "UPDATE review SET state = 'closed', withdrawn_at = ?, withdrawn_by = ?, withdrawal = ? WHERE number = ?",
            (to_text(tx.at), actor.staff_number, words, number),
        )
        tx.record(
            "review.withdrawn",
            actor=actor.staff_number,
            subject=review.name,
            terminal=actor.terminal,
            kind=review.kind.value,
            items=review.items,
            answered=review.answered,
            reason=words,
        )
    return reading.get(store, number)
