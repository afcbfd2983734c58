"""Reading reviews back, from a store or inside a transaction."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from sqlite3 import Row
from typing import Final

from accesscontrol import rows
from accesscontrol.canonical import JSON, digest
from accesscontrol.clock import from_text
from accesscontrol.messages import N_
from accesscontrol.people.reading import Reader
from accesscontrol.refusals import Refusal
from accesscontrol.reviews.lines import traits
from accesscontrol.reviews.model import (
    Answer,
    Decision,
    Item,
    Remedy,
    Review,
    ReviewKind,
    Signed,
    State,
    Withdrawal,
    review_name,
)

_NAME: Final = re.compile(r"[Vv]-?0*([1-9][0-9]*)|0*([1-9][0-9]*)")
_WITH_COUNTS: Final = (
    "SELECT r.*, (SELECT count(*) FROM review_item i WHERE i.review = r.number) AS items,"
    " (SELECT count(DISTINCT item) FROM review_decision d WHERE d.review = r.number) AS answered,"
    " (SELECT count(*) FROM review_remedy m WHERE m.review = r.number AND m.state IN ('planned', 'executing'))"
    " AS remedies_open FROM review r"
)


def number_of(name: str) -> int:
    """Return the number of a review called ``name`` (``V-0003``, or ``3``); anything else is refused."""
    found = _NAME.fullmatch(name.strip())
    if found is None:
        raise Refusal(N_("{name} is no review. One looks like V-0003."), name=name)
    return int(found[1] or found[2])


def listed(reader: Reader, *, limit: int = 1000) -> list[Review]:
    """Return the reviews, the newest first."""
    found = reader.rows(f"{_WITH_COUNTS} ORDER BY r.number DESC LIMIT ?", (limit,))
    return rows.values(found, partial(_review, reader), reader.note_damage)


def unfinished(reader: Reader) -> list[Review]:
    """Return the reviews that are neither closed nor withdrawn."""
    found = reader.rows(f"{_WITH_COUNTS} WHERE r.state != 'closed' ORDER BY r.number")
    return rows.values(found, partial(_review, reader), reader.note_damage)


def newest(reader: Reader, kind: ReviewKind) -> Review | None:
    """Return the newest review of ``kind`` that was not withdrawn, or None."""
    row = reader.row(
        f"{_WITH_COUNTS} WHERE r.kind = ? AND r.withdrawn_at IS NULL ORDER BY r.number DESC LIMIT 1", (kind.value,)
    )
    return _review(reader, row) if row else None


def get(reader: Reader, number: int) -> Review:
    """Return one review; an unknown number is refused."""
    row = reader.row(f"{_WITH_COUNTS} WHERE r.number = ?", (number,))
    if row is None:
        raise Refusal(N_("There is no review {name}."), name=review_name(number))
    return _review(reader, row)


def items(reader: Reader, review: Review) -> list[Item]:
    """Return the frozen items of a review in their order."""
    found = reader.rows("SELECT * FROM review_item WHERE review = ? ORDER BY number", (review.number,))
    return [_item(row, review) for row in found]


def item(reader: Reader, review: Review, number: int) -> Item:
    """Return one frozen item; an unknown number is refused."""
    row = reader.row("SELECT * FROM review_item WHERE review = ? AND number = ?", (review.number, number))
    if row is None:
        raise Refusal(N_("{name} has no item {number}."), name=review.name, number=number)
    return _item(row, review)


def snapshot_digest(reader: Reader, number: int) -> str:
    """Return the digest of the snapshot as it stands in the store now."""
    found = reader.rows("SELECT content FROM review_item WHERE review = ? ORDER BY number", (number,))
    return digest_of([json.loads(row["content"]) for row in found])


def digest_of(contents: list[JSON]) -> str:
    """Return the SHA-256 over the canonical JSON of a snapshot's lines."""
    return digest({"format": "sekisho review snapshot v1", "items": contents})


def decisions(reader: Reader, number: int, item_number: int | None = None) -> list[Decision]:
    """Return the answers of a review, or on one of its items, by item and time."""
    found = reader.rows(
        "SELECT * FROM review_decision WHERE review = ? AND (? IS NULL OR item = ?) ORDER BY item, at, reviewer",
        (number, item_number, item_number),
    )
    return rows.values(found, _decision)


def remedies(reader: Reader, number: int) -> list[Remedy]:
    """Return the remedies of a review, by item."""
    found = reader.rows("SELECT * FROM review_remedy WHERE review = ? ORDER BY item", (number,))
    return rows.values(found, _remedy)


def remedy(reader: Reader, review: Review, number: int) -> Remedy:
    """Return the remedy of one item; an item without one is refused."""
    row = reader.row("SELECT * FROM review_remedy WHERE review = ? AND item = ?", (review.number, number))
    if row is None:
        raise Refusal(N_("Item {number} of {name} has nothing to remedy."), name=review.name, number=number)
    return _remedy(row)


def report_text(reader: Reader, number: int) -> str:
    """Return the closing report as it was signed: canonical JSON, empty while the review is open."""
    row = reader.row("SELECT report FROM review WHERE number = ?", (number,))
    return row["report"] if row else ""


def signatures(reader: Reader, number: int) -> Mapping[str, Signed]:
    """Return the signatures of a review by stage: ``settled`` over the answers, ``closed`` over the report."""
    found = reader.rows("SELECT * FROM review_signature WHERE review = ?", (number,))
    return {row["stage"]: _signed(row) for row in found}


_answer: Final = rows.Mapper(Answer, "review_decision", "review", "item")
_given: Final = rows.Mapper(Decision, "review_decision", "review", "item")
_stored_remedy: Final = rows.Mapper(Remedy, "review_remedy", "review", "item")
_signed: Final = rows.Mapper(Signed, "review_signature", "review", "stage")
_stored: Final = rows.Mapper(Review, "review", "number", given=["withdrawal"])


def _decision(row: Row) -> Decision:
    return _given(row, answer=_answer(row))


def _remedy(row: Row) -> Remedy:
    return _stored_remedy(row, answer=_answer(row))


@rows.of("review", "number")
def _review(reader: Reader, row: Row) -> Review:
    signed = signatures(reader, row["number"])
    review = _stored(row, settled=signed.get("settled"), closed=signed.get("closed"), withdrawal=None)
    if row["withdrawn_at"] is None:
        return review
    withdrawal = Withdrawal(by=row["withdrawn_by"], at=from_text(row["withdrawn_at"]), reason=row["withdrawal"])
    return replace(review, state=State.WITHDRAWN, withdrawal=withdrawal)


def _item(row: Row, review: Review) -> Item:
    item = _frozen(row, traits=())
    return replace(item, traits=traits(item.line, review.ordered_at, unused_days=review.unused_days))


_frozen: Final = rows.Mapper(Item, "review_item", "review", "number", line="content")
