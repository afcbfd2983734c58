"""Place 7: tasks are asked for with their dry run, run before one's eyes, stopped by a second person, and worked off."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from accesscontrol.people.roles import Role
from accesscontrol.requests import reading
from accesscontrol.requests.states import State
from accesscontrol.sessions import ledger, watching
from console.screens.registry.listing import RegistryScreen
from console.screens.requests.listing import RequestsScreen
from console.screens.tasks.running import RunningScreen
from tests.console.approving import CHANGE, approved
from tests.console.town import PASSWORD, Town, press, seen, type_in


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town.copied_to(tmp_path)
    town.give("nakamura", Role.BUSINESS_OWNER)
    return town


async def waited_for(pilot: Pilot[None], words: str) -> str:
    """Wait until the screen says ``words``."""
    for _ in range(600):
        if words in seen(pilot):
            return seen(pilot)
        await pilot.pause(0.05)
    raise AssertionError(f"never said {words!r}:\n{seen(pilot)}")


async def found(pilot: Pilot[None], words: str) -> None:
    """Put the cursor on the one task with ``words``."""
    await press(pilot, "slash")
    await type_in(pilot, words)
    await press(pilot, "enter")


async def test_each_task_stands_there_with_its_last_run_and_its_day(town: Town) -> None:
    async with town.sitting(RegistryScreen) as pilot:
        assert "Reconciliation of the register" in seen(pilot)
        await found(pilot, "erase-register")
        shown = await press(pilot, "enter")
        assert "This cannot be undone." in shown
        assert "is present while it runs" in shown


async def test_a_task_is_asked_for_with_the_list_of_what_it_would_do(town: Town) -> None:
    async with town.sitting(RegistryScreen, size=(120, 40)) as pilot:
        await found(pilot, "erase-register")
        await press(pilot, "n")
        await type_in(pilot, "2026-11-24")
        await press(pilot, "enter", "enter")
        shown = await waited_for(pilot, "Hand in")
        assert "Records of file 1:" in shown
        assert "SHA-256 of the list" in shown
        await type_in(pilot, "monthly")
        await press(pilot, "enter", "enter")
        shown = await waited_for(pilot, "waits for approval")
        (request,) = reading.listed(town.site.store, [State.SUBMITTED])
        assert (request.kind, request.reason) == ("maintenance-task:erase-register", "monthly")
        assert request.id in shown


async def test_what_it_would_do_stands_there_from_its_beginning_on_the_smallest_terminal_too(town: Town) -> None:
    async with town.sitting(RegistryScreen, size=(40, 10)) as pilot:
        await found(pilot, "erase-register")
        await press(pilot, "n")
        await type_in(pilot, "2026-11-24")
        await press(pilot, "enter", "enter")
        shown = await waited_for(pilot, "[ Hand in ]")
        assert "Purpose:" in shown
        assert "Records of file 1: 3" not in shown
        assert "Records of file 1: 3" in await press(pilot, "pagedown", "pagedown")


async def test_a_statement_is_shown_as_it_was_understood_before_it_is_handed_in(town: Town) -> None:
    async with town.sitting(RegistryScreen, size=(120, 40)) as pilot:
        await press(pilot, "q")
        await type_in(pilot, "drop table resident_register")
        assert "Only SELECT, INSERT, UPDATE and DELETE" in await press(pilot, "enter", "enter")
        await type_in(pilot, CHANGE["sql"] + " -- or it hides what a line break parted from it")
        assert "Take out the comment" in await press(pilot, "enter", "enter")
        await type_in(pilot, CHANGE["sql"])
        await press(pilot, "enter", "enter")
        shown = await waited_for(pilot, "As it was understood")
        assert "UPDATE resident_register SET remarks = 'checked'" in shown
        assert "Rows: 3" in shown


async def test_a_reading_task_runs_at_once_and_its_differences_are_decided_line_by_line(town: Town) -> None:
    with closing(sqlite3.connect(town.site.home.registry)) as register, register:
        register.execute("UPDATE identity_info SET address = 'x', change_date = '2020-01-01' WHERE record_id IN (1, 2)")
    async with town.sitting(RegistryScreen, size=(120, 40)) as pilot:
        await found(pilot, "reconcile")
        await press(pilot, "g")
        await waited_for(pilot, "Its differences are report 1.")
        shown = await press(pilot, "left", "l")
        assert "file 1 #1, file 2 #1 [11]" in shown
        await press(pilot, "j", "tab")
        await type_in(pilot, "being looked into")
        await press(pilot, "enter", "enter")
        await waited_for(pilot, "row 1 of 1")
        assert "Line 1 is explained." in seen(pilot)
        assert len([each for each in town.entries("difference.decided") if each.actor == "S0102"]) == 1


async def answered(pilot: Pilot[None], *answers: str) -> None:
    """Answer a dialog's questions while a task runs, and press its button."""
    for answer in answers:  # typed without waiting for rest: the task that waits for the answers has none
        line = pilot.app.focused
        assert isinstance(line, Input)
        line.value = answer
        await pilot.press("enter")
        await pilot.pause(0.1)
    await pilot.press("enter")


