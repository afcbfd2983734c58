"""The kinds of request about the console's own operators: nobody gets, changes or regains access alone (AC-USR-01).

The act enters or changes the operator; what the person signs in with is handed over afterwards, at the desk, by the
ID and password custodian.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from functools import partial
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from accesscontrol.canonical import JSON
from accesscontrol.clock import end_of_day, to_text
from accesscontrol.messages import N_
from accesscontrol.people import operators
from accesscontrol.people.operators import Operator, State
from accesscontrol.people.roles import ROLE_TITLES, Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import slots
from accesscontrol.requests.kinds import Execution, Kind
from accesscontrol.store import Store, Transaction

_LABELS: Final = MappingProxyType(
    {
        "staff_number": N_("Staff number"),
        "login": N_("Login"),
        "name": N_("Name"),
        "name_kana": N_("Reading of the name"),
        "office": N_("Office"),
        "roles": N_("Roles"),
        "last_day": N_("Last day"),
        "disable": N_("End the access"),
    }
)
Few = Callable[[Transaction, str, str, Collection[Role]], None]
_CUSTODIANS: Final = frozenset({Role.SYSTEM_ADMIN, Role.IDPW_CUSTODIAN})


class AddOperator(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new login of the console. ``last_day`` is valid to its end in the site's zone (AC-USR-03)."""

    staff_number: str
    login: str
    name: str
    name_kana: str
    office: str
    roles: tuple[Role, ...]
    last_day: date


