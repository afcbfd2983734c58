"""What every step on the road shares: the store, the kinds, the book's seal and the site's calendar."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accesscontrol.messages import N_
from accesscontrol.people import deputies, operators, terminals
from accesscontrol.people.reading import Reader
from accesscontrol.people.roles import ROLE_TITLES, Role
from accesscontrol.people.terminals import TerminalPlace, TerminalState
from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks
from accesscontrol.requests.kinds import Kind, Place
from accesscontrol.requests.reading import Request
from accesscontrol.store import Store, Transaction
from accesscontrol.trail.checkpoints import Sealed


@dataclass(frozen=True, slots=True)
class Acting:
    """A signed-in person at a terminal. The staff number is the person, whatever the login."""

    login: str
    staff_number: str
    terminal: str

    def roles(self, reader: Reader, at: datetime) -> frozenset[Role]:
        """Return the roles that this login holds at ``at``, lent ones included; none when it can't be used."""
        operator = operators.find(reader, self.login)
        if operator is None or operator.staff_number != self.staff_number or not operator.usable(at):
            return frozenset()
        return deputies.roles_now(reader, operator, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The counter at which requests are handed in, decided and executed.

    ``seal`` makes a checkpoint of the trail and is called before an approval or execution is reported as done;
    ``business_days_after(instant, n)`` is the end of the n-th business day after ``instant``, in UTC.
    """

    store: Store
    kinds: Mapping[str, Kind]
    zone: ZoneInfo
    seal: Callable[[], Sealed | None]
    business_days_after: Callable[[datetime, int], datetime]

    def kind(self, name: str) -> Kind:
        """Return the kind of this name; an unknown one is refused."""
        try:
            return self.kinds[name]
        except KeyError:
            raise Refusal(N_("There is no kind of request named {name}."), name=name) from None

    def refused(self, error: Refusal, act: str, actor: Acting, request: str) -> None:
        """Write into the book that an act was tried and refused."""
        with self.store.transaction() as tx:
            tx.record(
                act,
                actor=actor.staff_number,
                subject=request,
                outcome="refused",
                terminal=actor.terminal,
                reason=str(error),
                control=error.control,
            )


def check_place(reader: Reader, place: Place, terminal: str) -> None:
    """Refuse a terminal that isn't registered, is out of the building, or stands in the wrong room (AC-AUT-04)."""
    found = terminals.find(reader, terminal)
    if found is None or found.state is not TerminalState.REGISTERED:
        raise Refusal(
            N_("Terminal {terminal} is not registered here. Use a registered terminal."),
            control="AC-AUT-04",
            terminal=terminal,
        )
    if place is Place.SERVER_ROOM and found.place is not TerminalPlace.SERVER_ROOM:
        raise Refusal(
            N_("This is done only at a terminal in the server room; {terminal} is not one."),
            control="BK-BAK-01",
            terminal=terminal,
        )


def check_deciding(desk: Desk, reader: Reader, request: Request, actor: Acting, at: datetime) -> None:
    """Refuse whoever the request is about, sits at no registered terminal, or is stopped by a lock."""
    kind = desk.kind(request.kind)
    if actor.staff_number in kind.concerns(kind.read(request.parameters)):
        raise Refusal(N_("Nobody decides about themselves."), control="AC-AUT-03")
    check_place(reader, Place.REGISTERED, actor.terminal)
    targets = (("person", actor.staff_number), ("terminal", actor.terminal), ("request", request.id))
    locks.check(desk.store, targets, at)


def check_role(tx: Transaction, actor: Acting, roles: frozenset[Role], control: str = "AC-AUT-03") -> None:
    """Refuse a person who holds none of ``roles`` at this moment."""
    if not actor.roles(tx, tx.at) & roles:
        raise Refusal(
            N_("This needs a role that you don't hold: {roles}."),
            control=control,
            roles=[ROLE_TITLES[role] for role in sorted(roles)],
        )
