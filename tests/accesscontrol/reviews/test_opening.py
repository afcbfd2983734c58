"""Ordering a review: the snapshot stands for good, and its hash stands in the trail."""

import json
from datetime import timedelta

import pytest

from accesscontrol.canonical import digest
from accesscontrol.refusals import Refusal
from accesscontrol.reviews import closing, opening, reading
from accesscontrol.reviews.lines import Drift, Trait, drift
from accesscontrol.reviews.model import ReviewKind

from .conftest import Reviewing


def test_the_hash_of_the_snapshot_is_in_the_trail_and_covers_every_line(hall: Reviewing) -> None:
    review = hall.opened(hall.line("mori"), hall.line("hara"))
    (entry,) = hall.entries("review.opened")
    rows = hall.city.store.rows("SELECT content FROM review_item ORDER BY number")
    contents = [json.loads(row["content"]) for row in rows]
    assert entry.details["snapshot"] == review.digest
    assert review.digest == digest({"format": "sekisho review snapshot v1", "items": contents})
    assert closing.faults(hall.city.store, review) == []


def test_a_line_changed_behind_the_consoles_back_shows(hall: Reviewing) -> None:
    review = hall.opened(hall.line("mori"))
    with hall.city.store.transaction() as tx:
        tx.execute("UPDATE review_item SET content = replace(content, 'inquiry', 'everything')")
        tx.record("test.forged", actor="system")
    assert closing.faults(hall.city.store, review) == ["The snapshot was changed after it was taken."]


def test_what_changes_afterwards_is_shown_as_drift_and_never_merged(hall: Reviewing) -> None:
    review = hall.opened(hall.line("mori"), hall.line("hara"))
    hall.drift_to("mori", effective=("inquiry", "output"), valid_until=hall.now)
    before = hall.items(review)["mori"].line
    (now,) = [each for each in hall.shelf.held if each.user_id == "mori"]
    assert before.effective == ("inquiry",)
    assert drift(before, now) == (Drift.RIGHTS_ADDED, Drift.END)
    assert drift(before, None) == (Drift.GONE,)
    assert drift(before, before) == ()


def test_nobodys_ids_come_first_and_like_stands_beside_like(hall: Reviewing) -> None:
    review = hall.opened(
        hall.line("c", reason="transfer"), hall.line("b"), hall.line("z", staff_number=""), hall.line("a")
    )
    assert list(hall.items(review)) == ["z", "a", "b", "c"]


def test_the_check_of_unneeded_ids_lists_the_candidates_alone(hall: Reviewing) -> None:
    review = hall.opened(
        hall.line("fine"),
        hall.line("nobodys", staff_number=""),
        hall.line("left", present=False),
        hall.line("ended", valid_until=hall.now),
        hall.line("never", last_use=None),
        hall.line("unused", last_use=hall.now - timedelta(days=91)),
        kind=ReviewKind.ID_CHECK,
    )
    found = {name: item.traits[0] for name, item in hall.items(review).items()}
    assert found == {
        "nobodys": Trait.NOBODYS,
        "left": Trait.LEFT,
        "ended": Trait.ENDED,
        "never": Trait.NEVER_USED,
        "unused": Trait.UNUSED,
    }


def test_a_system_that_could_not_be_read_is_unknown_not_clean(hall: Reviewing) -> None:
    review = hall.opened(hall.line("mori", readable=False, effective=("surplus",)))
    assert hall.items(review)["mori"].traits == (Trait.UNREADABLE,)


@pytest.mark.parametrize(
    ("kind", "login"),
    [(ReviewKind.INSPECTION, "ogawa"), (ReviewKind.INSPECTION, "sato"), (ReviewKind.ID_CHECK, "yamada")],
)
def test_only_who_may_order_it_opens_a_review(hall: Reviewing, kind: ReviewKind, login: str) -> None:
    with pytest.raises(Refusal, match="role that you don't hold"):
        hall.opened(hall.line("mori"), kind=kind, login=login)


def test_one_review_of_a_kind_is_open_at_a_time(hall: Reviewing) -> None:
    hall.opened(hall.line("mori"))
    hall.opened(kind=ReviewKind.ID_CHECK)
    with pytest.raises(Refusal, match="Close it first"):
        hall.opened()


def test_an_empty_ledger_is_not_a_clean_one(hall: Reviewing) -> None:
    with pytest.raises(Refusal, match="holds no user ID"):
        hall.opened()


def test_an_instruction_and_a_deadline_to_come_are_needed(hall: Reviewing) -> None:
    hall.hold(hall.line("mori"))
    store, actor = hall.city.store, hall.city.acting("yamada")
    kind, later = ReviewKind.INSPECTION, hall.now + timedelta(days=1)
    with pytest.raises(Refusal, match="instruction"):
        opening.open_review(store, hall.shelf, kind, actor, instruction=" ", due=later)
    with pytest.raises(Refusal, match="deadline has passed"):
        opening.open_review(store, hall.shelf, kind, actor, instruction="monthly", due=hall.now)


def test_running_again_takes_only_what_was_left_unanswered_as_it_is_now(hall: Reviewing) -> None:
    review = hall.opened(hall.line("mori"), hall.line("hara"), hall.line("gone"))
    hall.answer(review, "mori")
    hall.city.clock.advance(timedelta(days=15))
    hall.settle(review)
    hall.close(review)
    hall.drift_to("hara", effective=("output",))
    hall.shelf.held = [each for each in hall.shelf.held if each.user_id != "gone"]
    again = opening.rerun(
        hall.city.store,
        hall.shelf,
        review.number,
        hall.city.acting("yamada"),
        instruction="the rest",
        due=hall.now + timedelta(days=3),
    )
    assert again.rerun_of == review.number
    assert {name: item.line.effective for name, item in hall.items(again).items()} == {"hara": ("output",)}


def test_running_again_needs_a_closed_review_with_something_left(hall: Reviewing) -> None:
    review = hall.opened(hall.line("mori"))
    again = {"instruction": "the rest", "due": hall.now + timedelta(days=30)}
    with pytest.raises(Refusal, match="still open"):
        opening.rerun(hall.city.store, hall.shelf, review.number, hall.city.acting("yamada"), **again)  # type: ignore[arg-type]  # of any type in a test
    hall.answer(review, "mori")
    hall.settle(review)
    hall.close(review)
    with pytest.raises(Refusal, match="left nothing"):
        opening.rerun(hall.city.store, hall.shelf, review.number, hall.city.acting("yamada"), **again)  # type: ignore[arg-type]  # of any type in a test


@pytest.mark.parametrize(("name", "number"), [("V-0003", 3), ("v-3", 3), ("12", 12)])
def test_people_name_a_review_as_they_like(name: str, number: int) -> None:
    assert reading.number_of(name) == number


@pytest.mark.parametrize("name", ["V-0", "R-2026-0001", "x", ""])
def test_what_is_no_review_is_told(name: str) -> None:
    with pytest.raises(Refusal, match="is no review"):
        reading.number_of(name)
