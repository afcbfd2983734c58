"""A running session: only what was approved, in its window, recorded, and ended at once when it must end.

While it runs, a thread asks its oversight ten times a second whether it may go on, and looks whether the host can
still be reached. If not, it is over.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from accesscontrol.canonical import JSON
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.sessions import ledger
from accesscontrol.sessions.anchoring import anchor_in
from accesscontrol.sessions.ledger import STATE_TITLES, Assignment, Ending, SessionRow, State
from accesscontrol.sessions.oversight import LOOK_SECONDS, Oversight, check_beginning, lost
from accesscontrol.sessions.recording import Heading, Recording
from accesscontrol.sessions.transport import LET_GO, NOT_RUN, Command, Known, Process, Transport
from accesscontrol.store import Store

END_SECONDS: Final = 2.0
PRESENCE_SECONDS: Final = 300.0
LET_GO_SECONDS: Final = 15.0  # longer than letting go of a host can take that doesn't answer any more
_READ_SECONDS: Final = 0.25
_WITHDRAWN: Final = frozenset({State.STOPPED, State.CUT, State.FAILED})
_HOST_ENDINGS: Final[Mapping[str, Mapping[str, Any]]] = {
    "time-over": {"state": State.EXPIRED, "reason": N_("The host ended it with its window.")},
    "revoked": {"state": State.CUT, "reason": N_("The host ended it: its certificate was revoked.")},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervision:
    """What every session of a site shares.

    ``recordings`` is the folder of recordings; ``target`` says where the host of an assignment is, for the ledger, and
    refuses one that isn't registered; ``connect`` opens the way to it for one session, whose serial its certificate
    bears. ``withdraw`` has the host refuse that certificate, when the session was ended before its work was.
    ``presence_seconds`` is how long a session waits for its second person.
    """

    store: Store
    zone: ZoneInfo
    recordings: Path
    target: Callable[[Assignment], str]
    connect: Callable[[Assignment, SessionRow], Transport]
    withdraw: Callable[[SessionRow], object] = lambda _: None
    presence_seconds: float = PRESENCE_SECONDS

    @contextmanager
    def session(
        self, assignment: Assignment, *, shown: Callable[[bytes], None] = lambda _: None
    ) -> Iterator["Session"]:
        """Open the session that ``assignment`` describes and end it, whatever happens; ``shown`` gets all output.

        Raises ``Refusal`` when it may not begin, can't be recorded, when the host isn't reached or isn't the pinned
        one, and when the session was ended before its work was; the ledger then says how.
        """
        target = self.target(assignment)
        check_beginning(self.store, assignment)
        session = Session(self, assignment, ledger.begin(self.store, assignment, target=target, zone=self.zone), shown)
        try:
            session.open()
            yield session
            session.go_on()
        except BaseException as error:
            session.fail(error)
            raise
        finally:
            session.close()


@dataclass(slots=True)
class _Work:
    """What runs on the far side right now."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    process: Process | None = None
    ending: Ending | None = None


