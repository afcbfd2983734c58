"""Signing the answers: from then on they stay, and each change or revocation becomes a remedy that is planned."""

import json

from accesscontrol.canonical import JSON, digest
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.reading import Reader
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from accesscontrol.reviews import reading, signing
from accesscontrol.reviews.answering import check_answering, check_reviewer
from accesscontrol.reviews.model import Answer, Decision, Review, ReviewKind, State, Verdict, by_item, outcome
from accesscontrol.reviews.signing import Signing
from accesscontrol.store import Store, Transaction


def answers_digest(reader: Reader, number: int) -> str:
    """Return the digest over every answer as it stands now: what is shown to the one who signs."""
    return digest(
        {"format": "sekisho review answers v1", "answers": list(map(_value, reading.decisions(reader, number)))}
    )


def settle(store: Store, number: int, actor: Acting, *, seen: str, sign: Signing) -> Review:
    """Sign the answers whose digest was ``seen``, plan the remedies, and return the review (act ``review.settled``).

    Refused while an answer is missing: for good in the check of unneeded IDs (AC-USR-02), before the deadline in an
    inspection. What an inspection leaves unanswered after it is not certified.
    """
    review = reading.get(store, number)
    _check(store, review, seen, before_deadline=store.clock.now() < review.due)
    signature = sign(signing.statement(review, signing.SETTLED, seen, actor))
    with store.transaction() as tx:
        review = reading.get(tx, number)
        check_reviewer(tx, review, actor)
        _check(tx, review, seen, before_deadline=tx.at < review.due)
        signing.keep(tx, review, signing.SETTLED, seen, actor, signature)
        planned = _plan(tx, number)
        tx.execute("UPDATE review SET state = ? WHERE number = ?", (State.REMEDYING.value, number))
        tx.record(
            "review.settled",
            actor=actor.staff_number,
            subject=review.name,
            terminal=actor.terminal,
            items=review.items,
            answered=review.answered,
            remedies=planned,
            answers=seen,
            **signing.facts(signature),
        )
    return reading.get(store, number)


def _check(reader: Reader, review: Review, seen: str, *, before_deadline: bool) -> None:
    control = review.part.control
    check_answering(review)
    missing = review.items - review.answered
    if missing and review.kind is ReviewKind.ID_CHECK:
        raise Refusal(
            N_("{count} IDs have no answer yet. The check closes when each one has."), control=control, count=missing
        )
    if missing and before_deadline:
        raise Refusal(
            N_("{count} items have no answer yet. Unanswered ones are left, not certified, only after the deadline."),
            control=control,
            count=missing,
        )
    if answers_digest(reader, review.number) != seen:
        raise Refusal(N_("The answers changed after you looked at them. Read them again, then sign."), control=control)


def _plan(tx: Transaction, number: int) -> int:
    planned = 0
    for item, given in by_item(reading.decisions(tx, number)).items():
        found = outcome(given)
        if found is not None and found.verdict is not Verdict.KEEP:
            _insert(tx, number, item, found)
            planned += 1
    return planned


def _insert(tx: Transaction, number: int, item: int, answer: Answer) -> None:
    tx.execute(
        "INSERT INTO review_remedy (review, item, verdict, comment, remove, until, state, since)"
        " VALUES (?, ?, ?, ?, ?, ?, 'planned', ?)",
        (
            *(number, item, answer.verdict.value, answer.comment, json.dumps(answer.remove, ensure_ascii=False)),
            *(to_text(answer.until) if answer.until else None, to_text(tx.at)),
        ),
    )


def _value(decision: Decision) -> JSON:
    answer = decision.answer
    return {
        "item": decision.item,
        "reviewer": decision.reviewer,
        "verdict": answer.verdict.value,
        "comment": answer.comment,
        "remove": list(answer.remove),
        "until": to_text(answer.until) if answer.until else None,
        "at": to_text(decision.at),
    }
