"""From signed answers over verified remedies to the signed report."""

import json
from datetime import timedelta

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.reviews import closing, reading, remedying, settling
from accesscontrol.reviews.model import RemedyState, Review, ReviewKind, State

from .conftest import Reviewing


@pytest.fixture
def review(hall: Reviewing) -> Review:
    """Three items: one to keep, one to change, one to revoke, answered and signed."""
    twice = ("inquiry", "output")
    review = hall.opened(hall.line("kept"), hall.line("less", granted=twice, effective=twice), hall.line("away"))
    hall.answer(review, "kept")
    hall.answer(review, "less", "change", "no longer outputs", remove=("output",))
    hall.answer(review, "away", "revoke", "moved to another office")
    return hall.settle(review)


def remedy(hall: Reviewing, review: Review, user_id: str) -> tuple[RemedyState, str]:
    found = reading.remedy(hall.city.store, review, hall.number(review, user_id))
    return found.state, found.seen


def test_signed_answers_become_planned_remedies(hall: Reviewing, review: Review) -> None:
    assert review.state is State.REMEDYING
    assert review.remedies_open == 2
    assert remedy(hall, review, "away") == (RemedyState.PLANNED, "")
    (entry,) = hall.entries("review.settled")
    assert (entry.details["remedies"], entry.details["answered"]) == (2, 3)


def test_before_the_deadline_nothing_is_left_unanswered(hall: Reviewing) -> None:
    review = hall.opened(hall.line("a"), hall.line("b"))
    hall.answer(review, "a")
    with pytest.raises(Refusal, match="1 items have no answer yet"):
        hall.settle(review)
    hall.city.clock.advance(timedelta(days=14))
    assert hall.settle(review).state is State.REMEDYING
    hall.close(review)
    report = json.loads(reading.report_text(hall.city.store, review.number))
    assert report["counts"] == {"keep": 1, "change": 0, "revoke": 0, "not-certified": 1}
    assert [each["outcome"] for each in report["items"]] == ["keep", "not-certified"]


def test_the_check_of_unneeded_ids_never_closes_without_an_answer_on_each(hall: Reviewing) -> None:
    review = hall.opened(hall.line("a", last_use=None), kind=ReviewKind.ID_CHECK)
    hall.city.clock.advance(timedelta(days=30))
    with pytest.raises(Refusal, match="each one has") as refused:
        hall.settle(review, "sato")
    assert refused.value.control == "AC-USR-02"
    hall.answer(review, "a", "keep", "stand-by", login="sato")
    with pytest.raises(Refusal, match="role"):
        hall.settle(review, "ogawa")
    hall.settle(review, "tanaka")
    assert hall.close(review, "sato").state is State.CLOSED


def test_what_is_signed_is_what_was_seen(hall: Reviewing) -> None:
    review = hall.opened(hall.line("a"))
    hall.answer(review, "a")
    seen = settling.answers_digest(hall.city.store, review.number)
    hall.answer(review, "a", "revoke", "after all not", login="oka")
    with pytest.raises(Refusal, match="changed after you looked"):
        settling.settle(
            hall.city.store, review.number, hall.city.acting("ogawa"), seen=seen, sign=hall.city.sign("ogawa")
        )


def test_a_signature_of_somebody_else_does_not_fit(hall: Reviewing) -> None:
    review = hall.opened(hall.line("a"))
    hall.answer(review, "a")
    seen = settling.answers_digest(hall.city.store, review.number)
    with pytest.raises(Refusal, match="doesn't fit"):
        settling.settle(
            hall.city.store, review.number, hall.city.acting("ogawa"), seen=seen, sign=hall.city.sign("oka")
        )
    assert reading.get(hall.city.store, review.number).state is State.ANSWERING


def test_a_remedy_is_verified_only_by_a_reading_younger_than_the_act(hall: Reviewing, review: Review) -> None:
    hall.read("away", exists=False, enabled=False)
    hall.city.clock.advance(timedelta(minutes=1))
    hall.begin(review, "away")
    assert remedy(hall, review, "away") == (RemedyState.EXECUTING, "")
    assert hall.verify(review) == (0, 2)
    assert remedy(hall, review, "away") == (RemedyState.EXECUTING, "not read since")
    hall.read("away", enabled=True)
    hall.verify(review)
    assert remedy(hall, review, "away") == (RemedyState.EXECUTING, "it can still be used")
    hall.read("away", enabled=False)
    assert hall.verify(review) == (1, 1)
    assert remedy(hall, review, "away") == (RemedyState.VERIFIED, "")


def test_a_right_that_was_to_go_and_stays_is_seen(hall: Reviewing, review: Review) -> None:
    hall.begin(review, "less")
    hall.read("less", rights=("inquiry", "output"))
    hall.verify(review)
    assert remedy(hall, review, "less") == (RemedyState.EXECUTING, "it still has a right that was to go")
    hall.read("less", rights=("inquiry",))
    hall.verify(review)
    assert remedy(hall, review, "less") == (RemedyState.VERIFIED, "")


def test_a_later_end_than_asked_for_is_seen(hall: Reviewing) -> None:
    review = hall.opened(hall.line("a"))
    end = hall.now + timedelta(days=3)
    hall.answer(review, "a", "change", "to the end of the week", until=end)
    review = hall.settle(review)
    hall.read("a", rights=("inquiry",))
    hall.verify(review)
    assert remedy(hall, review, "a") == (RemedyState.PLANNED, "its end is still later")
    hall.read("a", rights=("inquiry",), valid_until=end)
    assert hall.verify(review) == (1, 0)


