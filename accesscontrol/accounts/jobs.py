"""The jobs that bring a target to what should be: they survive crashes, are retried without limit, and never go away.

One is open for an account at a time. It is finished only by a fresh reading of the target, or by a change of mind.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from accesscontrol import rows
from accesscontrol.accounts.model import DisableReason
from accesscontrol.accounts.trouble import Trouble
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.reading import Reader
from accesscontrol.rows import Note
from accesscontrol.store import Transaction


class Act(StrEnum):
    """What a job does at its target."""

    ISSUE = "issue"
    CHANGE = "change"
    LAPSE = "lapse"


class JobState(StrEnum):
    """How far a job is: blocked tells that nobody signs in anew, verified that a reading showed the end."""

    PENDING = "pending"
    BLOCKED = "blocked"
    VERIFIED = "verified"
    CANCELLED = "cancelled"


JOB_STATE_TITLES: Final[Mapping[JobState, str]] = {
    JobState.PENDING: N_("waits"),
    JobState.BLOCKED: N_("blocked, not verified"),
    JobState.VERIFIED: N_("verified"),
    JobState.CANCELLED: N_("cancelled"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job. ``scheduled_for`` is when it was due, ``trouble`` why the last attempt did not finish it."""

    number: int
    system: str
    user_id: str
    act: Act
    reason: DisableReason | None
    scheduled_for: datetime
    state: JobState
    attempts: int
    tried_at: datetime | None
    trouble: Trouble | None
    finished_at: datetime | None


def plan(tx: Transaction, system: str, user_id: str, act: Act, reason: DisableReason | None, due: datetime) -> int:
    """Open a job and return its number; whoever calls records it."""
    cursor = tx.execute(
        "INSERT INTO account_job (system, user_id, act, reason, scheduled_for, state)"
        " VALUES (?, ?, ?, ?, ?, 'pending')",
        (system, user_id, act.value, reason.value if reason else "", to_text(due)),
    )
    return int(cursor.lastrowid or 0)


def open_jobs(reader: Reader, system: str = "", *, note: Note | None = None) -> list[Job]:
    """Return the jobs of one system or of all that are not finished, the longest due first.

    A damaged one is refused, or told to ``note`` and passed over.
    """
    found = reader.rows(
        "SELECT * FROM account_job WHERE finished_at IS NULL AND (? = '' OR system = ?) ORDER BY scheduled_for, number",
        (system, system),
    )
    return rows.values(found, _job, note)


def history(reader: Reader, system: str, user_id: str) -> list[Job]:
    """Return every job of an account, oldest first."""
    found = reader.rows("SELECT * FROM account_job WHERE system = ? AND user_id = ? ORDER BY number", (system, user_id))
    return rows.values(found, _job)


def tried(tx: Transaction, numbers: Iterable[int]) -> None:
    """Count an attempt of these jobs."""
    tx.execute(
        "UPDATE account_job SET attempts = attempts + 1, tried_at = ?, trouble = ''"
        " WHERE number IN (SELECT value FROM json_each(?))",
        (to_text(tx.at), json.dumps(list(numbers))),
    )


def blocked(tx: Transaction, numbers: Iterable[int]) -> None:
    """Mark jobs whose accounts can't sign in anew."""
    tx.execute(
        "UPDATE account_job SET state = 'blocked' WHERE number IN (SELECT value FROM json_each(?))",
        (json.dumps(list(numbers)),),
    )


def troubled(tx: Transaction, troubles: Mapping[int, Trouble]) -> None:
    """Keep why jobs did not finish, by number; they stay open."""
    for number, trouble in troubles.items():
        tx.execute("UPDATE account_job SET trouble = ? WHERE number = ?", (trouble.to_text(), number))


def finish(tx: Transaction, number: int, state: JobState) -> None:
    """Close a job as verified or cancelled."""
    tx.execute(
        "UPDATE account_job SET state = ?, trouble = '', finished_at = ? WHERE number = ?",
        (state.value, to_text(tx.at), number),
    )


_job: Final = rows.Mapper(Job, "account_job", "number")
