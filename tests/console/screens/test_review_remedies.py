"""What follows from signed answers: carried out in the ledger and at the register itself, proven by reading it again."""

from datetime import timedelta
from pathlib import Path

import pytest

from accesscontrol.accounts import adopting, persons
from accesscontrol.accounts.model import Cause, Person, Terms
from accesscontrol.reviews import answering, opening, reading, settling
from accesscontrol.reviews.model import Answer, RemedyState, ReviewKind, State, Verdict
from console import accounts
from console.evidence import register_accounts
from console.screens.reviews.items import ItemsScreen
from console.seat import Seat
from tests.console.town import PASSWORD, Town, press, seen, type_in

OWNED = ("S0001", "S0002")
NOBODY_S = "S0003"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """A town whose register was read: two IDs have their owners, the others are nobody's."""
    town = Town.copied_to(tmp_path)
    site = town.site
    known = {each.login: each for each in register_accounts.read(site)}
    with site.store.transaction() as tx:
        for login in OWNED:
            person = Person(staff_number=login, name=known[login].display_name, valid_from=known[login].created_at)
            persons.enter_person(tx, person, actor="S0102")
    accounts.sync(site)
    with site.store.transaction() as tx:
        for login in OWNED:
            terms = Terms(cause=Cause.APPOINTMENT, granted_by="S0101", valid_from=known[login].created_at)
            adopting.link(tx, accounts.REGISTER, login, login, terms, actor="S0102")
    return town


def settle(town: Town) -> None:
    """Order an inspection, say no to one owned ID and to one of nobody's, and sign after the deadline."""
    store, now = town.site.store, town.site.clock.now()
    opening.open_review(
        store,
        town.site.reviewed,
        ReviewKind.INSPECTION,
        town.acting("yamada"),
        instruction="November",
        due=now + timedelta(days=1),
    )
    review = reading.get(store, 1)
    numbers = {each.line.user_id: each.number for each in reading.items(store, review)}
    no = Answer(verdict=Verdict.REVOKE, comment="not needed any more")
    answering.answer(store, 1, [numbers["S0002"], numbers[NOBODY_S]], town.acting("ito"), no)
    answering.answer(store, 1, [numbers["S0001"]], town.acting("ito"), Answer(verdict=Verdict.KEEP))
    town.clock.advance(timedelta(days=1))
    seat = town.seat("ito")
    seen_answers = settling.answers_digest(store, 1)
    settling.settle(store, 1, seat.acting, seen=seen_answers, sign=seat.step_up(PASSWORD, town.code("ito")))


def items(seat: Seat) -> ItemsScreen:
    return ItemsScreen(seat, 1)


async def test_a_revocation_reaches_the_register_and_is_proven_by_reading_it_again(town: Town) -> None:
    settle(town)
    site = town.site
    async with town.sitting(items, "ito", size=(120, 40)) as pilot:
        assert "carried out by an administrator" in await press(pilot, "g")
        assert "2 remedies are not verified yet." in await press(pilot, "n")
    async with town.sitting(items, "yamada", size=(120, 40)) as pilot:
        assert "row 1 of 2" in seen(pilot)
        assert "Take it over, or remove it at the system" in await press(pilot, "g")
        assert "the next reading of register proves it" in await press(pilot, "down", "g")
        town.clock.advance(timedelta(minutes=5))
        assert "0 verified, 2 still open" in await press(pilot, "v")
        accounts.carry_out(site)
        town.clock.advance(timedelta(minutes=5))
        assert "1 verified, 1 still open" in await press(pilot, "v")
    known = {each.login: each for each in register_accounts.read(site)}
    assert known["S0002"].enabled is False
    assert known[NOBODY_S].enabled is True

    async with town.sitting(items, "sato", size=(120, 40)) as pilot:
        await press(pilot, "a")
        await type_in(pilot, "the vendor removes it in December")
        assert "accepted as it is" in await press(pilot, "enter", "enter")
    assert {each.state for each in reading.remedies(site.store, 1)} == {RemedyState.VERIFIED, RemedyState.ACCEPTED}

    async with town.sitting(items, "ito", size=(120, 40)) as pilot:
        assert "nothing is left to remedy: n signs the report" in seen(pilot)
        await press(pilot, "n")
        await type_in(pilot, PASSWORD)
        await press(pilot, "enter")
        await type_in(pilot, town.code("ito"))
        assert "V-0001 is closed and its report signed." in await press(pilot, "enter", "enter")
    assert reading.get(site.store, 1).state is State.CLOSED
