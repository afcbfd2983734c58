"""What of the reviews waits for whom: answers, signatures, remedies, and the next one that is due."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from accesscontrol.messages import N_
from accesscontrol.people.roles import Role
from accesscontrol.requests.desk import Acting
from accesscontrol.reviews import deadlines, reading
from accesscontrol.reviews.model import ACCEPTERS, PARTS, REMEDIERS, Review, ReviewKind, State
from console.wiring import Installation

_NOTICE: Final = timedelta(days=14)  # how long before its day the next review shows
_ORDER_TITLES: Final = {
    ReviewKind.INSPECTION: N_("Inspection of access rights to order"),
    ReviewKind.ID_CHECK: N_("Check of unneeded IDs to begin"),
}
_ANSWER_TITLES: Final = {
    ReviewKind.INSPECTION: N_("Access rights to inspect"),
    ReviewKind.ID_CHECK: N_("Unneeded IDs to check"),
}
# the items without an answer, those apart that are the person's own or that a third party may not answer
_UNANSWERED: Final = (
    "SELECT count(*) AS n FROM review_item i WHERE i.review = :review AND NOT EXISTS"
    " (SELECT 1 FROM review_decision d WHERE d.review = i.review AND d.item = i.number)"
    " AND (:person = '' OR (json_extract(i.content, '$.staff_number') != :person AND NOT (:third_party AND EXISTS"
    " (SELECT 1 FROM json_each(i.content, '$.grantors') WHERE value = :person))))"
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of Today: how much of a review waits, since when and until when."""

    name: str
    title: str
    count: int
    oldest: datetime | None
    due: datetime | None
    loud: bool = False


def waiting(site: Installation, roles: frozenset[Role], actor: Acting | None) -> Iterator[Waiting]:
    """Yield what waits for ``actor`` with ``roles``, or for everybody when None is given.

    After the deadline it is loud, also for those who ordered the review and for the security officer.
    """
    at = site.clock.now()
    for review in reading.unfinished(site.store):
        if review.state is State.ANSWERING:
            yield from _answering(site, review, roles, actor, at)
        else:
            yield from _remedying(review, roles)
    for kind, part in PARTS.items():
        due = deadlines.next_due(site.store, kind, at, site.zone) if roles & part.orders else None
        if due is not None and due - at <= _NOTICE:
            yield Waiting(f"{kind.value}-due", _ORDER_TITLES[kind], 1, None, due, loud=at >= due)


def _answering(
    site: Installation, review: Review, roles: frozenset[Role], actor: Acting | None, at: datetime
) -> Iterator[Waiting]:
    if review.overdue(at) and roles & (review.part.orders | ACCEPTERS) and not roles & review.part.answers:
        left = review.items - review.answered
        title = N_("Review items unanswered after the deadline")
        yield Waiting("reviews-overdue", title, left, review.ordered_at, review.due, loud=True)
    if not roles & review.part.answers:
        return
    person = actor.staff_number if actor else ""
    row = site.store.row(
        _UNANSWERED, {"review": review.number, "person": person, "third_party": review.part.third_party}
    )
    left = row["n"] if row else 0
    title = _ANSWER_TITLES[review.kind]
    yield Waiting(review.kind.value, title, left, review.ordered_at, review.due, loud=review.overdue(at))
    if review.answered == review.items:
        yield Waiting("reviews-to-sign", N_("Reviews to sign"), 1, review.ordered_at, review.due)


def _remedying(review: Review, roles: frozenset[Role]) -> Iterator[Waiting]:
    since = review.settled.at if review.settled else None
    if review.remedies_open and roles & REMEDIERS:
        yield Waiting("remedies", N_("Remedies of a review to carry out"), review.remedies_open, since, None)
    if not review.remedies_open and roles & review.part.answers:
        yield Waiting("reviews-to-sign", N_("Reviews to sign"), 1, since, None)
