"""Answering items: keep, change or revoke, each by a third party with the role, taken back until it is signed."""

import json
from collections.abc import Sequence
from typing import Final

from accesscontrol.clock import to_text
from accesscontrol.individual_numbers import mask_individual_numbers
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks
from accesscontrol.requests.desk import Acting, check_place, check_role
from accesscontrol.requests.kinds import Place
from accesscontrol.reviews import reading
from accesscontrol.reviews.lines import UNNEEDED
from accesscontrol.reviews.model import Answer, Item, Review, State, Verdict
from accesscontrol.store import Store, Transaction

LEAST_COMMENT: Final = 4
_PREVIOUS: Final = "SELECT verdict FROM review_decision WHERE review = ? AND item = ? AND reviewer = ?"
_WRITE: Final = (
    "INSERT INTO review_decision (review, item, reviewer, verdict, comment, remove, until, at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (review, item, reviewer) DO UPDATE SET verdict = excluded.verdict,"
    " comment = excluded.comment, remove = excluded.remove, until = excluded.until, at = excluded.at"
)


def needs_comment(item: Item, verdict: Verdict) -> bool:
    """Tell whether the answer needs words of its own.

    A plain keep confirms the reason that the ledger holds; where there is none, or the ID seems unneeded, and for
    every change and revocation, the reviewer says why (AC-PRM-01).
    """
    return verdict is not Verdict.KEEP or not item.line.reason or bool(UNNEEDED & set(item.traits))


def party(review: Review, item: Item, staff_number: str) -> str:
    """Return why ``staff_number`` may not answer the item, as a msgid; empty when they may (AC-PRM-02)."""
    if staff_number == item.line.staff_number:
        return N_("This ID is your own: somebody else answers it.")
    if review.part.third_party and staff_number in item.line.grantors:
        return N_("You granted this ID: somebody else answers it.")
    return ""


def answer(store: Store, number: int, items: Sequence[int], actor: Acting, given: Answer) -> None:
    """Give the same answer on ``items``, on all of them or on none (act ``review.answered`` for each).

    An earlier answer of the same person is replaced. Refused: without the role, on an item of one's own or that one
    granted, without the words that it needs, and once the answers are signed.
    """
    comment = mask_individual_numbers(given.comment.strip())
    with store.transaction() as tx:
        review = _check(store, tx, number, actor)
        for each in items:
            item = reading.item(tx, review, each)
            _check_answer(review, item, actor, given, comment)
            before = tx.row(_PREVIOUS, (number, each, actor.staff_number))
            until = to_text(given.until) if given.until else None
            tx.execute(
                _WRITE,
                (
                    *(number, each, actor.staff_number, given.verdict.value),
                    *(comment, json.dumps(given.remove, ensure_ascii=False), until, to_text(tx.at)),
                ),
            )
            tx.record(
                "review.answered",
                actor=actor.staff_number,
                subject=review.name,
                terminal=actor.terminal,
                item=each,
                account="/".join(item.line.key),
                verdict=given.verdict.value,
                comment=comment,
                remove=list(given.remove),
                until=until,
                before=before["verdict"] if before else None,
            )


def take_back(store: Store, number: int, items: Sequence[int], actor: Acting) -> None:
    """Take one's own answers on ``items`` back (act ``review.taken-back``); refused once the answers are signed."""
    with store.transaction() as tx:
        review = _check(store, tx, number, actor)
        for each in items:
            before = tx.row(_PREVIOUS, (number, each, actor.staff_number))
            if before is None:
                raise Refusal(N_("You have not answered item {number}."), control=review.part.control, number=each)
            tx.execute(
                "DELETE FROM review_decision WHERE review = ? AND item = ? AND reviewer = ?",
                (number, each, actor.staff_number),
            )
            tx.record(
                "review.taken-back",
                actor=actor.staff_number,
                subject=review.name,
                terminal=actor.terminal,
                item=each,
                before=before["verdict"],
            )


def check_answering(review: Review) -> None:
    """Refuse whatever would change what is answered once the answers are signed, or the review is withdrawn."""
    control = review.part.control
    if review.state is State.WITHDRAWN:
        raise Refusal(N_("{name} was withdrawn. Order another one."), control=control, name=review.name)
    if review.state is not State.ANSWERING:
        raise Refusal(N_("The answers of {name} are signed and stay as they are."), control=control, name=review.name)


def check_reviewer(tx: Transaction, review: Review, actor: Acting) -> None:
    """Refuse whoever may not answer or sign ``review`` at this moment."""
    check_role(tx, actor, review.part.answers, review.part.control)
    check_place(tx, Place.REGISTERED, actor.terminal)
    if review.part.third_party and actor.staff_number == review.ordered_by:
        raise Refusal(N_("Who ordered the inspection does not carry it out."), control=review.part.control)


def _check(store: Store, tx: Transaction, number: int, actor: Acting) -> Review:
    review = reading.get(tx, number)
    check_answering(review)
    check_reviewer(tx, review, actor)
    locks.check(store, (("person", actor.staff_number), ("terminal", actor.terminal)), tx.at)
    return review


def _check_answer(review: Review, item: Item, actor: Acting, given: Answer, comment: str) -> None:
    reason = party(review, item, actor.staff_number)
    if reason:
        raise Refusal(reason, control=review.part.control)
    if needs_comment(item, given.verdict) and len(comment) < LEAST_COMMENT:
        raise Refusal(
            N_("Item {number} needs words: say why (at least {least} characters)."),
            control="AC-PRM-01",
            number=item.number,
            least=LEAST_COMMENT,
        )
    if given.verdict is not Verdict.CHANGE:
        if given.remove or given.until:
            raise Refusal(N_("Only a change names rights to remove or a new end."), control="AC-PRM-01")
        return
    unknown = sorted(set(given.remove) - set(item.line.rights))
    if unknown:
        raise Refusal(
            N_("Item {number} has no right {rights}."), control="AC-PRM-01", number=item.number, rights=unknown
        )
    if not given.remove and given.until is None:
        raise Refusal(N_("A change names rights to remove, or a new last day."), control="AC-PRM-01")
