"""Place 2: every user ID of every system, what should be beside what was read, and what is done about it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Button

from accesscontrol.accounts import break_glass, desired, reading
from accesscontrol.requests import reading as requests
from accesscontrol.trail import entries
from console.demo.user_ids import LOOSE_END
from console.screens.accounts.listing import AccountsScreen
from console.screens.once import OnceDialog
from console.screens.people.listing import PeopleScreen
from console.terminal import Profile
from tests.accesscontrol.accounts.office import MemorySystem
from tests.console.city import City, fill, press, said
from tests.goldens import Golden, settled

SYSTEM = "registry"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    city = City.copied_to(tmp_path)
    yield city
    city.site.store.close()


async def prove(pilot: object, city: City, *texts: str, login: str = "yamada") -> str:
    """Fill a form's fields, prove both factors, and press its button."""
    await fill(pilot, *texts, city.password(login), city.code(login))  # type: ignore[arg-type]  # a wider type in a test
    pilot.app.screen.query_one("#act", Button).press()  # type: ignore[attr-defined]  # Textual's types end at App and Screen
    await settled(pilot)  # type: ignore[arg-type]  # a wider type in a test
    return said(pilot)  # type: ignore[arg-type]  # a wider type in a test


async def at(pilot: object, row: str) -> str:
    """Put the cursor on one ID (``system/ID``), as Today does."""
    pilot.app.screen.point(f"all:{row}")  # type: ignore[attr-defined]  # Textual's types end at App and Screen
    await settled(pilot)  # type: ignore[arg-type]  # a wider type in a test
    return said(pilot)  # type: ignore[arg-type]  # a wider type in a test


# -- the list ------------------------------------------------------------------------------------------


async def test_the_list_begins_with_what_is_unknown_and_proves_what_is_left_over(city: City) -> None:
    async with city.sitting(AccountsScreen) as pilot:
        shown = said(pilot)
        assert "left over 2, unknown 6, read at 06:12" in shown
        assert "▸ 中間サー… CH0005 笛辺＊＊ !! never read" in shown
        assert "its system could not be read" in shown
        shown = await press(pilot, "f2")
        assert "2 User IDs ▸ leftover" in shown
        assert "row 1 of 2" in shown
        shown = await press(pilot, "f2", "f6")
        assert "row 1 of 20" in shown
        shown = await press(pilot, "f6", "f5", "enter")
        assert "row 1 of 1" in shown
        assert "e asks to extend it, * and e all listed" in shown


async def test_the_filter_searches_ids_systems_and_masked_names(city: City) -> None:
    async with city.sitting(AccountsScreen) as pilot:
        await press(pilot, "slash")
        await fill(pilot, "addressee")
        shown = said(pilot)
        assert "row 1 of 12" in shown
        assert "CH0005" not in shown


async def test_an_id_tells_its_grants_by_rule_what_was_read_and_its_history(city: City) -> None:
    async with city.sitting(AccountsScreen, size=(120, 60)) as pilot:
        shown = await at(pilot, "registry/S0108")
        assert "Should be live" in shown
        assert "Was read can sign in" in shown
        assert "Belongs to contractor" in shown
        assert "Pledge P-S0108" in shown
        assert "start of a contract" in shown
        assert "granted by 佐藤＊＊ (S1001)" in shown
        assert "User ID issued 山田＊＊ (S1002)" in shown
        assert "Other IDs of this person" in shown
        assert "- 共通基盤 / PF0108 live linked" in shown
        shown = await at(pilot, f"registry/{LOOSE_END}")
        assert "no person, or more than one, stands" in shown
        assert "ask at the system whose this is" in shown


async def test_systems_and_acts_stand_beside_the_list(city: City) -> None:
    async with city.sitting(AccountsScreen) as pilot:
        shown = await press(pilot, "right")
        assert "▸ 中間サーバー never" in shown
        assert "There is no account list of 中間サーバー" in shown
        shown = await press(pilot, "right", "f")
        assert "2 User IDs ▸ in trouble" in shown
        assert "row 1 of 6" in shown
        assert "g tries the acts of this system again now" in shown


async def test_today_leads_to_the_row_the_acts_and_the_locked_operators(city: City) -> None:
    async with city.sitting(AccountsScreen) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, AccountsScreen)
        screen.point(f"leftover:registry/{LOOSE_END}")
        await settled(pilot)
        assert "2 User IDs ▸ leftover" in said(pilot)
        assert screen.row.key == (SYSTEM, LOOSE_END)
        screen.point("jobs")
        await settled(pilot)
        assert "g tries the acts" in said(pilot)
        screen.point("operators")
        await settled(pilot)
        assert isinstance(pilot.app.screen, PeopleScreen)
        assert "2 User IDs ▸ locked" in said(pilot)


async def test_a_name_is_shown_after_the_trail_says_to_whom_and_hidden_by_the_lock(city: City) -> None:
    async with city.sitting(AccountsScreen) as pilot:
        await at(pilot, "registry/S0108")
        name = reading.get_person(city.site.store, "S0108").name
        assert name not in said(pilot)
        await press(pilot, "m")
        assert " ".join(name.split()) in said(pilot)
        [entry] = [each for each in entries.about(city.site.store, "registry/S0108") if each.act == "name.revealed"]
        assert entry.actor == "S1001"
        pilot.app.screen.conceal()  # type: ignore[attr-defined]  # Textual's types end at App and Screen
        await settled(pilot)
        assert "虹森" not in said(pilot)


