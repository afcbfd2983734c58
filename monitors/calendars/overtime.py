"""Work outside the hours of an office, approved beforehand: it makes access at that time expected (MO-ANM-01, -02)."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import msgspec

from accesscontrol.accounts.reading import find_person
from accesscontrol.canonical import JSON
from accesscontrol.messages import N_
from accesscontrol.people import operators
from accesscontrol.people.reading import Reader
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import slots
from accesscontrol.requests.kinds import Execution, Kind

KIND: Final = "overtime"
_REFUSED_BY: Final = "MO-ANM-02"
_ASKING: Final = frozenset(
    {
        Role.OPERATOR,
        Role.SYSTEM_ADMIN,
        Role.RESIDENT_OPERATOR,
        Role.CONTRACTOR_OPERATOR,
        Role.TEMPORARY_STAFF,
        Role.WORK_LEAD,
        Role.SECURITY_OFFICER,
        Role.IDPW_CUSTODIAN,
    }
)
_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")

Number = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
Clock = Annotated[str, msgspec.Meta(pattern=r"^([01]?[0-9]|2[0-3]):[0-5][0-9]$")]


class Overtime(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who works (staff numbers) on which day from when until when, at what, and on which system (empty: any).

    An ``until`` that is not later than ``since`` lies on the next day.
    """

    staff: Annotated[tuple[Number, ...], msgspec.Meta(min_length=1, max_length=200)]
    day: date
    since: Clock
    until: Clock
    work: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    system: Annotated[str, msgspec.Meta(max_length=32)] = ""


def span(overtime: Overtime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first instant of the work and the one at which it is over (aware, in the site's ``zone``)."""
    since, until = (_clock(text) for text in (overtime.since, overtime.until))
    start = datetime.combine(overtime.day, since, tzinfo=zone)
    if until > since:
        return start, datetime.combine(overtime.day, until, tzinfo=zone)
    if overtime.day == date.max:
        raise Refusal(N_("There is no day after {day}."), control=_REFUSED_BY, day=overtime.day)
    return start, datetime.combine(overtime.day + timedelta(days=1), until, tzinfo=zone)


def covered(
    parameters: Mapping[str, Any], approvals: Sequence[datetime], zone: ZoneInfo
) -> tuple[Overtime, datetime, datetime]:
    """Return an approved request's work and from when until when it is expected: never before the last approval."""
    overtime = msgspec.convert(parameters, Overtime)
    start, end = span(overtime, zone)
    return overtime, max([start, *approvals]), end


def overtime_kind(zone: ZoneInfo) -> Kind:
    """Return the kind by which work outside the hours of an office is approved; carrying it out says it was done."""

    def describe(overtime: Overtime) -> Mapping[str, object]:
        start, end = span(overtime, zone)
        return {
            N_("Staff numbers"): ", ".join(overtime.staff),
            N_("Begins"): start,
            N_("Ends"): end,
            N_("Work"): overtime.work,
            N_("System"): overtime.system or N_("any"),
        }

    def admit(tx: Any, request: Any) -> None:
        overtime = msgspec.convert(request.parameters, Overtime)
        _start, end = span(overtime, zone)
        if end <= tx.at:
            raise Refusal(
                N_("{day} until {until} is over. Work outside the hours is approved beforehand."),
                control=_REFUSED_BY,
                day=overtime.day,
                until=overtime.until,
            )
        if unknown := [each for each in overtime.staff if not _known(tx, each)]:
            raise Refusal(
                N_("No roster and no operator has the staff number {unknown}. Correct it, or import the roster first."),
                control=_REFUSED_BY,
                unknown=unknown,
            )

    def execute(execution: Execution) -> Mapping[str, JSON]:
        overtime: Overtime = execution.parameters
        return {"work": overtime.work, "staff": list(overtime.staff), "said_done_by": execution.staff_number}

    return Kind(
        name=KIND,
        title=N_("Work outside office hours"),
        controls=("MO-ANM-01", "MO-ANM-02", "MO-ANM-06"),
        parameters=Overtime,
        requesters=_ASKING,
        executors=_ASKING,
        slots=(slots.SUPERIOR,),
        execute=execute,
        describe=describe,
        labels={
            "staff": N_("Staff numbers"),
            "day": N_("Day"),
            "since": N_("From (HH:MM)"),
            "until": N_("Until (HH:MM)"),
            "work": N_("Work"),
            "system": N_("System"),
        },
        concerns=lambda overtime: frozenset(overtime.staff),
        admits=admit,
    )


def _known(reader: Reader, staff_number: str) -> bool:
    """Tell whether anybody has the number; a mistyped one would be approved and excuse nobody's access."""
    return bool(find_person(reader, staff_number) or operators.logins_of(reader, staff_number))


def _clock(text: str) -> time:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise Refusal(N_("{text} is no time of day; write 17:15."), text=text)
    return time(int(found[1]), int(found[2]))
