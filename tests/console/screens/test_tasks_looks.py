"""Place 7 as people see it: the tasks, the way to a request, what a task came to, and its differences line by line."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from console import maintenance
from console.frame.app import SekishoApp
from console.frame.screen import Speaking
from console.frame.site import Place, Site
from console.screens.registry.listing import RegistryScreen
from console.seat import Seat, person_of
from console.terminal import Profile
from registry.tasks.catalogue import CATALOGUE
from tests.console.town import HERE, NOW, Town
from tests.goldens import Golden

NARROW = [(80, 24)]
ERASURE = ["slash", *"erase-register", "enter"]
DAY = list("2026-11-24")


class Signed(SekishoApp):
    """The console with the system administrator signed in already."""

    async def on_ready(self) -> None:
        await self.sign_in(person_of(self.door.session.operator))  # type: ignore[attr-defined]  # a door with a seat


def app(town: Town, seat: Seat, profile: Profile) -> SekishoApp:
    site = Site(
        city=town.site.settings.site.name,
        terminal=HERE,
        zone=town.site.zone,
        clock=town.clock,
        traces=town.home / "traces",
        demo=True,
    )
    place = Place(key="7", title="7 Maintenance", open=lambda: RegistryScreen(seat))
    return Signed(site, seat, [place], Speaking, profile=profile)


Maker = Callable[[Profile], SekishoApp]


@pytest.fixture
def app_of(tmp_path: Path) -> Maker:
    """A town whose reconciliation found two differences."""
    town = Town.copied_to(tmp_path)
    with closing(sqlite3.connect(town.site.home.registry)) as register, register:
        register.execute("UPDATE identity_info SET address = 'x', change_date = '2020-01-01' WHERE record_id = 2")
        register.execute("DELETE FROM identity_info WHERE record_id = 5")
    seat = town.seat("yamada")
    town.clock.set(NOW)  # the time in the first line
    maintenance.run_now(town.site, CATALOGUE["reconcile"], town.acting(), {})
    return lambda profile: app(town, seat, profile)


async def test_the_list_of_tasks_looks_as_it_should(app_of: Maker, golden: Golden) -> None:
    await golden("tasks", app_of)


async def test_a_task_in_full_looks_as_it_should(app_of: Maker, golden: Golden) -> None:
    await golden("task", app_of, press=[*ERASURE, "enter"], sizes=NARROW)


async def test_the_questions_of_a_task_look_as_they_should(app_of: Maker, golden: Golden) -> None:
    await golden("task-questions", app_of, press=[*ERASURE, "n"], sizes=NARROW)


async def test_what_a_task_would_do_looks_as_it_should(app_of: Maker, golden: Golden) -> None:
    await golden("task-dry-run", app_of, press=[*ERASURE, "n", *DAY, "enter", "enter"])


async def test_a_statement_before_it_is_parsed_looks_as_it_should(app_of: Maker, golden: Golden) -> None:
    await golden("task-statement", app_of, press=["q"], sizes=NARROW)


async def test_what_a_task_came_to_looks_as_it_should(app_of: Maker, golden: Golden) -> None:
    await golden("task-result", app_of, press=["slash", *"check-numbers", "enter", "g"], sizes=NARROW)


async def test_a_report_worked_through_line_by_line_looks_as_it_should(app_of: Maker, golden: Golden) -> None:
    await golden("task-lines", app_of, press=["left", "l"])


async def test_the_decision_on_a_line_looks_as_it_should(app_of: Maker, golden: Golden) -> None:
    await golden("task-decision", app_of, press=["left", "l", "j"], sizes=NARROW)
