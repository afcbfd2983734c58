"""The console as it is run: the frame, its places, and whoever sits before it."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from accesscontrol.messages import N_
from console.frame.app import SekishoApp
from console.frame.screen import BaseScreen
from console.frame.site import Place, Site
from console.screens.requests.listing import RequestsScreen
from console.screens.sign_in import DemoPerson, SignInScreen
from console.screens.today import TodayScreen
from console.screens.trail import TrailScreen
from console.seat import Seat
from console.settings import Settings
from console.terminal import Profile


def places(seat: Seat) -> list[Place]:
    """Return the places of the console, by digit."""

    def place(key: str, title: str, make: Callable[[Seat], BaseScreen]) -> Place:
        return Place(key=key, title=title, open=lambda: make(seat))

    return [
        place("1", N_("Today"), TodayScreen),
        place("5", N_("Requests"), RequestsScreen),
        place("9", N_("Trail"), TrailScreen),
    ]


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
