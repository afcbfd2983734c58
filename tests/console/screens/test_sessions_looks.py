"""Sessions as their supervisors see them, in both languages, on a narrow and a wide terminal."""

from collections.abc import Callable
from pathlib import Path

import pytest

from console.frame.app import SekishoApp
from console.frame.screen import Speaking
from console.frame.site import Place, Site
from console.screens.sessions.listing import SessionsScreen
from console.seat import Seat, person_of
from console.terminal import Profile
from tests.console.sessions import ended
from tests.console.town import HERE, NOW, Town
from tests.goldens import Golden

Maker = Callable[[Profile], SekishoApp]


@pytest.fixture
def app_of(tmp_path: Path) -> Maker:
    town = Town.copied_to(tmp_path)
    ended(town)
    seat = town.seat("nakamura")
    town.clock.set(NOW)  # the time in the first line
    return lambda profile: app(town, seat, profile)


class Signed(SekishoApp):
    """The console with the auditor signed in already."""

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
    place = Place(key="7", title="7 Maintenance", open=lambda: SessionsScreen(seat))
    return Signed(site, seat, [place], Speaking, profile=profile)


async def test_the_list_looks_as_it_should(app_of: Maker, golden: Golden) -> None:
    await golden("sessions", app_of)


async def test_a_session_in_full_looks_as_it_should(app_of: Maker, golden: Golden) -> None:
    await golden("session", app_of, press=["v", "enter"], sizes=[(80, 24)])


async def test_a_replay_looks_as_it_should(app_of: Maker, golden: Golden) -> None:
    await golden("session-replay", app_of, press=["p", "i", "n"])


async def test_the_raw_events_look_as_they_should(app_of: Maker, golden: Golden) -> None:
    await golden("session-raw", app_of, press=["p", "n", "n", "e"], sizes=[(80, 24)])
