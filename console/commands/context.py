"""What the commands share: the site's folder, and the person who acts."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

from accesscontrol.messages import N_
from accesscontrol.people import operators, sign_in, terminals
from accesscontrol.people.factors import Authenticator
from accesscontrol.people.keys import Signature
from accesscontrol.people.operators import Operator
from accesscontrol.people.secret import Secret
from accesscontrol.people.session import Session, sign_out
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from console import second_factor
from console.commands.opening import Context, pass_context
from console.translation import _
from console.wiring import Installation

__all__ = [
    "Context",
    "Credentials",
    "InPlace",
    "PersonOption",
    "acting",
    "ask_credentials",
    "pass_context",
    "person_option",
    "reason_option",
]


@dataclass(frozen=True, slots=True)
class PersonOption:
    """Who acts, as the command line names it: a login, and where the password and code come from."""

    login: str
    descriptor: int | None

    @contextmanager
    def signed_in(self, site: Installation) -> Iterator[Acting]:
        """Sign the person in for one command and out again."""
        given = ask_credentials(self.login, self.descriptor)
        session = sign_in.sign_in(
            site.store,
            site.policy,
            login=self.login,
            password=given.password,
            code=given.code,
            terminal=terminals.present_fact(),
        )
        try:
            yield acting(session)
        finally:
            sign_out(site.store, session)

    def in_place(self, site: Installation) -> "InPlace":
        """Return the person for one decision at this terminal."""
        return InPlace(site, self.login, ask_credentials(self.login, self.descriptor))


reason_option = click.option("--reason", required=True, help="Why; kept with the entry.")


def person_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--as`` and ``--credentials-fd``, and give the command both as ``person``."""

    @click.option("--as", "login", required=True, metavar="LOGIN", help="The login of the person who acts.")
    @click.option(
        "--credentials-fd",
        type=int,
        metavar="N",
        help='Read {"password": …, "code": …} as JSON from file descriptor N instead of asking.',
    )
    @wraps(function)
    def command(*args: Any, login: str, credentials_fd: int | None, **kwargs: Any) -> Any:
        return function(*args, person=PersonOption(login, credentials_fd), **kwargs)

    return command


@dataclass(frozen=True, slots=True)
class Credentials:
    """A password, and a one-time code as typed or read, or a security key at hand."""

    password: Secret
    code: Secret | Authenticator


def ask_credentials(login: str, descriptor: int | None) -> Credentials:
    """Return the credentials of ``login`` from the descriptor, or ask on the terminal."""
    if descriptor is None:
        password = click.prompt(_("Password of {login}").format(login=login), hide_input=True, err=True)
        asked = _("One-time code (Enter alone: security key)")
        code = click.prompt(asked, hide_input=True, err=True, default="", show_default=False)
        return Credentials(Secret(password), _given(code))
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            value = json.loads(file.read(65536))
        password, code = str(value["password"]), str(value["code"])
    except (OSError, ValueError, KeyError, TypeError):
        raise Refusal(
            N_('File descriptor {number} must give one JSON object: {{"password": "…", "code": "…"}}.'),
            number=descriptor,
        ) from None
    return Credentials(Secret(password), _given(code))


def _given(code: str) -> Secret | Authenticator:
    return second_factor.given(code, tell=lambda words: click.echo(_(words), err=True))


def acting(session: Session) -> Acting:
    """Return the person of ``session`` as the requests know people."""
    return Acting(session.operator.login, session.operator.staff_number, session.terminal.name)


@dataclass(frozen=True)
class InPlace:
    """A person who decides once at this terminal: both factors are proven when the decision is signed."""

    site: Installation
    login: str
    credentials: Credentials

    @property
    def operator(self) -> Operator:
        """The operator with this login; an unknown one fails later, in the same words as a wrong password."""
        found = operators.find(self.site.store, self.login)
        if found is None:
            self.sign(b"")
        return operators.get(self.site.store, self.login)

    @property
    def acting(self) -> Acting:
        """The person at this terminal."""
        place = terminals.find_by_fact(self.site.store, terminals.present_fact())
        return Acting(self.login, self.operator.staff_number, place.name if place else "")

    def sign(self, message: bytes) -> Signature:
        """Prove both factors and sign ``message``."""
        return sign_in.sign_in_place(
            self.site.store,
            self.site.policy,
            login=self.login,
            password=self.credentials.password,
            code=self.credentials.code,
            terminal=terminals.present_fact(),
            message=message,
        ).signature
