"""Bringing IDs to what they should be at their targets: issue, change, and the end that the target keeps as backstop.

Nothing counts as done until a fresh look shows it: then the grants are held, with the ends that were pushed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeAlias

from accesscontrol.accounts import desired, jobs, observations
from accesscontrol.accounts.connectors.protocol import (
    Connector,
    ObservedAccount,
    TemporaryPassword,
    Unreadable,
    Wanted,
)
from accesscontrol.accounts.desired import Entry
from accesscontrol.accounts.jobs import Act, Job, JobState
from accesscontrol.accounts.lapsing import REFUSED
from accesscontrol.accounts.trouble import Trouble
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.operators import SYSTEM
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store, Transaction

Passwords: TypeAlias = Mapping[tuple[str, str], TemporaryPassword]

MOST_SKEW: Final = timedelta(seconds=60)
SKEWED: Final = N_("the target's clock is {seconds} seconds off, so that ends would be wrong there: set it first")
NOT_SEEN: Final = Trouble(N_("the target does not show what was sent to it"))


@dataclass(slots=True, kw_only=True)
class Provisioned:
    """What a run did: the verified accounts, and the trouble with each of the others, as ``system/ID``."""

    verified: list[str] = field(default_factory=list)
    open: dict[str, Trouble] = field(default_factory=dict)


def provision_open(
    store: Store,
    connectors: Mapping[str, Connector],
    *,
    passwords: Passwords | None = None,
    actor: str = SYSTEM,
) -> Provisioned:
    """Carry out every open issue and change. ``passwords`` are first ones, by system and ID; they are kept nowhere."""
    done = Provisioned()
    waiting: dict[str, list[Job]] = {}
    for job in jobs.open_jobs(store, note=store.note_damage):
        if job.act is not Act.LAPSE and job.system in connectors:
            waiting.setdefault(job.system, []).append(job)
    for system, batch in waiting.items():
        _Run(store, connectors[system], batch, passwords or {}, actor, done).carry_out()
    return done


class _Run:
    """One batch of issues and changes on one system."""

    def __init__(
        self,
        store: Store,
        connector: Connector,
        batch: Sequence[Job],
        passwords: Passwords,
        actor: str,
        done: Provisioned,
    ) -> None:
        self._store, self._connector, self._passwords = store, connector, passwords
        self._actor, self._done = actor, done
        self._jobs = {job.user_id: job for job in batch}
        self._troubles: dict[str, Trouble] = {}

    def carry_out(self) -> None:
        """Send what is wanted, look again, and keep what was seen."""
        system = self._connector.system
        with self._store.transaction() as tx:
            jobs.tried(tx, [job.number for job in self._jobs.values()])
            tx.record("accounts.change-begun", actor=self._actor, subject=system, ids=sorted(self._jobs))
            entries = self._entries(tx)
        seen: Mapping[str, ObservedAccount] = {}
        try:
            self._check_clock()
            self._send(entries)
            seen = self._connector.look(list(self._jobs))
        except Exception as error:  # noqa: BLE001 - it is down, its clock is wrong, or whatever it does: others go on
            self._troubles |= dict.fromkeys(self._jobs, Trouble.of(error))
        self._finish(entries, seen)

    def _entries(self, tx: Transaction) -> dict[str, Entry]:
        """Return what should be; an account of which a row is damaged is troubled, and nothing is sent of it."""
        found = {}
        for user_id in self._jobs:
            try:
                found[user_id] = desired.entry(tx, self._connector.system, user_id)
            except Refusal as refusal:
                self._troubles[user_id] = Trouble.of(refusal)
        return found

    def _check_clock(self) -> None:
        """Refuse when the target's clock was off at the last reading: an end that is pushed would be another one."""
        last = observations.last_readings(self._store).get(self._connector.system)
        if last is not None and abs(last.skew) > MOST_SKEW:
            raise Refusal(SKEWED, control="AC-USR-03", seconds=round(last.skew.total_seconds()))

    def _send(self, entries: Mapping[str, Entry]) -> None:
        wanted = {user_id: self._wanted(entry) for user_id, entry in entries.items()}
        there = self._connector.look(list(wanted))
        refused = self._connector.change([each for user_id, each in wanted.items() if user_id in there])
        self._troubles |= {user_id: Trouble(REFUSED, {"reason": words}) for user_id, words in refused.items()}
        for user_id in wanted.keys() - there.keys():
            password = self._passwords.get((self._connector.system, user_id))
            try:
                self._connector.issue(wanted[user_id], password)
            except Unreadable:
                raise
            except Refusal as refusal:
                self._troubles[user_id] = Trouble.of(refusal)

    def _wanted(self, entry: Entry) -> Wanted:
        should = entry.desired(self._store.clock.now())
        holder = entry.persons.get(should.holder)
        return Wanted(
            user_id=entry.account.user_id,
            staff_number=should.holder,
            display_name=holder.name if holder else "",
            office=holder.office if holder else "",
            entitlements=should.entitlements,
            valid_to=should.valid_until,
            native_ids_taken=self._taken,
        )

    @property
    def _taken(self) -> tuple[str, ...]:
        known = self._store.rows(
            "SELECT native_id FROM account WHERE system = ? AND native_id <> ''", (self._connector.system,)
        )
        return tuple(row["native_id"] for row in known)

    def _finish(self, entries: Mapping[str, Entry], seen: Mapping[str, ObservedAccount]) -> None:
        system = self._connector.system
        with self._store.transaction() as tx:
            left = {}
            for user_id, job in self._jobs.items():
                account = seen.get(user_id)
                entry = entries.get(user_id)
                if account is not None and entry is not None and self._agrees(entry, account):
                    self._verified(tx, job, entry, account)
                else:
                    left[user_id] = self._troubles.get(user_id, NOT_SEEN)
            observations.rewrite(tx, seen, system)
            jobs.troubled(tx, {self._jobs[user_id].number: trouble for user_id, trouble in left.items()})
            if left:
                tx.record(
                    "accounts.change-unverified",
                    actor=self._actor,
                    subject=system,
                    outcome="failed",
                    troubles={user_id: str(trouble) for user_id, trouble in left.items()},
                )
        self._done.open |= {f"{system}/{user_id}": trouble for user_id, trouble in left.items()}

    def _verified(self, tx: Transaction, job: Job, entry: Entry, account: ObservedAccount) -> None:
        jobs.finish(tx, job.number, JobState.VERIFIED)
        where = (job.system, job.user_id)
        tx.execute("UPDATE account_grant SET held = 0, held_until = NULL WHERE system = ? AND user_id = ?", where)
        for grant in entry.in_force(tx.at):
            end = entry.end_of(grant)
            tx.execute(
                "UPDATE account_grant SET held = 1, held_until = ? WHERE number = ?",
                (to_text(end) if end else None, grant.number),
            )
        if account.native_id and not entry.account.native_id:
            tx.execute("UPDATE account SET native_id = ? WHERE system = ? AND user_id = ?", (account.native_id, *where))
        tx.record(
            "account.provisioned",
            actor=self._actor,
            subject=f"{job.system}/{job.user_id}",
            job=job.number,
            entitlements=list(account.entitlements),
            limit=to_text(account.valid_to) if account.valid_to else None,
        )
        self._done.verified.append(f"{job.system}/{job.user_id}")

    def _agrees(self, entry: Entry, account: ObservedAccount) -> bool:
        """Tell whether the target shows what should be: open, exactly these rights, and no limit before the end.

        Only the end of a first password that was just sent may come earlier.
        """
        should = entry.desired(self._store.clock.now())
        ends = [should.valid_until]
        if (password := self._passwords.get((self._connector.system, account.user_id))) is not None:
            ends.append(password.until)
        end = min((each for each in ends if each is not None), default=None)
        early = account.valid_to is not None and (end is None or account.valid_to < end)
        return account.enabled and not early and sorted(account.entitlements) == sorted(should.entitlements)
