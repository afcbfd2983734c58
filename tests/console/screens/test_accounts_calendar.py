"""The expiry calendar: how many IDs end on which day, and where the year's cliff stands."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from textual.app import App

from accesscontrol.accounts import ledger, persons
from accesscontrol.accounts.model import Cause, Person, PersonKind, Terms
from accesscontrol.clock import end_of_day
from console.frame.app import SekishoApp
from console.screens.accounts import expiry, picture
from console.screens.accounts.listing import AccountsScreen
from console.terminal import Profile
from tests.console.city import City
from tests.console.town import Town, press, seen
from tests.goldens import Golden

CLIFF = date(2027, 3, 31)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """A town in which 14 contracts end with the fiscal year, two on one day in December, one today."""
    town = Town.copied_to(tmp_path)
    days = [CLIFF] * 14 + [date(2026, 12, 16)] * 2 + [date(2026, 11, 24)]
    with town.site.store.transaction() as tx:
        for number, day in enumerate(days):
            end = end_of_day(day, town.site.zone)
            person = Person(
                staff_number=f"C{number:03}",
                name=f"架空　{number}",
                kind=PersonKind.CONTRACTOR,
                pledge="P-1",
                valid_from=tx.at - timedelta(days=30),
                valid_until=end,
            )
            persons.enter_person(tx, person, actor="S0102")
            terms = Terms(cause=Cause.CONTRACT_START, granted_by="S0101", valid_from=tx.at, valid_until=end)
            ledger.issue(tx, "register", f"c{number:03}", person.staff_number, (), terms, actor="S0102")
    return town


def test_an_end_counts_on_the_last_day_in_the_zone_of_the_site(town: Town) -> None:
    ends = expiry.by_day(picture.read(town.site).rows, town.site.zone)
    counted = {day: len(rows) for day, rows in ends.items()}
    assert counted == {date(2026, 11, 24): 1, date(2026, 12, 16): 2, CLIFF: 14}
    assert list(counted) == sorted(counted)
    assert expiry.greatest(ends) == CLIFF


def test_what_is_over_is_on_no_day_any_more(town: Town) -> None:
    town.clock.set(end_of_day(CLIFF, town.site.zone))
    assert not expiry.by_day(picture.read(town.site).rows, town.site.zone)


async def test_the_arrows_move_and_end_goes_to_the_cliff(town: Town) -> None:
    async with town.sitting(AccountsScreen) as pilot:
        shown = await press(pilot, "k")
        assert "3 IDs end in 13 weeks" in shown
        assert "2026-11-24 (Tue)  1 ID ends  register 1" in shown
        assert "Most on one day: 2027-03-31 (Wed), 14" in shown
        assert "02/15" in shown
        assert "2026-11-24 (Tue)" in await press(pilot, "left", "up")
        assert "2026-12-16 (Wed)  2 IDs end" in await press(pilot, "down", "down", "down", "right")
        shown = await press(pilot, "end")
        assert "2027-03-31 (Wed)  14 IDs end  register 14" in shown
        [week] = [line for line in shown.splitlines() if line.startswith(" 03/29")]
        assert "31  14" in week
        assert "█" * 10 in week
        shown = await press(pilot, "enter")
        assert "Expiry calendar ▸ 2027-03-31" in shown
        assert "row 1 of 14" in shown
        assert "No ID ends on this day." in await press(pilot, "escape", "left", "enter")


async def test_the_counts_are_forgotten_by_the_lock(town: Town) -> None:
    async with town.sitting(AccountsScreen) as pilot:
        await press(pilot, "k")
        app: App[None] = pilot.app
        app.screen.conceal()  # type: ignore[attr-defined]  # Textual's types end at App and Screen
        await pilot.pause()
        assert "register 1" not in seen(pilot)


async def test_the_calendar_looks(tmp_path: Path, golden: Golden) -> None:
    city = City.copied_to(tmp_path)

    def app_of(profile: Profile) -> SekishoApp:
        return city.app(AccountsScreen, profile=profile)

    await golden("accounts-calendar", app_of, press=["x", "k", "down", "right", "right"], sizes=[(80, 24)])
    city.site.store.close()
