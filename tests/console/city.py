"""The demo city, small: built once by the real acts, copied for each test, at a fixed hour, with its people's codes."""

import atexit
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from accesscontrol.clock import FixedClock
from accesscontrol.people import terminals
from accesscontrol.people.terminals import Terminal, TerminalPlace
from accesscontrol.requests import reading
from accesscontrol.requests.desk import Acting
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from console.demo import building
from console.demo.people import characters, present_code
from console.frame.app import SekishoApp
from console.frame.screen import BaseScreen, Speaking
from console.frame.site import Person, Place, Site
from console.seat import Seat, person_of
from console.terminal import Profile
from console.wiring import Installation, open_site
from tests.goldens import played, screen_text, settled

NOW = datetime(2026, 11, 24, 0, 12, tzinfo=UTC)  # 09:12 in Japan, a Tuesday after a holiday
HERE = "server-room-test"
Make = Callable[[Seat], BaseScreen]


@cache
def _built() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="sekisho-city-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    home = folder / "home"
    building.build(home, building.Wish(residents=30, days=10), now=NOW)
    site = open_site(home, FixedClock(NOW))
    with site.store.transaction() as tx:
        here = Terminal(name=HERE, place=TerminalPlace.SERVER_ROOM, fact=terminals.present_fact())
        terminals.register(tx, here, actor="system")
    site.store.close()
    return home


class _Entrance(Speaking):
    """Lets one person in at the first key."""

    def __init__(self, person: Person) -> None:
        super().__init__()
        self._person = person

    async def on_key(self, event: events.Key) -> None:
        event.stop()
        await self.app.sign_in(self._person)


@dataclass
class City:
    """One copy of the city."""

    home: Path
    clock: FixedClock

    @classmethod
    def copied_to(cls, folder: Path) -> "City":
        """Return a copy in ``folder``; its second place and its media are its own."""
        home = folder / "home"
        shutil.copytree(_built(), home, symlinks=True)
        home.chmod(0o700)
        return cls(home, FixedClock(NOW))

    @cached_property
    def site(self) -> Installation:
        """The opened site."""
        return open_site(self.home, self.clock)

    def password(self, login: str) -> str:
        """Return the password of one of the city's people."""
        return next(each.password for each in characters() if each.login == login)

    def code(self, login: str) -> str:
        """Return a code that works now."""
        self.clock.advance(timedelta(seconds=60))
        return present_code(self.site, login)

    def acting(self, login: str) -> Acting:
        """Return one of the city's people at this terminal."""
        return Acting(login, next(each.staff_number for each in characters() if each.login == login), HERE)

    def seat(self, login: str) -> Seat:
        """Return the seat with a person signed in."""
        seat = Seat(self.home)
        seat.__dict__["site"] = self.site  # this site with its clock, not one opened anew with the system's
        seat.sign_in(login, self.password(login), self.code(login))
        return seat

    def request(self, state: State, kind: str = "") -> Request:
        """Return the newest request in ``state``, of one kind if named."""
        found = reading.listed(self.site.store, [state])
        return next(each for each in found if kind in {"", each.kind})

    def app(self, make: Make, login: str = "sato", profile: Profile | None = None) -> SekishoApp:
        """Return a console with one place, at which ``login`` sits after the first key."""
        seat = self.seat(login)
        site = Site(
            city=self.site.settings.site.name,
            terminal=HERE,
            zone=self.site.zone,
            clock=self.clock,
            traces=self.home / "traces",
            demo=True,
        )
        place = Place(key="1", title="Today", open=lambda: make(seat))
        person = person_of(seat.session.operator)
        return SekishoApp(site, seat, [place], lambda: _Entrance(person), profile=profile or Profile(language="en"))

    @asynccontextmanager
    async def sitting(
        self, make: Make, login: str = "sato", *, language: str = "en", size: tuple[int, int] = (120, 40)
    ) -> AsyncIterator[Pilot[None]]:
        """Sit down as ``login`` before one place of the console."""
        app = self.app(make, login, Profile(language=language))
        async with app.run_test(size=size) as pilot:
            await played(pilot, ["x"])
            yield pilot


def said(pilot: Pilot[Any]) -> str:
    """Return what the screen shows with every run of blanks as one, so that words can be looked for."""
    return " ".join(screen_text(pilot.app).split())


async def press(pilot: Pilot[Any], *keys: str) -> str:
    """Press keys one after the other and return what the screen says then."""
    await played(pilot, keys)
    return said(pilot)


async def fill(pilot: Pilot[Any], *texts: str) -> str:
    """Put each text into the field that has the focus and go to the next, and return what the screen says then."""
    for text in texts:
        field = pilot.app.focused
        assert isinstance(field, Input), f"no field has the focus for {text!r}"
        field.value = text
        await played(pilot, ["enter"])
    await settled(pilot)
    return said(pilot)
