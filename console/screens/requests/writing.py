"""Writing a request: choose the kind, answer its questions, say why. The questions come from the kind's parameters."""

import enum
import typing
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from accesscontrol.messages import N_
from accesscontrol.people.roles import ROLE_TITLES, Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import submission
from accesscontrol.requests.kinds import Kind
from console.frame.dialogs import ChoiceDialog
from console.frame.forms import Field, FormDialog
from console.frame.screen import BaseScreen
from console.seat import Seat
from console.translation import _
from console.widgets.choices import Choice

_REASON = "reason of the request"  # no parameter can have this name


async def write_request(screen: BaseScreen, seat: Seat) -> str:
    """Ask for a kind and its parameters, submit the request, and return its id, or nothing."""
    kinds = [kind for kind in seat.site.kinds.values() if kind.requesters & seat.roles and _is_a_form(kind)]
    if not kinds:
        screen.why(_("Your roles may not hand in any request."))
        return ""
    choices = [Choice(_(kind.title), kind, ", ".join(kind.controls)) for kind in kinds]
    kind = await screen.app.ask(ChoiceDialog(_("What is to be done?"), choices))
    return "" if kind is None else await write_request_of(screen, seat, kind)


async def write_request_of(screen: BaseScreen, seat: Seat, kind: Kind, given: Mapping[str, Any] | None = None) -> str:
    """Ask for what ``kind`` needs beyond what is ``given``, submit, and return the id, or nothing."""
    given = given or {}
    fields = [_field(kind, each) for each in msgspec.structs.fields(kind.parameters) if each.name not in given]
    fields.append(Field(name=_REASON, label=_("Reason"), hint=_("Kept with the request; the approver reads it.")))

    role_lists = [each.name for each in msgspec.structs.fields(kind.parameters) if Role in _deep((each.type,))]

    def submit(values: dict[str, Any]) -> str:
        reason = values.pop(_REASON)
        parameters = {**given, **{name: value for name, value in values.items() if value not in ("", None)}}
        parameters |= {name: roles_in(parameters[name]) for name in role_lists if name in parameters}
        actor = seat.acting
        return submission.submit(seat.site.desk, kind.name, parameters, actor, reason=reason).id

    words = _("Rule: {controls}").format(controls=", ".join(kind.controls))
    dialog = FormDialog(_(kind.title), fields, text=words, act=N_("Hand in"), submit=submit)
    return str(await screen.app.ask(dialog) or "")


def _field(kind: Kind, parameter: msgspec.structs.FieldInfo) -> Field:
    label = _(kind.labels.get(parameter.name, parameter.name.replace("_", " ")))
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
        options = [Choice(_(str(each.value)), each.value) for each in chosen]
        return Field(name=parameter.name, label=label, kind="choice", choices=options)
    return Field(name=parameter.name, label=label, required=required)


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
        return str(refusal)
    return ""


def roles_in(text: str) -> list[str]:
    """Return the roles that ``text`` lists, separated by commas; raises ``Refusal`` for an unknown one."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in set(Role):
            raise Refusal(N_("There is no role {name}."), name=name)
    return names
