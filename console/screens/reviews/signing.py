"""The dialogs that end a review: signing the answers, and signing the report that closes it."""

from datetime import datetime
from typing import Any

from accesscontrol.messages import N_
from accesscontrol.reviews import closing, settling
from accesscontrol.reviews.model import Review, ReviewKind, State
from console import review_words
from console.frame.forms import FormDialog
from console.screens.factors import factor_fields
from console.seat import Seat
from console.translation import _, ngettext


def dialog(seat: Seat, review: Review) -> FormDialog:
    """Return the dialog for the next signature of ``review``; its answer is the review as it is then."""
    return _report(seat, review) if review.state is State.REMEDYING else _answers(seat, review)


def _answers(seat: Seat, review: Review) -> FormDialog:
    site = seat.site
    seen = settling.answers_digest(site.store, review.number)
    left = review.items - review.answered
    lines = [review_words.count_words(review_words.counts(site.store, review))]
    if left:
        words = ngettext(
            "{number} item has no answer: it stays NOT certified, and is answered in a review of its own.",
            "{number} items have no answer: they stay NOT certified, and are answered in a review of their own.",
            left,
        )
        lines.append(words.format(number=f"{left:,}"))
    lines.append(_("Once signed no answer is taken back. Changes and revocations become remedies to carry out."))

    def submit(values: dict[str, Any]) -> Review:
        sign = seat.step_up(values["password"], values["code"])
        return settling.settle(site.store, review.number, seat.acting, seen=seen, sign=sign)

    title = _("Sign the answers of {name}").format(name=review.name)
    return FormDialog(title, factor_fields(seat), text=lines, act=N_("Sign"), submit=submit)


def _report(seat: Seat, review: Review) -> FormDialog:
    site = seat.site
    lines = [
        review_words.count_words(review_words.counts(site.store, review)),
        _("The report holds every item, answer and remedy. A closed review is never edited."),
    ]

    def submit(values: dict[str, Any]) -> Review:
        sign = seat.step_up(values["password"], values["code"])
        return closing.close(site.store, site.reviewed, review.number, seat.acting, sign=sign)

    title = _("Close {name} and sign its report").format(name=review.name)
    return FormDialog(title, factor_fields(seat), text=lines, act=N_("Sign"), submit=submit)


def obstacle(review: Review, at: datetime) -> str:
    """Return why the next signature of ``review`` can't be given at ``at``, or nothing."""
    if review.state is State.CLOSED:
        return _("{name} is closed.").format(name=review.name)
    if review.state is State.WITHDRAWN:
        return _("{name} was withdrawn. Order another one.").format(name=review.name)
    left = review.items - review.answered
    if review.state is State.ANSWERING and left and (at < review.due or review.kind is ReviewKind.ID_CHECK):
        words = ngettext("{number} item has no answer yet.", "{number} items have no answer yet.", left)
        return words.format(number=f"{left:,}")
    if review.state is State.REMEDYING and review.remedies_open:
        words = ngettext(
            "{number} remedy is not verified yet.", "{number} remedies are not verified yet.", review.remedies_open
        )
        return words.format(number=f"{review.remedies_open:,}")
    return ""
