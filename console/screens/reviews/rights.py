"""Every person with roles, rights, last use, factors, end, deputies and conflicts; read here, changed elsewhere."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from accesscontrol.messages import N_
from accesscontrol.people.factors import KIND_TITLES
from accesscontrol.people.operators import STATE_TITLES
from accesscontrol.people.roles import ROLE_TITLES
from console.dates import brief_instant
from console.evidence import rights
from console.evidence.rights import CONCERN_TITLES, Concern, Holder
from console.evidence.rights_table import last_day
from console.screens.views import Part, View
from console.text import mask
from console.translation import _
from console.widgets.details import Fact, Section
from console.widgets.rows import Cell, Column
from console.wiring import Installation

_TONES: dict[Concern, Literal["high", "medium"]] = {
    Concern.CONFLICT: "high",
    Concern.ENDED: "high",
    Concern.LOCKED: "high",
    Concern.NO_FACTOR: "high",
}


def view(site: Installation) -> View[Holder]:
    """Return the list of those who may do something at this console."""

    def last(holder: Holder) -> str:
        use = holder.last_use
        return brief_instant(use.at, site.zone, holder.at) if use else _("never")

    return View[Holder](
        title=N_("Who may do what"),
        columns=(
            Column(title=N_("Staff no."), show=lambda each: each.staff_number, width=9, sort="number"),
            Column(title=N_("Name"), show=lambda each: mask(each.name), width=8),
            Column(title=N_("Roles"), show=_roles, width=16, grow=3),
            Column(title=N_("Worth a look"), show=_concern, width=17, grow=2, sort="concern"),
            Column(title=N_("Last use"), show=last, width=11, sort="last"),
            Column(title=N_("Factor"), show=factor_words, width=8),
            Column(title=N_("Until"), show=lambda each: last_day(each.ends, site.zone), width=10, sort="until"),
            Column(title=N_("Office"), show=lambda each: each.office, width=12, grow=1, from_width=96),
        ),
        read=lambda: rights.holders(site.store, site.clock.now()),
        key=lambda each: each.staff_number,
        words=_words,
        explain=lambda each: list(_explain(site, each)),
        parts=(
            Part(N_("worth a look"), lambda each: bool(each.concerns)),
            *(Part(CONCERN_TITLES[concern], _has(concern)) for concern in Concern),
        ),
        order={
            "number": lambda each: each.staff_number,
            "concern": lambda each: list(Concern).index(each.concerns[0]) if each.concerns else len(Concern),
            "last": lambda each: each.last_use.at.timestamp() if each.last_use else 0,
            "until": lambda each: each.ends.timestamp() if each.ends else float("inf"),
        },
        hint=N_("Enter shows every right of one person. c writes the list as a table."),
    )


def _explain(site: Installation, holder: Holder) -> Iterator[Section]:
    facts = [
        Fact(_("Staff number"), holder.staff_number),
        Fact(_("Office"), holder.office),
        Fact(_("Second factor"), factor_words(holder)),
        Fact(_("Until"), last_day(holder.ends, site.zone)),
        Fact(_("Last use"), _last_use(site, holder)),
    ]
    yield Section(mask(holder.name), facts)
    if holder.concerns:
        yield Section(_("Worth a look"), sentences=list(_concerns(holder)))
    yield Section(_("Logins"), sentences=list(_logins(site, holder)))
    yield Section(_("Roles"), sentences=list(_held(site, holder)) or [_("none")])
    yield Section(_("Rights that follow"), sentences=_rights(site, holder) or [_("none")])


def _last_use(site: Installation, holder: Holder) -> str:
    use = holder.last_use
    if use is None:
        return _("never")
    return f"{use.at.astimezone(site.zone):%Y-%m-%d %H:%M}  {_(use.factor_kind)}"


def _logins(site: Installation, holder: Holder) -> Iterator[str]:
    for login in holder.logins:
        operator = login.operator
        until = last_day(operator.valid_until, site.zone)
        yield f"- {operator.login}  {_(STATE_TITLES[operator.state])}  {until}"


def _held(site: Installation, holder: Holder) -> Iterator[str]:
    for role in sorted(holder.own_roles):
        yield f"- {_(ROLE_TITLES[role])}"
    for each in holder.borrowed:
        words = _("- {role}, as deputy of {login} until {day}")
        day = last_day(each.valid_until, site.zone)
        yield words.format(role=_(ROLE_TITLES[each.role]), login=each.principal, day=day)
    for each in holder.lent:
        words = _("- {role} is lent to {login} until {day}")
        day = last_day(each.valid_until, site.zone)
        yield words.format(role=_(ROLE_TITLES[each.role]), login=each.deputy, day=day)


def _rights(site: Installation, holder: Holder) -> list[str]:
    found = rights.rights(holder.roles, site.kinds.values())
    sides: dict[str, list[str]] = {}
    for right in found:
        sides.setdefault(right.kind.title, []).append(_(right.side))
    return [f"- {_(title)}: {', '.join(allowed)}" for title, allowed in sides.items()]


def _has(concern: Concern) -> Any:
    return lambda holder: concern in holder.concerns


def _roles(holder: Holder) -> str:
    own = [_(ROLE_TITLES[role]) for role in sorted(holder.own_roles)]
    return ", ".join([*own, *(f"({_(ROLE_TITLES[each.role])})" for each in holder.borrowed)])


def factor_words(holder: Holder) -> str:
    """Return the kinds of second factor of a person, in words."""
    return ", ".join(_(KIND_TITLES[kind]) for kind in holder.factor_kinds) or _("none")


def _concern(holder: Holder) -> Cell:
    if not holder.live:
        return Cell(_("disabled"), "faint")
    if not holder.concerns:
        return Cell("")
    first = holder.concerns[0]
    more = f" +{len(holder.concerns) - 1}" if len(holder.concerns) > 1 else ""
    return Cell(f"{_(CONCERN_TITLES[first])}{more}", _TONES.get(first, "medium"))


def _concerns(holder: Holder) -> Iterator[str]:
    for concern in holder.concerns:
        yield f"- {_(CONCERN_TITLES[concern])}"
    clash = holder.conflict
    if clash is not None:
        first, second = (_(ROLE_TITLES[role]) for role in clash)
        yield "  " + _("{first} and {second}").format(first=first, second=second)


def _words(holder: Holder) -> str:
    concerns: Sequence[str] = [_(CONCERN_TITLES[concern]) for concern in holder.concerns]
    logins = [login.operator.login for login in holder.logins]
    return " ".join((holder.staff_number, holder.office, mask(holder.name), _roles(holder), *concerns, *logins))
