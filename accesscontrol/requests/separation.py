"""Separation of duties: in one request one person has one part, whatever the login (domain, section 3; AC-AUT-03)."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from accesscontrol.messages import N_, Phrase
from accesscontrol.people import deputies, operators
from accesscontrol.refusals import Refusal
from accesscontrol.requests.kinds import Kind, Rule, Slot
from accesscontrol.requests.reading import Request
from accesscontrol.store import Transaction


class Part(StrEnum):
    """What a person does in one request."""

    REQUESTER = "requester"
    APPROVER = "approver"
    WITNESS = "witness"
    EXECUTOR = "executor"
    REVIEWER = "reviewer"


TITLES: Final = MappingProxyType(
    {
        Part.REQUESTER: N_("the requester"),
        Part.APPROVER: N_("an approver"),
        Part.WITNESS: N_("the witness"),
        Part.EXECUTOR: N_("the executor"),
        Part.REVIEWER: N_("the reviewer"),
    }
)


def parts(request: Request) -> Mapping[str, Part]:
    """Return the part that each person (by staff number) already has in ``request``."""
    taken = {request.requester: Part.REQUESTER}
    taken.update({approval.approver: Part.APPROVER for approval in request.in_force()})
    taken.update({each.witness: Part.WITNESS for each in request.attestations if each.digest == request.digest})
    if request.performance is not None:
        taken.setdefault(request.performance.executor, Part.EXECUTOR)
    return taken


def check(request: Request, staff_number: str, part: Part) -> None:
    """Refuse ``part`` to a person who has another one in ``request``.

    A witness may sign both before and after. In an emergency the requester executes alone; the review afterwards
    is by somebody else.
    """
    taken = parts(request).get(staff_number)
    if taken is None or (taken is part and part is Part.WITNESS):
        return
    if request.emergency and taken is Part.REQUESTER and part is Part.EXECUTOR:
        return
    raise Refusal(
        N_("This person is already {taken} here, so {part} must be someone else."),
        control="AC-AUT-03",
        part=Phrase(TITLES[part]),
        taken=Phrase(TITLES[taken]),
    )


def check_approvers_exist(tx: Transaction, kind: Kind, rule: Rule, requester: str, concerned: frozenset[str]) -> None:
    """Refuse a request whose slots can't be filled by different people, none of them requester or concerned."""
    able = [
        {
            operator.staff_number
            for operator in operators.every(tx)
            if operator.usable(tx.at)
            and operator.staff_number != requester
            and operator.staff_number not in concerned
            and deputies.roles_now(tx, operator, tx.at) & slot.roles
        }
        for slot in rule.slots
    ]
    if not _assignable(rule.slots, able, frozenset()):
        raise Refusal(
            N_("Nobody could lawfully approve this ({kind}), so it can't be submitted. Appoint a deputy first."),
            control="AC-AUT-03",
            kind=Phrase(kind.title),
        )


def _assignable(slots: Sequence[Slot], able: Sequence[set[str]], used: frozenset[str]) -> bool:
    if not slots:
        return True
    return any(_assignable(slots[1:], able[1:], used | {person}) for person in able[0] - used)
