"""Reading targets beside the ledger: who stands behind each account, and what can't be known."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accesscontrol.accounts import adopting, exceptions, ledger, listing, observations, reading
from accesscontrol.accounts.connectors.protocol import ObservedAccount, Reading
from accesscontrol.accounts.correlation import Directory, correlate
from accesscontrol.accounts.listing import AccountLine, Leftovers, Sources, Why
from accesscontrol.accounts.model import ACCESS, Cause, DisableReason, PersonKind, Situation
from accesscontrol.accounts.synchronising import Synchronised, synchronise
from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from tests.accesscontrol.accounts.office import ADMIN, MemorySystem, Office

DAY = timedelta(days=1)


@pytest.fixture
def system(clock: FixedClock) -> MemorySystem:
    return MemorySystem("register", clock)


def sync(store: Store, system: MemorySystem) -> Synchronised:
    [found] = synchronise(store, [system])
    return found


def line(office: Office, user_id: str) -> AccountLine:
    lines = listing.listed(office.store, Sources(systems=["register"]), office.clock.now())
    return next(each for each in lines if each.user_id == user_id)


def proof(office: Office, *systems: str) -> Leftovers:
    return listing.leftovers(office.store, Sources(systems=systems or ("register",)), office.clock.now())


def test_a_sync_tells_its_time_its_state_and_its_counts(office: Office, store: Store, system: MemorySystem) -> None:
    office.person("S7", "Yamada Hanako")
    office.person("S8", "Sato Jiro")
    office.person("S9", "Sato Jiro")
    office.issue("register", "hana", "S7")
    system.put("hana", staff_number="S7")
    system.put("ziro", display_name="Sato Jiro")
    system.put("yh", display_name="YAMADA　hanako")
    system.put("batch", display_name="Night run")
    assert sync(store, system).to_json() == {
        "read_at": "2026-11-24T00:00:10.000000+00:00",
        "state": "ok",
        "accounts": 4,
        "linked": 1,
        "unmatched": 1,
        "disputed": 1,
        "unreadable": 0,
    }
    assert line(office, "yh").candidates == ("S7",)
    assert line(office, "ziro").candidates == ("S8", "S9")


def test_a_target_that_names_another_owner_is_disputed(office: Office, store: Store, system: MemorySystem) -> None:
    office.person("S7")
    office.issue("register", "hana", "S7")
    system.put("hana", staff_number="S8")
    assert sync(store, system).counts[Situation.DISPUTED] == 1
    assert (line(office, "hana").candidates, line(office, "hana").why) == (("S7", "S8"), Why.NOBODY)


def test_the_number_decides_before_the_name() -> None:
    directory = Directory.of([])
    stranger = ObservedAccount(user_id="x", enabled=True, staff_number="S1", display_name="Sato Jiro")
    assert correlate(stranger, None, directory).situation is Situation.UNMATCHED


def test_a_discarded_id_that_can_be_used_again_is_disputed(office: Office, store: Store, system: MemorySystem) -> None:
    office.person("S7")
    office.issue("register", "hana", "S7")
    with store.transaction() as tx:
        ledger.revoke(tx, "register", "hana", DisableReason.RETIREMENT, actor=ADMIN)
        ledger.discard(tx, "register", "hana", actor=ADMIN)
    system.put("hana", enabled=False)
    assert sync(store, system).counts[Situation.LINKED] == 1
    assert proof(office).proven
    system.put("hana")
    assert sync(store, system).counts[Situation.DISPUTED] == 1
    assert proof(office).leftover == 1


def test_a_target_that_is_down_is_unreadable_and_its_last_reading_is_kept(
    office: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    office.person("S7")
    office.issue("register", "hana", "S7")
    system.put("hana")
    sync(store, system)
    first = clock.now()
    clock.advance(timedelta(hours=1))
    system.down = True
    found = sync(store, system).to_json()
    assert (found["state"], found["read_at"], found["unreadable"]) == (
        "unreadable",
        first.isoformat("T", "microseconds"),
        1,
    )
    last = observations.last_readings(store)["register"]
    assert (last.tried_at, last.read_at, str(last.trouble)) == (
        clock.now(),
        first,
        "register can't be reached: no route.",
    )
    assert (line(office, "hana").situation, line(office, "hana").read_at) == (Situation.UNREADABLE, first)
    assert (proof(office).leftover, proof(office).unknown) == (0, 1)
    system.down = False
    sync(store, system)
    assert proof(office).proven


def test_a_system_that_fails_in_a_way_nobody_foresaw_is_unreadable_and_holds_up_no_other(
    store: Store, system: MemorySystem, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Reading:
        raise ValueError("123456789018")

    other = MemorySystem("other", clock)
    monkeypatch.setattr(system, "read", broken)
    failed, read = synchronise(store, [system, other])
    assert (failed.system, read.system, read.trouble) == ("register", "other", None)
    assert str(failed.trouble) == "a fault that nobody foresaw (ValueError); tell whoever maintains the console"


def test_unreadable_ones_come_first_everywhere(office: Office, store: Store, clock: FixedClock) -> None:
    up, down = MemorySystem("a-up", clock), MemorySystem("z-down", clock)
    office.person("S7")
    for system in (up, down):
        office.issue(system.system, "hana", "S7")
        system.put("hana")
    synchronise(store, [up, down])
    down.down = True
    assert [each.system for each in synchronise(store, [up, down])] == ["z-down", "a-up"]
    sources = Sources(systems=["a-up", "z-down"])
    assert [each.system for each in listing.listed(store, sources, clock.now())] == ["z-down", "a-up"]


def test_a_system_that_was_never_read_is_one_unknown_and_never_clean(office: Office) -> None:
    found = proof(office, "register")
    assert (found.leftover, found.unknown, found.proven) == (0, 1, False)
    assert [(each.system, each.user_id, each.why) for each in found.items] == [("register", "", Why.UNREADABLE)]


def test_a_system_that_the_settings_lost_is_unknown(office: Office, store: Store, system: MemorySystem) -> None:
    office.person("S7")
    office.issue("register", "hana", "S7")
    system.put("hana")
    sync(store, system)
    assert listing.leftovers(store, Sources(systems=[]), office.clock.now()).unknown == 1


def test_an_old_reading_proves_nothing(office: Office, store: Store, system: MemorySystem, clock: FixedClock) -> None:
    office.person("S7")
    office.issue("register", "hana", "S7")
    system.put("hana")
    sync(store, system)
    clock.advance(timedelta(hours=26))
    assert proof(office).proven
    clock.advance(timedelta(seconds=1))
    assert proof(office).unknown == 1


def test_what_is_left_over_has_its_why_and_the_list_its_words(
    office: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    office.person("S7", until=clock.now() + DAY)
    office.issue("register", "hana", "S7", "update")
    system.put("hana", entitlements=("update", "admin"), last_use=clock.now())
    system.put("batch", display_name="Night run")
    clock.advance(DAY)
    sync(store, system)
    found = proof(office).to_json()
    assert (found["leftover"], found["unknown"]) == (2, 0)
    assert {each["account"]: each["why"] for each in found["items"]} == {"hana": "ended", "batch": "nobody"}
    assert line(office, "hana").to_json() == {
        "system": "register",
        "account": "hana",
        "person": "S7",
        "state": "lapsed",
        "situation": "linked",
        "valid_from": "2026-11-24T00:00:10.000000+00:00",
        "valid_to": "2026-11-25T00:00:10.000000+00:00",
        "last_use": "2026-11-24T00:00:10.000000+00:00",
        "entitlements": [],
    }
    assert line(office, "batch").to_json()["person"] is None
    assert line(office, "batch").state == listing.UNLISTED


@pytest.mark.parametrize("left", [{"enabled": True}, {"sessions": 1}, {"remains": ("key",)}])
def test_a_lapsed_id_is_left_over_while_anything_of_it_can_be_used(
    office: Office, store: Store, system: MemorySystem, left: dict[str, object]
) -> None:
    office.person("S7", until=office.clock.now() + DAY)
    office.issue("register", "hana", "S7")
    office.clock.advance(DAY)
    system.put("hana", **({"enabled": False} | left))
    sync(store, system)
    assert proof(office).leftover == 1
    system.put("hana", enabled=False)
    sync(store, system)
    assert proof(office).proven


def test_rights_beyond_the_grants_are_shown_as_excess(office: Office, store: Store, system: MemorySystem) -> None:
    office.person("S7")
    office.issue("register", "hana", "S7", "update")
    system.put("hana", entitlements=("update", "admin"))
    sync(store, system)
    assert (line(office, "hana").entitlements, line(office, "hana").excess) == (("update",), ("admin",))


def test_the_connector_s_own_account_and_unusable_system_accounts_are_not_left_over(
    office: Office, store: Store, system: MemorySystem
) -> None:
    system.put("sekisho", own=True)
    system.put("daemon", enabled=False, built_in=True)
    sync(store, system)
    assert proof(office).proven
    system.put("root", enabled=True, built_in=True)
    sync(store, system)
    assert [each.user_id for each in proof(office).items] == ["root"]


def test_an_exception_has_a_reason_and_an_end(
    office: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    system.put("batch")
    sync(store, system)
    with store.transaction() as tx:
        exceptions.allow(tx, "register", "batch", reason="night run", until=clock.now() + DAY, actor=ADMIN)
    assert proof(office).proven
    assert line(office, "batch").exception_until == clock.now() + DAY
    clock.advance(DAY)
    assert proof(office).leftover == 1
    for reason, until in (("", clock.now() + DAY), ("x", clock.now())):
        with pytest.raises(Refusal, match="needs a reason and an end"), store.transaction() as tx:
            exceptions.allow(tx, "register", "batch", reason=reason, until=until, actor=ADMIN)


def test_an_exception_excuses_nobody_whose_reason_ended(
    office: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    office.person("S7", until=clock.now() + DAY)
    office.issue("register", "hana", "S7")
    with store.transaction() as tx:
        exceptions.allow(tx, "register", "hana", reason="please", until=clock.now() + 9 * DAY, actor=ADMIN)
    clock.advance(DAY)
    system.put("hana")
    sync(store, system)
    assert proof(office).leftover == 1


def test_an_account_that_was_read_gets_its_one_owner(office: Office, store: Store, system: MemorySystem) -> None:
    office.person("S7", "Yamada Hanako")
    system.put("yh", display_name="Yamada Hanako", entitlements=("update",), native_id="1001")
    sync(store, system)
    with store.transaction() as tx:
        adopting.link(tx, "register", "yh", "S7", office.terms(cause=Cause.TAKEOVER), actor=ADMIN)
    assert [(each.entitlement, each.held) for each in reading.grants(store)] == [(ACCESS, True), ("update", True)]
    assert (line(office, "yh").situation, line(office, "yh").person) == (Situation.LINKED, "S7")
    assert reading.get_account(store, "register", "yh").native_id == "1001"
    assert proof(office).proven
    with pytest.raises(Refusal, match="no ID is shared"), store.transaction() as tx:
        adopting.link(tx, "register", "yh", "S7", office.terms(cause=Cause.TAKEOVER), actor=ADMIN)


def test_nothing_is_linked_against_what_the_target_says_or_without_a_reading(
    office: Office, store: Store, system: MemorySystem
) -> None:
    office.person("S7")
    office.person("C1", kind=PersonKind.CONTRACTOR)
    system.put("yh", staff_number="S8")
    system.put("con")
    sync(store, system)
    terms = office.terms(cause=Cause.TAKEOVER)
    with pytest.raises(Refusal, match="belongs to S8"), store.transaction() as tx:
        adopting.link(tx, "register", "yh", "S7", terms, actor=ADMIN)
    with pytest.raises(Refusal, match="not in the last reading"), store.transaction() as tx:
        adopting.link(tx, "register", "ghost", "S7", terms, actor=ADMIN)
    with pytest.raises(Refusal, match="needs an end"), store.transaction() as tx:
        adopting.link(tx, "register", "con", "C1", terms, actor=ADMIN)


def test_an_account_that_should_be_there_and_is_gone_is_deleted(
    office: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    office.person("S7")
    office.issue("register", "hana", "S7")
    with store.transaction() as tx:
        tx.execute("UPDATE account_grant SET held = 1")
        tx.record("account.provisioned", actor=ADMIN)
    system.put("hana")
    system.put("batch")
    sync(store, system)
    system.held.clear()
    clock.advance(DAY)
    assert sync(store, system).counts[Situation.DELETED] == 1
    assert line(office, "hana").situation is Situation.DELETED
    assert [each.user_id for each in listing.listed(store, Sources(systems=["register"]), clock.now())] == ["hana"]
    system.put("hana")
    sync(store, system)
    assert line(office, "hana").situation is Situation.LINKED


def test_a_second_sync_writes_only_what_changed(office: Office, store: Store, system: MemorySystem) -> None:
    system.put("a")
    system.put("b")
    sync(store, system)
    system.put("b", sessions=1)
    sync(store, system)
    sync(store, system)
    changed = [entry.details["changed"] for entry in office.entries("accounts.read")]
    assert changed == [2, 1, 0]


def test_the_newest_use_that_was_seen_is_remembered_for_the_same_account_only(
    office: Office, store: Store, system: MemorySystem, clock: FixedClock
) -> None:
    used = clock.now()
    system.put("a", native_id="1", last_use=used, sessions=1)
    sync(store, system)
    system.put("a", native_id="1")
    sync(store, system)
    assert (line(office, "a").last_use, line(office, "a").sessions) == (used, 0)
    sync(store, system)
    assert office.entries("accounts.read")[-1].details["changed"] == 0
    system.put("a", native_id="1", last_use=used + DAY)
    sync(store, system)
    system.put("a", native_id="1", last_use=used)
    sync(store, system)
    assert line(office, "a").last_use == used + DAY
    system.put("a", native_id="2")
    sync(store, system)
    assert line(office, "a").last_use is None
