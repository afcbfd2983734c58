"""The lapse: it needs nobody, it is believed only when read, and nothing stops it for long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accesscontrol.accounts import desired, jobs, ledger, listing, reading, suspending
from accesscontrol.accounts.connectors.protocol import ObservedAccount
from accesscontrol.accounts.jobs import Act, JobState
from accesscontrol.accounts.lapsing import LAST_ADMINISTRATOR, OWN, Lapsed, lapse_open
from accesscontrol.accounts.listing import Sources
from accesscontrol.accounts.model import DisableReason
from accesscontrol.accounts.planning import plan_due
from accesscontrol.accounts.provisioning import Provisioned, provision_open
from accesscontrol.accounts.synchronising import synchronise
from accesscontrol.clock import FixedClock, to_text
from accesscontrol.store import Store
from tests.accesscontrol.accounts.office import ADMIN, MemorySystem, Office

DAY = timedelta(days=1)


@pytest.fixture
def system(clock: FixedClock) -> MemorySystem:
    return MemorySystem("register", clock)


def run(store: Store, system: MemorySystem) -> tuple[Lapsed, Provisioned]:
    """Do what a tick does: plan, lapse, provision, read."""
    plan_due(store)
    connectors = {system.system: system}
    done = lapse_open(store, connectors), provision_open(store, connectors)
    synchronise(store, [system])
    return done


@pytest.fixture
def live(office: Office, store: Store, system: MemorySystem, clock: FixedClock) -> Office:
    """S7 has the ID hana on the register for ten days, brought there and verified."""
    office.person("S7")
    office.issue("register", "hana", "S7", "update", until=clock.now() + 10 * DAY)
    run(store, system)
    return office


def leftover(office: Office) -> tuple[int, int]:
    found = listing.leftovers(office.store, Sources(systems=["register"]), office.clock.now())
    return found.leftover, found.unknown


def test_an_id_is_brought_to_its_target_with_its_end_and_believed_when_read(
    live: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    found = system.held["hana"]
    assert (found.enabled, found.staff_number, found.entitlements) == (True, "S7", ("update",))
    assert found.valid_to == clock.now() + 10 * DAY
    assert all(grant.held and grant.held_until == found.valid_to for grant in reading.grants(store))
    assert reading.get_account(store, "register", "hana").native_id == "n-hana"
    assert plan_due(store) == []


def test_an_id_lapses_at_its_end_without_an_act_of_any_person(
    live: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    system.held["hana"] = system.held["hana"].__class__(
        user_id="hana", enabled=True, entitlements=("update",), sessions=2, remains=("key",)
    )
    clock.advance(10 * DAY - timedelta(microseconds=1))
    run(store, system)
    assert system.held["hana"].enabled
    clock.advance(timedelta(microseconds=1))
    lapsed, _ = run(store, system)
    assert lapsed.verified == ["register/hana"]
    assert system.held["hana"].lapsed
    assert not any(grant.held for grant in reading.grants(store))
    assert leftover(live) == (0, 0)


def test_the_steps_are_block_sessions_rights_and_two_clean_readings(
    live: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    clock.advance(10 * DAY)
    plan_due(store)
    system.steps.clear()
    lapse_open(store, {"register": system})
    assert [step for step, _ in system.steps] == ["look", "block", "end_sessions", "strip", "look", "look"]


def test_each_lapse_makes_exactly_one_line_with_person_s_id_reason_and_time(
    live: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    due = clock.now() + 10 * DAY
    clock.advance(11 * DAY)
    run(store, system)
    run(store, system)
    [entry] = live.entries("account.lapsed")
    assert (entry.actor, entry.subject) == ("system", "register/hana")
    assert (entry.details["reason"], entry.details["due"]) == ("expiry", to_text(due))


def test_downtime_is_caught_up(live: Office, store: Store, system: MemorySystem, clock: FixedClock) -> None:
    clock.advance(200 * DAY)
    [due] = plan_due(store)
    assert (due.act, due.reason) == (Act.LAPSE, DisableReason.EXPIRY)
    assert due.since == clock.now() - 190 * DAY
    assert plan_due(store) == []


def test_whoever_comes_in_between_block_and_end_of_sessions_is_ended_too(
    live: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    clock.advance(10 * DAY)
    system.comes_in = ["hana", "hana"]
    lapsed, _ = run(store, system)
    assert lapsed.verified == ["register/hana"]
    assert [step for step, _ in system.steps].count("end_sessions") == 3
    assert system.held["hana"].sessions == 0


def test_what_never_gets_clean_stays_open_and_is_tried_again(
    live: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    clock.advance(10 * DAY)
    system.stubborn = {"hana"}
    for attempt in (1, 2):
        lapsed, _ = run(store, system)
        assert str(lapsed.open["register/hana"]) == "the target refused: no rights for that"
        [job] = jobs.open_jobs(store)
        assert (job.state, job.attempts) == (JobState.PENDING, attempt)
    assert leftover(live) == (1, 0)
    system.stubborn = set()
    run(store, system)
    assert jobs.open_jobs(store) == []


def test_a_target_that_is_down_at_lapse_time_is_retried_without_limit(
    live: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    clock.advance(10 * DAY)
    system.down = True
    for _ in range(3):
        run(store, system)
    [job] = jobs.open_jobs(store)
    assert (job.attempts, job.trouble and job.trouble.fields["reason"]) == (3, "no route")
    assert leftover(live) == (0, 1)
    system.down = False
    lapsed, _ = run(store, system)
    assert lapsed.verified == ["register/hana"]
    assert leftover(live) == (0, 0)


def test_a_crash_in_the_middle_leaves_the_job_open(
    live: Office, store: Store, system: MemorySystem, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(user_ids: object) -> None:
        raise KeyboardInterrupt

    clock.advance(10 * DAY)
    plan_due(store)
    with monkeypatch.context() as patch:
        patch.setattr(system, "end_sessions", die)
        with pytest.raises(KeyboardInterrupt):
            lapse_open(store, {"register": system})
    assert [job.state for job in jobs.open_jobs(store)] == [JobState.BLOCKED]
    lapsed, _ = run(store, system)
    assert lapsed.verified == ["register/hana"]
    assert [job.state for job in jobs.history(store, "register", "hana")][-1] is JobState.VERIFIED


def test_a_manual_enable_at_the_target_never_outranks_the_end(
    live: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    clock.advance(10 * DAY)
    run(store, system)
    system.put("hana", staff_number="S7")
    synchronise(store, [system])
    assert leftover(live) == (1, 0)
    lapsed, _ = run(store, system)
    assert lapsed.verified == ["register/hana"]
    assert leftover(live) == (0, 0)
    [seen] = live.entries("account.enabled-outside")
    assert (seen.subject, seen.outcome) == ("register/hana", "failed")


def test_the_connector_s_own_account_is_never_lapsed(
    live: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    system.put("hana", own=True)
    clock.advance(10 * DAY)
    lapsed, _ = run(store, system)
    assert lapsed.open == {"register/hana": OWN}
    assert system.held["hana"].enabled


def test_the_last_administrator_is_never_lapsed(
    live: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    system.put("hana", administrator=True)
    system.put("machine", administrator=True, own=True)
    system.put("postgres", administrator=True, built_in=True)
    system.put("gone", administrator=True, enabled=False)
    synchronise(store, [system])
    clock.advance(10 * DAY)
    lapsed, _ = run(store, system)
    assert lapsed.open == {"register/hana": LAST_ADMINISTRATOR}
    assert system.held["hana"].enabled
    system.put("second", administrator=True)
    synchronise(store, [system])
    lapsed, _ = run(store, system)
    assert lapsed.verified == ["register/hana"]


def test_administrators_who_lapse_together_do_not_vouch_for_each_other(
    office: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    for number in ("S7", "S8"):
        office.person(number)
        office.issue("register", f"u{number}", number, until=clock.now() + DAY)
    run(store, system)
    for number in ("S7", "S8"):
        system.put(f"u{number}", administrator=True)
    synchronise(store, [system])
    clock.advance(DAY)
    lapsed, _ = run(store, system)
    assert lapsed.open == {"register/uS7": LAST_ADMINISTRATOR, "register/uS8": LAST_ADMINISTRATOR}


def test_an_extension_that_comes_first_cancels_the_lapse(
    live: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    clock.advance(9 * DAY)
    with store.transaction() as tx:
        ledger.extend(tx, "register", "hana", live.terms(clock.now() + 30 * DAY), actor=ADMIN)
    run(store, system)
    assert system.held["hana"].valid_to == clock.now() + 30 * DAY
    clock.advance(DAY)
    run(store, system)
    assert system.held["hana"].enabled


def test_a_lapse_that_waits_is_cancelled_by_a_new_grant(
    live: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    clock.advance(10 * DAY)
    system.down = True
    run(store, system)
    with store.transaction() as tx:
        ledger.grant(tx, "register", "hana", "", live.terms(clock.now() + DAY), actor=ADMIN)
    system.down = False
    run(store, system)
    assert [job.state for job in jobs.history(store, "register", "hana")][-2:] == [
        JobState.CANCELLED,
        JobState.VERIFIED,
    ]
    assert (system.held["hana"].enabled, system.held["hana"].entitlements) == (True, ())


def test_a_suspension_lapses_at_once_and_its_lifting_opens_again(
    live: Office, store: Store, system: MemorySystem
) -> None:
    with store.transaction() as tx:
        suspending.suspend(tx, "register", "hana", DisableReason.INCIDENT, note="card lost", actor=ADMIN)
    run(store, system)
    assert system.held["hana"].lapsed
    with store.transaction() as tx:
        suspending.resume(tx, "register", "hana", note="card found", actor=ADMIN)
    run(store, system)
    assert (system.held["hana"].enabled, system.held["hana"].entitlements) == (True, ("update",))


def test_what_was_revoked_while_the_clock_ran_ahead_stays_so_when_it_is_set_right(
    live: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    right = clock.now()
    clock.advance(5 * DAY)
    with store.transaction() as tx:
        ledger.revoke(tx, "register", "hana", DisableReason.RETIREMENT, actor=ADMIN)
    run(store, system)
    clock.set(right)
    run(store, system)
    assert system.held["hana"].lapsed
    assert desired.entry(store, "register", "hana").desired(clock.now()).reason is DisableReason.RETIREMENT


def test_a_right_that_ends_alone_is_taken_without_a_lapse(
    live: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    with store.transaction() as tx:
        ledger.grant(tx, "register", "hana", "print", live.terms(clock.now() + DAY), actor=ADMIN)
    run(store, system)
    assert list(system.held["hana"].entitlements) == ["print", "update"]
    clock.advance(DAY)
    run(store, system)
    assert system.held["hana"].enabled
    assert list(system.held["hana"].entitlements) == ["update"]


def test_what_is_prepared_beforehand_begins_at_its_first_instant(
    office: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    office.person("S7")
    office.issue("register", "hana", "S7", since=clock.now() + DAY)
    run(store, system)
    assert "hana" not in system.held
    clock.advance(DAY)
    run(store, system)
    assert system.held["hana"].enabled


def test_nothing_is_issued_where_the_clock_is_wrong(
    office: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    system.skew = timedelta(seconds=-61)
    synchronise(store, [system])
    office.person("S7")
    office.issue("register", "hana", "S7")
    _, provisioned = run(store, system)
    assert "-61 seconds off" in str(provisioned.open["register/hana"])
    assert system.held == {}
    system.skew = timedelta(seconds=60)
    synchronise(store, [system])
    run(store, system)
    assert system.held["hana"].enabled


def test_a_system_without_a_connector_keeps_its_lapses_open(live: Office, store: Store, clock: FixedClock) -> None:
    clock.advance(10 * DAY)
    plan_due(store)
    assert list(lapse_open(store, {}).open) == ["register/hana"]
    assert len(jobs.open_jobs(store)) == 1


def test_a_system_that_fails_in_a_way_nobody_foresaw_holds_up_the_lapses_of_no_other(
    office: Office, store: Store, system: MemorySystem, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_user_ids: object) -> dict[str, ObservedAccount]:
        raise ValueError

    other = MemorySystem("other", clock)
    office.person("S7")
    for each in (system, other):
        office.issue(each.system, "hana", "S7", until=clock.now() + DAY)
        each.put("hana")
    synchronise(store, [system, other])
    clock.advance(2 * DAY)
    plan_due(store)
    monkeypatch.setattr(system, "look", broken)
    done = lapse_open(store, {each.system: each for each in (system, other)})
    assert list(done.open) == ["register/hana"]
    assert not other.held["hana"].enabled
