"""The items of a review at the screen: one key an answer, words only where they are needed, undone until signed."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from textual.widgets import Input

from accesscontrol.reviews import answering, reading
from accesscontrol.reviews.model import Answer, State, Verdict
from console.screens.reviews.items import ItemsScreen
from console.screens.reviews.listing import ReviewsScreen
from console.screens.reviews.report import ReportScreen
from console.seat import Seat
from console.terminal import Profile
from tests.console.city import City, fill, press, said
from tests.goldens import Golden

CLOSED, OPEN = 1, 2
ANSWERED = 43


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    city = City.copied_to(tmp_path)
    yield city
    city.site.store.close()


def everything(city: City) -> int:
    return reading.get(city.site.store, OPEN).items


def left(city: City) -> int:
    return everything(city) - ANSWERED


def items(seat: Seat) -> ItemsScreen:
    return ItemsScreen(seat, OPEN)


def verdicts(city: City) -> list[str]:
    """Return what was answered in the city's own time, in order."""
    found = [each for each in reading.decisions(city.site.store, OPEN) if each.at > city.site.clock.now() - HOUR]
    return [each.answer.verdict.value for each in sorted(found, key=lambda each: each.at)]


HOUR = timedelta(hours=1)


async def test_it_opens_on_what_waits_for_the_reviewer(city: City) -> None:
    async with city.sitting(items, "ito") as pilot:
        assert f"row 1 of {left(city)}" in said(pilot)
        assert f"being answered {ANSWERED}/{everything(city)}" in said(pilot)
        assert "waiting for you" in said(pilot)


async def test_one_key_answers_and_goes_on(city: City) -> None:
    async with city.sitting(items, "ito") as pilot:
        shown = await press(pilot, "down", "k", "k")
        assert f"{ANSWERED + 2}/{everything(city)}" in shown
        assert f"row 4 of {left(city)}" in shown
        assert verdicts(city) == ["keep", "keep"]


async def test_words_are_asked_for_where_they_are_needed_and_enter_repeats_them(city: City) -> None:
    async with city.sitting(items, "ito") as pilot:
        assert "Enter answers" in await press(pilot, "k")  # nobody's ID
        assert "Write at least 4 characters." in await press(pilot, "enter")
        await fill(pilot, "kept for the maintenance of November")
        assert verdicts(city) == ["keep"]
        await press(pilot, "x")
        await fill(pilot, "moved to another office")
        await press(pilot, "x")
        field = pilot.app.focused
        assert isinstance(field, Input)
        assert field.value == "moved to another office"
        await press(pilot, "enter")
        assert verdicts(city) == ["keep", "revoke", "revoke"]
        assert f"row 4 of {left(city)}" in said(pilot)
        assert f"{ANSWERED + 3}/{everything(city)}" in said(pilot)


async def test_esc_answers_nothing(city: City) -> None:
    async with city.sitting(items, "ito") as pilot:
        await press(pilot, "x", "escape", "c", "escape")
        assert verdicts(city) == []
        assert f"row 1 of {left(city)}" in said(pilot)


async def test_the_last_answers_are_taken_back_step_by_step(city: City) -> None:
    async with city.sitting(items, "ito") as pilot:
        await press(pilot, "down", "k", "k")
        shown = await press(pilot, "u")
        assert "1 answer taken back" in shown
        assert f"row 3 of {left(city)}" in shown
        shown = await press(pilot, "u")
        assert f"{ANSWERED}/{everything(city)}" in shown
        assert verdicts(city) == []
        assert "You have not answered" in await press(pilot, "u")


async def test_all_alike_get_one_answer(city: City) -> None:
    async with city.sitting(items, "ito") as pilot:
        shown = await press(pilot, "down", "m")
        assert "alike are marked" in shown
        await press(pilot, "k")
        given = verdicts(city)
        assert len(given) > 10
        assert set(given) == {"keep"}
        await press(pilot, "u")
        assert verdicts(city) == []


async def test_a_change_names_what_goes(city: City) -> None:
    async with city.sitting(items, "ito") as pilot:
        await press(pilot, "down", "c")
        await fill(pilot, "", "", "until the end of the year")
        assert "A change names rights to remove, or a new last day." in await press(pilot, "enter")
        await fill(pilot, "inquiry", "2026-12-28", "until the end of the year")
        await press(pilot, "enter")
        (change,) = [each for each in reading.decisions(city.site.store, OPEN) if each.answer.remove]
        assert change.answer.remove == ("inquiry",)
        assert change.answer.until is not None
        assert change.answer.until.astimezone(city.site.zone).date().isoformat() == "2026-12-29"


async def test_a_comment_is_given_on_demand(city: City) -> None:
    async with city.sitting(items, "ito") as pilot:
        await press(pilot, "down", "e")
        await fill(pilot, "seen at the counter this morning")
        newest = max(reading.decisions(city.site.store, OPEN), key=lambda each: each.at)
        assert newest.answer == Answer(verdict=Verdict.KEEP, comment="seen at the counter this morning")


async def test_parts_show_the_never_used_the_expiring_contractors_and_the_privileged(city: City) -> None:
    async with city.sitting(items, "ito") as pilot:
        seen = [await press(pilot, "f") for _ in range(13)]
        for part in ("never used", "ends soon", "contractor", "privileged", "changed since the snapshot"):
            assert any(f"▸ {part}" in shown for shown in seen)


