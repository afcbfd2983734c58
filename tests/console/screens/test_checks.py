"""What a person does at the regular checks: the findings of a period are judged, then it is signed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from console.screens.findings.checks import ChecksScreen
from console.screens.findings.listing import FindingsScreen
from monitors.findings import reading, reviews
from monitors.findings.judging import Judgement
from monitors.findings.states import OPEN, State
from tests.console.city import City, fill, press
from tests.goldens import Golden

CLOSED_DAY = 18  # the newest finding


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    city = City.copied_to(tmp_path)
    yield city
    city.site.store.close()


def judge_all(city: City) -> None:
    numbers = [each.number for each in reading.listed(city.site.store, states=sorted(OPEN))]
    city.site.judges.judge(numbers, city.acting("sato"), Judgement(state=State.INCIDENT, reason="looked into"))


async def test_checks_look(golden: Golden, city: City) -> None:
    await golden("checks", lambda profile: city.app(ChecksScreen, profile=profile), press=["x", "n"])


async def test_p_says_what_is_next_and_that_findings_wait(city: City) -> None:
    async with city.sitting(FindingsScreen) as pilot:
        words = await press(pilot, "p")
        assert "Regular checks" in words
        assert "next: 2026-11-16 – 2026-11-23" in words
        assert "15 findings of the next period wait for a judgement." in words


async def test_a_period_with_an_open_finding_is_not_even_offered(city: City) -> None:
    async with city.sitting(ChecksScreen) as pilot:
        await press(pilot, "n")
        await fill(pilot, "2026-11-23")
        assert "Why: Not judged yet in this period: F-00002, F-00005" in await press(pilot, "enter")
    assert reviews.listed(city.site.store) == []


async def test_a_finding_opened_again_while_it_is_signed_stops_it(city: City) -> None:
    judge_all(city)
    async with city.sitting(ChecksScreen) as pilot:
        await press(pilot, "n", "enter", "enter")
        city.site.judges.reopen(CLOSED_DAY, city.acting("sato"), reason="new facts")
        await fill(pilot, "all judged", city.password("sato"), city.code("sato"))
        assert "1 finding of this period is not judged" in await press(pilot, "enter")
    assert reviews.listed(city.site.store) == []


async def test_a_judged_period_is_signed_with_both_factors(city: City) -> None:
    judge_all(city)
    async with city.sitting(ChecksScreen) as pilot:
        await press(pilot, "n")
        await fill(pilot, "R8.11.22")
        await press(pilot, "enter")
        await fill(pilot, "all judged", city.password("sato"), city.code("sato"))
        words = await press(pilot, "enter")
        assert "2026-11-16 – 2026-11-22 is signed." in words
        assert "the signature fits, nothing changed since" in words
        assert "next: 2026-11-23 – 2026-11-23" in words
    (review,) = reviews.listed(city.site.store)
    assert review.reviewer == "S1001"


async def test_a_check_whose_findings_changed_says_so(city: City) -> None:
    judge_all(city)
    async with city.sitting(ChecksScreen, size=(200, 40)) as pilot:
        await press(pilot, "n", "enter", "enter")
        await fill(pilot, "all judged", city.password("sato"), city.code("sato"))
        await press(pilot, "enter")
        city.site.judges.reopen(CLOSED_DAY, city.acting("sato"), reason="new facts")
        assert "came or changed after it was signed" in await press(pilot, "r")


async def test_a_wrong_code_signs_nothing(city: City) -> None:
    judge_all(city)
    async with city.sitting(ChecksScreen) as pilot:
        await press(pilot, "n", "enter", "enter")
        await fill(pilot, "all judged", city.password("sato"), "000000")
        await press(pilot, "enter")
    assert reviews.listed(city.site.store) == []
