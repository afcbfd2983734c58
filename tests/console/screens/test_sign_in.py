"""How a person comes in: by two factors, with a new password where one is due, and refused without a hint."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from accesscontrol.people import operators
from accesscontrol.trail import entries
from console.demo.people import demo_people, present_code, seconds_to_code
from console.doorway import Doorway
from console.frame.app import SekishoApp
from console.frame.site import Place, Site
from console.screens.sign_in import SignInScreen
from console.screens.trail import TrailScreen
from console.seat import Seat, person_of
from console.terminal import Profile
from tests.console.city import HERE, City, fill, press, said
from tests.goldens import send, settled


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    city = City.copied_to(tmp_path)
    yield city
    city.site.store.close()


class OpenDoor(Doorway):
    """The doorway to a city whose clock the test holds."""

    def __init__(self, city: City) -> None:
        super().__init__(city.home, demo=True)
        self._seat = Seat(city.home, demo_code=present_code, demo_wait=seconds_to_code)
        self._seat.__dict__["site"] = city.site


def use_all_codes(city: City, login: str) -> None:
    """Sign in by every code that works at this moment."""
    seat = Seat(city.home)
    seat.__dict__["site"] = city.site
    while code := present_code(city.site, login):
        seat.sign_in(login, city.password(login), code)
        seat.left(seat.person)


@asynccontextmanager
async def before_the_door(
    city: City, *, demo: bool = True, language: str = "en", size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Pilot[Any]]:
    door = OpenDoor(city)
    site = Site(
        city=city.site.settings.site.name,
        terminal=HERE,
        zone=city.site.zone,
        clock=city.clock,
        traces=city.home / "traces",
        demo=demo,
    )
    places = [Place(key="1", title="Trail", open=lambda: TrailScreen(door.seat()))]
    people = demo_people() if demo else []
    app = SekishoApp(site, door, places, lambda: SignInScreen(door, people), profile=Profile(language=language))
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        yield pilot


async def test_two_factors_let_a_person_in(city: City) -> None:
    async with before_the_door(city) as pilot:
        await fill(pilot, "sato", city.password("sato"), city.code("sato"))
        await settled(pilot)
        assert "9 Trail" in said(pilot)
        assert "佐藤＊＊ Security officer" in said(pilot)


async def test_the_login_may_be_typed_in_any_case(city: City) -> None:
    async with before_the_door(city) as pilot:
        await fill(pilot, " SATO ", city.password("sato"), city.code("sato"))
        await settled(pilot)
        assert "9 Trail" in said(pilot)


@pytest.mark.parametrize(
    ("login", "password", "code"),
    [("sato", "wrong", ""), ("sato", "", "000000"), ("nobody", "Tsukimi-Dango-24", "000000")],
)
async def test_every_wrong_answer_is_refused_in_the_same_words(
    city: City, login: str, password: str, code: str
) -> None:
    async with before_the_door(city) as pilot:
        await fill(pilot, login, password or city.password("sato"), code or city.code("sato"))
        words = said(pilot)
        assert "9 Trail" not in words
        assert "The sign-in was refused. Check" in words


async def test_a_locked_login_stays_outside(city: City) -> None:
    with city.site.store.transaction() as tx:
        operators.lock(tx, "sato", reason="failures")
    async with before_the_door(city) as pilot:
        await fill(pilot, "sato", city.password("sato"), city.code("sato"))
        assert "9 Trail" not in said(pilot)


async def test_failures_lock_the_login_and_stand_in_the_trail(city: City) -> None:
    async with before_the_door(city) as pilot:
        for _time in range(city.site.settings.sign_in.failures):
            pilot.app.screen.query_one("#login").focus()
            await fill(pilot, "sato", "wrong", "000000")
    found = operators.get(city.site.store, "sato")
    assert found.state is operators.State.LOCKED
    assert any(each.act == "operator.locked" for each in entries.page(city.site.store, limit=20))


async def test_f3_fills_in_the_next_person_of_the_demo(city: City) -> None:
    async with before_the_door(city) as pilot:
        words = await press(pilot, "f3")
        for person in demo_people():
            assert person.login in words
        city.code("sato")  # a minute later, so that the code on the screen was not used yet
        await press(pilot, "f3", "f3")
        assert pilot.app.screen.query_one("#login").value == "takahashi"  # type: ignore[attr-defined]  # Textual's types end at App and Screen
        await press(pilot, "enter")
        await settled(pilot)
        assert "高橋＊＊ System administrator" in said(pilot)


async def test_an_enter_that_follows_f3_at_once_signs_in(city: City) -> None:
    async with before_the_door(city) as pilot:
        for key in ("f3", "enter"):
            send(pilot.app, key)
        await settled(pilot)
        assert "佐藤＊＊ Security officer" in said(pilot)


async def test_a_real_city_shows_nobody(city: City) -> None:
    async with before_the_door(city, demo=False) as pilot:
        words = await press(pilot, "f3")
        assert "takahashi" not in words
        assert "Dango" not in words


async def test_the_language_can_be_switched_at_the_door(city: City) -> None:
    async with before_the_door(city, language="ja") as pilot:
        assert "ログイン" in said(pilot)
        assert "Sign in" in await press(pilot, "f2")


async def test_a_code_that_was_used_is_never_shown_again_but_when_the_next_one_comes(city: City) -> None:
    use_all_codes(city, "sato")
    async with before_the_door(city) as pilot:
        words = await press(pilot, "f3")
        wait = seconds_to_code(city.site, "sato")
        assert 0 < wait <= 30
        assert f"Every code of sato was used; the next comes in {wait} s." in words
        assert f"Tsukimi-Dango-24 in {wait} s Security officer" in words
        city.clock.advance(timedelta(seconds=wait))
        pilot.app.screen._renew_codes()  # type: ignore[attr-defined]  # what it does every second
        await press(pilot, "enter")
        await settled(pilot)
        assert "佐藤＊＊ Security officer" in said(pilot)


async def test_a_code_typed_meanwhile_is_not_replaced_by_the_awaited_one(city: City) -> None:
    use_all_codes(city, "sato")
    async with before_the_door(city) as pilot:
        await press(pilot, "f3", "enter", "1", "2")
        city.clock.advance(timedelta(seconds=30))
        pilot.app.screen._renew_codes()  # type: ignore[attr-defined]  # Textual's types end at App and Screen
        assert pilot.app.screen.query_one("#code").value == "12"  # type: ignore[attr-defined]  # Textual's types end at App and Screen


def test_a_person_who_is_not_the_demo_s_has_no_code_to_show(city: City) -> None:
    assert present_code(city.site, "nobody") == ""
    assert seconds_to_code(city.site, "nobody") == 0


def test_the_demo_names_its_people_by_the_role_that_the_first_line_names(city: City) -> None:
    titles = {each.login: each.role_title for each in demo_people()}
    assert titles["suzuki"] == "Witness"
    for login, title in titles.items():
        assert person_of(operators.get(city.site.store, login)).role_title == title


async def test_the_line_that_is_typed_in_is_as_long_as_the_others(city: City) -> None:
    async with before_the_door(city) as pilot:
        widths = {each.size.width for each in pilot.app.screen.query("LineInput")}
        assert len(widths) == 1
