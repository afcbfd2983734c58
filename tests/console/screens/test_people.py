"""Place 2: who may use the console and the register, and what a custodian does at the desk."""

import re
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from accesscontrol.people import operators, sign_in, terminals
from accesscontrol.people.operators import State
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal
from accesscontrol.requests import reading
from console.screens.once import OnceDialog
from console.screens.people.listing import PeopleScreen
from tests.console.town import PASSWORD, Town, in_one_line, press, seen, type_in


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town.copied_to(tmp_path)


async def fill(pilot: Pilot[None], town: Town, *texts: str, login: str = "yamada") -> None:
    """Fill a form's fields in order, the last two with the person's own factors, and press its button."""
    for text in (*texts, PASSWORD, town.code(login)):
        await type_in(pilot, text)
        await press(pilot, "enter")
    await press(pilot, "enter")


# -- the lists -----------------------------------------------------------------------------------------


async def test_operators_are_listed_with_masked_names_roles_state_end_and_last_use(town: Town) -> None:
    async with town.sitting(PeopleScreen) as pilot:
        line = next(line for line in seen(pilot).splitlines() if "yamada" in line)
        assert "山田＊＊" in line
        assert "enabled" in line
        assert "2027-11-14" in line
        assert "09:13" in line
        assert "太郎" not in seen(pilot)


async def test_the_details_of_an_operator_tell_roles_factors_and_what_the_login_did(town: Town) -> None:
    async with town.sitting(PeopleScreen, size=(80, 40)) as pilot:
        shown = await press(pilot, "down", "down", "enter")
        assert "User ID and password custodian" in shown
        assert "TOTP" in shown
        assert "substitute" in shown
        assert "Sign-in  passed  server-room-test" in shown


async def test_f_shows_who_never_signed_in_and_who_is_locked(town: Town) -> None:
    town.lock("ito")
    async with town.sitting(PeopleScreen) as pilot:
        shown = await press(pilot, "f", "f", "f")
        assert "2 User IDs ▸ locked" in shown
        assert "ito" in shown
        assert "sato" not in shown
        assert "u opens this login" in shown


async def test_terminals_are_the_second_list_and_this_one_is_marked(town: Town) -> None:
    async with town.sitting(PeopleScreen) as pilot:
        shown = await press(pilot, "right")
        assert "server-room-test (here)" in shown
        assert "office-01" in shown
        assert "n New" not in shown


async def test_the_accounts_of_the_register_system_are_the_third_with_what_is_left_over(town: Town) -> None:
    async with town.sitting(PeopleScreen) as pilot:
        assert "S0001" in await press(pilot, "left")
        shown = await press(pilot, "f")
        assert "2 User IDs ▸ left over" in shown
        assert "not used for 90 days" in shown


async def test_without_a_register_the_list_says_why_it_is_empty(town: Town) -> None:
    town.site.home.registry.unlink()
    async with town.sitting(PeopleScreen, size=(120, 24)) as pilot:
        assert "There is no registry at" in in_one_line(await press(pilot, "left"))


async def test_the_language_can_change_behind_the_lock(town: Town) -> None:
    async with town.sitting(PeopleScreen) as pilot:
        pilot.app.switch_language()  # type: ignore[attr-defined]  # Textual's types end at App and Screen
        await pilot.app.screen.on_screen_resume()  # type: ignore[attr-defined]  # Textual's types end at App and Screen
        shown = await press(pilot, "down", "right")
        assert "server-room-test" in shown
        assert "端末" in shown


# -- names ---------------------------------------------------------------------------------------------


async def test_a_name_is_shown_only_after_the_trail_says_to_whom(town: Town) -> None:
    async with town.sitting(PeopleScreen) as pilot:
        shown = await press(pilot, "m")
        (entry,) = town.entries("name.revealed")
        assert (entry.actor, entry.subject, entry.terminal) == ("S0102", "ito", "server-room-test")
        assert "伊藤　直子" in shown


