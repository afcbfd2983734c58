"""Who uses each system against what the assessment declares: offices, numbers of users, and persons who left.

The settings of a system name its offices (AC-USR-08) and its bands (AC-USR-09); what they don't name is not judged.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from accesscontrol.accounts import desired, listing, reading
from accesscontrol.accounts.listing import AccountLine, Why
from accesscontrol.accounts.model import AccountState, PersonKind
from accesscontrol.canonical import JSON
from accesscontrol.clock import local_day
from accesscontrol.messages import N_
from console import accounts
from console.own_findings import ONCE_A_DAY, raise_own
from console.system_settings import System
from console.wiring import Installation
from monitors.findings.making_good import make_good, open_groups

OUTSIDE: Final = "user-outside-offices"
USERS: Final = "users-outside-band"
HANDLERS: Final = "handlers-outside-band"
LEFT: Final = "leaver-with-id"
DOUBTFUL: Final = "account-damaged"


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing that is not as declared; ``group`` names it for good within its rule."""

    rule: str
    group: str
    system: str
    facts: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class _Told:
    title: str
    explanation: str
    severity: str
    control: str


_TOLD: Final[Mapping[str, _Told]] = {
    OUTSIDE: _Told(
        N_("User ID of another office than those declared"),
        N_("{person} of {office} has the ID {user_id} on {system}, which is for other offices only."),
        "medium",
        "AC-USR-08",
    ),
    USERS: _Told(
        N_("Number of users outside the declared band"),
        N_("{system} has {number} users; declared are {least} to fewer than {below}."),
        "low",
        "AC-USR-09",
    ),
    HANDLERS: _Told(
        N_("More handlers at a contractor than declared"),
        N_("{number} workers of {company} have an ID on {system}; declared are fewer than {below}."),
        "medium",
        "AC-USR-09",
    ),
    LEFT: _Told(
        N_("Person who left still has a usable user ID"),
        N_("{person} is not there any more, and the ID {user_id} on {system} can still be used."),
        "high",
        "AC-USR-06",
    ),
    DOUBTFUL: _Told(
        N_("User ID whose end can't be judged"),
        N_("A row of the ID {user_id} on {system} is damaged, so it doesn't lapse. End it by hand at its system."),
        "high",
        "AC-USR-03",
    ),
}


def find(site: Installation) -> list[str]:
    """Raise a finding of each breach, end those of breaches that are gone, and return the names of the new ones.

    Of an ID whose system can't be read now nobody knows whether it can still be used: its finding goes on.
    """
    lines = listing.listed(site.store, accounts.sources(site), site.clock.now())
    found = list(_breaches(site, lines))
    going_on = {(each.rule, each.group) for each in found}
    going_on |= {(LEFT, _account(each)) for each in lines if each.why is Why.UNREADABLE}
    for rule in _TOLD:
        for group in open_groups(site.store, rule):
            if (rule, group) not in going_on:
                make_good(site.store, rule, group, by=group)
    return [name for each in found for name in _raised(site, each)]


def _breaches(site: Installation, lines: Sequence[AccountLine]) -> Iterator[Breach]:
    """Yield whatever is not as declared, as the ledger and the last readings show it in ``lines``."""
    people = reading.persons(site.store, note=site.store.note_damage)
    live: dict[str, list[AccountLine]] = defaultdict(list)
    for line in lines:
        if line.state == AccountState.LIVE and line.person:
            live[line.system].append(line)
    at = site.clock.now()
    for system_name, user_id in desired.doubtful(site.store):
        facts: dict[str, JSON] = {"system": system_name, "user_id": user_id}
        yield Breach(DOUBTFUL, f"account={system_name}/{user_id}", system_name, facts)
    yield from _left({each.staff_number for each in people if not each.valid(at)}, lines)
    companies = {each.staff_number: each.company for each in people}
    for name, system in accounts.systems(site).items():
        yield from _outside(system, live[name])
        yield from _bands(system, live[name], companies)


def _account(line: AccountLine) -> str:
    return f"account={line.system}/{line.user_id}"


def _left(gone: Collection[str], lines: Sequence[AccountLine]) -> Iterator[Breach]:
    for line in lines:
        if line.why is Why.ENDED and line.person in gone:
            facts = {"person": line.person, "user_id": line.user_id, "system": line.system}
            yield Breach(LEFT, _account(line), line.system, facts)


def _outside(system: System, live: Sequence[AccountLine]) -> Iterator[Breach]:
    for line in live:
        if system.offices and line.person_kind is not PersonKind.CONTRACTOR and line.office not in system.offices:
            facts = {"person": line.person, "office": line.office, "user_id": line.user_id, "system": system.name}
            yield Breach(OUTSIDE, _account(line), system.name, facts)


def _bands(system: System, live: Sequence[AccountLine], companies: Mapping[str, str]) -> Iterator[Breach]:
    users = len({line.person for line in live})
    if system.users is not None and not system.users[0] <= users < system.users[1]:
        least, below = system.users
        facts: dict[str, JSON] = {"system": system.name, "number": users, "least": least, "below": below}
        yield Breach(USERS, f"system={system.name}", system.name, facts)
    for company, below in system.handlers.items():
        workers = len({line.person for line in live if companies.get(line.person) == company})
        if workers >= below:
            facts = {"system": system.name, "company": company, "number": workers, "below": below}
            yield Breach(HANDLERS, f"system={system.name} company={company}", system.name, facts)


def _raised(site: Installation, breach: Breach) -> Sequence[str]:
    told = _TOLD[breach.rule]
    return raise_own(
        site,
        rule=breach.rule,
        title=told.title,
        explanation=told.explanation,
        severity=told.severity,
        control=told.control,
        system=breach.system,
        source="accounts",
        group=breach.group,
        evidence=[local_day(site.clock.now(), site.zone).toordinal()],
        facts=breach.facts,
        goes_on=ONCE_A_DAY,
    )
