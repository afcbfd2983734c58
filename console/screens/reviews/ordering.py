"""The dialog in which a review is ordered: of everything, of the unneeded IDs, or of what one left unanswered."""

from datetime import timedelta
from typing import Any

from accesscontrol.clock import end_of_day, local_day
from accesscontrol.messages import N_
from accesscontrol.reviews import opening, reading
from accesscontrol.reviews.model import KIND_TITLES, PARTS, Review, ReviewKind, State
from console.frame.forms import Field, FormDialog
from console.seat import Seat
from console.translation import _
from console.widgets.choices import Choice


def orders(seat: Seat) -> bool:
    """Tell whether the person may order any kind of review."""
    return any(part.orders & seat.roles for part in PARTS.values())


def choices(seat: Seat) -> list[Choice]:
    """Return what the person may order, by their roles."""
    roles, store = seat.roles, seat.site.store
    found = [Choice(_(KIND_TITLES[kind]), kind) for kind in ReviewKind if PARTS[kind].orders & roles]
    for review in reading.listed(store):
        left = review.items - review.answered
        if review.state is State.CLOSED and left and review.part.orders & roles:
            words = _("What {name} left unanswered ({number})").format(name=review.name, number=f"{left:,}")
            found.append(Choice(words, review))
    return found


def dialog(seat: Seat, offered: list[Choice]) -> FormDialog:
    """Return the dialog; its answer is the review that was opened."""
    site = seat.site
    last = local_day(site.clock.now(), site.zone) + timedelta(days=site.settings.reviews.answer_days)
    fields = (
        Field(name="what", label=_("Kind"), kind="choice", choices=offered, initial=offered[0].value),
        Field(name="instruction", label=_("Instruction"), hint=_("What is looked at, and why: the reviewers read it.")),
        Field(
            name="due",
            label=_("Answers until"),
            kind="date",
            initial=last,
        ),
    )

    def submit(values: dict[str, Any]) -> Review:
        what, due = values["what"], end_of_day(values["due"], site.zone)
        words: str = values["instruction"]
        if isinstance(what, Review):
            return opening.rerun(site.store, site.reviewed, what.number, seat.acting, instruction=words, due=due)
        return opening.open_review(
            site.store,
            site.reviewed,
            what,
            seat.acting,
            instruction=words,
            due=due,
            unused_days=site.settings.reviews.unused_days,
        )

    text = _("The list of user IDs is frozen as it is now; its hash goes into the trail.")
    return FormDialog(_("Order a review"), fields, text=text, act=N_("Order"), submit=submit)