async def test_a_name_that_cannot_be_written_down_is_not_shown(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    async with town.sitting(PeopleScreen) as pilot:

        def full(*_: object) -> None:
            raise Refusal("The disk is full.")

        monkeypatch.setattr("console.custody.reveal_name", full)
        shown = await press(pilot, "m")
        assert "直子" not in shown
        assert "The disk is full." in shown


async def test_a_shown_name_is_hidden_again_by_the_time_and_by_the_lock(town: Town) -> None:
    async with town.sitting(PeopleScreen) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, PeopleScreen)
        await press(pilot, "m")
        assert screen._timer is not None
        assert screen._timer._interval == town.site.policy.unmasked.total_seconds()
        screen._hide_name()
        await pilot.pause()
        assert "直子" not in seen(pilot)
        await press(pilot, "m")
        screen.conceal()
        await pilot.pause()
        assert "直子" not in seen(pilot)
        screen.load()
        assert "直子" not in await press(pilot, "enter")


async def test_the_name_of_a_register_account_is_revealed_in_the_same_way(town: Town) -> None:
    async with town.sitting(PeopleScreen) as pilot:
        await press(pilot, "left", "m")
        (entry,) = town.entries("name.revealed")
        assert entry.subject == "register:S0001"


# -- requests ------------------------------------------------------------------------------------------


async def test_n_hands_in_the_request_for_a_new_operator(town: Town) -> None:
    async with town.sitting(PeopleScreen) as pilot:
        await press(pilot, "n", "space", "enter", "enter")
        for text in ("S0999", "mori", "森 茂", "モリ シゲル", "市民課", "2027-03-31", "異動のため"):
            await type_in(pilot, text)
            await press(pilot, "enter")
        shown = await press(pilot, "enter")
        (request,) = reading.listed(town.site.store, limit=10)
        assert request.kind == "operator-add"
        assert request.parameters["roles"] == ["security_officer"]
        assert f"{request.id} waits for approval." in shown
        assert operators.find(town.site.store, "mori") is None


async def test_e_hands_in_other_roles_for_the_login_under_the_cursor(town: Town) -> None:
    async with town.sitting(PeopleScreen) as pilot:
        assert "*Resident operator" in await press(pilot, "e", "enter")
        await press(pilot, "end", "space")
        shown = await press(pilot, "enter", "enter")
        assert "One person can't hold the roles" in shown
        await press(pilot, "home", "down", "down", "space", "enter", "enter")
        await type_in(pilot, "配置換えのため")
        await press(pilot, "enter", "enter")
        (request,) = reading.listed(town.site.store, limit=10)
        assert request.kind == "operator-change"
        assert request.parameters["login"] == "ito"
        assert request.parameters["roles"] == ["auditor"]


async def test_e_hands_in_the_end_of_an_access_and_ends_nothing_yet(town: Town) -> None:
    async with town.sitting(PeopleScreen) as pilot:
        await press(pilot, "e", "down", "down", "enter")
        await type_in(pilot, "退職のため")
        shown = await press(pilot, "enter", "enter")
        (request,) = reading.listed(town.site.store, limit=10)
        assert request.parameters["disable"] is True
        assert f"{request.id} waits for approval." in shown
        assert operators.get(town.site.store, "ito").state is State.ENABLED


async def test_e_hands_in_another_last_day_and_shows_the_one_now(town: Town) -> None:
    async with town.sitting(PeopleScreen) as pilot:
        shown = await press(pilot, "e", "down")
        assert "Another last day" in shown
        await press(pilot, "enter")
        await type_in(pilot, "2028-03-31")
        await press(pilot, "enter")
        await type_in(pilot, "任用の更新のため")
        shown = await press(pilot, "enter", "enter")
        (request,) = reading.listed(town.site.store, limit=10)
        assert request.kind == "operator-last-day"
        assert request.parameters == {"login": "ito", "last_day": "2028-03-31"}
        assert f"{request.id} waits for approval." in shown


