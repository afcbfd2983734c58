"""The life of a request: its states and the only steps between them."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final

from accesscontrol.messages import N_


class State(StrEnum):
    """Where a request is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    EXECUTING = "executing"
    DONE = "done"
    REPORTED = "reported"
    CLOSED = "closed"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    LAPSED = "lapsed"


TITLES: Final = MappingProxyType(
    {
        State.DRAFT: N_("draft"),
        State.SUBMITTED: N_("waiting for approval"),
        State.APPROVED: N_("approved"),
        State.EXECUTING: N_("executing"),
        State.DONE: N_("done"),
        State.REPORTED: N_("reported"),
        State.CLOSED: N_("closed"),
        State.FAILED: N_("failed"),
        State.INTERRUPTED: N_("interrupted, result unknown"),
        State.REJECTED: N_("rejected"),
        State.WITHDRAWN: N_("withdrawn"),
        State.REVOKED: N_("approval taken back"),
        State.LAPSED: N_("lapsed"),
    }
)

STEPS: Final = MappingProxyType(
    {
        State.DRAFT: frozenset({State.SUBMITTED, State.WITHDRAWN}),
        State.SUBMITTED: frozenset(
            {State.DRAFT, State.APPROVED, State.REJECTED, State.REVOKED, State.WITHDRAWN, State.LAPSED}
        ),
        State.APPROVED: frozenset({State.DRAFT, State.EXECUTING, State.REVOKED, State.WITHDRAWN, State.LAPSED}),
        State.EXECUTING: frozenset({State.DONE, State.FAILED, State.INTERRUPTED}),
        State.INTERRUPTED: frozenset({State.DONE, State.FAILED}),
        State.DONE: frozenset({State.REPORTED}),
        State.REPORTED: frozenset({State.CLOSED}),
        State.CLOSED: frozenset(),
        State.FAILED: frozenset({State.REPORTED}),
        State.REJECTED: frozenset(),
        # an emergency that came to nothing was an emergency all the same: it too is reviewed
        State.WITHDRAWN: frozenset({State.CLOSED}),
        State.REVOKED: frozenset(),
        State.LAPSED: frozenset({State.CLOSED}),
    }
)
OPEN: Final = frozenset(
    {State.DRAFT, State.SUBMITTED, State.APPROVED, State.EXECUTING, State.INTERRUPTED, State.REPORTED}
)
