"""A store with the people who judge findings."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.people import operators
from accesscontrol.people.migrations import migrations as people_migrations
from accesscontrol.people.operators import Operator
from accesscontrol.people.roles import Role
from accesscontrol.requests.desk import Acting
from accesscontrol.requests.migrations import migrations as requests_migrations
from accesscontrol.store import Store
from monitors.findings.judging import Judges
from monitors.findings.matches import Match
from monitors.findings.migrations import migrations

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
PEOPLE = {
    "sato": ("S1", Role.SECURITY_OFFICER),
    "yamada": ("S2", Role.SYSTEM_ADMIN),
    "ito": ("S3", Role.RESIDENT_OPERATOR),
    "nakamura": ("S4", Role.AUDITOR),
}
OWNERS = {"k.tanaka": "S9", "t.yamada": "S2"}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def store(tmp_path: Path, clock: FixedClock) -> Store:
    store = Store(tmp_path / "sekisho.sqlite3", clock)
    store.migrate(people_migrations, requests_migrations, migrations)
    with store.transaction() as tx:
        for login, (staff_number, role) in PEOPLE.items():
            operator = Operator(
                staff_number=staff_number,
                login=login,
                name=login,
                name_kana=login,
                office="city",
                roles=frozenset({role}),
                valid_from=NOW - timedelta(days=1),
            )
            operators.add(tx, operator, actor="system")
    return store


@pytest.fixture
def judges(store: Store) -> Judges:
    return Judges(store, lambda _system, account: OWNERS.get(account, ""))


@pytest.fixture
def person() -> Callable[[str], Acting]:
    return lambda login: Acting(login, PEOPLE[login][0], "server-room-01")


@pytest.fixture
def match() -> Match:
    return Match(
        rule="failure-burst",
        rule_version=1,
        title="Burst of failed sign-ins",
        severity="medium",
        controls=("MO-ANM-02",),
        explanation="{account} failed {count} times within ten minutes.",
        system="juki",
        account="k.tanaka",
        source="192.0.2.7",
        group="account=k.tanaka",
        first=NOW - timedelta(minutes=30),
        last=NOW - timedelta(minutes=25),
        count=3,
        event_ids=(11, 12, 13),
        segments=("a" * 64,),
        timespan_seconds=600,
        facts={"account": "k.tanaka", "count": 3},
    )


@pytest.fixture
def later(match: Match) -> Callable[..., Match]:
    def make(minutes: int, *events: int) -> Match:
        step = timedelta(minutes=minutes)
        return replace(match, first=match.first + step, last=match.last + step, event_ids=events, count=len(events))

    return make