def test_an_id_that_vanished_meanwhile_is_revoked_by_that(hall: Reviewing, review: Review) -> None:
    hall.read("away", exists=False, enabled=False)
    assert hall.verify(review) == (1, 1)


def test_new_readings_are_looked_at_by_themselves_and_once(hall: Reviewing, review: Review) -> None:
    store, shelf = hall.city.store, hall.shelf
    assert remedying.verify_due(store, shelf) == 0
    assert hall.entries("review.remedies-verified") == []
    hall.read("away", enabled=True)
    assert remedying.verify_due(store, shelf) == 0
    assert remedying.verify_due(store, shelf) == 0
    assert len(hall.entries("review.remedies-verified")) == 1
    hall.read("away", enabled=False)
    assert remedying.verify_due(store, shelf) == 1


def test_whoever_answered_an_item_changes_nothing_about_it(hall: Reviewing, review: Review) -> None:
    with hall.city.store.transaction() as tx:
        tx.execute("INSERT INTO operator_role VALUES ('ogawa', 'idpw_custodian')")
        tx.record("test.role-written", actor="system")
    with pytest.raises(Refusal, match="You answered this item"):
        hall.begin(review, "away", "ogawa")
    with pytest.raises(Refusal, match="role"):
        hall.begin(review, "away", "oka")
    assert hall.shelf.carried == []


def test_nobody_carries_out_a_remedy_on_their_own_id(hall: Reviewing) -> None:
    review = hall.opened(hall.line("a", staff_number="S-yamada"))
    hall.answer(review, "a", "revoke", "not needed")
    hall.settle(review)
    with pytest.raises(Refusal, match="your own"):
        hall.begin(review, "a", "yamada")
    hall.begin(review, "a", "hayashi")
    with pytest.raises(Refusal, match="under way already"):
        hall.begin(review, "a", "hayashi")


def test_nothing_closes_while_a_remedy_is_open(hall: Reviewing, review: Review) -> None:
    with pytest.raises(Refusal, match="2 remedies are not verified yet"):
        hall.close(review)
    hall.read("away", enabled=False)
    hall.read("less", rights=("inquiry",))
    hall.verify(review)
    assert hall.close(review).state is State.CLOSED


def test_what_can_not_be_remedied_is_accepted_by_name(hall: Reviewing, review: Review) -> None:
    city, number = hall.city, hall.number(review, "less")
    with pytest.raises(Refusal, match="role"):
        remedying.accept(city.store, review.number, number, city.acting("yamada"), reason="vendor needs a month")
    with pytest.raises(Refusal, match="reason"):
        remedying.accept(city.store, review.number, number, city.acting("sato"), reason=" ")
    found = remedying.accept(city.store, review.number, number, city.acting("sato"), reason="vendor needs a month")
    assert (found.state, found.by) == (RemedyState.ACCEPTED, "S-sato")
    hall.read("away", enabled=False)
    hall.verify(review)
    closed = hall.close(review)
    report = json.loads(reading.report_text(city.store, review.number))
    (less,) = [each for each in report["items"] if each["user_id"] == "less"]
    assert (less["remedy"]["state"], less["remedy"]["reason"]) == ("accepted", "vendor needs a month")
    assert closing.faults(city.store, closed) == []


def test_the_report_tells_everything_and_is_signed(hall: Reviewing, review: Review) -> None:
    hall.read("away", enabled=False)
    hall.read("less", rights=("inquiry",))
    hall.verify(review)
    hall.drift_to("kept", effective=("inquiry", "output"))
    closed = hall.close(review, "oka")
    assert closed.closed is not None
    assert closed.closed.staff_number == "S-oka"
    report = json.loads(reading.report_text(hall.city.store, review.number))
    (kept,) = [each for each in report["items"] if each["user_id"] == "kept"]
    assert kept["drift"] == ["rights-added"]
    assert kept["answers"][0]["reviewer"] == "S-ogawa"
    assert "架空" not in json.dumps(report, ensure_ascii=False)
    (entry,) = hall.entries("review.closed")
    assert entry.details["report"] == closed.closed.digest
    assert closing.faults(hall.city.store, closed) == []


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE review SET report = replace(report, 'keep', 'kept')", "The report was changed after it was signed."),
        ("UPDATE review_decision SET comment = 'other'", "Answers were changed after they were signed."),
        ("UPDATE review_signature SET staff_number = 'S-oka' WHERE stage = 'closed'", "A signature doesn't fit."),
    ],
)
def test_what_is_changed_after_the_signature_shows(hall: Reviewing, review: Review, statement: str, fault: str) -> None:
    for user_id in ("away", "less"):
        hall.read(user_id, exists=False, enabled=False)
    hall.verify(review)
    hall.close(review)
    with hall.city.store.transaction() as tx:
        tx.execute(statement)
        tx.record("test.forged", actor="system")
    assert closing.faults(hall.city.store, reading.get(hall.city.store, review.number)) == [fault]


def test_a_closed_review_is_never_edited(hall: Reviewing) -> None:
    review = hall.opened(hall.line("a"))
    hall.answer(review, "a")
    with pytest.raises(Refusal, match="Sign the answers"):
        hall.close(review)
    hall.settle(review)
    hall.close(review)
    with pytest.raises(Refusal, match="never edited"):
        hall.close(review)
    with pytest.raises(Refusal, match="signed and stay"):
        hall.answer(review, "a", "revoke", "too late")