async def test_the_evidence_stands_below_a_narrow_list_and_beside_a_wide_one(city: City) -> None:
    async with city.sitting(items, "ito", size=(80, 24)) as pilot:
        shown = await press(pilot, "down")
        assert "Reason: appointment" in shown
        assert "Granted by: 佐藤＊＊ (S1001)" in shown
    async with city.sitting(items, "ito") as pilot:
        assert "Effective rights" in await press(pilot, "down")


async def test_others_may_look_and_are_told_why_they_can_not_answer(city: City) -> None:
    async with city.sitting(items, "sato") as pilot:
        assert f"row 1 of {everything(city)}" in said(pilot)
        assert "answered and signed by others" in await press(pilot, "k")
        assert verdicts(city) == []


async def test_ones_own_id_is_for_somebody_else(city: City) -> None:
    with city.site.store.transaction() as tx:
        tx.execute("UPDATE operator SET staff_number = 'S0056' WHERE login = 'ito'")
        tx.record("test.same-person", actor="system")
    async with city.sitting(items, "ito") as pilot:
        await press(pilot, "z", "slash")
        await fill(pilot, "S0056")
        assert "This ID is your own" in await press(pilot, "k")
        assert "others'" in said(pilot)


async def test_before_the_end_n_says_what_is_missing(city: City) -> None:
    async with city.sitting(items, "ito") as pilot:
        assert f"{left(city)} items have no answer yet." in await press(pilot, "n")


async def test_n_asks_for_the_signature_as_soon_as_the_last_item_is_answered(city: City) -> None:
    site, actor = city.site, city.acting("ito")
    keep = Answer(verdict=Verdict.KEEP, comment="needed")
    numbers = [each.number for each in reading.items(site.store, reading.get(site.store, OPEN))]
    answering.answer(site.store, OPEN, numbers[1:], actor, keep)
    async with city.sitting(items, "ito") as pilot:
        await press(pilot, "x")
        await fill(pilot, "nobody knows it")
        assert "Sign the answers of V-0002" in await press(pilot, "n")


async def test_answers_survive_the_lock(city: City) -> None:
    async with city.sitting(items, "ito") as pilot:
        await press(pilot, "down", "k")
        pilot.app.screen.conceal()  # type: ignore[attr-defined]  # Textual's types end at App and Screen
        shown = await press(pilot, "r")
        assert f"{ANSWERED + 1}/{everything(city)}" in shown


async def test_the_report_of_a_closed_review_says_that_everything_fits(city: City) -> None:
    async with city.sitting(lambda seat: ReportScreen(seat, CLOSED), "nakamura") as pilot:
        shown = said(pilot)
        assert "snapshot, answers and signatures fit" in shown
        assert "S0117" in shown
        assert "verified by reading" in shown


async def test_the_report_leaves_as_a_table_that_no_spreadsheet_calculates(city: City) -> None:
    store = city.site.store
    review = reading.get(store, OPEN)
    item = reading.items(store, review)[0]
    given = Answer(verdict=Verdict.REVOKE, comment="=HYPERLINK(1)")
    answering.answer(store, OPEN, [item.number], city.acting("ito"), given)
    async with city.sitting(lambda seat: ReportScreen(seat, OPEN), "ito") as pilot:
        await press(pilot, "c")
        await fill(pilot, "report.csv")
        assert f"{everything(city)} rows written" in await press(pilot, "enter")
    rows = list(csv.reader((city.home / "evidence" / "report.csv").read_text("utf-8-sig").splitlines()))
    assert len(rows) == everything(city) + 1
    assert "'=HYPERLINK(1)" in rows[1]


async def test_the_list_opens_items_and_report_and_orders_only_for_those_who_may(city: City) -> None:
    async with city.sitting(ReviewsScreen, "ito") as pilot:
        assert f"o answers {left(city)} items" in said(pilot)
        assert "Reviews are ordered by the system administrator" in await press(pilot, "n")
        assert f"row 1 of {left(city)}" in await press(pilot, "o")
        assert "Who may do what" in await press(pilot, "escape")
        assert "not closed yet" in await press(pilot, "p")


async def test_the_officer_orders_the_next_check(city: City) -> None:
    async with city.sitting(ReviewsScreen, "sato") as pilot:
        await press(pilot, "n", "tab")
        await fill(pilot, "December", "2026-12-10")
        shown = await press(pilot, "enter")
        assert "V-0003 holds" in shown
    opened = reading.get(city.site.store, 3)
    assert (opened.state, opened.instruction) == (State.ANSWERING, "December")


async def test_a_review_looks(city: City, golden: Golden) -> None:
    def app_of(profile: Profile) -> object:
        return city.app(items, "ito", profile)

    await golden("review-items", app_of, press=["x", "down", "down"])  # type: ignore[arg-type]  # a wider type in a test


async def test_the_reviews_look(city: City, golden: Golden) -> None:
    def app_of(profile: Profile) -> object:
        return city.app(ReviewsScreen, "ito", profile)

    await golden("reviews", app_of, press=["x"], sizes=[(80, 24)])  # type: ignore[arg-type]  # a wider type in a test
