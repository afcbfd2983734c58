"""A row of the ledger that no act wrote so is named, and holds up nothing but its own ID."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from accesscontrol.accounts import desired, jobs, listing, reading, suspending
from accesscontrol.accounts.jobs import Act
from accesscontrol.accounts.lapsing import lapse_open
from accesscontrol.accounts.listing import Sources
from accesscontrol.accounts.model import DisableReason
from accesscontrol.accounts.planning import plan_due
from accesscontrol.accounts.provisioning import provision_open
from accesscontrol.accounts.synchronising import synchronise
from accesscontrol.clock import FixedClock
from accesscontrol.rows import DamagedRowError
from accesscontrol.store import Store
from tests.accesscontrol.accounts.office import ADMIN, MemorySystem, Office

DAY = timedelta(days=1)


@pytest.fixture
def system(clock: FixedClock) -> MemorySystem:
    return MemorySystem("register", clock)


@pytest.fixture
def two(office: Office, store: Store, system: MemorySystem, clock: FixedClock) -> Office:
    """S7 has hana and S8 has taro on the register for ten days, brought there and verified."""
    for person, user_id in (("S7", "hana"), ("S8", "taro")):
        office.person(person)
        office.issue("register", user_id, person, "update", until=clock.now() + 10 * DAY)
    tick(store, system)
    return office


def tick(store: Store, system: MemorySystem) -> list[str]:
    plan_due(store)
    connectors = {system.system: system}
    lapsed = lapse_open(store, connectors)
    provision_open(store, connectors)
    synchronise(store, [system])
    return lapsed.verified


def spoil(store: Store, sql: str) -> None:
    """Change a row behind the console's back, past every constraint."""
    connection = sqlite3.connect(store.path)
    connection.execute("PRAGMA ignore_check_constraints=ON")
    changed = connection.execute(sql).rowcount
    connection.commit()
    connection.close()
    assert changed


SPOILT = [
    "UPDATE account_grant SET cause = 'appoiotment' WHERE user_id = 'hana'",
    "UPDATE account_grant SET valid_until = '2026-13-45' WHERE user_id = 'hana'",
    "UPDATE account SET purpose = 'persooal' WHERE user_id = 'hana'",
    "UPDATE person SET kind = 'employef' WHERE staff_number = 'S7'",
]


@pytest.mark.parametrize("sql", SPOILT)
def test_the_other_ids_lapse_and_the_damaged_one_stays_as_it_is(
    two: Office, store: Store, system: MemorySystem, clock: FixedClock, sql: str
) -> None:
    spoil(store, sql)
    clock.advance(10 * DAY)
    assert tick(store, system) == ["register/taro"]
    assert system.held["hana"].enabled
    assert all(
        "is damaged" in str(damage) and "sekisho trail verify" in str(damage) for damage in store.damage.values()
    )


def test_the_row_is_named_by_table_and_number_and_by_what_is_wrong(two: Office, store: Store) -> None:
    spoil(store, SPOILT[0])
    with pytest.raises(DamagedRowError, match=r"Row 1 of the table account_grant .*'appoiotment' is not a valid Cause"):
        reading.get_grant(store, 1)
    with pytest.raises(DamagedRowError):
        desired.entry(store, "register", "hana")


def test_a_damaged_suspension_opens_nothing(two: Office, store: Store, system: MemorySystem) -> None:
    with store.transaction() as tx:
        suspending.suspend(tx, "register", "hana", DisableReason.INCIDENT, note="", actor=ADMIN)
    tick(store, system)
    assert not system.held["hana"].enabled
    spoil(store, "UPDATE account_suspension SET reason = 'insident'")
    tick(store, system)
    assert not system.held["hana"].enabled


def test_an_id_that_the_ledger_can_not_read_counts_as_left_over_while_it_can_be_used(
    two: Office, store: Store, clock: FixedClock
) -> None:
    spoil(store, SPOILT[0])
    found = listing.leftovers(store, Sources(systems=["register"]), clock.now())
    assert [(each.user_id, each.why) for each in found.items] == [("hana", listing.Why.ENDED)]


def test_a_damaged_job_keeps_its_place_and_holds_up_no_other(
    two: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    clock.advance(10 * DAY)
    plan_due(store)
    spoil(store, "UPDATE account_job SET reason = 'expirx' WHERE user_id = 'hana' AND finished_at IS NULL")
    assert tick(store, system) == ["register/taro"]
    assert tick(store, system) == []
    with pytest.raises(DamagedRowError, match="account_job"):
        jobs.open_jobs(store)


def test_an_open_job_of_an_id_that_can_not_be_read_is_not_cancelled(
    two: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    clock.advance(10 * DAY)
    plan_due(store)
    spoil(store, SPOILT[0])
    assert tick(store, system) == ["register/hana", "register/taro"]


def test_nothing_is_sent_of_an_id_that_can_not_be_read(
    two: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    two.person("S9")
    two.issue("register", "jiro", "S9", "update", until=clock.now() + DAY)
    plan_due(store)
    spoil(store, "UPDATE account_grant SET cause = 'x' WHERE user_id = 'jiro'")
    assert "jiro" not in system.held
    done = provision_open(store, {"register": system})
    assert "is damaged" in str(done.open["register/jiro"])
    assert [each.act for each in jobs.open_jobs(store)] == [Act.ISSUE]
    assert "jiro" not in system.held


def test_what_was_read_damaged_is_read_anew_from_the_target(two: Office, store: Store, system: MemorySystem) -> None:
    spoil(store, "UPDATE observed_account SET entitlements = '[' WHERE user_id = 'hana'")
    spoil(store, "UPDATE account_reading SET trouble = '{' WHERE system = 'register'")
    tick(store, system)
    assert store.damage
    store.damage.clear()
    listing.listed(store, Sources(systems=["register"]), store.clock.now())
    assert not store.damage