class ChangeOperator(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Other roles for a login, its end, or both its end and its beginning again."""

    login: str
    roles: tuple[Role, ...] | None = None
    disable: bool = False


class OperatorLastDay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another last day for a login, valid to its end in the site's zone (AC-USR-03)."""

    login: str
    last_day: date


class UnlockOperator(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open a login that failures have locked."""

    login: str


def operator_kinds(store: Store, zone: ZoneInfo, most_custodians: int = 5) -> tuple[Kind, ...]:
    """Return the kinds that govern the console's own operators.

    ``most_custodians`` is how many persons may manage IDs and passwords (AC-USR-05).
    """
    concerned = _concerned(store)
    few = partial(_require_few_custodians, most=most_custodians)
    return (
        _kind(
            "operator-add",
            N_("New operator of the console"),
            AddOperator,
            partial(_add, zone=zone, few=few),
            _describe_addition,
            admits=partial(_admit_addition, few=few),
            concerns=lambda parameters: frozenset({parameters.staff_number}),
        ),
        _kind(
            "operator-change",
            N_("Change or end of an operator's access"),
            ChangeOperator,
            partial(_change, few=few),
            _describe_change,
            admits=partial(_admit_change, few=few),
            concerns=concerned,
        ),
        _kind(
            "operator-last-day",
            N_("Another last day for an operator"),
            OperatorLastDay,
            partial(_set_last_day, zone=zone, few=few),
            _describe_last_day,
            admits=partial(_admit_last_day, zone=zone, few=few),
            concerns=concerned,
        ),
        _kind(
            "operator-unlock-emergency",
            N_("Emergency: open a locked operator"),
            UnlockOperator,
            _unlock,
            lambda parameters: {N_("Login"): parameters.login},
            concerns=concerned,
            emergency=True,
        ),
    )


def _kind(
    name: str,
    title: str,
    parameters: type[msgspec.Struct],
    execute: Callable[[Execution], Mapping[str, JSON]],
    describe: Callable[[Any], Mapping[str, str]],
    *,
    concerns: Callable[[Any], frozenset[str]],
    admits: Callable[[Any, Any], None] = lambda _tx, _request: None,
    emergency: bool = False,
) -> Kind:
    return Kind(
        name=name,
        title=title,
        controls=("AC-USR-01", "AC-USR-05", "AC-AUT-03"),
        parameters=parameters,
        requesters=_CUSTODIANS,
        executors=_CUSTODIANS,
        slots=() if emergency else (slots.SECURITY_OFFICER,),
        execute=execute,
        describe=describe,
        labels=_LABELS,
        concerns=concerns,
        admits=admits,
        emergency=emergency,
        report=emergency,
    )


def _concerned(store: Store) -> Callable[[Any], frozenset[str]]:
    def concerned(parameters: Any) -> frozenset[str]:
        operator = operators.find(store, parameters.login)
        return frozenset({operator.staff_number} if operator else ())

    return concerned


def _titles(roles: tuple[Role, ...]) -> str:
    return ", ".join(ROLE_TITLES[role] for role in roles)


def _describe_addition(parameters: AddOperator) -> dict[str, str]:
    return {
        N_("Login"): parameters.login,
        N_("Staff number"): parameters.staff_number,
        N_("Name"): parameters.name,
        N_("Office"): parameters.office,
        N_("Roles"): _titles(parameters.roles),
        N_("Last day"): parameters.last_day.isoformat(),
    }


def _describe_change(parameters: ChangeOperator) -> dict[str, str]:
    lines = {N_("Login"): parameters.login}
    if parameters.roles is not None:
        lines[N_("Roles")] = _titles(parameters.roles)
    if parameters.disable:
        lines[N_("Access")] = N_("ends now")
    return lines


def _describe_last_day(parameters: OperatorLastDay) -> dict[str, str]:
    return {N_("Login"): parameters.login, N_("Last day"): parameters.last_day.isoformat()}


def _require_to_come(last_day: date, at: datetime, zone: ZoneInfo) -> None:
    if end_of_day(last_day, zone) <= at:
        raise Refusal(
            N_("The last day {day} is over. Name one to come, or ask for the end of the access."),
            control="AC-USR-03",
            day=last_day.isoformat(),
        )


def _require_few_custodians(tx: Transaction, login: str, staff_number: str, roles: Collection[Role], most: int) -> None:
    """Refuse to make one more person a manager of IDs and passwords than the site allows (AC-USR-05).

    So it is refused, too, while a damaged row may hide one of them.
    """
    if _CUSTODIANS.isdisjoint(roles):
        return
    known = operators.find(tx, login)
    person = known.staff_number if known else staff_number
    holders = {
        each.staff_number
        for each in operators.every(tx, whole=True)
        if each.roles & _CUSTODIANS and each.state is not State.DISABLED and each.valid(tx.at)
    }
    if person in holders or len(holders) < most:
        return
    raise Refusal(
        N_("{count} persons manage IDs and passwords already, and at most {most} may. Take the role from one first."),
        control="AC-USR-05",
        count=len(holders),
        most=most,
    )


def _admit_addition(tx: Transaction, request: Any, few: Few) -> None:
    wanted = msgspec.convert(request.parameters, AddOperator)
    few(tx, wanted.login, wanted.staff_number, wanted.roles)


def _admit_change(tx: Transaction, request: Any, few: Few) -> None:
    wanted = msgspec.convert(request.parameters, ChangeOperator)
    few(tx, wanted.login, "", wanted.roles or ())


def _admit_last_day(tx: Transaction, request: Any, zone: ZoneInfo, few: Few) -> None:
    wanted = msgspec.convert(request.parameters, OperatorLastDay)
    _require_to_come(wanted.last_day, tx.at, zone)
    few(tx, wanted.login, "", operators.get(tx, wanted.login).roles)


def _add(execution: Execution, zone: ZoneInfo, few: Few) -> dict[str, JSON]:
    parameters: AddOperator = execution.parameters
    with execution.store.transaction() as tx:
        few(tx, parameters.login, parameters.staff_number, parameters.roles)
        operator = Operator(
            staff_number=parameters.staff_number,
            login=parameters.login,
            name=parameters.name,
            name_kana=parameters.name_kana,
            office=parameters.office,
            roles=frozenset(parameters.roles),
            valid_from=tx.at,
            valid_until=end_of_day(parameters.last_day, zone),
        )
        operators.add(tx, operator, actor=execution.staff_number)
    return {"login": operator.login, "valid_until": to_text(end_of_day(parameters.last_day, zone))}


def _change(execution: Execution, few: Few) -> dict[str, JSON]:
    parameters: ChangeOperator = execution.parameters
    reason = execution.request_id
    with execution.store.transaction() as tx:
        if parameters.roles is not None:
            few(tx, parameters.login, "", parameters.roles)
            operators.assign_roles(tx, parameters.login, parameters.roles, reason=reason, actor=execution.staff_number)
        if parameters.disable:
            operators.disable(tx, parameters.login, reason=reason, actor=execution.staff_number)
    return {"login": parameters.login}


def _set_last_day(execution: Execution, zone: ZoneInfo, few: Few) -> dict[str, JSON]:
    parameters: OperatorLastDay = execution.parameters
    until = end_of_day(parameters.last_day, zone)
    with execution.store.transaction() as tx:
        operator = operators.get(tx, parameters.login)
        _require_to_come(parameters.last_day, tx.at, zone)
        few(tx, operator.login, "", operator.roles)
        operators.set_validity(
            tx,
            operator.login,
            valid_from=operator.valid_from,
            valid_until=until,
            reason=execution.request_id,
            actor=execution.staff_number,
        )
    return {"login": operator.login, "valid_until": to_text(until)}


def _unlock(execution: Execution) -> dict[str, JSON]:
    with execution.store.transaction() as tx:
        operators.unlock(tx, execution.parameters.login, reason=execution.request_id, actor=execution.staff_number)
    return {"login": execution.parameters.login}
