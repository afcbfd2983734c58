"""What of the user IDs waits for those who govern them: left over, unreadable, in trouble, soon over."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accesscontrol.accounts import jobs, listing, observations
from accesscontrol.accounts.jobs import Job
from accesscontrol.accounts.listing import AccountLine, Leftovers, Why
from accesscontrol.accounts.observations import LastReading
from accesscontrol.messages import N_
from accesscontrol.people.roles import Role
from console import accounts
from console.account_words import expiring
from console.wiring import Installation

GOVERNORS: Final = frozenset({Role.SYSTEM_ADMIN, Role.IDPW_CUSTODIAN, Role.SECURITY_OFFICER})


@dataclass(frozen=True, slots=True)
class Waiting:
    """One sort of work. ``first`` is what place 2 is pointed at; ``due`` the next end where there is one."""

    name: str
    title: str
    count: int
    first: str
    oldest: datetime | None = None
    due: datetime | None = None
    loud: bool = False


@dataclass(frozen=True, slots=True)
class Ids:
    """The ledger of user IDs at one moment, read once for all that is said of it."""

    at: datetime
    lines: Sequence[AccountLine]
    readings: Mapping[str, LastReading]
    proof: Leftovers
    jobs: Sequence[Job]


def read(site: Installation) -> Ids:
    """Read the ledger with what its systems last showed; it costs time for each ID."""
    at, sources = site.clock.now(), accounts.sources(site)
    readings = observations.last_readings(site.store)
    lines = listing.listed(site.store, sources, at)
    proof = listing.concluded(lines, readings, sources, at)
    return Ids(at, lines, readings, proof, jobs.open_jobs(site.store, note=site.store.note_damage))


def waiting(ids: Ids) -> Iterator[Waiting]:
    """Yield what waits, the empty ones too. Left over and unreadable must be none (AC-USR-02, AC-USR-06)."""
    left = [each for each in ids.proof.items if each.why is not Why.UNREADABLE]
    first = f"leftover:{left[0].system}/{left[0].user_id}" if left else "leftover"
    yield Waiting("accounts-leftover", N_("User IDs left over"), len(left), first, loud=True)
    silent = {each.system for each in ids.proof.items if each.why is Why.UNREADABLE}
    since = min((found.read_at for name in silent if (found := ids.readings.get(name)) and found.read_at), default=None)
    title = N_("Systems whose user IDs can't be read")
    yield Waiting("accounts-unreadable", title, len(silent), "unknown", oldest=since, loud=True)
    stuck = [each for each in ids.jobs if each.trouble is not None]
    since = min((each.scheduled_for for each in stuck), default=None)
    yield Waiting("accounts-trouble", N_("Acts on user IDs in trouble"), len(stuck), "jobs", oldest=since)
    ending = [each.valid_to for each in ids.lines if expiring(each, ids.at) and each.valid_to is not None]
    title = N_("User IDs that end within 30 days")
    yield Waiting("accounts-expiring", title, len(ending), "expiring", due=min(ending, default=None))
