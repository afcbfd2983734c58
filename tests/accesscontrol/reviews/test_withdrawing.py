"""A review that was ordered wrongly is withdrawn, with a reason; nobody sweeps away one that found something."""

from datetime import timedelta

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.reviews import closing, deadlines, opening, reading, withdrawing
from accesscontrol.reviews.model import Review, ReviewKind, State
from tests.accesscontrol.requests.city import ZONE

from .conftest import Reviewing


def withdraw(hall: Reviewing, review: Review, login: str = "yamada", reason: str = "the wrong systems") -> Review:
    return withdrawing.withdraw(hall.city.store, review.number, hall.city.acting(login), reason=reason)


def test_who_orders_takes_it_back_while_nobody_has_answered(hall: Reviewing) -> None:
    review = withdraw(hall, hall.opened(hall.line("a"), hall.line("b")))
    assert review.state is State.WITHDRAWN
    assert review.withdrawal is not None
    assert (review.withdrawal.by, review.withdrawal.reason) == ("S-yamada", "the wrong systems")
    (entry,) = hall.entries("review.withdrawn")
    assert (entry.actor, entry.details["items"], entry.details["answered"]) == ("S-yamada", 2, 0)
    assert closing.faults(hall.city.store, review) == []


def test_once_answers_stand_in_it_only_the_security_officer_may(hall: Reviewing) -> None:
    review = hall.opened(hall.line("a"), hall.line("b"))
    hall.answer(review, "a", "revoke", "left long ago")
    with pytest.raises(Refusal, match="role that you don't hold"):
        withdraw(hall, review)
    withdraw(hall, review, "sato")
    assert len(reading.decisions(hall.city.store, review.number)) == 1  # what was said stays readable


def test_it_counts_as_never_held_and_another_one_can_be_ordered(hall: Reviewing) -> None:
    review = hall.opened(hall.line("a"))
    withdraw(hall, review)
    due = deadlines.next_due(hall.city.store, ReviewKind.INSPECTION, hall.now, ZONE)
    assert due is not None
    assert due - hall.now < timedelta(days=31)
    again = hall.opened(hall.line("a"))
    assert [each.name for each in reading.unfinished(hall.city.store)] == [again.name]


def test_nothing_is_answered_signed_closed_or_run_again_of_it(hall: Reviewing) -> None:
    review = hall.opened(hall.line("a"), hall.line("b"))
    withdraw(hall, review)
    store, actor = hall.city.store, hall.city.acting("yamada")
    for act in (
        lambda: hall.answer(review, "a"),
        lambda: hall.settle(review),
        lambda: hall.close(review),
        lambda: withdraw(hall, review),
        lambda: opening.rerun(
            store, hall.shelf, review.number, actor, instruction="the rest", due=hall.now + timedelta(days=9)
        ),
    ):
        with pytest.raises(Refusal, match="was withdrawn"):
            act()


def test_a_reason_is_needed_and_signed_answers_stay(hall: Reviewing) -> None:
    review = hall.opened(hall.line("a"))
    with pytest.raises(Refusal, match="Give a reason"):
        withdraw(hall, review, reason="  ")
    hall.answer(review, "a")
    hall.settle(review)
    with pytest.raises(Refusal, match="are signed"):
        withdraw(hall, review, "sato")
