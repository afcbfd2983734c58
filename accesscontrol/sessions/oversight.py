"""Whether a session may go on: its window, the locks, a second person's stop, the one who must be there, the link.

What can't be read says no.
"""

import math
import threading
from pathlib import Path
from typing import Final

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks
from accesscontrol.sessions.ledger import Assignment, Ending, SessionRow, State
from accesscontrol.sessions.transport import Known
from accesscontrol.sessions.watching import Attendance, Moderation, stop_asked
from accesscontrol.store import Store

LOOK_SECONDS: Final = 0.1


def touched(assignment: Assignment) -> tuple[tuple[str, str], ...]:
    """Return everything whose lock cuts the session: its people, terminal, host, request, and what it touches."""
    executor = assignment.executor
    people = (("person", each) for each in {executor.staff_number, *assignment.apart})
    own = (("terminal", executor.terminal), ("host", assignment.host), ("request", assignment.request))
    return (*people, *own, *assignment.touches)


def check_beginning(store: Store, assignment: Assignment) -> None:
    """Refuse a session out of its window, or one that a lock concerns."""
    now = store.clock.now()
    if not assignment.not_before <= now < assignment.until:
        raise Refusal(N_("{id} may run only in its window."), control="AC-AUT-03", id=assignment.request)
    locks.check(store, touched(assignment), now)


def lost(reason: str, *, running: bool) -> Ending:
    """Return the ending of a session whose host can't be reached any more."""
    known = Known.UNKNOWN if running else Known.NOT_BEGUN
    return Ending(state=State.INTERRUPTED, by="system", reason=reason, known=known)


class Oversight:
    """Judges one session, again and again; the window is also held by the steady clock, which nobody can set back."""

    def __init__(self, store: Store, recordings: Path, row: SessionRow, assignment: Assignment) -> None:
        self._store = store
        self._assignment = assignment
        self._session = row.id
        self._attendance = Attendance(store, recordings, row.id, apart=frozenset({row.executor}) | assignment.apart)
        self._moderation: Moderation | None = None
        self._deadline = self._uptime() + (assignment.until - store.clock.now()).total_seconds()

    @property
    def pending(self) -> bool:
        """Tell whether the second person is away at this moment."""
        return self._moderation is not None and self._moderation.pending

    def attend(self, seconds: float, over: threading.Event) -> Ending | None:
        """Wait for the second person of a moderated session, ``seconds`` at most; return an ending that came first.

        Raises ``Refusal`` when nobody came.
        """
        if not self._assignment.moderated:
            return None
        until = self._uptime() + seconds
        looks = math.ceil(seconds / LOOK_SECONDS)  # a clock that stands still makes nobody wait for ever
        while not self._attendance.present() and self._uptime() < until and looks:
            if ending := self.judge():
                return ending
            over.wait(LOOK_SECONDS)
            looks -= 1
        self._moderation = Moderation(self._attendance, self._store.clock)
        return None

    def judge(self) -> Ending | None:
        """Return why the session must end now, or None."""
        try:
            return self.stopped() or self._over() or self._locked() or self._alone()
        except Exception as error:  # noqa: BLE001 - what can't be read says no
            return Ending(state=State.CUT, by="system", reason=str(error) or type(error).__name__)

    def stopped(self) -> Ending | None:
        """Return the ending that a second person asked for, or None."""
        stop = stop_asked(self._store, self._session)
        return Ending(state=State.STOPPED, by=stop.by, reason=stop.reason) if stop else None

    def _over(self) -> Ending | None:
        if self._store.clock.now() < self._assignment.until and self._uptime() < self._deadline:
            return None
        return Ending(state=State.EXPIRED, by="system", reason=N_("The approved window is over."))

    def _locked(self) -> Ending | None:
        try:
            locks.check(self._store, touched(self._assignment), self._store.clock.now())
        except Refusal as error:
            return Ending(state=State.CUT, by="system", reason=str(error))
        return None

    def _alone(self) -> Ending | None:
        if self._moderation is None:
            return None
        self._moderation.look()
        if not self._moderation.lapsed:
            return None
        return Ending(state=State.CUT, by="system", reason=N_("The second person left."))

    def _uptime(self) -> float:
        return self._store.clock.uptime().seconds