async def executed(pilot: Pilot[None]) -> None:
    """Say yes to executing the request under the cursor, and wait until its session waits for the second person."""
    await press(pilot, "g")
    await pilot.press("tab", "enter")
    await waited_for(pilot, "It waits for its second person")


async def test_an_approved_change_runs_under_a_second_persons_eyes_and_is_committed_by_a_yes(town: Town) -> None:
    request = approved(town)
    async with town.sitting(RequestsScreen, "ito", size=(120, 40)) as pilot:
        await executed(pilot)
        shown = await waited_for(pilot, "Who may come")
        session = ledger.listed(town.site.store)[0]
        assert f"w on {session.id}." in shown
        assert "S0104" in shown  # Suzuki, the witness
        assert "S0101" not in shown  # Sato, who approved
        await pilot.press("w")
        await waited_for(pilot, "You sign that you are present")
        await answered(pilot, "suzuki", PASSWORD, town.code("suzuki"))
        shown = await waited_for(pilot, "Commit 3 rows?")
        assert "UPDATE resident_register" in shown
        await pilot.press("tab", "enter")
        shown = await waited_for(pilot, f"{request.id} is done.")
        screen = pilot.app.screen
        assert isinstance(screen, RunningScreen)
        assert screen._follower is not None
        screen._follower.close()
        screen._session = screen._follower = None  # as after a task that was over before its session was looked for
        await screen._look()
        assert f"{request.id} is done." in seen(pilot)
        assert "* Run the statement" in shown
        assert "[3 rows]" in shown
    assert ledger.listed(town.site.store)[0].state is ledger.State.ENDED


async def test_a_second_person_stops_it_in_place_and_nothing_was_changed(town: Town) -> None:
    approved(town)
    async with town.sitting(RequestsScreen, "ito", size=(120, 40)) as pilot:
        await executed(pilot)
        await pilot.press("escape")
        await waited_for(pilot, "It still runs.")
        await pilot.press("x")
        await waited_for(pilot, "Stop S-")
        await answered(pilot, "not today", "suzuki", PASSWORD, town.code("suzuki"))
        await waited_for(pilot, "is over (stopped by a person): not today")
    row = ledger.listed(town.site.store)[0]
    assert (row.state, row.reason) == (ledger.State.STOPPED, "not today")


async def test_whoever_asked_or_approved_is_refused_as_the_second_person_and_nothing_runs(town: Town) -> None:
    request = approved(town)
    async with town.sitting(RequestsScreen, "ito", size=(120, 40)) as pilot:
        await executed(pilot)
        await pilot.press("w")
        await waited_for(pilot, "You sign that you are present")
        for login in ("sato", "nakamura"):  # both approved, and both hold a role that may watch
            await answered(pilot, login, PASSWORD, town.code(login))
            await waited_for(pilot, f"another part in {request.id}")
        await pilot.press("escape")
        (session,) = ledger.listed(town.site.store, running=True)
        assert not watching.Attendance(town.site.store, town.site.home.recordings, session.id).present()
        assert reading.get(town.site.store, request.id).state is State.EXECUTING
        await pilot.press("x")
        await waited_for(pilot, "Stop S-")
        await answered(pilot, "nobody came", "suzuki", PASSWORD, town.code("suzuki"))
        await waited_for(pilot, "is over (stopped by a person): nobody came")
    assert reading.get(town.site.store, request.id).state is State.FAILED
