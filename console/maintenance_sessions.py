"""Where approved maintenance runs: in a controlled session, recorded from its first to its last step (MO-SYS-06).

The embedded register is worked on in a session on this machine. A register in PostgreSQL is reached through the one
tunnel of a session on its host, by the certificate that is made for the request; no standing key leads there.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from accesscontrol.canonical import JSON
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests.kinds import BrokenOff, Execution
from accesscontrol.sessions import ledger, local, reaching
from accesscontrol.sessions.ledger import Assignment, State
from accesscontrol.sessions.supervision import Session, Supervision
from console.opened import OpenedSite
from console.text import safe_text
from console.translation import _, ngettext
from registry.databases import Registry, SqliteRegistry, open_registry
from registry.databases.interface import CommitUnknown
from registry.databases.postgresql import through
from registry.tasks.kind import Site, Sitting
from registry.tasks.model import Task

HERE: Final = "console"
Confirm = Callable[[str, int], bool]


def _as_approved(_sql: str, _rows: int) -> bool:
    """Answer for nobody: the approved number of rows, which is compared anyway, is the answer."""
    return True


_CONFIRM: ContextVar[Confirm] = ContextVar("confirm", default=_as_approved)


@contextmanager
def asking(confirm: Confirm) -> Iterator[None]:
    """Have ``confirm`` asked about the rows that a statement touched, in whatever this thread executes meanwhile."""
    token = _CONFIRM.set(confirm)
    try:
        yield
    finally:
        _CONFIRM.reset(token)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The journal of a task in its session: each step and statement is a marker, and a line on the session's screen."""

    session: Session

    def step(self, label: str) -> None:
        """Begin a step; ``label`` is a msgid."""
        self.session.step(_(label))
        self._say(f"* {_(label)}")

    def statement(self, sql: str, rows: int) -> None:
        """Record a statement and how many rows it touched."""
        self.session.statement(sql, rows)
        told = ngettext("{rows} row", "{rows} rows", rows).format(rows=f"{rows:,}")
        self._say(f"  [{told}] {' '.join(sql.split())}")

    def note(self, text: str) -> None:
        """Record a line about the work."""
        self.session.note(text)
        self._say(f"  {text}")

    def stopped(self) -> bool:
        """Tell whether the session is over at this very moment."""
        return self.session.look()

    def _say(self, line: str) -> None:
        self.session.show(f"{safe_text(line)}\r\n".encode())


def site_of(site: OpenedSite) -> Site:
    """Return what the maintenance tasks of ``site`` work on."""
    return Site(
        store=site.store, look=site.register.look, settings=site.register_settings, seat=_Seating(site, office(site))
    )


def office(site: OpenedSite) -> Supervision:
    """Return the supervision under which the register of ``site`` is worked on."""
    if site.settings.register.host:
        return site.supervision
    return local.on_this_machine(
        site.store, site.zone, site.home.recordings, name=HERE, tasks={}, folder=site.home.path
    )


def reached(site: OpenedSite, session: Session, *, read_only: bool) -> Registry:
    """Open the register of ``site`` inside ``session``: the embedded one, or what the session's tunnel leads to."""
    section = site.settings.register
    if section.host:
        return open_registry(through(section.database, session.database()), read_only=read_only)
    register = SqliteRegistry.open(site.home.registry, read_only=read_only)
    register.heed(session.stopped)
    return register


class _Seating:
    """Seats an approved task in a session of its request."""

    def __init__(self, site: OpenedSite, supervision: Supervision) -> None:
        self._site, self._supervision = site, supervision

    @contextmanager
    def __call__(self, task: Task, execution: Execution) -> Iterator[Sitting]:
        session: Session | None = None
        is_done, read_only = False, not (task.changes or task.apart)
        try:
            with (
                self._supervision.session(self._assignment(task, execution)) as session,
                reached(self._site, session, read_only=read_only) as registry,
            ):
                yield self._sitting(task, registry, session)
                is_done = True
        except Exception as error:
            if session is None:  # it never began
                raise
            if is_done:  # the work stands; how its session ended is in the evidence
                return
            raise _broken_off(task, self._kept(session), error) from error

    def _assignment(self, task: Task, execution: Execution) -> Assignment:
        section = self._site.settings.register
        return reaching.assignment(
            execution,
            title=task.title,
            host=section.host or HERE,
            commands=task.commands(execution.parameters),
            tunnel=bool(section.host),
            moderated=task.moderated,
            touches=(("task", task.name),),
        )

    def _sitting(self, task: Task, registry: Registry, session: Session) -> Sitting:
        known: Mapping[str, JSON] = {"committed": True} if task.changes else {}
        return Sitting(
            registry=registry,
            journal=Recorded(session),
            host=session,
            confirm=_CONFIRM.get(),
            evidence=lambda: {**known, **evidence_of(self._kept(session))},
        )

    def _kept(self, session: Session) -> ledger.SessionRow:
        return ledger.get(self._site.store, session.id)


def evidence_of(row: ledger.SessionRow) -> dict[str, JSON]:
    """Return what a request keeps of its session: which it was, how it ended, and the SHA-256 of its recording."""
    return {
        "session": row.id,
        "session_state": row.state.value,
        "recording_sha256": row.recording_sha256,
    }


def _broken_off(task: Task, row: ledger.SessionRow, error: Exception) -> BrokenOff:
    """Say truthfully what became of a task that did not come to its end.

    An uncommitted change is taken back by the database itself, whatever happened to the way there. Nobody here knows
    about a commit that was not answered, and about statements and programs that run outside of a transaction.
    """
    in_doubt = isinstance(error, CommitUnknown) or isinstance(error.__cause__, CommitUnknown)
    adrift = row.state is State.INTERRUPTED and not task.changes and (task.apart or bool(row.commands))
    known: Mapping[str, JSON] = {"committed": None if in_doubt else False} if task.changes else {}
    refusal = error if isinstance(error, Refusal) else _told(error)
    return BrokenOff(refusal, {**known, **evidence_of(row)}, unknown=in_doubt or adrift)


def _told(error: Exception) -> Refusal:
    """Name an error of the program without its text, which may hold what a record holds."""
    return Refusal(N_("The task broke off with an error of the program ({kind})."), kind=type(error).__name__)
