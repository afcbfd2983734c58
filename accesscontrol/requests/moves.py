"""The one way in which a request changes its state, and in which the trail is told what somebody did with it."""

from accesscontrol.canonical import JSON
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import STEPS, TITLES, State
from accesscontrol.store import Transaction


def move(tx: Transaction, request: Request, to: State) -> None:
    """Move ``request`` to ``to`` by one conditional update, which must find it exactly as it was read.

    Refuses a step that the life of a request doesn't have, and a request that somebody else has moved or edited.
    """
    if to not in STEPS[request.state]:
        raise Refusal(
            N_("{id} is {state}, so this can't be done any more."), id=request.id, state=TITLES[request.state]
        )
    changed = tx.execute(
        "UPDATE request SET state = ?, changed_at = ? WHERE id = ? AND state = ? AND digest = ?",
        (to, to_text(tx.at), request.id, request.state, request.digest),
    ).rowcount
    if changed != 1:
        raise Refusal(N_("{id} was changed by someone else meanwhile. Look at it again."), id=request.id)


def record(
    tx: Transaction, act: str, request: Request, actor: Acting, *, outcome: str = "done", **details: JSON
) -> None:
    """Write the trail entry of what ``actor`` did with ``request``, bound to the content that was before them."""
    tx.record(
        act,
        actor=actor.staff_number,
        subject=request.id,
        outcome=outcome,
        terminal=actor.terminal,
        digest=request.digest,
        **details,
    )
