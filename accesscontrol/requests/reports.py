"""What follows an act: the report of who did it, and its review by somebody else; an emergency stays red until then."""

from accesscontrol.messages import N_
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import decisions, moves, reading, separation
from accesscontrol.requests.desk import Acting, Desk, check_deciding, check_role
from accesscontrol.requests.separation import Part
from accesscontrol.requests.states import State


def report(desk: Desk, request_id: str, actor: Acting, *, text: str) -> None:
    """Say in words what was done or failed; by the requester or the executor, after the witness."""
    if not text.strip():
        raise Refusal(N_("The report says what was done and what came of it."))
    with desk.store.transaction() as tx:
        request = reading.get(tx, request_id)
        performance = request.performance
        if not request.rule.report or performance is None:
            raise Refusal(N_("{id} needs no report."), id=request.id)
        if actor.staff_number not in {request.requester, performance.executor}:
            raise Refusal(N_("The requester or the executor reports on {id}."), id=request.id)
        if request.state is State.DONE and request.rule.witness and request.attested(decisions.AFTER) is None:
            raise Refusal(
                N_("The witness attests the end of {id} first, then it is reported."),
                control="BK-MED-06",
                id=request.id,
            )
        moves.move(tx, request, State.REPORTED)
        tx.execute(
            "UPDATE request_execution SET report = ?, reporter = ? WHERE request = ?",
            (text, actor.staff_number, request_id),
        )
        moves.record(tx, "request.reported", request, actor, report=text)


def close(desk: Desk, request_id: str, actor: Acting, *, comment: str = "") -> None:
    """Accept the report, as one who may approve this kind and had no other part in doing it.

    An emergency that was withdrawn or has lapsed without an act is reviewed so too.
    """
    with desk.store.transaction() as tx:
        request = reading.get(tx, request_id)
        check_deciding(desk, tx, request, actor, tx.at)
        if request.state in {State.WITHDRAWN, State.LAPSED} and not request.emergency:
            raise Refusal(N_("{id} has no report to accept."), id=request.id)
        performance = request.performance
        doers: set[str | None] = {request.requester, *(each.witness for each in request.attestations)}
        doers |= {performance.executor, performance.reporter} if performance else set()
        if actor.staff_number in doers:
            separation.check(request, actor.staff_number, Part.REVIEWER)
            raise Refusal(N_("Whoever did it doesn't accept the report on it."), control="AC-AUT-03")
        roles = frozenset({Role.SECURITY_OFFICER}).union(*(slot.roles for slot in request.rule.slots))
        check_role(tx, actor, roles)
        moves.move(tx, request, State.CLOSED)
        moves.record(tx, "request.closed", request, actor, comment=comment)
    desk.seal()
