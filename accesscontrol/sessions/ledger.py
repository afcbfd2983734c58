"""The ledger of sessions: who worked where, when, by which request, how it ended and what its recording holds.

Each row changes together with its entry in the trail (MO-LOG-01). A session whose console died is found by its process
and becomes ``interrupted``; it never goes on.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol import rows
from accesscontrol.clock import local_day, to_text
from accesscontrol.messages import N_
from accesscontrol.people.reading import Reader
from accesscontrol.refusals import Refusal
from accesscontrol.requests import gate
from accesscontrol.requests.desk import Acting
from accesscontrol.rows import DamagedRowError
from accesscontrol.sessions.anchoring import anchor_cut_off
from accesscontrol.sessions.transport import Command, Known
from accesscontrol.store import Store, Transaction


class State(StrEnum):
    """Where a session is. ``interrupted`` alone does not tell what the far side did."""

    RUNNING = "running"
    ENDED = "ended"
    STOPPED = "stopped"
    EXPIRED = "expired"
    CUT = "cut"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


STATE_TITLES: Final = {
    State.RUNNING: N_("running"),
    State.ENDED: N_("ended"),
    State.STOPPED: N_("stopped by a person"),
    State.EXPIRED: N_("ended with its window"),
    State.CUT: N_("cut by a lock"),
    State.FAILED: N_("failed"),
    State.INTERRUPTED: N_("interrupted: the result is not known"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What an approved request lets one session do, and until when (UTC).

    ``commands`` are the only ones that run; ``tunnel`` opens the host's declared service; ``moderated`` demands a
    second person throughout; ``apart`` are the staff numbers who can't be that person; ``touches`` the locks, as
    (type, name), that cut it.
    """

    request: str
    title: str
    host: str
    executor: Acting
    not_before: datetime
    until: datetime
    commands: tuple[Command, ...] = ()
    tunnel: bool = False
    moderated: bool = False
    apart: frozenset[str] = frozenset()
    touches: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a session came to its end: by whom, why, and what is known of the far side."""

    state: State
    by: str
    reason: str = ""
    known: Known = Known.ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One session as the ledger has it. ``serial`` is that of its certificate, which no other one ever bears."""

    serial: int
    id: str
    request: str
    host: str
    target: str
    title: str
    commands: tuple[str, ...]
    tunnel: bool
    moderated: bool
    executor: str
    login: str
    terminal: str
    opened_at: datetime
    until: datetime
    state: State
    ended_at: datetime | None
    ended_by: str
    reason: str
    known: str
    recording: str
    recording_sha256: str
    revoked_at: datetime | None


def begin(store: Store, assignment: Assignment, *, target: str, zone: ZoneInfo) -> SessionRow:
    """Enter a new session of this process; its number in the year of ``zone`` is its name.

    One request has one session at a time, and each one a certificate of its own.
    """
    boot, process, start = gate.this_process()
    executor = assignment.executor
    with store.transaction() as tx:
        running = tx.row("SELECT id FROM session WHERE request = ? AND state = 'running'", (assignment.request,))
        if running is not None:
            raise Refusal(N_("{id} already runs for {request}."), id=running["id"], request=assignment.request)
        serial, name = _next(tx, local_day(tx.at, zone).year)
        tx.execute(
            "INSERT INTO session (serial, id, request, host, target, title, commands, tunnel, moderated, executor,"
            " login, terminal, opened_at, until, boot, process, process_start, state, recording)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?)",
            (
                *(serial, name, assignment.request, assignment.host, target, assignment.title),
                json.dumps([command.text for command in assignment.commands]),
                *(assignment.tunnel, assignment.moderated, executor.staff_number, executor.login, executor.terminal),
                *(to_text(tx.at), to_text(assignment.until), boot, process, start, f"{name}.{serial}.cast"),
            ),
        )
        tx.record(
            "session.opened",
            actor=executor.staff_number,
            subject=name,
            terminal=executor.terminal,
            request=assignment.request,
            host=assignment.host,
            target=target,
            serial=serial,
            commands=[command.text for command in assignment.commands],
            tunnel=assignment.tunnel,
            until=to_text(assignment.until),
        )
    return get(store, name)


