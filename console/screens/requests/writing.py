"""Writing a request: choose the kind, answer its questions, say why. The questions come from the kind's parameters."""

import enum
import typing
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec

from accesscontrol.accounts.model import CAUSE_TITLES, DISABLE_REASON_TITLES, Cause, DisableReason
from accesscontrol.messages import N_
from accesscontrol.people.roles import ROLE_TITLES, Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import submission
from accesscontrol.requests.kinds import Kind
from console.frame.choosing import ChoosingDialog
from console.frame.forms import Field, FormDialog
from console.frame.screen import BaseScreen
from console.seat import Seat
from console.translation import _, render
from console.widgets.choices import Choice

_REASON = "reason of the request"  # no parameter can have this name
_TITLES: Mapping[type, Mapping[Any, str]] = {Cause: CAUSE_TITLES, DisableReason: DISABLE_REASON_TITLES}


async def write_request(screen: BaseScreen, seat: Seat) -> str:
    """Ask for a kind and its parameters, submit the request, and return its id, or nothing."""
    kinds = kinds_of(seat)
    if not kinds:
        screen.why(_("Your roles may not hand in any request."))
        return ""
    choices = [
        Choice(_(kind.title), kind, ", ".join(kind.controls), also=f"{kind.title} {kind.name}") for kind in kinds
    ]
    kind = await screen.app.ask(ChoosingDialog(_("What is to be done?"), choices))
    return "" if kind is None else await write_request_of(screen, seat, kind)


def kinds_of(seat: Seat) -> list[Kind]:
    """Return the kinds of request that the person may write here, question by question."""
    return [kind for kind in seat.site.kinds.values() if kind.requesters & seat.roles and _is_a_form(kind)]


async def write_request_of(screen: BaseScreen, seat: Seat, kind: Kind, given: Mapping[str, Any] | None = None) -> str:
    """Ask for what ``kind`` needs beyond what is ``given``, submit, and return the id, or nothing."""
    given = given or {}
    asked = [each for each in msgspec.structs.fields(kind.parameters) if each.name not in given]
    fields = [_with_hint(kind, field_of(kind.labels, each)) for each in asked]
    fields.append(Field(name=_REASON, label=_("Reason"), hint=_("Kept with the request; the approver reads it.")))

    role_lists = [each.name for each in msgspec.structs.fields(kind.parameters) if Role in _deep((each.type,))]

    def submit(values: dict[str, Any]) -> str:
        reason = values.pop(_REASON)
        told = {**given, **values}
        roles = {name: roles_in(told[name]) for name in role_lists if told.get(name)}
        parameters = {**given, **typed(kind.parameters, values | roles, kind.labels)}
        actor = seat.acting
        return submission.submit(seat.site.desk, kind.name, parameters, actor, reason=reason).id

    words = _("Rule: {controls}").format(controls=", ".join(kind.controls))
    dialog = FormDialog(_(kind.title), fields, text=words, act=N_("Hand in"), submit=submit)
    return str(await screen.app.ask(dialog) or "")


def _with_hint(kind: Kind, field: Field) -> Field:
    return replace(field, hint=_(kind.hints[field.name])) if field.name in kind.hints else field


def field_of(labels: Mapping[str, str], parameter: msgspec.structs.FieldInfo) -> Field:
    """Return the question for one parameter, by its own type; ``labels`` are msgids by parameter."""
    label = _(labels.get(parameter.name, parameter.name.replace("_", " ")))
    allowed = typing.get_args(parameter.type) or (parameter.type,)
    required = parameter.required
    if date in allowed:
        return Field(name=parameter.name, label=label, kind="date", required=required)
    if bool in allowed:
        answers = (Choice(_("no"), value=False), Choice(_("yes"), value=True))
        return Field(name=parameter.name, label=label, kind="choice", choices=answers, initial=False)
    if Role in _deep(allowed):
        names = ", ".join(f"{role.value}={_(ROLE_TITLES[role])}" for role in Role)
        return Field(name=parameter.name, label=label, required=required, hint=names, check=_not_roles)
    chosen = next((each for each in allowed if isinstance(each, type) and issubclass(each, enum.Enum)), None)
    if chosen is not None:
        titles = _TITLES.get(chosen, {})
        options = [Choice(_(titles.get(each, str(each.value))), each.value) for each in chosen]
        return Field(name=parameter.name, label=label, kind="choice", choices=options)
    return Field(name=parameter.name, label=label, required=required)


def typed(parameters: type[msgspec.Struct], values: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
    """Return what a form was told in the parameters' own types: numbers from digits, lists from commas.

    What was left empty is left out. Raises ``Refusal`` that names the line that can't be read.
    """
    found = {}
    for each in msgspec.structs.fields(parameters):
        value = values.get(each.name)
        if value in ("", None):
            continue
        is_list = any(typing.get_origin(kind) in (list, tuple, frozenset) for kind in _deep((each.type,)))
        parts = [part.strip() for part in value.split(",")] if is_list and isinstance(value, str) else value
        try:
            found[each.name] = msgspec.to_builtins(msgspec.convert(parts, each.type, strict=False))
        except msgspec.ValidationError as error:
            label = _(labels.get(each.name, each.name))
            raise Refusal(N_("{label} can't be read: {reason}."), label=label, reason=str(error)) from None
    return found


def _is_a_form(kind: Kind) -> bool:
    """Tell whether a person can answer the kind's questions one by one; lists of acts come from a file."""
    types = _deep(tuple(each.type for each in msgspec.structs.fields(kind.parameters)))
    return not any(isinstance(each, type) and issubclass(each, msgspec.Struct) for each in types)


def _deep(types: tuple[Any, ...]) -> set[Any]:
    """Return ``types`` and everything that they are made of."""
    return set(types).union(*(_deep(typing.get_args(each)) for each in types))


def _not_roles(text: str) -> str:
    try:
        roles_in(text)
    except Refusal as refusal:
        return render(refusal)
    return ""


def roles_in(text: str) -> list[str]:
    """Return the roles that ``text`` lists, separated by commas; raises ``Refusal`` for an unknown one."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in set(Role):
            raise Refusal(N_("There is no role {name}."), name=name)
    return names
