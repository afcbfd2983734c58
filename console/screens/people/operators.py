"""The console's own operators: the list, and everything about one of them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from accesscontrol.messages import N_
from accesscontrol.people import sign_in_events
from accesscontrol.people.factors import KIND_TITLES
from accesscontrol.people.operators import STATE_TITLES, State
from accesscontrol.people.roles import ROLE_TITLES
from accesscontrol.requests import locks
from console.dates import brief_instant, era_date
from console.evidence import activity, rights
from console.evidence.rights import CONCERN_TITLES, Holder, Login
from console.screens.views import Part, View
from console.text import mask
from console.translation import _
from console.widgets.details import Fact, Section
from console.widgets.rows import Cell, Column
from console.wiring import Installation

_STATE_TONES: dict[State, Literal["", "high", "faint"]] = {
    State.ENABLED: "",
    State.LOCKED: "high",
    State.DISABLED: "faint",
}


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """One login, and the person whose it is."""

    login: Login
    holder: Holder

    @property
    def name(self) -> str:
        """The login itself."""
        return self.login.operator.login

    @property
    def ended(self) -> bool:
        """Whether the period of validity is over."""
        until = self.login.operator.valid_until
        return until is not None and until <= self.holder.at

    @property
    def ends_soon(self) -> bool:
        """Whether the period of validity ends within 30 days."""
        until = self.login.operator.valid_until
        return until is not None and self.holder.at < until <= self.holder.at + rights.SOON


def read(site: Installation) -> list[OperatorRow]:
    """Return every login of the console, disabled ones too."""
    found = rights.holders(site.store, site.clock.now())
    return [OperatorRow(login, holder) for holder in found for login in holder.logins]


def view(site: Installation, shown_name: Callable[[str, str], str]) -> View[OperatorRow]:
    """Return the list of operators; ``shown_name`` turns a subject and a full name into what may be shown."""

    def last(row: OperatorRow) -> str:
        use = row.login.last_use
        return brief_instant(use.at, site.zone, row.holder.at) if use else _("never")

    def until(row: OperatorRow) -> Cell:
        return until_cell(row, site)

    return View(
        title=N_("Operators"),
        columns=(
            Column(title=N_("Login"), show=lambda row: row.name, width=10, sort="login"),
            Column(title=N_("Name"), show=lambda row: mask(row.login.operator.name), width=8),
            Column(title=N_("State"), show=_state, width=8, sort="state"),
            Column(title=N_("Roles"), show=role_names, width=16, grow=3),
            Column(title=N_("Valid until"), show=until, width=11, sort="until"),
            Column(title=N_("Last use"), show=last, width=11, sort="last"),
            Column(title=N_("Office"), show=lambda row: row.login.operator.office, width=10, grow=1, from_width=90),
        ),
        read=lambda: read(site),
        key=lambda row: row.name,
        words=_words,
        explain=lambda row: list(explain(site, row, shown_name)),
        parts=(
            Part(N_("ends within 30 days"), lambda row: row.ends_soon),
            Part(N_("validity ended"), lambda row: row.ended),
            Part(N_("locked"), lambda row: row.login.operator.state is State.LOCKED),
            Part(N_("disabled"), lambda row: row.login.operator.state is State.DISABLED),
            Part(N_("never signed in"), lambda row: row.login.last_use is None),
        ),
        order={
            "login": lambda row: row.name,
            "state": lambda row: row.login.operator.state,
            "until": lambda row: _instant(row.login.operator.valid_until),
            "last": lambda row: row.login.last_use.at.timestamp() if row.login.last_use else 0,
        },
        hint=N_("n requests a new operator, e a change. Enter shows everything about one."),
    )


def _instant(at: datetime | None) -> float:
    return at.timestamp() if at else float("inf")


def _state(row: OperatorRow) -> Cell:
    state = row.login.operator.state
    return Cell(_(STATE_TITLES[state]), _STATE_TONES[state])


def role_names(row: OperatorRow) -> str:
    """Return the roles of a login, lent ones in brackets."""
    operator = row.login.operator
    own = [_(ROLE_TITLES[role]) for role in sorted(operator.roles)]
    borrowed = [each.role for each in row.holder.borrowed if each.deputy == operator.login]
    return ", ".join([*own, *(f"({_(ROLE_TITLES[role])})" for role in borrowed)])


def until_cell(row: OperatorRow, site: Installation) -> Cell:
    """Return the last day of a login, loud when it is near or past."""
    until = row.login.operator.valid_until
    if until is None:
        return Cell(_("no end"), "medium")
    last_day = last_day_of(until, site)
    return Cell(f"{last_day:%Y-%m-%d}", "high" if row.ended else "medium" if row.ends_soon else "")


def last_day_of(until: datetime, site: Installation) -> datetime:
    """Return the last moment before ``until`` in the site's zone: validity ends before it, not on it."""
    return (until - datetime.resolution).astimezone(site.zone)


