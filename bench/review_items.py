"""A review of any number of items: ``python -m bench.review_items HOME`` shows it whole to one who may answer it."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from accesscontrol.clock import SystemClock
from accesscontrol.people import credentials, terminals, totp
from accesscontrol.people.operators import Operator
from accesscontrol.people.roles import Role
from accesscontrol.people.secret import Secret
from accesscontrol.people.terminals import Terminal, TerminalPlace
from accesscontrol.requests.desk import Acting
from accesscontrol.reviews import opening
from accesscontrol.reviews.lines import Line
from accesscontrol.reviews.model import ReviewKind
from console import home as homes
from console.settings import Settings, SignInSection, SiteSection
from console.wiring import Installation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from accesscontrol.people.reading import Reader
    from accesscontrol.reviews.lines import Sight
    from console.seat import Seat

PASSWORD = "Tortoise&9brews#lanterns"  # noqa: S105 - of a site that exists for one measurement
SEED = "seed"
ROOM = "room"


class Shelf:
    """A ledger with as many user IDs as wanted."""

    def __init__(self, items: int) -> None:
        self._items = items

    def lines(self, _reader: Reader, at: datetime) -> Sequence[Line]:
        """Return the user IDs."""
        return [
            Line(
                system=("registry", "addressee", "storage", "linkage")[number % 4],
                user_id=f"u{number:05}",
                staff_number=f"S{number:05}",
                name="mihon",
                office=f"office {number % 40}",
                granted=("inquiry", "output")[: 1 + number % 2],
                effective=("inquiry", "output")[: 1 + number % 2],
                read_at=at,
                last_use=at - timedelta(days=number % 80),
                reason="appointment",
                grantors=("S-yamada",),
            )
            for number in range(self._items)
        ]

    def sight(self, _reader: Reader, _system: str, _user_id: str) -> Sight | None:
        """Return nothing: nothing is remedied here."""
        return None


def build(home: Path, items: int) -> None:
    """Build a site with an open review of ``items`` user IDs."""
    light = SignInSection(argon2_memory_kib=8, argon2_iterations=1, argon2_lanes=1)
    made = homes.create(home, Settings(site=SiteSection(name="bench", id="bench", demo=True), sign_in=light))
    site = Installation(made, SystemClock())
    with site.store.transaction() as tx:
        tx.record("site.created", actor="system", subject="bench")
        here = Terminal(name=ROOM, place=TerminalPlace.SERVER_ROOM, fact=terminals.present_fact())
        terminals.register(tx, here, actor="system")
    seed = _enrol(site, "ito", Role.RESIDENT_OPERATOR)
    _enrol(site, "yamada", Role.SYSTEM_ADMIN)
    (home / SEED).write_text(seed.text())
    opening.open_review(
        site.store,
        Shelf(items),
        ReviewKind.INSPECTION,
        Acting("yamada", "S-yamada", ROOM),
        instruction="all",
        due=site.clock.now() + timedelta(days=14),
    )
    site.store.close()


def _enrol(site: Installation, login: str, role: Role) -> Secret:
    operator = Operator(
        staff_number=f"S-{login}",
        login=login,
        name=login,
        name_kana="mihon",
        office="room",
        roles=frozenset({role}),
        valid_from=site.clock.now(),
    )
    return credentials.enrol(site.store, site.policy, operator, actor="system", password=Secret(PASSWORD)).seed


def seat_of(home: Path) -> Seat:
    """Return the seat of the one who answers."""
    from console.seat import Seat

    seat = Seat(home)
    here = terminals.present_fact()
    with seat.site.store.transaction() as tx:
        if terminals.find_by_fact(tx, here) is None:
            terminals.register(
                tx, Terminal(name=f"{ROOM}-2", place=TerminalPlace.SERVER_ROOM, fact=here), actor="system"
            )
        tx.record("site.opened", actor="system", subject="bench")
    code = totp.code_at(Secret((home / SEED).read_text()), seat.site.clock.now())
    seat.sign_in("ito", PASSWORD, code.text())
    return seat


def main(home: Path) -> None:
    """Show the review."""
    from console.frame.app import SekishoApp
    from console.frame.screen import Speaking
    from console.frame.site import Place, Site
    from console.screens.reviews.items import ItemsScreen
    from console.seat import person_of
    from console.terminal import Profile

    seat = seat_of(home)
    settings = seat.site.settings
    site = Site(
        city=settings.site.name,
        terminal=ROOM,
        zone=settings.zone,
        clock=SystemClock(),
        traces=home / "traces",
        demo=True,
    )
    place = Place(key="1", title="Today", open=lambda: ItemsScreen(seat, 1))
    person = person_of(seat.session.operator)

    class Entrance(Speaking):
        """Lets the person in."""

        def on_mount(self) -> None:
            """Sign in at once."""
            self.app.run_worker(self.app.sign_in(person))

    SekishoApp(site, seat, [place], Entrance, profile=Profile(language="en")).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
