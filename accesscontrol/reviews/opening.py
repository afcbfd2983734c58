"""Ordering a review: the snapshot is taken, frozen and named by its hash in the trail, in one transaction."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from accesscontrol.canonical import canonical
from accesscontrol.clock import to_text
from accesscontrol.individual_numbers import mask_individual_numbers
from accesscontrol.messages import N_, Phrase
from accesscontrol.people.reading import Reader
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting, check_role
from accesscontrol.reviews import reading
from accesscontrol.reviews.lines import UNNEEDED, UNUSED_DAYS, Ledger, Line, in_order, traits
from accesscontrol.reviews.model import KIND_TITLES, PARTS, Item, Review, ReviewKind, State
from accesscontrol.store import Store, Transaction


def open_review(
    store: Store,
    ledger: Ledger,
    kind: ReviewKind,
    actor: Acting,
    *,
    instruction: str,
    due: datetime,
    unused_days: int = UNUSED_DAYS,
) -> Review:
    """Order a review of everything that ``ledger`` holds now, to be answered before ``due`` (act ``review.opened``).

    An inspection takes every ID (AC-PRM-01), the monthly check only the candidates that nobody may need (AC-USR-02).
    Refused: another role than the one that orders this kind, a second open review of the kind, an empty instruction
    or a deadline that has passed.
    """
    with store.transaction() as tx:
        found = ledger.lines(tx, tx.at)
        lines = list(found)
        if kind is ReviewKind.ID_CHECK:
            lines = [each for each in found if UNNEEDED & set(traits(each, tx.at, unused_days=unused_days))]
        if not found:
            raise Refusal(N_("The ledger holds no user ID. Read the systems first (`sekisho accounts sync`)."))
        return _open(tx, kind, actor, instruction, due, lines, unused_days)


def rerun(store: Store, ledger: Ledger, number: int, actor: Acting, *, instruction: str, due: datetime) -> Review:
    """Order a review of what ``number`` left unanswered, each ID as it is now (act ``review.opened``).

    IDs that have gone since are left out. Refused while ``number`` is open, or when it left nothing unanswered.
    """
    with store.transaction() as tx:
        before = reading.get(tx, number)
        if before.state is State.WITHDRAWN:
            raise Refusal(N_("{name} was withdrawn. Order another one."), name=before.name)
        if before.state is not State.CLOSED:
            raise Refusal(N_("{name} is still open. Only a closed review is run again."), name=before.name)
        left = {each.line.key for each in unanswered(tx, before)}
        lines = [each for each in ledger.lines(tx, tx.at) if each.key in left]
        if not lines:
            raise Refusal(N_("{name} left nothing unanswered."), name=before.name)
        return _open(tx, before.kind, actor, instruction, due, lines, before.unused_days, rerun_of=number)


def unanswered(reader: Reader, review: Review) -> list[Item]:
    """Return the items of a review that nobody has answered."""
    answered = {each.item for each in reading.decisions(reader, review.number)}
    return [each for each in reading.items(reader, review) if each.number not in answered]


def _open(
    tx: Transaction,
    kind: ReviewKind,
    actor: Acting,
    instruction: str,
    due: datetime,
    lines: Iterable[Line],
    unused_days: int,
    *,
    rerun_of: int | None = None,
) -> Review:
    part = PARTS[kind]
    check_role(tx, actor, part.orders, part.control)
    if not instruction.strip():
        raise Refusal(N_("Write the instruction: what is reviewed, and why now."), control=part.control)
    if due <= tx.at:
        raise Refusal(N_("The deadline has passed already. Choose a later day."), control=part.control)
    if any(each.kind is kind for each in reading.unfinished(tx)):
        raise Refusal(
            N_("A review of this kind is open: {kind}. Close it first."),
            control=part.control,
            kind=Phrase(KIND_TITLES[kind]),
        )
    contents = [msgspec.to_builtins(each) for each in in_order(list(lines))]
    snapshot = reading.digest_of(contents)
    words = mask_individual_numbers(instruction.strip())
    cursor = tx.execute(
        "INSERT INTO review (kind, state, instruction, ordered_by, ordered_at, due, digest, rerun_of, unused_days)"
        " VALUES (?, 'answering', ?, ?, ?, ?, ?, ?, ?)",
        (kind.value, words, actor.staff_number, to_text(tx.at), to_text(due), snapshot, rerun_of, unused_days),
    )
    number = int(cursor.lastrowid or 0)
    for place, content in enumerate(contents, start=1):
        tx.execute(
            "INSERT INTO review_item (review, number, content) VALUES (?, ?, ?)",
            (number, place, canonical(content).decode()),
        )
    review = reading.get(tx, number)
    tx.record(
        "review.opened",
        actor=actor.staff_number,
        subject=review.name,
        terminal=actor.terminal,
        kind=kind.value,
        items=len(contents),
        snapshot=snapshot,
        instruction=words,
        due=to_text(due),
        unused_days=unused_days,
        rerun_of=rerun_of,
    )
    return review
