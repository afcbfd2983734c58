"""A small real site for the tests of screens and commands: built once, copied for each test, at a fixed hour."""

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

from textual.pilot import Pilot
from textual.widgets import Input

from accesscontrol.clock import FixedClock
from accesscontrol.people import credentials, operators, terminals, totp
from accesscontrol.people.operators import Operator
from accesscontrol.people.roles import Role
from accesscontrol.people.secret import Secret
from accesscontrol.people.terminals import Terminal, TerminalPlace
from accesscontrol.requests.desk import Acting
from accesscontrol.trail import entries
from accesscontrol.trail.entries import Entry
from console import home as homes
from console.frame.app import SekishoApp
from console.frame.screen import BaseScreen, Speaking
from console.frame.site import Place, Site
from console.seat import Seat, person_of
from console.settings import MediaSection, Settings, SignInSection, SiteSection
from console.terminal import Profile
from console.wiring import Installation, open_site
from registry.synthetic import create_city
from tests.goldens import played, screen_text, settled

NOW = datetime(2026, 11, 24, 0, 12, tzinfo=UTC)  # 09:12 in Japan
HERE = "server-room-test"
PASSWORD = "Tortoise&9brews#lanterns"


@dataclass(frozen=True)
class Character:
    """One person of the town."""

    login: str
    staff_number: str
    name: str
    roles: frozenset[Role]


PEOPLE = (
    Character("ito", "J0201", "伊藤　直子", frozenset({Role.RESIDENT_OPERATOR})),
    Character("nakamura", "S0106", "中村　由美", frozenset({Role.AUDITOR})),
    Character("sato", "S0101", "佐藤　恵", frozenset({Role.SECURITY_OFFICER})),
    Character("suzuki", "S0104", "鈴木　一郎", frozenset({Role.WITNESS, Role.KEY_CUSTODIAN})),
    Character("yamada", "S0102", "山田　太郎", frozenset({Role.SYSTEM_ADMIN, Role.IDPW_CUSTODIAN})),
)


@cache
def _built(now: datetime = NOW) -> tuple[Path, dict[str, Secret]]:
    """Build the site, and return its folder and the code seeds of its people."""
    folder = Path(tempfile.mkdtemp(prefix="sekisho-town-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    light = SignInSection(argon2_memory_kib=8, argon2_iterations=1, argon2_lanes=1)
    settings = Settings(
        site=SiteSection(name="見本市", id="test", demo=True),
        sign_in=light,
        media=MediaSection(watch=False),  # what other tests mount on this host is none of the town's
    )
    home = homes.create(folder / "home", settings)
    site = Installation(home, FixedClock(now - timedelta(days=10)))
    with site.store.transaction() as tx:
        tx.record("site.created", actor="system", subject="test")
        for name, place, fact in (
            (HERE, TerminalPlace.SERVER_ROOM, terminals.present_fact()),
            ("office-01", TerminalPlace.OFFICE, "mihon-office:pts"),
        ):
            terminals.register(tx, Terminal(name=name, place=place, fact=fact), actor="system")
    seeds = {each.login: _enrolled(site, each) for each in PEOPLE}
    create_city(home.registry, residents=30, seed=2026, today=now.date())
    site.store.close()
    return home.path, seeds


def _enrolled(site: Installation, character: Character) -> Secret:
    operator = Operator(
        staff_number=character.staff_number,
        login=character.login,
        name=character.name,
        name_kana="カクウ",
        office="市民課",
        roles=character.roles,
        valid_from=site.clock.now(),
        valid_until=site.clock.now() + timedelta(days=365),
    )
    return credentials.enrol(site.store, site.policy, operator, actor="system", password=Secret(PASSWORD)).seed


@dataclass
class Town:
    """One copy of the site."""

    home: Path
    clock: FixedClock
    seeds: dict[str, Secret]

    @classmethod
    def copied_to(cls, folder: Path, now: datetime = NOW) -> "Town":
        """Return a copy in ``folder``, whose clock stands at ``now``."""
        built, seeds = _built(now)
        home = folder / "home"
        shutil.copytree(built, home)
        home.chmod(0o700)
        return cls(home, FixedClock(now), seeds)

    @cached_property
    def site(self) -> Installation:
        """The opened site."""
        return open_site(self.home, self.clock)

    def acting(self, login: str = "yamada") -> Acting:
        """Return a person of the town at this terminal."""
        return Acting(login, self.character(login).staff_number, HERE)

    def character(self, login: str) -> Character:
        """Return a person of the town by login."""
        return next(each for each in PEOPLE if each.login == login)

    def code(self, login: str) -> str:
        """Return a code that works now."""
        self.clock.advance(timedelta(seconds=60))
        return totp.code_at(self.seeds[login], self.clock.now()).text()

    def seat(self, login: str = "yamada") -> Seat:
        """Return the seat with a person signed in."""
        seat = Seat(self.home)
        seat.__dict__["site"] = self.site
        seat.sign_in(login, PASSWORD, self.code(login))
        return seat

    def entries(self, act: str) -> list[Entry]:
        """Return the trail's entries of one act, oldest first."""
        found = entries.page(self.site.store, limit=100_000, contains=act)
        return [entry for entry in reversed(found) if entry.act == act]

    def lock(self, login: str) -> None:
        """Lock a login as failures do."""
        with self.site.store.transaction() as tx:
            operators.lock(tx, login, reason="5 failures")

    def give(self, login: str, *roles: Role) -> None:
        """Write roles past all rules, as a damaged or older store may hold them."""
        with self.site.store.transaction() as tx:
            for role in roles:
                tx.execute("INSERT INTO operator_role (login, role) VALUES (?, ?)", (login, role.value))
            tx.record("test.roles-written", actor="system", subject=login)

    @asynccontextmanager
    async def sitting(
        self,
        place: Callable[[Seat], BaseScreen],
        login: str = "yamada",
        *,
        language: str = "en",
        size: tuple[int, int] = (80, 24),
    ) -> AsyncIterator[Pilot[None]]:
        """Sit down as ``login`` before one place of the console."""
        seat = self.seat(login)
        settings = self.site.settings
        site = Site(
            city=settings.site.name,
            terminal=HERE,
            zone=settings.zone,
            clock=self.clock,
            traces=self.home / "traces",
            demo=True,
        )
        places = [Place(key="1", title="Today", open=lambda: place(seat))]
        app = SekishoApp(site, seat, places, Speaking, profile=Profile(language=language))
        async with app.run_test(size=size) as pilot:
            await app.sign_in(person_of(seat.session.operator))
            await settled(pilot)
            yield pilot


def seen(pilot: Pilot[Any]) -> str:
    """Return what the screen shows."""
    return screen_text(pilot.app)  # type: ignore[no-untyped-call,unused-ignore]  # Textual has no types here


def in_one_line(shown: str) -> str:
    """Return what a screen shows as if no line were broken: where one breaks depends on how long a path is."""
    return " ".join(shown.split())


async def press(pilot: Pilot[Any], *keys: str) -> str:
    """Press keys one after the other and return what the screen shows then."""
    await played(pilot, keys)
    return seen(pilot)


async def type_in(pilot: Pilot[Any], text: str) -> None:
    """Type ``text`` into the line that has the focus, at once."""
    line = pilot.app.focused
    assert isinstance(line, Input)
    line.value = text
    line.cursor_position = len(text)
    await settled(pilot)
