"""Rosters at the screen: who is concerned is shown before anything changes, and the brake asks for approval."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from accesscontrol.accounts import reading
from accesscontrol.accounts.model import PersonKind
from accesscontrol.requests import reading as requests
from accesscontrol.rosters import batches
from accesscontrol.rosters.batches import BatchState
from accesscontrol.rosters.model import RosterKind
from console import rosters
from console.frame.app import SekishoApp
from console.screens.accounts.roster_preview import Draft, PreviewScreen
from console.screens.accounts.rosters import RostersScreen
from console.terminal import Profile
from tests.console.city import City
from tests.console.town import Town, press, seen, type_in
from tests.goldens import Golden, settled

HEADER = "職員番号,氏名,所属\n"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """A town with 30 persons of a first roster."""
    town = Town.copied_to(tmp_path)
    rosters.take(town.site, rosters.read(roster(tmp_path, 30), RosterKind.PERSONNEL), None, town.acting())
    return town


def roster(folder: Path, count: int, office: str = "市民課") -> Path:
    path = folder / f"roster-{count}-{office}.csv"
    lines = "".join(f"{number},架空　{number}郎,{office}\n" for number in range(1, count + 1))
    path.write_bytes((HEADER + lines).encode("cp932"))
    return path


async def preview(pilot: Pilot[None], file: Path, day: str = "") -> str:
    """Choose a file, and return what the preview shows."""
    await press(pilot, "n")
    await type_in(pilot, str(file))
    await press(pilot, "enter", "tab")
    await type_in(pilot, day)
    return await push_the_button(pilot)


async def push_the_button(pilot: Pilot[Any]) -> str:
    pilot.app.screen.query_one("#act", Button).press()
    await settled(pilot)
    return seen(pilot)


async def test_a_small_change_is_shown_and_taken(town: Town, tmp_path: Path) -> None:
    async with town.sitting(RostersScreen) as pilot:
        shown = await preview(pilot, roster(tmp_path, 29))
        assert "Rosters ▸ roster-29" in shown
        assert "leaves 1" in shown
        assert "takes from 1 of 30 persons" in shown
        assert "- leaves     30" in shown
        assert "架空＊＊" in shown
        assert len([each for each in reading.persons(town.site.store) if each.valid_until is None]) == 30
        await press(pilot, "g")
        assert "Batch 2: applied" in await push_the_button(pilot)
    assert len([each for each in reading.persons(town.site.store) if each.valid_until is None]) == 29


async def test_one_that_takes_from_many_is_handed_in_and_never_taken(town: Town, tmp_path: Path) -> None:
    async with town.sitting(RostersScreen) as pilot:
        shown = await preview(pilot, roster(tmp_path, 30, "税務課"))
        assert "!! takes from 30 of 30 persons" in shown
        assert "市民課 → 税" in shown
        assert "needs approval. n hands it in." in await press(pilot, "g")
        await press(pilot, "n")
        await type_in(pilot, "4月の機構改革")
        assert "waits for approval" in await push_the_button(pilot)
        assert "prepared" in await press(pilot, "escape")
    [made] = [each for each in requests.listed(town.site.store) if each.kind == "roster-import"]
    assert made.parameters == {"batch": 2}
    assert {each.office for each in reading.persons(town.site.store)} == {"市民課"}


async def test_one_for_a_later_day_lies_ready_and_can_be_withdrawn(town: Town, tmp_path: Path) -> None:
    async with town.sitting(RostersScreen) as pilot:
        await preview(pilot, roster(tmp_path, 29), "R9.4.1")
        await press(pilot, "g")
        assert "Batch 2: prepared" in await push_the_button(pilot)
        assert "applied by itself on its day" in await press(pilot, "g")
        shown = await press(pilot, "escape")
        assert "2027-04-01 00:00" in shown
        await press(pilot, "home", "w")
        await type_in(pilot, "名簿の差替え")
        assert "Batch 2 is cancelled." in await push_the_button(pilot)
    assert batches.get(town.site.store, 2).state is BatchState.CANCELLED


async def test_a_file_with_faults_names_them_and_changes_nothing(town: Town, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(HEADER + "1,架空　一郎,市民課\n1,架空　二郎,市民課\n", "utf-8")
    async with town.sitting(RostersScreen) as pilot:
        assert "3: " in await preview(pilot, file)
    assert len(batches.every(town.site.store)) == 1


async def test_a_disputed_line_is_decided_where_it_stands(town: Town, tmp_path: Path) -> None:
    file = tmp_path / "disputed.csv"
    lines = [f"{number},架空　{number}郎,市民課" for number in range(3, 31)]
    married, namesake = "1,別名　1郎,市民課", "31,架空　2郎,市民課"  # 1 under a new name, and a second 2郎
    file.write_text(HEADER + "\n".join((*lines, "2,架空　2郎,市民課", married, namesake)) + "\n", "utf-8")
    async with town.sitting(RostersScreen) as pilot:
        shown = await preview(pilot, file)
        assert shown.count("? disputed") == 2
        assert "j decides who this is" in shown
        shown = await press(pilot, "j")
        assert "The same person, under another name" in shown
        shown = await press(pilot, "enter")
        assert shown.count("? disputed") == 1
        assert "It is decided who this is." in shown
        await press(pilot, "home", "end")  # disputed lines stand last
        assert "Somebody else of the same name" in await press(pilot, "j")
        shown = await press(pilot, "enter")
        assert "? disputed" not in shown
        assert "Nothing is disputed under the cursor." in await press(pilot, "j")
    assert [each.subject for each in town.entries("roster.name-settled")] == ["1"]
    assert [each.details["other"] for each in town.entries("roster.namesakes-settled")] == ["2"]


async def test_only_a_custodian_takes_a_roster(town: Town, tmp_path: Path) -> None:
    async with town.sitting(RostersScreen, "sato") as pilot:
        await preview(pilot, roster(tmp_path, 29))
        await press(pilot, "g")
        assert "needs a role that you don't hold" in await push_the_button(pilot)
    assert len(batches.every(town.site.store)) == 1


# -- looks ---------------------------------------------------------------------------------------------


async def test_the_preview_of_a_roster_looks(tmp_path: Path, golden: Golden) -> None:
    city = City.copied_to(tmp_path)
    people = [each for each in reading.persons(city.site.store) if each.kind is PersonKind.EMPLOYEE]
    lines = [(each.staff_number, each.name, each.office) for each in people]
    _gone, moved, married, *rest = lines
    again = [(moved[0], moved[1], "税務課"), (married[0], "架空　花", married[2]), ("S0999", "新人　一郎", "市民課")]
    file = tmp_path / "roster-april.csv"
    file.write_text(HEADER + "".join(f"{','.join(each)}\n" for each in (*again, *rest)), "utf-8")
    kept = rosters.read(file, RosterKind.PERSONNEL)
    draft = Draft(kept, None, rosters.compared(city.site, kept, None))

    def app_of(profile: Profile) -> SekishoApp:
        return city.app(lambda seat: PreviewScreen(seat, draft), "yamada", profile)

    await golden("roster-preview", app_of, press=["x", "down", "down", "down"])
    city.site.store.close()
