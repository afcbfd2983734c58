"""Building the demo city: a month of ordinary work with known trouble in it, all through the real acts.

Time is a clock that stands where the story is. Every backup, import, approval and execution is done by the same code
that a real city runs, so that the trail, the ledgers and the findings are as true as theirs.
"""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from accesscontrol.clock import FixedClock, local_day
from accesscontrol.messages import N_
from accesscontrol.people import credentials, terminals
from accesscontrol.people.operators import SYSTEM, Operator
from accesscontrol.people.secret import Secret
from accesscontrol.people.terminals import Terminal, TerminalPlace
from accesscontrol.refusals import Refusal
from accesscontrol.trail.witness import DirectoryWitness
from backups.sealing.keys import Identity, write_identity_file
from console import home as homes
from console import settings as site_settings
from console.demo import accounts as demo_accounts
from console.demo import incidents
from console.demo import logs as demo_logs
from console.demo import maintenance as demo_maintenance
from console.demo import media as demo_media
from console.demo import requests as demo_requests
from console.demo import reviews as demo_reviews
from console.demo.people import SEEDS, characters
from console.demo.requests import Cast
from console.register_source import REGISTER
from console.settings import BackupsSection, MediaSection, Settings, SignInSection, SiteSection, TrailSection
from console.wiring import Installation
from registry.synthetic import create_city

_TERMINALS = (
    ("server-room-01", TerminalPlace.SERVER_ROOM, "mihon-console:tty1"),
    ("server-room-02", TerminalPlace.SERVER_ROOM, "mihon-console:tty2"),
    ("office-01", TerminalPlace.OFFICE, "mihon-office:pts"),
)
ESCROW = "escrow-demo.txt"
_BUILT = "demo-is-built"  # stands in a demo city that was built to its end
_BACKUP_AGES = (29, 22, 15, 8, 3, 2, 1)  # days before now, each in the night
_LEAVES_FROM = 15
_LAST_DAY = timedelta(hours=6)  # what the last backup leaves to the stories of the last day, so that none is to come


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How large a demo city is wanted. The same seed builds the same city."""

    residents: int = 1000
    days: int = 30
    seed: int = 2026


def build(home: Path, wish: Wish, *, now: datetime, told: Callable[[str], None] = lambda _: None) -> None:
    """Build the demo city in ``home``; a home that is no demo is refused, an older demo is replaced."""
    _make_room(home)
    clock = FixedClock(now - timedelta(days=wish.days))
    told(N_("A city that does not exist moves in…"))
    site = _found_city(home, clock, wish, now)
    cast = Cast(site, clock)
    told(N_("The user IDs and their monthly check…"))
    demo_reviews.play_closed(cast)
    told(N_("A month of backups…"))
    _back_up(cast, now, wish)
    told(N_("A month of access logs…"))
    demo_logs.play(cast, now, days=wish.days, seed=wish.seed)
    told(N_("A month of requests…"))
    demo_requests.play_closed(cast, now)
    demo_maintenance.play_closed(cast, now)
    demo_reviews.play_open(cast, now)
    incidents.play(cast, now)
    demo_maintenance.play_open(cast, now)
    demo_requests.play_open(cast, now)
    clock.set(now)
    demo_accounts.settle(site, now)
    site.sealer.seal()
    site.store.close()
    (home / _BUILT).touch()


def is_built(home: Path) -> bool:
    """Whether a demo city stands in ``home``, built to its end."""
    return (home / _BUILT).exists()


def _make_room(home: Path) -> None:
    if not home.exists() or not any(home.iterdir()):
        return
    file = home / site_settings.FILE
    if not file.exists() or not site_settings.read(home).site.demo:
        raise Refusal(N_("{path} is in use and is no demo city. Name another folder with --home."), path=str(home))
    shutil.rmtree(home)


def _found_city(home: Path, clock: FixedClock, wish: Wish, now: datetime) -> Installation:
    escrow = Identity.generate()
    city = (Path(__file__).parent / "city.txt").read_text("utf-8").strip()
    settings = Settings(
        site=SiteSection(name=city, id="mihon-demo", demo=True),
        # light derivations: the demo's passwords stand on its screen, and it must be there in seconds
        sign_in=SignInSection(argon2_memory_kib=19456, argon2_iterations=2, argon2_lanes=1),
        trail=TrailSection(witness="directory:second-place"),
        backups=BackupsSection(recipients=(str(escrow.recipient),)),
        # folders stand for media, because a demo has none; a look at the host's own devices is not its business
        media=MediaSection(plain_folders=True, watch=False, stores=demo_media.stores()),
        systems=demo_accounts.systems(),
    )
    homes.create(home, settings)
    write_identity_file(home / "keys" / ESCROW, escrow)
    site = Installation(homes.open_home(home), clock)
    DirectoryWitness.create(home / "second-place", "mihon-demo/second-place", site.log_verifier.key, clock)
    with site.store.transaction() as tx:
        tx.record("site.created", actor=SYSTEM, subject=settings.site.id)
        for name, place, fact in _TERMINALS:
            terminals.register(tx, Terminal(name=name, place=place, fact=fact), actor=SYSTEM)
    _enrol(site)
    today = local_day(now, site.zone)
    create_city(site.home.registry, residents=wish.residents, seed=wish.seed, today=today)
    site.sealer.seal()
    return site


def _enrol(site: Installation) -> None:
    found = {}
    for each in characters():
        operator = Operator(
            staff_number=each.staff_number,
            login=each.login,
            name=each.name,
            name_kana=each.kana,
            office=each.office,
            roles=each.roles,
            valid_from=site.clock.now(),
            valid_until=site.clock.now() + timedelta(days=365),
        )
        password = Secret(each.password)
        enrolment = credentials.enrol(site.store, site.policy, operator, actor=SYSTEM, password=password)
        found[each.login] = enrolment.seed.text()
    file = os.open(site.home.path / SEEDS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w") as out:
        json.dump(found, out)


def _back_up(cast: Cast, now: datetime, wish: Wish) -> None:
    """Take the nightly backups that are still kept; a medium leaves with one of the older ones."""
    site, left, asked = cast.site, False, False
    evening = demo_logs.late_evening(site, now, days=wish.days)
    for age in _BACKUP_AGES:
        if age < wish.days:
            night = now.astimezone(site.zone).replace(hour=2, minute=0, second=0, microsecond=0)
            taken = min(night, now - _LAST_DAY) - timedelta(days=age - 1)
            if not asked and local_day(taken, site.zone) >= evening:
                demo_logs.ask_for_overtime(cast, evening)
                asked = True
            cast.clock.set(taken)
            last = age == _BACKUP_AGES[-1]
            for source in (*(site.sources.keys() - {REGISTER} if last else ()), REGISTER):
                site.catalogue.take(site.order(source, actor=SYSTEM, terminal=""))
            if not left and age <= _LEAVES_FROM:
                demo_media.play(cast, days_ago=age - 1)
                left = True
