"""The questions for a person's two factors, for the one who sits here and for another who decides in place."""

from collections.abc import Callable, Collection, Iterable

from accesscontrol.people import operators
from accesscontrol.people.roles import Role
from console.frame.forms import Field
from console.seat import Seat
from console.translation import _


def factor_fields(seat: Seat) -> tuple[Field, ...]:
    """Return the questions for the person's own two factors, once more; the demo city says what to answer."""
    login = seat.session.operator.login
    return (
        Field(name="password", label=_("Password"), kind="secret", hint=_demo_password(seat, login)),
        Field(name="code", label=_("Code"), kind="secret", hint=_code_hint(seat, login), required=False),
    )


def second_person_fields(seat: Seat, roles: Iterable[Role], apart: Collection[str] = ()) -> tuple[Field, ...]:
    """Return the questions for another person, one with a role of ``roles``, who decides at this screen.

    The demo city's example is nobody of ``apart`` (staff numbers).
    """
    wanted, excluded = frozenset(roles), {seat.session.operator.staff_number, *apart}
    people = operators.every(seat.site.store)
    other = next((each.login for each in people if each.roles & wanted and each.staff_number not in excluded), "")
    is_demo = bool(other and seat.demo_hint(other))
    return (
        Field(
            name="login",
            label=_("Login"),
            hint=_("DEMO: {login}, for example").format(login=other) if is_demo else "",
        ),
        Field(name="password", label=_("Password"), kind="secret", hint=_demo_password(seat, other)),
        Field(name="code", label=_("Code"), kind="secret", hint=_code_hint(seat, other), required=False),
    )


def _code_hint(seat: Seat, login: str) -> str | Callable[[], str]:
    """Return what says the code of the moment, which changes while the dialog stands open, or that a key will do."""
    if login and seat.demo_hint(login):
        return lambda: seat.demo_hint(login)
    return _("Leave it empty to use the security key that is plugged in.")


def _demo_password(seat: Seat, login: str) -> str:
    if not login or not seat.demo_hint(login):
        return ""
    from console.demo.people import characters

    password = next((each.password for each in characters() if each.login == login), "")
    return _("DEMO: the password is {password}").format(password=password)
