"""The console as it is run: the frame, its places, and whoever sits before it."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from importlib import import_module
from typing import Final

from accesscontrol.messages import N_
from console.frame.app import SekishoApp
from console.frame.screen import BaseScreen
from console.frame.site import Place, Site
from console.screens.sign_in import DemoPerson, SignInScreen
from console.seat import Seat
from console.settings import Settings
from console.terminal import Profile

_PLACES: Final = (
    ("1", N_("Today"), "console.screens.today", "TodayScreen"),
    ("2", N_("User IDs"), "console.screens.people.listing", "PeopleScreen"),
    ("3", N_("Reviews"), "console.screens.reviews.listing", "ReviewsScreen"),
    ("4", N_("Findings"), "console.screens.findings.listing", "FindingsScreen"),
    ("5", N_("Requests"), "console.screens.requests.listing", "RequestsScreen"),
    ("6", N_("Backups and media"), "console.screens.backups.listing", "BackupsScreen"),
    ("9", N_("Trail"), "console.screens.trail", "TrailScreen"),
    ("0", N_("Controls"), "console.screens.controls.listing", "ControlsScreen"),
)


def places(seat: Seat) -> list[Place]:
    """Return the places of the console, by digit; each one's code is read when it is first opened."""

    def make(module: str, name: str) -> BaseScreen:
        screen: BaseScreen = getattr(import_module(module), name)(seat)
        return screen

    return [Place(key=key, title=title, open=partial(make, module, name)) for key, title, module, name in _PLACES]


def build(
    seat: Seat,
    settings: Settings,
    *,
    terminal: str,
    profile: Profile,
    people: Sequence[DemoPerson] = (),
) -> SekishoApp:
    """Return the console over ``seat``; the site itself is opened when somebody signs in."""
    from accesscontrol.clock import SystemClock

    site = Site(
        city=settings.site.name,
        terminal=terminal,
        zone=settings.zone,
        clock=SystemClock(),
        traces=seat.home / "traces",
        idle=timedelta(minutes=settings.sign_in.idle_minutes),
        demo=settings.site.demo,
    )
    return SekishoApp(
        site,
        seat,
        places(seat),
        lambda: SignInScreen(seat, people, notice=profile.notice),
        profile=profile,
    )
