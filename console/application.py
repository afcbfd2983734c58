"""The console as it is run: the frame, its places, and whoever sits before it."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from importlib import import_module
from typing import Final

from accesscontrol.clock import SystemClock
from accesscontrol.messages import N_
from console.doorway import Doorway
from console.frame.app import SekishoApp
from console.frame.screen import BaseScreen
from console.frame.site import DemoPerson, Place, Site
from console.screens.sign_in import SignInScreen
from console.settings import Settings
from console.terminal import Profile

_PLACES: Final = (
    ("1", N_("Today"), "console.screens.today", "TodayScreen"),
    ("2", N_("User IDs"), "console.screens.accounts.listing", "AccountsScreen"),
    ("3", N_("Reviews"), "console.screens.reviews.listing", "ReviewsScreen"),
    ("4", N_("Findings"), "console.screens.findings.listing", "FindingsScreen"),
    ("5", N_("Requests"), "console.screens.requests.listing", "RequestsScreen"),
    ("6", N_("Backups and media"), "console.screens.backups.listing", "BackupsScreen"),
    ("7", N_("Maintenance"), "console.screens.registry.listing", "RegistryScreen"),
    ("8", N_("Hosts"), "console.screens.hosts.listing", "HostsScreen"),
    ("9", N_("Trail"), "console.screens.trail", "TrailScreen"),
    ("0", N_("Controls"), "console.screens.controls.listing", "ControlsScreen"),
)


def places(doorway: Doorway) -> list[Place]:
    """Return the places of the console, by digit; each one's code is read when it is first opened."""

    def make(module: str, name: str) -> BaseScreen:
        screen: BaseScreen = getattr(import_module(module), name)(doorway.seat())
        return screen

    return [Place(key=key, title=title, open=partial(make, module, name)) for key, title, module, name in _PLACES]


def build(doorway: Doorway, settings: Settings, *, profile: Profile, people: Sequence[DemoPerson] = ()) -> SekishoApp:
    """Return the console before ``doorway``; the site itself is opened once the sign-in screen stands."""
    site = Site(
        city=settings.site.name,
        terminal="",  # known when the site is open
        zone=settings.zone,
        clock=SystemClock(),
        traces=doorway.home / "traces",
        idle=timedelta(minutes=settings.sign_in.idle_minutes),
        demo=settings.site.demo,
    )
    return SekishoApp(
        site,
        doorway,
        places(doorway),
        lambda: SignInScreen(doorway, people, notice=profile.notice),
        profile=profile,
    )