async def test_nobody_changes_unlocks_or_equips_a_login_of_their_own(town: Town) -> None:
    async with town.sitting(PeopleScreen, size=(120, 24)) as pilot:
        shown = await press(pilot, "down", "down", "p")
        assert "Nobody does this for a login of their own. Ask a second person." in shown


# -- the desk ------------------------------------------------------------------------------------------


async def test_u_opens_a_locked_login_after_both_factors_and_a_reason(town: Town) -> None:
    town.lock("ito")
    async with town.sitting(PeopleScreen) as pilot:
        await press(pilot, "u")
        await fill(pilot, town, "phoned and came to the desk")
        assert operators.get(town.site.store, "ito").state is State.ENABLED
        (entry,) = town.entries("operator.unlocked")
        assert (entry.actor, entry.details["reason"]) == ("S0102", "phoned and came to the desk")
        assert "ito is open again." in seen(pilot)


async def test_u_is_off_for_a_login_that_is_not_locked_and_says_why(town: Town) -> None:
    async with town.sitting(PeopleScreen) as pilot:
        assert "This login is not locked." in await press(pilot, "u")


async def test_a_wrong_code_opens_nothing_and_counts_as_a_failure(town: Town) -> None:
    town.lock("ito")
    async with town.sitting(PeopleScreen) as pilot:
        await press(pilot, "u")
        for text in ("reason enough", PASSWORD, "000000"):
            await type_in(pilot, text)
            await press(pilot, "enter")
        await press(pilot, "enter")
        assert operators.get(town.site.store, "ito").state is State.LOCKED


async def test_someone_who_is_no_custodian_opens_nothing(town: Town) -> None:
    town.lock("ito")
    async with town.sitting(PeopleScreen, "sato") as pilot:
        await press(pilot, "u")
        await fill(pilot, town, "reason enough", login="sato")
        assert operators.get(town.site.store, "ito").state is State.LOCKED
        assert "AC-USR-01" in seen(pilot)


async def test_p_hands_over_a_temporary_password_once(town: Town) -> None:
    async with town.sitting(PeopleScreen) as pilot:
        await press(pilot, "p", "enter")
        await fill(pilot, town)
        assert isinstance(pilot.app.screen, OnceDialog)
        found = re.search(r"\w{4,}(-\w{4,}){3,}", seen(pilot))
        assert found is not None
        given = found[0]
        assert "It can't be shown again." in await press(pilot, "escape")
        assert given not in seen(pilot)
        assert [entry.subject for entry in town.entries("password.issued")] == ["ito"]
    session = sign_in.sign_in(
        town.site.store,
        town.site.policy,
        login="ito",
        password=Secret(given),
        code=Secret(town.code("ito")),
        terminal=terminals.present_fact(),
    )
    assert session.must_change is not None


async def test_what_is_shown_once_does_not_survive_the_lock(town: Town) -> None:
    async with town.sitting(PeopleScreen) as pilot:
        await press(pilot, "p", "down", "enter")
        await fill(pilot, town)
        assert isinstance(pilot.app.screen, OnceDialog)
        seed = re.search(r"([A-Z2-7]{4} ){7}[A-Z2-7]{4}", seen(pilot))
        assert seed is not None
        pilot.app.cover("asked")  # type: ignore[attr-defined]  # Textual's types end at App and Screen
        await pilot.pause()
        assert seed[0] not in seen(pilot)
        assert not any(isinstance(screen, OnceDialog) for screen in pilot.app.screen_stack)


async def test_typing_a_filter_keeps_the_arrows_for_the_text(town: Town) -> None:
    async with town.sitting(PeopleScreen) as pilot:
        await press(pilot, "slash")
        await pilot.press("t", "o", "left", "left", "i", "a")
        assert pilot.app.screen.query_one(".-shown LineInput", Input).value == "iato"
