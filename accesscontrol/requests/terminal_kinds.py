"""The request by which a terminal leaves the office: the information security manager permits it (AC-TRM-01)."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from accesscontrol.canonical import JSON
from accesscontrol.clock import end_of_day, to_text
from accesscontrol.messages import N_
from accesscontrol.people import outings
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import slots
from accesscontrol.requests.kinds import Execution, Kind

NAME: Final = "terminal-take-out"
_ASKING: Final = frozenset({Role.SYSTEM_ADMIN, Role.OPERATOR, Role.WORK_LEAD, Role.DEPT_HEAD})


class TakeOut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One terminal out with one person until the end of ``last_day`` (site's zone).

    ``purpose`` says why the work can't be done otherwise.
    """

    terminal: str
    staff_number: Annotated[str, Meta(pattern=r"^[0-9A-Za-z-]{1,20}$")]
    purpose: Annotated[str, Meta(min_length=1, max_length=200)]
    last_day: date


def take_out_kind(zone: ZoneInfo) -> Kind:
    """Return the kind that lets a terminal out; while it is out it opens no session."""

    def admit(tx: Any, request: Any) -> None:
        wanted = msgspec.convert(request.parameters, TakeOut)
        outings.require_here(tx, wanted.terminal)
        if end_of_day(wanted.last_day, zone) <= tx.at:
            raise Refusal(N_("{day} has passed. Give a last day that is still to come."), day=wanted.last_day)

    def execute(execution: Execution) -> Mapping[str, JSON]:
        wanted: TakeOut = execution.parameters
        due = end_of_day(wanted.last_day, zone)
        with execution.store.transaction() as tx:
            outings.begin(
                tx,
                wanted.terminal,
                staff_number=wanted.staff_number,
                purpose=wanted.purpose,
                due=due,
                request=execution.request_id,
                actor=execution.staff_number,
            )
        return {"terminal": wanted.terminal, "due": to_text(due)}

    return Kind(
        name=NAME,
        title=N_("Taking a terminal out"),
        controls=("AC-TRM-01",),
        parameters=TakeOut,
        requesters=_ASKING,
        executors=frozenset({Role.SYSTEM_ADMIN, Role.KEY_CUSTODIAN}),
        slots=(slots.INFOSEC_MANAGER,),
        execute=execute,
        describe=_describe,
        labels={
            "terminal": N_("Terminal"),
            "staff_number": N_("Staff number"),
            "purpose": N_("Why it must leave"),
            "last_day": N_("Last day"),
        },
        touches=lambda wanted: (("terminal", wanted.terminal), ("person", wanted.staff_number)),
        concerns=lambda wanted: frozenset({wanted.staff_number}),
        admits=admit,
    )


def _describe(wanted: TakeOut) -> Mapping[str, object]:
    return {
        N_("Terminal"): wanted.terminal,
        N_("Staff number"): wanted.staff_number,
        N_("Why it must leave"): wanted.purpose,
        N_("Last day"): wanted.last_day.isoformat(),
    }
