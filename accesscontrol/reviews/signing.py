"""What people sign in a review: the digest of a statement, with their own key, by both factors once more."""

import hashlib
from collections.abc import Callable
from typing import Final, TypeAlias

from accesscontrol.canonical import canonical
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.keys import Signature
from accesscontrol.people.reading import Reader
from accesscontrol.refusals import Refusal
from accesscontrol.requests.decisions import signed_by
from accesscontrol.requests.desk import Acting
from accesscontrol.reviews.model import Review, Signed
from accesscontrol.store import Transaction

Signing: TypeAlias = Callable[[bytes], Signature]
SETTLED: Final = "settled"
CLOSED: Final = "closed"


def statement(review: Review, stage: str, content: str, actor: Acting) -> bytes:
    """Return the 32 octets that are signed: SHA-256 over what was reviewed, the stage and the content's digest."""
    return hashlib.sha256(
        canonical(
            {
                "format": "sekisho review v1",
                "review": review.name,
                "stage": stage,
                "snapshot": review.digest,
                "content": content,
                "reviewer": actor.staff_number,
            }
        )
    ).digest()


def keep(tx: Transaction, review: Review, stage: str, content: str, actor: Acting, signature: Signature) -> None:
    """Check ``signature`` and write it; one that doesn't fit is refused."""
    message = statement(review, stage, content, actor)
    if not signed_by(tx, actor, message, signature.value, key_id=signature.key_id, at=tx.at):
        raise Refusal(N_("The signature doesn't fit."), control=review.part.control)
    tx.execute(
        "INSERT INTO review_signature (review, stage, digest, staff_number, login, terminal, at, key_id, factor, value)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(review.number, stage, content, actor.staff_number, actor.login, actor.terminal, to_text(tx.at)),
            *(signature.key_id, signature.factor_kind, signature.value),
        ),
    )


def fits(reader: Reader, review: Review, stage: str, signed: Signed) -> bool:
    """Tell whether a kept signature still is this person's over this content."""
    actor = Acting(signed.login, signed.staff_number, signed.terminal)
    message = statement(review, stage, signed.digest, actor)
    return signed_by(reader, actor, message, signed.value, key_id=signed.key_id, at=signed.at)


def facts(signature: Signature) -> dict[str, str]:
    """Return what the trail keeps of a signature."""
    return {"key": signature.key_id, "factor": signature.factor_kind, "signature": signature.value.hex()}