def _next(tx: Transaction, year: int) -> tuple[int, str]:
    """Return the serial and the name of the next session, which is its number in the year.

    The serial is the time in milliseconds since 1970, and beyond the last one: a console that was restored from an
    older backup counts its sessions anew, but gives no serial again that a host may revoke already, and writes over
    none of the recordings that are still there.
    """
    row = tx.row(
        "SELECT coalesce(max(serial), 0) AS serial,"
        " coalesce(max(CAST(substr(id, 8) AS INTEGER)) FILTER (WHERE id LIKE ?), 0) AS number FROM session",
        (f"S-{year}-%",),
    )
    serial, number = (row["serial"], row["number"]) if row else (0, 0)
    return max(serial + 1, int(tx.at.timestamp() * 1000)), f"S-{year}-{number + 1:04d}"


def finish(store: Store, session: str, ending: Ending, *, recording_sha256: str = "") -> SessionRow:
    """Write how a session ended; one that has ended already keeps its first ending.

    A certificate dies with its session: one whose window goes on is revoked with this end.
    """
    with store.transaction() as tx:
        row = get(tx, session)
        if row.state is not State.RUNNING:
            return row
        revoked = to_text(row.revoked_at or tx.at) if tx.at < row.until else None
        tx.execute(
            "UPDATE session SET state = ?, ended_at = ?, ended_by = ?, reason = ?, known = ?, recording_sha256 = ?,"
            " revoked_at = coalesce(revoked_at, ?) WHERE id = ?",
            (ending.state, to_text(tx.at), ending.by, ending.reason, ending.known, recording_sha256, revoked, session),
        )
        tx.record(
            f"session.{ending.state}",
            actor=ending.by,
            subject=session,
            outcome="done" if ending.state is State.ENDED else "unknown" if _unknown(ending) else "failed",
            terminal=row.terminal if ending.by == row.executor else "",
            request=row.request,
            reason=ending.reason,
            known=ending.known,
            recording_sha256=recording_sha256,
            revoked=revoked is not None,
        )
    return get(store, session)


def _unknown(ending: Ending) -> bool:
    return ending.state is State.INTERRUPTED


def get(reader: Reader, session: str) -> SessionRow:
    """Return one session; raises ``Refusal`` when there is none."""
    row = reader.row("SELECT * FROM session WHERE id = ?", (session,))
    if row is None:
        raise Refusal(N_("There is no session {id}."), id=session)
    return _session(row)


def listed(reader: Reader, *, request: str = "", running: bool = False, limit: int = 500) -> list[SessionRow]:
    """Return the newest sessions first; those of one request, or only those that run, if asked.

    A damaged one is passed over and noted.
    """
    found = reader.rows(
        "SELECT * FROM session WHERE (? = '' OR request = ?) AND (NOT ? OR state = 'running')"
        " ORDER BY serial DESC LIMIT ?",
        (request, request, running, limit),
    )
    return rows.values(found, _session, reader.note_damage)


def recover(store: Store, recordings: Path) -> list[str]:
    """Mark every session whose console is gone as interrupted, vouch for what its recording holds, return the ids.

    A damaged one is passed over and noted.
    """
    found = store.rows("SELECT id, boot, process, process_start, recording FROM session WHERE state = 'running'")
    ended = []
    for row in found:
        if gate.lives(row["boot"], row["process"], row["process_start"]):
            continue
        mark = anchor_cut_off(store, row["id"], recordings / row["recording"])
        ending = Ending(
            state=State.INTERRUPTED,
            by="system",
            reason=N_("The console died; the host then ends what it ran."),
            known=Known.UNKNOWN,
        )
        try:
            ended.append(finish(store, row["id"], ending, recording_sha256=mark.sha256 if mark else "").id)
        except DamagedRowError as damage:
            store.note_damage(damage)
    return ended


_session: Final = rows.Mapper(SessionRow, "session", "id")