# -- requests and readings -----------------------------------------------------------------------------


async def test_an_extension_goes_the_road_of_requests(city: City) -> None:
    async with city.sitting(AccountsScreen, "yamada") as pilot:
        await at(pilot, "registry/S0108")
        shown = await press(pilot, "e", "enter")
        assert "start of a contract" in await press(pilot, "right", "right", "right")
        assert "Trigger" in shown
        await press(pilot, "tab")
        await fill(pilot, "2027-03-31", "契約の更新 X-12")
        pilot.app.screen.query_one("#act", Button).press()
        await settled(pilot)
        assert "waits for approval" in said(pilot)
    [made] = [each for each in requests.listed(city.site.store) if each.kind == "account-extend"]
    assert (made.parameters["user_id"], made.parameters["cause"]) == ("S0108", "contract-start")


async def test_a_reading_is_entered_under_who_asked_and_names_the_silent(city: City) -> None:
    async with city.sitting(AccountsScreen) as pilot:
        shown = await press(pilot, "v", "enter")
        assert "0 IDs were read. Unreadable: 中間サーバー" in shown
        await at(pilot, "registry/S0108")
        shown = await press(pilot, "v", "enter")
        assert "121 IDs were read." in shown
    assert list(entries.of_act(city.site.store, "accounts.read"))[-1].actor == "S1001"


async def test_only_a_custodian_carries_out_what_is_due(city: City) -> None:
    async with city.sitting(AccountsScreen, "sato") as pilot:
        assert "needs a role that you don't hold" in await press(pilot, "g")
    async with city.sitting(AccountsScreen, "yamada") as pilot:
        await press(pilot, "right", "right", "g", "enter")
        shown = await press(pilot, "tab", "enter")
        assert "Lapsed: 0, changed: 0, not verified: 6" in shown


# -- at the desk ---------------------------------------------------------------------------------------


async def test_an_id_that_was_only_read_gets_its_one_owner(city: City) -> None:
    async with city.sitting(AccountsScreen, "yamada") as pilot:
        await at(pilot, f"registry/{LOOSE_END}")
        assert "t gives it its owner" in await press(pilot, "p")
        await press(pilot, "t")
        shown = await prove(pilot, city, "S0108", "2027-03-31", "契約書 第3条")
        assert f"{LOOSE_END} on 既存住基 belongs to S0108." in shown
        assert "left over 1" in shown
    grants = reading.grants(city.site.store, SYSTEM, LOOSE_END)
    assert {(each.staff_number, each.rule) for each in grants} == {("S0108", "契約書 第3条")}


async def test_a_first_password_is_shown_once(city: City) -> None:
    system = MemorySystem(SYSTEM, city.clock)
    system.put("S0108")
    city.site.__dict__["connectors"] = {SYSTEM: system}
    async with city.sitting(AccountsScreen, "yamada") as pilot:
        await at(pilot, "registry/S0108")
        await press(pilot, "p", "enter")
        await prove(pilot, city)
        assert isinstance(pilot.app.screen, OnceDialog)
        assert "It can't be shown again." in await press(pilot, "escape")
    [entry] = entries.of_act(city.site.store, "account.password-issued")
    assert (entry.actor, entry.subject) == ("S1002", "registry/S0108")


async def test_an_emergency_id_goes_out_and_comes_back(city: City) -> None:
    store = city.site.store
    with store.transaction() as tx:
        break_glass.enter(tx, SYSTEM, "glass", actor="S1001")
    async with city.sitting(AccountsScreen, "sato") as pilot:
        assert "nobody's own" in await at(pilot, "registry/glass")
        await press(pilot, "b")
        await fill(pilot, "S0108")
        await press(pilot, "tab")
        await prove(pilot, city, "enquiry", "夜間の障害", login="sato")
        assert "glass on 既存住基 is in the hands of S0108." in said(pilot)
        assert desired.entry(store, SYSTEM, "glass").in_force(store.clock.now())
        await press(pilot, "b")
        assert "glass on 既存住基 is back." in await prove(pilot, city, login="sato")
        assert not desired.entry(store, SYSTEM, "glass").in_force(store.clock.now())


# -- looks ---------------------------------------------------------------------------------------------


async def test_the_user_ids_look(city: City, golden: Golden) -> None:
    def app_of(profile: Profile) -> object:
        return city.app(AccountsScreen, profile=profile)

    await golden("accounts", app_of, press=["x", "f2"])  # type: ignore[arg-type]  # a wider type in a test
    await golden("account", app_of, press=["x", "f5", "enter"], sizes=[(80, 24)])  # type: ignore[arg-type]  # a wider type in a test


async def test_the_ids_that_end_on_a_day_are_listed_with_the_same_keys(city: City) -> None:
    async with city.sitting(AccountsScreen) as pilot:
        shown = await press(pilot, "k")
        assert "2 User IDs ▸ Expiry calendar" in shown
        assert "7 IDs end in 13 weeks" in shown
        assert "2026-12-15 (Tue) 1 ID ends" in shown
        assert "2026-12-24 (Thu) 2 IDs end platform 1, registry 1" in await press(pilot, "down", "right", "right")
        shown = await press(pilot, "enter")
        assert "Expiry calendar ▸ 2026-12-24" in shown
        assert "row 1 of 2" in shown
        assert "No ID ends on this day." in await press(pilot, "escape", "home", "enter")
