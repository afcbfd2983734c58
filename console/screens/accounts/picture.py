"""One reading of the ledger for this place: every ID with its system's last reading, and what follows from all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accesscontrol.accounts import jobs, listing, observations, reading
from accesscontrol.accounts.jobs import Job
from accesscontrol.accounts.listing import AccountLine, Leftovers, Why
from accesscontrol.accounts.model import Account, PersonKind, Purpose
from accesscontrol.accounts.observations import LastReading
from console import accounts
from console.account_words import expiring
from console.wiring import Installation


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """One ID, or a system of which nothing is known yet (its line has no ID).

    ``last`` is the newest reading of its system, ``job`` what still is to be done there, ``at`` when this was read.
    """

    line: AccountLine
    last: LastReading | None
    job: Job | None
    account: Account | None
    at: datetime

    @property
    def key(self) -> tuple[str, str]:
        """System and ID."""
        return self.line.system, self.line.user_id

    @property
    def subject(self) -> str:
        """How the trail names the ID."""
        return f"{self.line.system}/{self.line.user_id}"

    @property
    def leftover(self) -> bool:
        """Whether it can be used, or belongs to nobody, without a living reason."""
        return self.line.why in {Why.ENDED, Why.NOBODY}

    @property
    def unknown(self) -> bool:
        """Whether nothing is known of it now."""
        return self.line.why is Why.UNREADABLE

    @property
    def unreadable(self) -> bool:
        """Whether its system refused the newest reading, or was never read; others are just too old."""
        return self.unknown and (self.last is None or self.last.trouble is not None)

    @property
    def expiring(self) -> bool:
        """Whether it may be used now and ends within 30 days."""
        return expiring(self.line, self.at)

    @property
    def contractor(self) -> bool:
        """Whether its person works for a contractor."""
        return self.line.person_kind is PersonKind.CONTRACTOR

    @property
    def break_glass(self) -> bool:
        """Whether it is a named ID for emergencies."""
        return self.account is not None and self.account.purpose is Purpose.BREAK_GLASS


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What one reading gave."""

    rows: Sequence[AccountRow]
    proof: Leftovers
    readings: Mapping[str, LastReading]
    jobs: Sequence[Job]
    at: datetime


def read(site: Installation) -> Picture:
    """Read everything once; called in a thread."""
    at, sources = site.clock.now(), accounts.sources(site)
    lines = listing.listed(site.store, sources, at)
    readings = observations.last_readings(site.store)
    proof = listing.concluded(lines, readings, sources, at)
    waiting = jobs.open_jobs(site.store)
    open_jobs = {(each.system, each.user_id): each for each in waiting}
    known = {(each.system, each.user_id): each for each in reading.accounts(site.store)}

    def rows() -> Iterator[AccountRow]:
        for line in (*(each for each in proof.items if not each.user_id), *lines):
            key = (line.system, line.user_id)
            yield AccountRow(
                line=line, last=readings.get(line.system), job=open_jobs.get(key), account=known.get(key), at=at
            )

    urgent_first = sorted(rows(), key=lambda row: (not row.unknown, not row.leftover))  # the rest keeps its order
    return Picture(rows=urgent_first, proof=proof, readings=readings, jobs=waiting, at=at)
