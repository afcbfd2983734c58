"""Whoever sits at this terminal: the session, and what the frame asks of the sign-in rules."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from accesscontrol.messages import N_
from accesscontrol.people import credentials, deputies, operators, sign_in, terminals
from accesscontrol.people import session as sessions
from accesscontrol.people.keys import Signature
from accesscontrol.people.operators import Operator
from accesscontrol.people.roles import ROLE_TITLES, Role, leading
from accesscontrol.people.secret import Secret
from accesscontrol.people.session import Session
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from console import second_factor
from console.frame.site import Person
from console.text import mask
from console.translation import _
from console.wiring import Installation, open_site


class Seat:
    """The signed-in person at this terminal, if there is one, over the site in one folder."""

    def __init__(
        self,
        home: Path,
        *,
        demo_code: Callable[[Installation, str], str] | None = None,
        demo_wait: Callable[[Installation, str], int] | None = None,
    ) -> None:
        """In the demo city alone ``demo_code`` gives the present code of a login, ``demo_wait`` the seconds to one."""
        self._home = home
        self._demo_code, self._demo_wait = demo_code, demo_wait
        self._session: Session | None = None

    @cached_property
    def site(self) -> Installation:
        """The opened site."""
        return open_site(self._home)

    @property
    def home(self) -> Path:
        """The site's folder."""
        return self._home

    @cached_property
    def terminal_name(self) -> str:
        """The registered name of this terminal, or what the host observes of it when it isn't registered."""
        found = terminals.find_by_fact(self.site.store, self.fact)
        return found.name if found else self.fact

    @cached_property
    def fact(self) -> str:
        """What the host observes of this terminal."""
        return terminals.present_fact()

    @property
    def session(self) -> Session:
        """The session; nobody signed in is refused."""
        if self._session is None:
            raise Refusal(N_("Sign in first."))
        return self._session

    @property
    def person(self) -> Person:
        """The person, as the frame shows people."""
        return person_of(self.session.operator)

    @property
    def acting(self) -> Acting:
        """The person, as the requests know people; a session that no longer holds is refused."""
        session = self.session
        sessions.require(self.site.store, session, self.site.clock.now())
        return Acting(session.operator.login, session.operator.staff_number, session.terminal.name)

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that the person holds now, lent ones included."""
        return deputies.roles_now(self.site.store, self.session.operator, self.site.clock.now())

    def sign_in(self, login: str, password: str, code: str) -> Session:
        """Open a session for ``login`` at this terminal; a due password change is in its ``must_change``."""
        self._session = sign_in.sign_in(
            self.site.store,
            self.site.policy,
            login=login.strip().lower(),
            password=Secret(password),
            code=second_factor.given(code),
            terminal=self.fact,
        )
        return self._session

    def change_password(self, current: str, new: str) -> None:
        """Give the person a password of their own."""
        self._session = credentials.change_password(
            self.site.store, self.site.policy, self.session, current=Secret(current), new=Secret(new)
        )

    def demo_code(self, login: str) -> str:
        """Return a code of a demo person that works now, nothing in a real city or while each one was used."""
        return self._demo_code(self.site, login) if self._demo_code else ""

    def demo_wait(self, login: str) -> int:
        """Return in how many seconds a demo person has a code again, 0 where there is one or never will be."""
        return self._demo_wait(self.site, login) if self._demo_wait else 0

    def demo_hint(self, login: str) -> str:
        """Return the present code of a demo person as a hint, or when the next one comes; nothing in a real city."""
        if code := self.demo_code(login):
            return _("DEMO: the code is {code}").format(code=code)
        wait = self.demo_wait(login)
        return _("DEMO: every code was used; the next comes in {seconds} s").format(seconds=wait) if wait else ""

    def step_up(self, password: str, code: str) -> Callable[[bytes], Signature]:
        """Return what signs a decision of the person here, by both factors once more."""
        return lambda message: sign_in.step_up(
            self.site.store,
            self.site.policy,
            self.session,
            password=Secret(password),
            code=second_factor.given(code),
            message=message,
        )

    def second_person(self, login: str, password: str, code: str) -> tuple[Acting, Callable[[bytes], Signature]]:
        """Return another person, for one decision at this screen, and what signs it by both of their factors."""
        wanted = login.strip().lower()
        operator = operators.find(self.site.store, wanted)

        def sign(message: bytes) -> Signature:
            return sign_in.sign_in_place(
                self.site.store,
                self.site.policy,
                login=wanted,
                password=Secret(password),
                code=second_factor.given(code),
                terminal=self.fact,
                message=message,
            ).signature

        if operator is None:
            sign(b"")  # refuses an unknown login in the words, and after the time, of a wrong password
        staff_number = operator.staff_number if operator else ""
        return Acting(wanted, staff_number, self.session.terminal.name), sign

    # -- the frame's Door -----------------------------------------------------------------------------

    def unlock(self, person: Person, password: str, code: str) -> None:
        """Let the same person go on after the lock."""
        del person
        self._session = sign_in.resume(
            self.site.store, self.site.policy, self.session, password=Secret(password), code=second_factor.given(code)
        )

    def locked(self, person: Person, reason: str) -> None:
        """Write down that the screen was locked."""
        with self.site.store.transaction() as tx:
            tx.record("screen.locked", actor=person.staff_number, terminal=self.session.terminal.name, reason=reason)

    def left(self, person: Person) -> None:
        """End the session.

        Screens that are about to go may still ask who sits here; every act of theirs is refused, because the
        store knows that the session has ended.
        """
        del person
        if self._session is not None:
            sessions.sign_out(self.site.store, self._session)


def person_of(operator: Operator) -> Person:
    """Return what the frame shows of ``operator``: the family name, and the role that decides most."""
    role = leading(operator.roles)
    return Person(
        staff_number=operator.staff_number,
        display_name=mask(operator.name),
        role_title=ROLE_TITLES[role] if role else "",
    )
