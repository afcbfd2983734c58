"""What the frame must know of the site, of the person, and of the places; wiring hands it in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from accesscontrol.clock import Clock

if TYPE_CHECKING:
    from console.frame.screen import BaseScreen


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The city and the terminal at which someone sits."""

    city: str
    terminal: str
    zone: ZoneInfo
    clock: Clock
    traces: Path  # folder for the traces of failures, made 0700 when the first is written
    idle: timedelta = timedelta(minutes=5)  # then the screen hides and locks (domain.md section 12)
    demo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is signed in, as far as the frame shows it."""

    staff_number: str
    display_name: str  # already masked
    role_title: str  # msgid


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One person of the demo city, with the password that they sign in with; it is no secret."""

    login: str
    role_title: str  # msgid
    password: str


class Door(Protocol):
    """What the frame asks of the sign-in rules; each call may take long and runs in a thread."""

    def unlock(self, person: Person, password: str, code: str) -> None:
        """Let ``person`` go on after the lock, or raise Refusal."""
        ...

    def locked(self, person: Person, reason: str) -> None:
        """Take note that the screen was locked, and forget opened keys; ``reason`` is ``idle`` or ``asked``."""
        ...

    def left(self, person: Person) -> None:
        """Take note that ``person`` signed out or quit."""
        ...


def everyone(person: Person) -> bool:
    """Allow a place to each person."""
    del person
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One of the main places, reached by its digit."""

    key: str  # one of 1 to 9, or 0
    title: str  # msgid
    open: "Callable[[], BaseScreen]"
    allowed: Callable[[Person], bool] = everyone