def _words(row: OperatorRow) -> str:
    operator = row.login.operator
    facts = (operator.login, operator.staff_number, operator.office, _(STATE_TITLES[operator.state]))
    return " ".join((*facts, mask(operator.name), role_names(row)))


def explain(site: Installation, row: OperatorRow, shown_name: Callable[[str, str], str]) -> Iterator[Section]:
    """Yield everything about one login: the person, rights, factors, and what it did lately."""
    operator = row.login.operator
    until = operator.valid_until
    period = _("without end") if until is None else era_date(last_day_of(until, site).date())
    facts = [
        Fact(_("Name"), shown_name(operator.login, operator.name)),
        Fact(_("Staff number"), operator.staff_number),
        Fact(_("Office"), operator.office),
        Fact(_("State"), _(STATE_TITLES[operator.state]), "bold $error" if operator.state is State.LOCKED else "bold"),
        Fact(_("Valid until"), _("{day}, to its end").format(day=period) if until else period),
        *_other_logins(row),
        *_locks(site, operator.staff_number),
    ]
    yield Section(operator.login, facts)
    yield Section(_("Roles"), sentences=list(_roles(row, site)))
    yield Section(_("Second factor"), list(_factors(row)))
    concerns = row.holder.concerns
    if concerns:
        yield Section(_("Worth a look"), sentences=[f"- {_(CONCERN_TITLES[each])}" for each in concerns])
    yield Section(_("Lately"), sentences=list(_events(site, operator.login)) or [_("nothing")])


def _other_logins(row: OperatorRow) -> Iterable[Fact]:
    others = [each.operator.login for each in row.holder.logins if each is not row.login]
    return [Fact(_("Other logins"), ", ".join(others))] if others else []


def _locks(site: Installation, staff_number: str) -> Iterable[Fact]:
    for lock in locks.in_force(site.store, site.clock.now()):
        if (lock.type, lock.name) == ("person", staff_number):
            yield Fact(_("Lock"), lock.reason, "bold $error")


def _roles(row: OperatorRow, site: Installation) -> Iterator[str]:
    login = row.login.operator.login
    for role in sorted(row.login.operator.roles):
        yield f"- {_(ROLE_TITLES[role])}"
    for each in row.holder.borrowed:
        if each.deputy == login:
            words = _("- {role}, as deputy of {login} until {day}")
            yield words.format(role=_(ROLE_TITLES[each.role]), login=each.principal, day=_day(each.valid_until, site))
    for each in row.holder.lent:
        if each.principal == login:
            words = _("- {role} is lent to {login} until {day}")
            yield words.format(role=_(ROLE_TITLES[each.role]), login=each.deputy, day=_day(each.valid_until, site))
    if not row.login.operator.roles:
        yield _("none")


def _day(until: datetime, site: Installation) -> str:
    return f"{last_day_of(until, site):%Y-%m-%d}"


def _factors(row: OperatorRow) -> Iterator[Fact]:
    for factor in row.login.factors:
        yield Fact(factor.label, _(KIND_TITLES[factor.kind]), "" if factor.kind == "biometric" else "$warning")
    if not row.login.factors:
        yield Fact(_("None"), _("This login can't sign in."), "$warning")


def _events(site: Installation, login: str) -> Iterator[str]:
    for event in activity.recent(site.store, login):
        at = f"{event.at.astimezone(site.zone):%m-%d %H:%M}"
        act, reason = sign_in_events.ACT_TITLES[event.act], sign_in_events.REASON_TITLES[event.reason]
        outcome = _(reason) if event.passed else f"! {_(reason)}"
        yield f"{at}  {_(act)}  {outcome}  {event.terminal}"
