"""Place 0: every control, and an honest word on what this version keeps of it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.evidence import duties, statements
from console.evidence.controls import every
from console.screens.controls.listing import ControlsScreen
from tests.console.evidence.test_statements import enter
from tests.console.town import PASSWORD, Town, in_one_line, press, seen, type_in


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town.copied_to(tmp_path)


async def test_all_controls_are_listed_with_how_far_they_are_in_force(town: Town) -> None:
    async with town.sitting(ControlsScreen, "nakamura") as pilot:
        shown = seen(pilot)
        assert "AC-AUT-01" in shown
        assert "in part" in shown
        assert f"row 1 of {len(every())}" in shown


async def test_enter_shows_what_a_control_asks_for_and_which_tests_guard_it(town: Town) -> None:
    async with town.sitting(ControlsScreen) as pilot:
        shown = await press(pilot, "enter")
        assert "This console asks for a password and a second factor." in shown
        pages = ""
        for _page in range(2):
            await press(pilot, "pagedown")
            await pilot.pause()  # a page is turned when the key's own drawing is done
            pages += seen(pilot)
        assert "Statement by hand" in pages
        assert "Evidence of fiscal year 2026" in pages
        await press(pilot, "end")
        await pilot.pause()
        assert "one factor alone is refused" in seen(pilot)


async def test_a_control_that_nothing_keeps_says_so_and_what_is_done_by_hand(town: Town) -> None:
    async with town.sitting(ControlsScreen) as pilot:
        await press(pilot, "slash")
        await pilot.press(*"MO-SYS-04")
        shown = await press(pilot, "enter", "enter")
        assert "[ ] by hand" in shown
        assert "Nothing in this version. The office keeps it by other means." in shown
        assert "Check the firewall's rules" in shown


async def test_what_was_kept_and_what_waits_is_counted(town: Town) -> None:
    with town.site.store.transaction() as tx:
        tx.record("account.lapsed", actor="system", subject="register/s1")
    async with town.sitting(ControlsScreen) as pilot:
        await press(pilot, "slash")
        await pilot.press(*"AC-USR-07")
        assert "User ID lapsed 1 (2026-11-24 - 2026-11-24)" in await press(pilot, "enter", "enter")


async def test_f_shows_what_is_to_be_stated_then_what_is_in_force_and_in_part(town: Town) -> None:
    async with town.sitting(ControlsScreen) as pilot:
        assert "0 Controls ▸ to state now" in await press(pilot, "f")
        assert "0 Controls ▸ in force" in await press(pilot, "f")
        assert "AC-AUT-01" not in seen(pilot)
        assert "AC-USR-02" in seen(pilot)
        assert "AC-AUT-01" in await press(pilot, "f")


async def test_s_sorts_by_the_next_column(town: Town) -> None:
    async with town.sitting(ControlsScreen) as pilot:
        await press(pilot, "s", "s", "home")
        rows = [line for line in seen(pilot).splitlines() if "▸" in line]
        assert "RG-RET-07" in rows[0]


async def test_titles_stand_in_japanese_for_a_japanese_reader(town: Town) -> None:
    async with town.sitting(ControlsScreen, language="ja", size=(120, 40)) as pilot:
        assert "既存住基システムの２因子認証" in seen(pilot)


async def test_a_control_is_explained_in_japanese_alone_to_a_japanese_reader(town: Town) -> None:
    async with town.sitting(ControlsScreen, language="ja", size=(120, 40)) as pilot:
        await press(pilot, "slash")
        await pilot.press(*"AC-USR-03")
        shown = [await press(pilot, "enter", "enter"), await press(pilot, "pagedown"), await press(pilot, "pagedown")]
    assert any("期限到来により" in page for page in shown)
    assert not any("expiry" in page for page in shown)


async def test_what_is_overdue_is_stated_at_the_screen_and_due_again_later(town: Town) -> None:
    town.clock.set(datetime(2027, 1, 4, tzinfo=UTC))
    async with town.sitting(ControlsScreen, size=(120, 40)) as pilot:
        pilot.app.screen.point(duties.WAITING)  # type: ignore[attr-defined]  # as Today does
        await press(pilot, "slash")
        await pilot.press(*"MO-SYS-04")
        shown = await press(pilot, "enter")
        assert "overdue" in shown
        await press(pilot, "n")
        for text in ("checked against the approved rules", "folder F-12", PASSWORD, town.code("yamada")):
            await type_in(pilot, text)
            shown = await press(pilot, "enter")
        shown = in_one_line(await press(pilot, "enter"))
        assert "The statement about MO-SYS-04 is signed and in the trail." in shown
    (entry,) = town.entries(statements.STATED)
    assert (entry.subject, entry.actor, entry.details["reference"]) == ("MO-SYS-04", "S0102", "folder F-12")


async def test_whoever_is_not_responsible_is_told_who_is(town: Town) -> None:
    async with town.sitting(ControlsScreen, "nakamura", size=(120, 40)) as pilot:
        await press(pilot, "slash")
        await pilot.press(*"MO-SYS-04")
        await press(pilot, "enter")
        assert "This needs a role that you don't hold: System administrator." in in_one_line(await press(pilot, "n"))


async def test_the_details_say_who_stated_it_last_and_until_when_it_is_stated_next(town: Town) -> None:
    enter(town, "MO-SYS-09", login="yamada")
    async with town.sitting(ControlsScreen, size=(120, 40)) as pilot:
        await press(pilot, "slash")
        await pilot.press(*"MO-SYS-09")
        await press(pilot, "enter", "enter")
        shown = in_one_line(await press(pilot, "pagedown"))
        assert "How often every quarter" in shown
        assert "S0102" in shown
        assert "until Reiwa 9-03-31" in shown
