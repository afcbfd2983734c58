"""The closing report: everything that was reviewed, said and done, signed by a reviewer; then nothing is edited."""

import hashlib
from datetime import datetime
from typing import Final

from accesscontrol.canonical import JSON, canonical, digest
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.reading import Reader
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from accesscontrol.reviews import reading, signing
from accesscontrol.reviews.answering import check_reviewer
from accesscontrol.reviews.lines import Ledger, drift
from accesscontrol.reviews.model import Answer, Decision, Remedy, Review, ReviewKind, State, Verdict, by_item, outcome
from accesscontrol.reviews.settling import answers_digest
from accesscontrol.reviews.signing import Signing
from accesscontrol.store import Store

FORMAT: Final = "sekisho review report v1"
NOT_CERTIFIED: Final = "not-certified"


def draft(reader: Reader, ledger: Ledger, number: int, at: datetime) -> dict[str, JSON]:
    """Return the report as it would be signed now: people by staff number, no names."""
    review = reading.get(reader, number)
    given = by_item(reading.decisions(reader, number))
    remedies = {each.item: each for each in reading.remedies(reader, number)}
    now = {each.key: each for each in ledger.lines(reader, at)}
    lines: list[JSON] = []
    counts: dict[str, int] = {NOT_CERTIFIED: 0, **{verdict.value: 0 for verdict in Verdict}}
    for item in reading.items(reader, review):
        answers = given.get(item.number, [])
        found = outcome(answers)
        word = found.verdict.value if found else NOT_CERTIFIED
        counts[word] += 1
        lines.append(
            {
                "item": item.number,
                "system": item.line.system,
                "user_id": item.line.user_id,
                "owner": item.line.staff_number,
                "outcome": word,
                "answers": [_answer(each) for each in answers],
                "remedy": _remedy(remedies.get(item.number)),
                "drift": list(drift(item.line, now.get(item.line.key))),
            }
        )
    settled = review.settled
    return {
        "format": FORMAT,
        "review": review.name,
        "kind": review.kind.value,
        "instruction": review.instruction,
        "ordered_by": review.ordered_by,
        "ordered_at": to_text(review.ordered_at),
        "due": to_text(review.due),
        "rerun_of": review.rerun_of,
        "snapshot": review.digest,
        "answers": settled.digest if settled else "",
        "settled_by": settled.staff_number if settled else "",
        "settled_at": to_text(settled.at) if settled else "",
        "counts": counts,
        "items": lines,
    }


def close(store: Store, ledger: Ledger, number: int, actor: Acting, *, sign: Signing) -> Review:
    """Sign the report and close the review for good (act ``review.closed``).

    Refused while a remedy is open: it is verified by a reading, or accepted by name, before.
    """
    review = reading.get(store, number)
    _check(review)
    report = draft(store, ledger, number, store.clock.now())
    content = digest(report)
    signature = sign(signing.statement(review, signing.CLOSED, content, actor))
    with store.transaction() as tx:
        review = reading.get(tx, number)
        check_reviewer(tx, review, actor)
        _check(review)
        if digest(draft(tx, ledger, number, tx.at)) != content:
            raise Refusal(
                N_("The review changed while you signed. Read it again, then sign."), control=_control(review)
            )
        signing.keep(tx, review, signing.CLOSED, content, actor, signature)
        tx.execute(
            "UPDATE review SET state = ?, report = ? WHERE number = ?",
            (State.CLOSED.value, canonical(report).decode(), number),
        )
        tx.record(
            "review.closed",
            actor=actor.staff_number,
            subject=review.name,
            terminal=actor.terminal,
            counts=report["counts"],
            report=content,
            **signing.facts(signature),
        )
    return reading.get(store, number)


def faults(reader: Reader, review: Review) -> list[str]:
    """Return what of a review no longer holds, as msgids: its snapshot, its answers, its report or a signature."""
    found = []
    if reading.snapshot_digest(reader, review.number) != review.digest:
        found.append(N_("The snapshot was changed after it was taken."))
    if review.settled is not None and answers_digest(reader, review.number) != review.settled.digest:
        found.append(N_("Answers were changed after they were signed."))
    report = reading.report_text(reader, review.number)
    if review.closed is not None and _digest_of(report) != review.closed.digest:
        found.append(N_("The report was changed after it was signed."))
    for stage, signed in ((signing.SETTLED, review.settled), (signing.CLOSED, review.closed)):
        if signed is not None and not signing.fits(reader, review, stage, signed):
            found.append(N_("A signature doesn't fit."))
    return found


def _digest_of(report: str) -> str:
    return hashlib.sha256(report.encode()).hexdigest()


def _control(review: Review) -> str:
    return "AC-USR-02" if review.kind is ReviewKind.ID_CHECK else "AC-PRM-01"


def _check(review: Review) -> None:
    if review.state is State.CLOSED:
        raise Refusal(
            N_("{name} is closed, and a closed review is never edited."), control=_control(review), name=review.name
        )
    if review.state is State.WITHDRAWN:
        raise Refusal(N_("{name} was withdrawn. Order another one."), control=_control(review), name=review.name)
    if review.state is State.ANSWERING:
        raise Refusal(N_("Sign the answers of {name} first."), control=_control(review), name=review.name)
    if review.remedies_open:
        raise Refusal(
            N_("{count} remedies are not verified yet. Carry them out and read the systems, or have them accepted."),
            control=_control(review),
            count=review.remedies_open,
        )


def _answer(decision: Decision) -> JSON:
    return {"reviewer": decision.reviewer, "at": to_text(decision.at), **_content(decision.answer)}


def _content(answer: Answer) -> dict[str, JSON]:
    return {
        "verdict": answer.verdict.value,
        "comment": answer.comment,
        "remove": list(answer.remove),
        "until": to_text(answer.until) if answer.until else None,
    }


def _remedy(remedy: Remedy | None) -> JSON:
    if remedy is None:
        return None
    return {
        **_content(remedy.answer),
        "state": remedy.state.value,
        "since": to_text(remedy.since),
        "reference": remedy.request,
        "by": remedy.by,
        "read_at": to_text(remedy.read_at) if remedy.read_at else None,
        "reason": remedy.reason,
    }
