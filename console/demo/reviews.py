"""Reviews of the demo city: last month's is closed with its report, this month's inspection is half answered."""

from datetime import datetime, timedelta
from typing import Final

from accesscontrol.reviews import answering, closing, opening, reading, remedying, settling
from accesscontrol.reviews.lines import Trait
from accesscontrol.reviews.model import Answer, Item, Review, ReviewKind, Verdict
from console.demo import user_ids
from console.demo.requests import Cast
from console.demo.texts import texts
from console.evidence import register_accounts

_PAUSE: Final = timedelta(seconds=5)
_HALF: Final = 43
_REVOKED: Final = frozenset({"S0117"})


def play_closed(cast: Cast) -> None:
    """Found the ledger of user IDs and play the check of unneeded ones, to its signed report."""
    user_ids.found(cast.site)
    _check(cast)


def play_open(cast: Cast, now: datetime) -> None:
    """Order this month's inspection, and answer a part of it."""
    cast.clock.set(max(cast.clock.now(), now - timedelta(hours=16)))
    _inspect(cast)


def _check(cast: Cast) -> None:
    """Let the security officer answer every candidate, one ID go, and close it with a signature."""
    site, words = cast.site, texts()
    officer = cast.acting("sato")
    review = opening.open_review(
        site.store,
        site.reviewed,
        ReviewKind.ID_CHECK,
        officer,
        instruction=words["id-check"],
        due=cast.clock.now() + timedelta(days=7),
    )
    for item in reading.items(site.store, review):
        gone = item.line.user_id in _REVOKED
        verdict = Verdict.REVOKE if gone else Verdict.KEEP
        _answer(
            cast, review, item, "sato", Answer(verdict=verdict, comment=words["not-needed" if gone else "stand-by"])
        )
    _settle(cast, review, "sato")
    for remedy in reading.remedies(site.store, review.number):
        remedying.begin(site.store, site.reviewed, review.number, remedy.item, cast.acting("yamada"))
    cast.clock.advance(timedelta(minutes=30))
    user_ids.keep_reading(site, register_accounts.read(site), without=_REVOKED)
    remedying.verify(site.store, site.reviewed, review.number)
    closing.close(site.store, site.reviewed, review.number, officer, sign=lambda message: cast.sign("sato", message))


def _inspect(cast: Cast) -> None:
    """Let the system administrator order the inspection, and the resident operator answer a part of it."""
    site, words = cast.site, texts()
    user_ids.keep_reading(site, register_accounts.read(site), without=_REVOKED)
    review = opening.open_review(
        site.store,
        site.reviewed,
        ReviewKind.INSPECTION,
        cast.acting("yamada"),
        instruction=words["inspection"],
        due=cast.clock.now() + timedelta(days=10),
    )
    for item in reading.items(site.store, review)[1 : _HALF + 1]:
        _answer(cast, review, item, "ito", _said(item, words))


def _said(item: Item, words: dict[str, str]) -> Answer:
    if Trait.NEVER_USED in item.traits:
        return Answer(verdict=Verdict.REVOKE, comment=words["not-needed"])
    if Trait.UNUSED in item.traits:
        return Answer(verdict=Verdict.KEEP, comment=words["stand-by"])
    return Answer(verdict=Verdict.KEEP)


def _answer(cast: Cast, review: Review, item: Item, login: str, answer: Answer) -> None:
    cast.clock.advance(_PAUSE)
    answering.answer(cast.site.store, review.number, [item.number], cast.acting(login), answer)


def _settle(cast: Cast, review: Review, login: str) -> None:
    store = cast.site.store
    seen = settling.answers_digest(store, review.number)
    settling.settle(store, review.number, cast.acting(login), seen=seen, sign=lambda message: cast.sign(login, message))
