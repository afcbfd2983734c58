"""Keys faster than the console, as an authenticator's auto-type sends them: each goes where those before it lead."""

from collections.abc import Iterable
from typing import Any

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input

from console.frame.app import SekishoApp
from console.widgets.line_input import LineInput
from tests.goldens import played, settled


async def burst(pilot: Pilot[Any], keys: Iterable[str]) -> None:
    """Send all keys at once, none of them waiting for the one before."""
    for key in keys:
        pilot.app.post_message(Key(key, key if len(key) == 1 else None))
    await settled(pilot)


@pytest.mark.parametrize("onward", ["tab", "enter"])
async def test_what_follows_a_tab_or_an_enter_stands_in_the_next_field(app: SekishoApp, onward: str) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4", "e"])
        await burst(pilot, ["a", "b", onward, "c", "d"])
        purpose, until, *_ = app.screen.query(LineInput)
        assert (purpose.value, until.value) == ("ab", "cd")


async def test_what_follows_the_way_back_stands_in_the_field_before(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4", "e", "tab"])
        await burst(pilot, ["c", "shift+tab", "a"])
        purpose, until, *_ = app.screen.query(LineInput)
        assert (purpose.value, until.value) == ("a", "c")


async def test_no_letter_of_a_code_is_added_to_the_password_that_opens_a_locked_screen(app: SekishoApp) -> None:
    async with app.run_test() as pilot:
        await played(pilot, ["enter", "4", "ctrl+l"])
        await burst(pilot, ["p", "w", "enter", "1", "2"])
        assert [app.screen.query_one(name, Input).value for name in ("#password", "#code")] == ["pw", "12"]
