"""Which targets differ from what should be now: the jobs that are due, found by state and not by having been awake.

What ended or began while the console was down is due as well, because the ledger says what each target was last
seen to hold, and every grant that is not in force and still held is a lapse that is due (AC-USR-03).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from accesscontrol.accounts import desired, jobs, observations
from accesscontrol.accounts.desired import Entry
from accesscontrol.accounts.jobs import Act, Job, JobState
from accesscontrol.accounts.model import ACCESS, DisableReason
from accesscontrol.accounts.observations import Observation
from accesscontrol.people.operators import SYSTEM
from accesscontrol.rows import DamagedRowError
from accesscontrol.store import Store, Transaction

_Key: TypeAlias = tuple[str, str]  # system and user ID


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing to do at a target. ``again``: the target was verified as lapsed, and can be used nevertheless."""

    system: str
    user_id: str
    act: Act
    reason: DisableReason | None
    since: datetime
    again: bool = False


def plan_due(store: Store, *, actor: str = SYSTEM, system: str = "") -> list[Due]:
    """Open the jobs that are due now, and cancel the open ones that are not any more.

    An account of which any row is damaged stays as it is, its open job too.
    Acts ``accounts.planned`` (once, with all), ``account.enabled-outside`` for each that was enabled behind our back,
    and ``account.job-cancelled``.
    """
    with store.transaction() as tx:
        waiting, doubtful = _waiting(tx, system)
        judged = {key: due for key, due in _due(tx, system) if key not in doubtful}
        wanted = {key: due for key, due in judged.items() if due is not None}
        for key, job in waiting.items():
            if key in judged and (key not in wanted or wanted[key].act is not job.act):
                _cancel(tx, job, actor)
        new = [each for key, each in wanted.items() if key not in waiting or waiting[key].act is not each.act]
        for each in new:
            jobs.plan(tx, each.system, each.user_id, each.act, each.reason, each.since)
            if each.again:
                tx.record(
                    "account.enabled-outside",
                    actor=actor,
                    subject=f"{each.system}/{each.user_id}",
                    outcome="failed",
                    reason=each.reason.value if each.reason else "",
                )
        if new:
            planned = {act.value: [f"{each.system}/{each.user_id}" for each in new if each.act is act] for act in Act}
            tx.record("accounts.planned", actor=actor, jobs={act: ids for act, ids in planned.items() if ids})
    return new


def _waiting(tx: Transaction, system: str) -> tuple[dict[_Key, Job], set[_Key]]:
    """Return the open jobs by account, and the accounts whose open job is damaged."""
    doubtful: set[_Key] = set()

    def note(damage: DamagedRowError) -> None:
        tx.note_damage(damage)
        doubtful.add((damage.row["system"], damage.row["user_id"]))

    return {(each.system, each.user_id): each for each in jobs.open_jobs(tx, system, note=note)}, doubtful


def _due(tx: Transaction, system: str) -> Iterator[tuple[_Key, Due | None]]:
    """Yield what is due, or None, for every account of which the ledger can be read."""
    seen = {(each.system, each.account.user_id): each for each in observations.observations(tx, system)}
    for entry in desired.entries(tx, system):
        key = (entry.account.system, entry.account.user_id)
        yield key, _of(entry, seen.get(key), tx.at)


def _of(entry: Entry, seen: Observation | None, at: datetime) -> Due | None:
    """Return what is due for one account at ``at``, or None."""
    there = seen is not None and seen.missing_since is None
    if entry.in_force(at):
        if entry.settled(at):
            return None
        act, reason, again = (Act.CHANGE if there or entry.held else Act.ISSUE), None, False
    else:
        usable = seen is not None and there and not seen.account.lapsed
        if not entry.held and not usable:
            return None
        act, reason, again = Act.LAPSE, entry.reason(at), not entry.held
    return Due(
        system=entry.account.system,
        user_id=entry.account.user_id,
        act=act,
        reason=reason,
        since=_since(entry, at),
        again=again,
    )


def _since(entry: Entry, at: datetime) -> datetime:
    """Return the newest instant up to ``at`` at which a grant of the account began or ended, or it was disabled."""
    moments = [entry.suspension.since] if entry.suspension else []
    for grant in entry.grants:
        moments.append(max(grant.valid_from, grant.granted_at))
        ends = (grant.ended_at, entry.end_of(grant)) if grant.entitlement == ACCESS else (grant.ended_at,)
        moments += [end for end in ends if end is not None]
    return max((moment for moment in moments if moment <= at), default=at)


def _cancel(tx: Transaction, job: Job, actor: str) -> None:
    jobs.finish(tx, job.number, JobState.CANCELLED)
    tx.record(
        "account.job-cancelled",
        actor=actor,
        subject=f"{job.system}/{job.user_id}",
        job=job.number,
        planned=job.act.value,
    )