class Session:
    """One session under supervision. It is the journal and the host of the task that runs in it."""

    def __init__(
        self, supervision: Supervision, assignment: Assignment, row: SessionRow, shown: Callable[[bytes], None]
    ) -> None:
        self.row = row
        self.assignment = assignment
        self._office = supervision
        self._store = supervision.store
        self._shown = shown
        self._work = _Work()
        self._over = threading.Event()
        self._things = ExitStack()
        self._recording: Recording | None = None
        self._transport: Transport | None = None
        self._database: Path | None = None
        self._status = 0
        self._oversight = Oversight(self._store, supervision.recordings, row, assignment)
        self._looker = threading.Thread(target=self._look_on, name=f"session {row.id}", daemon=True)

    @property
    def id(self) -> str:
        """The name of the session, which is the subject of its entries in the trail."""
        return self.row.id

    @property
    def ending(self) -> Ending | None:
        """How the session has ended, or None while it goes on."""
        return self._work.ending

    # -- what a task does in it -----------------------------------------------------------------------

    def run(self, argv: Sequence[str]) -> int:
        """Run one approved command on the host and return its exit status; its output is recorded and shown.

        Raises ``Refusal`` for anything else than an approved command, which is written into the trail, and when the
        session ends before the command does.
        """
        self.go_on()
        command = self._admitted(argv)
        self._record().marker(f"command {command.text}")
        with self._started(command) as process:
            self._pass_on(process)
            status = process.wait(END_SECONDS)
            if status is None or status < 0:
                self._end(self._lost(N_("the link broke, or the host's SSH server died")))
            elif process.over in _HOST_ENDINGS:
                self._end(Ending(**_HOST_ENDINGS[process.over], by="system"))
        self.go_on()
        self._status = LET_GO if status is None else status
        self._record().marker(f"exit {self._status}")
        if self._status == NOT_RUN:
            raise self._refused(command.text, N_("the host does not run it"))
        return self._status

    def database(self) -> Path:
        """Return the folder whose socket leads to the declared database (libpq: ``host=<folder>``).

        The tunnel stands until the session ends. Raises ``Refusal`` when none was approved.
        """
        self.go_on()
        if not self.assignment.tunnel:
            raise self._refused("tunnel", N_("no tunnel was approved"))
        if self._database is None:
            self._record().marker("tunnel opened")
            self._database = self._things.enter_context(self._way().tunnel())
        return self._database

    def step(self, label: str) -> None:
        """Record that a step begins."""
        self.go_on()
        self._record().marker(label)

    def statement(self, sql: str, rows: int) -> None:
        """Record that a statement ran, and how many rows it touched."""
        self._record().sql(sql, rows)

    def note(self, text: str) -> None:
        """Record one line about the work."""
        self._record().marker(text)

    def show(self, data: bytes) -> None:
        """Record and show what the console itself says about the work."""
        self._record().output(data)
        self._shown(data)

    def stopped(self) -> bool:
        """Tell whether the session is over; waits while its second person is away for a moment."""
        while self._oversight.pending and not self._over.is_set():
            self._over.wait(LOOK_SECONDS)
        return self._over.is_set()

    def look(self) -> bool:
        """Judge at this very moment whether the session is over, as before a commit: a stop may be a blink old."""
        if ending := self._oversight.judge():
            self._end(ending)
        return self.stopped()

    def go_on(self) -> None:
        """Raise ``Refusal`` when the session is over."""
        if self.stopped():
            raise self._refusal()

    def evidence(self) -> dict[str, JSON]:
        """Return what the request keeps of it: the session's name, from which all else is found."""
        return {"session": self.id, "serial": self.row.serial, "host": self.row.host}

    # -- its life -------------------------------------------------------------------------------------

    def open(self) -> None:
        """Begin the recording, await the second person, reach the host. For :class:`Supervision` alone."""
        self._recording = self._new_recording()
        if ending := self._oversight.attend(self._office.presence_seconds, self._over):
            self._end(ending)
            raise self._refusal()
        self._transport = self._office.connect(self.assignment, self.row)
        self._looker.start()

    def fail(self, error: BaseException) -> None:
        """End it because its work broke. If it was ended from outside, that is what is said instead.

        A stop that broke the work may be a blink old, and not seen yet.
        """
        if self.ending is None and (ending := self._oversight.stopped()):
            self._end(ending)
        if self.ending is not None:
            raise self._refusal() from error
        reason = str(error) if isinstance(error, Refusal) else type(error).__name__
        self._end(self._unreachable() or Ending(state=State.FAILED, by=self.row.executor, reason=reason))

    def close(self) -> None:
        """Let go of the host, end the recording, and write the ending into ledger and trail."""
        self._end(Ending(state=State.ENDED, by=self.row.executor))
        if self._looker.is_alive():
            self._looker.join(LET_GO_SECONDS)
        if self._transport is not None:
            self._transport.close()
        self._things.close()
        sha256 = ""
        if self._recording is not None:
            ended = self.ending is not None and self.ending.state is State.ENDED
            status = self._status if ended else str(self.ending.state if self.ending else "")
            with suppress(Refusal):  # that it can't be written was its ending, and stands in the trail
                self._recording.close(status)
            sha256 = self._recording.close(status).sha256
        if self.ending is not None:
            reached = self._transport is not None
            ending = self.ending if reached else replace(self.ending, known=Known.NOT_BEGUN)
            self.row = ledger.finish(self._store, self.id, ending, recording_sha256=sha256)
            if self.row.state in _WITHDRAWN and self._transport is not None:
                with suppress(Refusal):  # that it isn't refused there yet stands in the trail, and is tried again
                    self._office.withdraw(self.row)

    def _new_recording(self) -> Recording:
        row = self.row
        heading = Heading(
            session=row.id,
            request=row.request,
            title=row.title,
            command="; ".join(row.commands),
            target=row.target,
            executor=row.executor,
            terminal=row.terminal,
        )
        return Recording(
            self._office.recordings / row.recording,
            heading,
            clock=self._store.clock,
            anchor=anchor_in(self._store, heading, actor=row.executor, name=row.recording),
            failed=lambda refusal: self._end(Ending(state=State.FAILED, by="system", reason=str(refusal))),
        )

    def _pass_on(self, process: Process) -> None:
        """Record and show what the command writes until its end, or until the session's end was not heeded for long."""
        patience = LET_GO_SECONDS
        while (data := process.read(_READ_SECONDS)) != b"" and patience > 0:
            if data:
                self.show(data)
            elif self._over.is_set():
                patience -= _READ_SECONDS

    @contextmanager
    def _started(self, command: Command) -> Iterator[Process]:
        process = self._way().start(command)
        with self._work.lock:
            self._work.process = process
        try:
            if self._over.is_set():
                process.end()
            yield process
        finally:
            with self._work.lock:
                self._work.process = None
            process.close()

    def _admitted(self, argv: Sequence[str]) -> Command:
        try:
            command = Command.of(argv)
        except Refusal as error:
            raise self._refused(" ".join(map(repr, argv)), str(error)) from None
        if command not in self.assignment.commands:
            raise self._refused(command.text, N_("it is not what was approved"))
        return command

    def _refused(self, what: str, reason: str) -> Refusal:
        """Write into the trail that something else was tried, and return the refusal."""
        with self._store.transaction() as tx:
            tx.record(
                "session.command-refused",
                actor=self.row.executor,
                subject=self.id,
                outcome="refused",
                terminal=self.row.terminal,
                command=what,
                reason=reason,
            )
        return Refusal(N_("{what} does not run: {reason}."), control="AC-AUT-03", what=what, reason=reason)

    # -- looking on -----------------------------------------------------------------------------------

    def _look_on(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            if ending := self._oversight.judge() or self._unreachable():
                self._end(ending)
        self._let_go()

    def _unreachable(self) -> Ending | None:
        reason = self._transport.lost if self._transport else ""
        return self._lost(reason) if reason else None

    def _lost(self, reason: str) -> Ending:
        return lost(reason, running=self._work.process is not None or self._database is not None)

    def _end(self, ending: Ending) -> None:
        """Let this be how it ended, unless it has ended already."""
        with self._work.lock:
            if self._work.ending is None:
                self._work.ending = ending
        self._over.set()

    def _let_go(self) -> None:
        """End what runs, give the host a moment to say so, and drop the link with all that goes through it."""
        with self._work.lock:
            process = self._work.process
        if process is not None:
            process.end()
            process.wait(END_SECONDS)
        if self._transport is not None:
            self._transport.close()

    # -- what it has ----------------------------------------------------------------------------------

    def _record(self) -> Recording:
        if self._recording is None:
            raise RuntimeError("the session is not open")
        return self._recording

    def _way(self) -> Transport:
        if self._transport is None:
            raise RuntimeError("the session is not open")
        return self._transport

    def _refusal(self) -> Refusal:
        ending = self.ending or Ending(state=State.ENDED, by=self.row.executor)
        return Refusal(
            N_("Session {id} is over ({state}): {reason}"),
            control="AC-AUT-03",
            id=self.id,
            state=STATE_TITLES[ending.state],
            reason=ending.reason,
        )
