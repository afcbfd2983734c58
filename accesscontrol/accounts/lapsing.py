"""The lapse: block, end what is signed in, remove keys, memberships and jobs, re-read until clean twice, record.

It needs nobody's act (AC-USR-03). A target that is down keeps its jobs open, and they are tried again without limit.
The connector's own account and the last administrator are never lapsed: that is left to a person.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from accesscontrol.accounts import jobs, observations, waiting_passwords
from accesscontrol.accounts.connectors.protocol import Connector, ObservedAccount
from accesscontrol.accounts.jobs import Act, Job, JobState
from accesscontrol.accounts.trouble import Trouble
from accesscontrol.accounts.waiting_passwords import Outcome
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.operators import SYSTEM
from accesscontrol.store import Store, Transaction

_ROUNDS: Final = 6
_CLEAN: Final = 2

OWN: Final = Trouble(N_("this is the connector's own account, which is never lapsed"))
LAST_ADMINISTRATOR: Final = Trouble(N_("this is the last administrator, never lapsed: appoint another one first"))
STILL_USABLE: Final = Trouble(N_("the target still shows a way in, a session, a right or something that remains"))
REFUSED: Final = N_("the target refused: {reason}")


@dataclass(slots=True, kw_only=True)
class Lapsed:
    """What a run did: the verified accounts, and the trouble with each of the others, as ``system/ID``."""

    verified: list[str] = field(default_factory=list)
    open: dict[str, Trouble] = field(default_factory=dict)


def lapse_open(store: Store, connectors: Mapping[str, Connector], *, actor: str = SYSTEM) -> Lapsed:
    """Carry out every open lapse. A system without a connector keeps its jobs open."""
    done = Lapsed()
    waiting: dict[str, list[Job]] = {}
    for job in jobs.open_jobs(store, note=store.note_damage):
        if job.act is Act.LAPSE:
            waiting.setdefault(job.system, []).append(job)
    for system, batch in waiting.items():
        if (connector := connectors.get(system)) is not None:
            _Run(store, connector, batch, actor, done).carry_out()
        else:
            done.open |= {f"{system}/{job.user_id}": Trouble(N_("the settings name no such system")) for job in batch}
    return done


class _Run:
    """One batch of lapses on one system."""

    def __init__(self, store: Store, connector: Connector, batch: Sequence[Job], actor: str, done: Lapsed) -> None:
        self._store, self._connector, self._actor, self._done = store, connector, actor, done
        self._jobs = {job.user_id: job for job in batch}
        self._troubles: dict[str, Trouble] = {}

    def carry_out(self) -> None:
        """Run the steps; whatever happens, the jobs that are not verified stay open with their trouble."""
        with self._store.transaction() as tx:
            jobs.tried(tx, [job.number for job in self._jobs.values()])
            tx.record("accounts.lapse-begun", actor=self._actor, subject=self._connector.system, ids=sorted(self._jobs))
        try:
            allowed = self._allowed(self._connector.look(list(self._jobs)))
            self._note(self._connector.block(allowed))
            self._blocked(allowed)
            clean = self._until_clean(allowed)
        except Exception as error:  # noqa: BLE001 - it is down, or whatever it does: other systems go on
            self._troubles |= dict.fromkeys(self._jobs, Trouble.of(error))
            clean = {}
        self._finish(clean)

    def _allowed(self, seen: Mapping[str, ObservedAccount]) -> list[str]:
        """Return the IDs that may be lapsed, and keep the trouble with the others."""
        self._troubles |= {user_id: OWN for user_id, account in seen.items() if account.own}
        administrators = {user_id for user_id, account in seen.items() if account.administrator and account.enabled}
        if administrators and not self._others(administrators):
            self._troubles |= dict.fromkeys(administrators, LAST_ADMINISTRATOR)
        return [user_id for user_id in self._jobs if user_id not in self._troubles]

    def _others(self, leaving: Iterable[str]) -> bool:
        """Tell whether an administrator stays who can sign in, by a fresh look; the system's own ones don't count."""
        known = observations.observations(self._store, self._connector.system)
        names = {each.account.user_id for each in known if each.account.administrator} - set(leaving) - set(self._jobs)
        seen = self._connector.look(sorted(names)).values() if names else ()
        return any(each.administrator and each.enabled and not each.own and not each.built_in for each in seen)

    def _blocked(self, user_ids: Sequence[str]) -> None:
        numbers = [self._jobs[user_id].number for user_id in user_ids if user_id not in self._troubles]
        if numbers:
            with self._store.transaction() as tx:
                jobs.blocked(tx, numbers)
                tx.record("accounts.blocked", actor=self._actor, subject=self._connector.system, jobs=len(numbers))

    def _until_clean(self, user_ids: Sequence[str]) -> dict[str, ObservedAccount | None]:
        """End sessions, strip and re-read until each was clean twice running; return the clean ones as last read."""
        dirty, waiting = list(user_ids), list(user_ids)
        times = dict.fromkeys(user_ids, 0)
        last: dict[str, ObservedAccount | None] = {}
        for _ in range(_ROUNDS):
            if dirty:
                self._note(self._connector.end_sessions(dirty))
                self._note(self._connector.strip(dirty))
            seen = self._connector.look(waiting) if waiting else {}
            for user_id in waiting:
                account = last[user_id] = seen.get(user_id)
                times[user_id] = times[user_id] + 1 if account is None or account.lapsed else 0
            waiting = [user_id for user_id in waiting if times[user_id] < _CLEAN]
            dirty = [user_id for user_id in waiting if not times[user_id]]
            if dirty:  # somebody came in between the block and the end of sessions, or opened a way again
                self._note(self._connector.block(dirty))
        return {user_id: last[user_id] for user_id in user_ids if times[user_id] >= _CLEAN}

    def _note(self, failures: Mapping[str, str]) -> None:
        self._troubles |= {user_id: Trouble(REFUSED, {"reason": words}) for user_id, words in failures.items()}

    def _finish(self, clean: Mapping[str, ObservedAccount | None]) -> None:
        system = self._connector.system
        left = {user_id: self._troubles.get(user_id, STILL_USABLE) for user_id in self._jobs if user_id not in clean}
        with self._store.transaction() as tx:
            for user_id in clean:
                self._verified(tx, self._jobs[user_id])
            observations.rewrite(tx, {name: seen for name, seen in clean.items() if seen is not None}, system)
            jobs.troubled(tx, {self._jobs[user_id].number: trouble for user_id, trouble in left.items()})
            if left:
                tx.record(
                    "accounts.lapse-unverified",
                    actor=self._actor,
                    subject=system,
                    outcome="failed",
                    troubles={user_id: str(trouble) for user_id, trouble in left.items()},
                )
        self._done.verified += [f"{system}/{user_id}" for user_id in clean]
        self._done.open |= {f"{system}/{user_id}": trouble for user_id, trouble in left.items()}

    def _verified(self, tx: Transaction, job: Job) -> None:
        """Write the one ledger line of a revocation (AC-USR-07)."""
        jobs.finish(tx, job.number, JobState.VERIFIED)
        waiting_passwords.end(tx, job.system, job.user_id, Outcome.LAPSED)
        tx.execute(
            "UPDATE account_grant SET held = 0, held_until = NULL WHERE system = ? AND user_id = ? AND held",
            (job.system, job.user_id),
        )
        tx.record(
            "account.lapsed",
            actor=self._actor,
            subject=f"{job.system}/{job.user_id}",
            reason=job.reason.value if job.reason else "",
            due=to_text(job.scheduled_for),
            job=job.number,
        )
