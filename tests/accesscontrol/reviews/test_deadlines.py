"""One review of each kind belongs into every month; a deadline that passes is written down once."""

from datetime import UTC, datetime, timedelta

from accesscontrol.reviews import deadlines
from accesscontrol.reviews.model import ReviewKind
from tests.accesscontrol.requests.city import ZONE

from .conftest import Reviewing

END_OF_NOVEMBER = datetime(2026, 11, 30, 15, tzinfo=UTC)  # midnight in Japan
END_OF_DECEMBER = datetime(2026, 12, 31, 15, tzinfo=UTC)
CHECK = ReviewKind.ID_CHECK


def due(hall: Reviewing, kind: ReviewKind = CHECK) -> datetime | None:
    return deadlines.next_due(hall.city.store, kind, hall.now, ZONE)


def test_the_first_is_due_in_the_month_in_which_the_console_runs(hall: Reviewing) -> None:
    assert due(hall) == END_OF_NOVEMBER
    hall.city.clock.advance(timedelta(days=90))
    assert due(hall) == END_OF_NOVEMBER


def test_an_open_one_is_not_due_again_and_the_next_belongs_into_the_next_month(hall: Reviewing) -> None:
    review = hall.opened(hall.line("a"), kind=CHECK)
    assert due(hall) is None
    hall.settle(review, "sato")
    hall.close(review, "sato")
    assert due(hall) == END_OF_DECEMBER
    assert due(hall, ReviewKind.INSPECTION) == END_OF_NOVEMBER


def test_a_month_that_was_missed_stays_due(hall: Reviewing) -> None:
    review = hall.opened(hall.line("a"), kind=CHECK)
    hall.settle(review, "sato")
    hall.close(review, "sato")
    hall.city.clock.advance(timedelta(days=70))
    assert due(hall) == END_OF_DECEMBER


def test_a_passed_deadline_is_written_down_once(hall: Reviewing) -> None:
    review = hall.opened(hall.line("a"), hall.line("b"))
    hall.answer(review, "a")
    assert deadlines.escalate_due(hall.city.store) == []
    hall.city.clock.advance(timedelta(days=14))
    assert deadlines.escalate_due(hall.city.store) == [review.name]
    assert deadlines.escalate_due(hall.city.store) == []
    (entry,) = hall.entries("review.escalated")
    assert entry.details["unanswered"] == 1


def test_a_review_that_was_answered_in_time_escalates_nothing(hall: Reviewing) -> None:
    review = hall.opened(hall.line("a"))
    hall.answer(review, "a")
    hall.city.clock.advance(timedelta(days=15))
    assert deadlines.escalate_due(hall.city.store) == []
