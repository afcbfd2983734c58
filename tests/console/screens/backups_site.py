"""A small site with backups: people with keys, a register of a few residents, an identity that opens what is sealed."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from textual import events

from accesscontrol.clock import Clock, FixedClock
from accesscontrol.people import credentials, terminals, totp
from accesscontrol.people.operators import SYSTEM, Operator
from accesscontrol.people.roles import Role
from accesscontrol.people.secret import Secret
from accesscontrol.people.terminals import Terminal, TerminalPlace
from backups import ledger
from backups.ledger import NewOutput
from backups.records import Backup
from backups.sealing.keys import Identity, write_identity_file
from console import home as homes
from console.frame.app import SekishoApp
from console.frame.screen import Speaking
from console.frame.site import Person, Place, Site
from console.screens.backups.listing import BackupsScreen
from console.seat import Seat, person_of
from console.settings import BackupsSection, MediaSection, Settings, SignInSection, SiteSection
from console.terminal import Profile
from console.wiring import Installation
from registry.synthetic import create_city

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
PASSWORD = "Kakitsubata-Hashi-8"
TERMINAL = "server-room-01"
PEOPLE: Mapping[str, tuple[str, str, Role]] = {
    "sato": ("S0101", "佐藤 恵", Role.SECURITY_OFFICER),
    "yamada": ("S0102", "山田 太郎", Role.SYSTEM_ADMIN),
    "takahashi": ("S0103", "高橋 健", Role.SYSTEM_ADMIN),
    "suzuki": ("S0104", "鈴木 一郎", Role.WITNESS),
}


class Entrance(Speaking):
    """Lets one person in at the first key."""

    def __init__(self, person: Person) -> None:
        super().__init__()
        self._person = person

    async def on_key(self, event: events.Key) -> None:
        event.stop()
        await self.app.sign_in(self._person)


class BackupsSite:
    """The site in ``folder``, at the time of ``clock``, at a terminal in the server room."""

    def __init__(self, folder: Path, clock: Clock, *, fact: str, media: MediaSection | None = None) -> None:
        self.clock = clock
        self.identity_file = folder / "identity.txt"
        identity = Identity.generate()
        write_identity_file(self.identity_file, identity)
        settings = Settings(
            site=SiteSection(name="見本市", id="mihon"),
            sign_in=SignInSection(argon2_memory_kib=8, argon2_iterations=1, argon2_lanes=1),
            backups=BackupsSection(recipients=(str(identity.recipient),)),
            media=media or MediaSection(plain_folders=True, watch=False),
        )
        self.site = Installation(homes.create(folder / "home", settings), clock)
        with self.site.store.transaction() as tx:
            terminals.register(tx, Terminal(name=TERMINAL, place=TerminalPlace.SERVER_ROOM, fact=fact), actor=SYSTEM)
        self._seeds = {login: self._enrol(login) for login in PEOPLE}
        create_city(self.site.home.registry, residents=30, seed=1, today=date(2026, 11, 24))

    def _enrol(self, login: str) -> Secret:
        number, name, role = PEOPLE[login]
        operator = Operator(
            staff_number=number,
            login=login,
            name=name,
            name_kana="カクウ",
            office="市民課",
            roles=frozenset({role}),
            valid_from=self.clock.now(),
            valid_until=self.clock.now() + timedelta(days=365),
        )
        return credentials.enrol(
            self.site.store, self.site.policy, operator, actor=SYSTEM, password=Secret(PASSWORD)
        ).seed

    def code(self, login: str) -> str:
        """Return the present one-time code of a person."""
        return totp.code_at(self._seeds[login], self.clock.now()).text()

    def take(self) -> Backup:
        """Take a backup of the register as the scheduler does."""
        return self.site.catalogue.take(self.site.order("registry", actor=SYSTEM, terminal=""))

    def output(
        self, backup: Backup, *, medium: str = "M-0031", due: date = date(2026, 12, 24), request: str = "R-1"
    ) -> int:
        """Enter in the ledger that ``backup`` left on ``medium``."""
        new = NewOutput(
            request=request,
            requester="S0102",
            kind="backup-export",
            content=backup.id,
            sha256=backup.sealed_sha256,
            size=backup.sealed_size,
            files=(backup.sealed.name,),
            medium=medium,
            folder="/mnt",
            carrier="山田 太郎",
            destination="県北広域倉庫",
            purpose="遠隔地保管",
            ending="return",
            due=due,
            actor="S0103",
            terminal=TERMINAL,
        )
        number = ledger.begin(self.site.store, new)
        ledger.close_writing(self.site.store, number)
        return number

    def app(self, login: str = "yamada", profile: Profile | None = None) -> SekishoApp:
        """Return a console with the one place, at which ``login`` sits after the first key."""
        seat = Seat(self.site.home.path)
        seat.__dict__["site"] = self.site  # this site with its clock, not one opened anew with the system's
        session = seat.sign_in(login, PASSWORD, self.code(login))
        site = Site(
            city="見本市",
            terminal=TERMINAL,
            zone=self.site.zone,
            clock=self.clock,
            traces=self.site.home.path / "traces",
        )
        place = Place(key="6", title="Backups and media", open=lambda: BackupsScreen(seat))
        person = person_of(session.operator)
        return SekishoApp(site, seat, [place], lambda: Entrance(person), profile=profile or Profile(language="en"))


def noon() -> FixedClock:
    """Return the clock of the tests, at noon of an ordinary day."""
    return FixedClock(NOON)
