"""The way to the seat at this terminal: the sign-in screen stands at once, and the site is opened behind it.

Opening a site loads the whole house: database, cryptography, monitors, backups. Whoever comes to the screen takes
longer to type a password than that takes.
"""

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from console.frame.site import Person

if TYPE_CHECKING:
    from console.seat import Seat


class Doorway:
    """The frame's ``Door``, and behind it the seat, opened once, by whoever first asks for it."""

    def __init__(self, home: Path, *, demo: bool) -> None:
        self._home, self._demo = home, demo
        self._opening = Lock()
        self._seat: Seat | None = None

    @property
    def home(self) -> Path:
        """The site's folder."""
        return self._home

    @property
    def is_open(self) -> bool:
        """Whether :meth:`seat` answers at once."""
        return self._seat is not None

    def seat(self) -> "Seat":
        """Return the seat; until it is open this takes a moment, so ask in a thread.

        Raises ``Refusal`` when the site can't be opened; the next call tries again.
        """
        with self._opening:
            if self._seat is None:
                self._seat = _open(self._home, demo=self._demo)
            return self._seat

    # -- the frame's Door -----------------------------------------------------------------------------

    def unlock(self, person: Person, password: str, code: str) -> None:
        """Let the same person go on after the lock."""
        self.seat().unlock(person, password, code)

    def locked(self, person: Person, reason: str) -> None:
        """Write down that the screen was locked."""
        self.seat().locked(person, reason)

    def left(self, person: Person) -> None:
        """End the session."""
        self.seat().left(person)


def _open(home: Path, *, demo: bool) -> "Seat":
    from console.seat import Seat

    if not demo:
        seat = Seat(home)
    else:
        from console.demo.here import register_here
        from console.demo.people import present_code, seconds_to_code

        seat = Seat(home, demo_code=present_code, demo_wait=seconds_to_code)
        register_here(seat.site)
    seat.terminal_name  # noqa: B018 - opens the store, so that a damaged one is found now
    return seat
