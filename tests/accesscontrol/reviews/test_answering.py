"""Answering: a third party only, with words where they are needed, and taken back until it is signed."""

from datetime import timedelta
from typing import Any

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.reviews import answering, reading
from accesscontrol.reviews.model import Answer, ReviewKind, Verdict, outcome

from .conftest import Reviewing


def test_a_plain_keep_confirms_the_reason_of_the_ledger(hall: Reviewing) -> None:
    review = hall.opened(hall.line("mori"))
    hall.answer(review, "mori")
    assert reading.get(hall.city.store, review.number).answered == 1
    (entry,) = hall.entries("review.answered")
    assert (entry.details["verdict"], entry.details["account"]) == ("keep", "registry/mori")


@pytest.mark.parametrize("login", ["ogawa", "oka"])
def test_nobody_answers_an_id_of_their_own(hall: Reviewing, login: str) -> None:
    review = hall.opened(hall.line("mori", staff_number=f"S-{login}"))
    with pytest.raises(Refusal, match="your own") as refused:
        hall.answer(review, "mori", login=login)
    assert refused.value.control == "AC-PRM-02"


def test_nobody_answers_what_they_granted(hall: Reviewing) -> None:
    review = hall.opened(hall.line("mori", grantors=("S-hayashi", "S-ogawa")))
    with pytest.raises(Refusal, match="You granted"):
        hall.answer(review, "mori")
    hall.answer(review, "mori", login="oka")


def test_the_officer_who_approved_an_id_still_checks_whether_it_is_needed(hall: Reviewing) -> None:
    mine = hall.line("hara", last_use=None, staff_number="S-sato")
    review = hall.opened(hall.line("mori", last_use=None, grantors=("S-sato",)), mine, kind=ReviewKind.ID_CHECK)
    hall.answer(review, "mori", comment="stand-by", login="sato")
    with pytest.raises(Refusal, match="your own"):
        hall.answer(review, "hara", comment="stand-by", login="sato")
    hall.answer(review, "hara", comment="stand-by", login="tanaka")


@pytest.mark.parametrize("login", ["yamada", "hayashi", "sato", "endo", "mori"])
def test_only_resident_operators_answer_an_inspection(hall: Reviewing, login: str) -> None:
    review = hall.opened(hall.line("hara"))
    with pytest.raises(Refusal, match="role that you don't hold"):
        hall.answer(review, "hara", login=login)


def test_a_reviewer_who_lost_the_role_answers_no_more_and_what_was_answered_stays(hall: Reviewing) -> None:
    review = hall.opened(hall.line("mori"), hall.line("hara"))
    hall.answer(review, "mori")
    with hall.city.store.transaction() as tx:
        tx.execute("DELETE FROM operator_role WHERE login = 'ogawa'")
        tx.record("test.role-lost", actor="system")
    with pytest.raises(Refusal, match="role"):
        hall.answer(review, "hara")
    hall.answer(review, "hara", login="oka")
    assert reading.get(hall.city.store, review.number).answered == 2


@pytest.mark.parametrize(
    "facts",
    [{"last_use": None}, {"staff_number": ""}, {"reason": ""}, {"present": False}],
    ids=str,
)
def test_keeping_what_seems_unneeded_needs_words(hall: Reviewing, facts: dict[str, None]) -> None:
    review = hall.opened(hall.line("mori", **facts))
    with pytest.raises(Refusal, match="needs words"):
        hall.answer(review, "mori")
    hall.answer(review, "mori", comment="stand-by for the counter")


@pytest.mark.parametrize("verdict", ["change", "revoke"])
def test_every_change_and_revocation_needs_words(hall: Reviewing, verdict: str) -> None:
    review = hall.opened(hall.line("mori"))
    more: dict[str, Any] = {"remove": ("inquiry",)} if verdict == "change" else {}
    with pytest.raises(Refusal, match="needs words"):
        hall.answer(review, "mori", verdict, "no", **more)
    hall.answer(review, "mori", verdict, "moved to another office", **more)


def test_a_change_says_what_is_to_change(hall: Reviewing) -> None:
    review = hall.opened(hall.line("mori"))
    with pytest.raises(Refusal, match="names rights to remove, or a new last day"):
        hall.answer(review, "mori", "change", "too much")
    with pytest.raises(Refusal, match="has no right"):
        hall.answer(review, "mori", "change", "too much", remove=("output",))
    with pytest.raises(Refusal, match="Only a change"):
        hall.answer(review, "mori", "revoke", "too much", remove=("inquiry",))
    hall.answer(review, "mori", "change", "too much", until=hall.now + timedelta(days=3))


def test_several_get_the_same_answer_or_none_does(hall: Reviewing) -> None:
    review = hall.opened(hall.line("a"), hall.line("b"), hall.line("c", staff_number="S-ogawa"))
    keep, actor = Answer(verdict=Verdict.KEEP), hall.city.acting("ogawa")
    with pytest.raises(Refusal):
        answering.answer(hall.city.store, review.number, [1, 2, 3], actor, keep)
    assert reading.decisions(hall.city.store, review.number) == []
    answering.answer(hall.city.store, review.number, [1, 2], actor, keep)
    assert len(hall.entries("review.answered")) == 2


def test_an_answer_is_taken_back_until_it_is_signed(hall: Reviewing) -> None:
    review = hall.opened(hall.line("mori"))
    store, actor = hall.city.store, hall.city.acting("ogawa")
    hall.answer(review, "mori", "revoke", "a slip of the hand")
    answering.take_back(store, review.number, [1], actor)
    assert reading.get(store, review.number).answered == 0
    with pytest.raises(Refusal, match="have not answered"):
        answering.take_back(store, review.number, [1], actor)
    hall.answer(review, "mori")
    hall.settle(review)
    with pytest.raises(Refusal, match="are signed and stay"):
        answering.take_back(store, review.number, [1], actor)
    with pytest.raises(Refusal, match="are signed and stay"):
        hall.answer(review, "mori", "revoke", "too late")


def test_one_deny_denies_and_no_answer_is_no_certificate(hall: Reviewing) -> None:
    review = hall.opened(hall.line("mori", granted=("a", "b", "c"), effective=("a", "b", "c")))
    store = hall.city.store
    assert outcome(reading.decisions(store, review.number)) is None
    hall.answer(review, "mori")
    assert outcome(reading.decisions(store, review.number)) == Answer(verdict=Verdict.KEEP)
    soon, later = hall.now + timedelta(days=1), hall.now + timedelta(days=9)
    hall.answer(review, "mori", "change", "too much", login="oka", remove=("a",), until=later)
    hall.answer(review, "mori", "change", "far too much", remove=("b",), until=soon)
    both = outcome(reading.decisions(store, review.number))
    assert both is not None
    assert (both.verdict, both.remove, both.until) == (Verdict.CHANGE, ("a", "b"), soon)
    hall.answer(review, "mori", "revoke", "not needed", login="oka")
    worst = outcome(reading.decisions(store, review.number))
    assert worst is not None
    assert worst.verdict is Verdict.REVOKE


def test_an_individual_number_in_a_comment_is_never_kept(hall: Reviewing) -> None:
    review = hall.opened(hall.line("mori"))
    hall.answer(review, "mori", "revoke", "seen with 123456789018 in hand")
    (given,) = reading.decisions(hall.city.store, review.number)
    assert "123456789018" not in given.answer.comment
