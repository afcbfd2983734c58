"""A periodic check that was missed is a finding, which ends when the check is done after all (AC-USR-02, AC-PRM-02)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from accesscontrol.reviews import answering, closing, opening, reading, settling, withdrawing
from accesscontrol.reviews.model import Answer, Review, ReviewKind, Verdict
from console import accounts, missed_reviews, translation
from console.finding_words import spoken_explanation
from monitors.findings import reading as findings
from monitors.findings.reading import Finding
from monitors.findings.states import State
from tests.console.second_persons import signing
from tests.console.town import Town

MONTH = timedelta(days=31)
CHECK = ReviewKind.ID_CHECK


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town on 24 November, whose register was read."""
    translation.choose("en")
    town = Town.copied_to(tmp_path)
    accounts.sync(town.site)
    yield town
    town.site.store.close()


def missed(town: Town) -> dict[str, Finding]:
    """Return the newest finding of each check that was missed."""
    found = [each for each in findings.listed(town.site.store) if each.rule == missed_reviews.MISSED]
    return {each.group: each for each in sorted(found, key=lambda each: each.number)}


def opened(town: Town) -> Review:
    site = town.site
    due = site.clock.now() + timedelta(days=7)
    return opening.open_review(site.store, site.reviewed, CHECK, town.acting("sato"), instruction="late", due=due)


def done(town: Town, review: Review) -> None:
    """Keep every ID, and sign answers and report."""
    site, actor, number = town.site, town.acting("sato"), review.number
    numbers = [each.number for each in reading.items(site.store, review)]
    answering.answer(site.store, number, numbers, actor, Answer(verdict=Verdict.KEEP, comment="stand-by"))
    seen = settling.answers_digest(site.store, number)
    settling.settle(site.store, number, actor, seen=seen, sign=signing(town, "sato"))
    closing.close(site.store, site.reviewed, number, actor, sign=signing(town, "sato"))


def test_a_month_without_its_check_is_one_finding_of_each_kind(town: Town) -> None:
    assert missed_reviews.find(town.site) == []
    town.clock.advance(timedelta(days=7))
    assert len(missed_reviews.find(town.site)) == 2
    assert missed_reviews.find(town.site) == []
    found = missed(town)
    assert {each.controls[0] for each in found.values()} == {"AC-USR-02", "AC-PRM-02"}
    assert "check of unneeded IDs was not done in time" in spoken_explanation(found["review=id-check"])
    town.clock.advance(MONTH)
    assert missed_reviews.find(town.site) == []  # the open ones go on
    assert missed(town)["review=id-check"].count == 2


def test_the_check_being_done_ends_its_finding_and_no_other(town: Town) -> None:
    town.clock.advance(timedelta(days=7))
    missed_reviews.find(town.site)
    review = opened(town)
    missed_reviews.find(town.site)
    assert missed(town)["review=id-check"].state is State.NEW  # ordered is not done
    done(town, review)
    missed_reviews.find(town.site)
    found = missed(town)
    assert (found["review=id-check"].state, found["review=id-check"].reason) == (State.MADE_GOOD, "V-0001")
    assert found["review=inspection"].state is State.NEW
    (entry,) = town.entries("finding.made-good")
    assert entry.details["by"] == "V-0001"


def test_one_whose_deadline_passed_unanswered_is_missed_too(town: Town) -> None:
    opened(town)
    town.clock.advance(timedelta(days=6))
    assert missed_reviews.find(town.site) == []
    town.clock.advance(timedelta(days=1))
    missed_reviews.find(town.site)
    assert missed(town)["review=id-check"].state is State.NEW


def test_a_withdrawn_one_makes_nothing_good(town: Town) -> None:
    review = opened(town)
    withdrawing.withdraw(town.site.store, review.number, town.acting("sato"), reason="the wrong list")
    town.clock.advance(timedelta(days=7))
    missed_reviews.find(town.site)
    assert "review=id-check" in missed(town)
