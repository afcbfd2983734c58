"""The reviews as a list: what is being answered or remedied, what was closed, and what of each still holds."""

from collections.abc import Iterator
from typing import Literal

from accesscontrol.messages import N_
from accesscontrol.reviews import closing, reading
from accesscontrol.reviews.model import KIND_TITLES, STATE_TITLES, Review, Signed, State
from console import review_words
from console.screens.people_words import person
from console.screens.views import Part, View
from console.translation import _
from console.widgets.details import Fact, Section
from console.widgets.rows import Cell, Column
from console.wiring import Installation

_TONES: dict[State, Literal["medium", "low", "good", "faint"]] = {
    State.ANSWERING: "medium",
    State.REMEDYING: "low",
    State.CLOSED: "good",
    State.WITHDRAWN: "faint",
}


def view(site: Installation) -> View[Review]:
    """Return the list of reviews, the newest first."""
    return View[Review](
        title=N_("Reviews"),
        columns=(
            Column(title=N_("Review"), show=lambda each: each.name, width=7),
            Column(title=N_("Kind"), show=lambda each: _(KIND_TITLES[each.kind]), width=18, grow=3),
            Column(title=N_("State"), show=lambda each: _state(each, site), width=9, grow=2),
            Column(title=N_("Answered"), show=review_words.progress, width=9, align="right"),
            Column(title=N_("Due"), show=lambda each: review_words.deadline(each, site.zone), width=10),
            Column(title=N_("To remedy"), show=_remedies, width=9, align="right", from_width=90),
        ),
        read=lambda: reading.listed(site.store),
        key=lambda each: each.number,
        words=lambda each: f"{each.name} {_(KIND_TITLES[each.kind])} {_(STATE_TITLES[each.state])} {each.instruction}",
        explain=lambda each: list(_explain(site, each)),
        parts=(
            Part(N_("open"), lambda each: each.state in {State.ANSWERING, State.REMEDYING}),
            Part(N_("closed"), lambda each: each.state is State.CLOSED),
        ),
        empty=N_("No review was ordered yet. n orders one."),
        hint=N_("o opens its items, p shows its report, n orders a review."),
    )


def _state(review: Review, site: Installation) -> Cell:
    if review.overdue(site.clock.now()):
        return Cell(_("overdue"), "high")
    return Cell(_(STATE_TITLES[review.state]), _TONES[review.state])


def _remedies(review: Review) -> str:
    return f"{review.remedies_open:,}" if review.remedies_open else ""


def _explain(site: Installation, review: Review) -> Iterator[Section]:
    store, zone = site.store, site.zone
    facts = [
        Fact(_("Kind"), _(KIND_TITLES[review.kind])),
        Fact(_("State"), _(STATE_TITLES[review.state])),
        Fact(_("Instruction"), review.instruction),
        Fact(_("Ordered by"), person(store, review.ordered_by)),
        Fact(_("Snapshot"), review_words.moment(review.ordered_at, zone)),
        Fact(_("Answers until"), review_words.deadline(review, zone)),
        Fact(_("Answered"), review_words.progress(review)),
        Fact(_("Outcome"), review_words.count_words(review_words.counts(store, review))),
    ]
    if review.rerun_of is not None:
        before = reading.get(store, review.rerun_of).name
        facts.append(Fact(_("Again"), _("what {name} left unanswered").format(name=before)))
    if review.escalated_at is not None:
        facts.append(Fact(_("Escalated"), review_words.moment(review.escalated_at, zone), "bold $warning"))
    facts += withdrawal_facts(site, review)
    yield Section(review.name, facts)
    yield Section(_("Signatures"), list(signature_facts(site, review)))


def withdrawal_facts(site: Installation, review: Review) -> Iterator[Fact]:
    """Yield who took a review back, when and why, where somebody did."""
    taken = review.withdrawal
    if taken is not None:
        who = f"{person(site.store, taken.by)}  {review_words.moment(taken.at, site.zone)}: {taken.reason}"
        yield Fact(_("Withdrawn"), who, "bold $warning")


def signature_facts(site: Installation, review: Review) -> Iterator[Fact]:
    """Yield who signed what, whether it still holds, and the digests."""
    store = site.store
    for title, signed in ((_("Answers"), review.settled), (_("Report"), review.closed)):
        yield Fact(title, _signed(site, signed))
    faults = closing.faults(store, review)
    whole = _("snapshot, answers and signatures fit")
    yield Fact(_("Checked"), " ".join(map(_, faults)) or whole, "bold $error" if faults else "$success")
    yield Fact(_("Snapshot hash"), review.digest)
    if review.closed is not None:
        yield Fact(_("Report hash"), review.closed.digest)
        yield Fact(_("Key"), review.closed.key_id)


def _signed(site: Installation, signed: Signed | None) -> str:
    if signed is None:
        return _("not signed")
    return f"{person(site.store, signed.staff_number)}  {review_words.moment(signed.at, site.zone)}"
