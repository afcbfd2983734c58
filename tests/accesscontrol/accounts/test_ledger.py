"""What should be: issued by rule, to one person, up to an end, and never given out again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accesscontrol.accounts import break_glass, desired, ledger, reading, suspending
from accesscontrol.accounts.model import ACCESS, AccountState, Cause, Desired, DisableReason, PersonKind
from accesscontrol.clock import FixedClock, to_text
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from accesscontrol.trail import entries
from tests.accesscontrol.accounts.office import ADMIN, OFFICER, Office

DAY = timedelta(days=1)


@pytest.fixture
def issued(office: Office) -> Office:
    """An office in which S7 has the ID hana on the register, with one right."""
    office.person("S7")
    office.issue("register", "hana", "S7", "update")
    return office


def desired_now(office: Office, user_id: str = "hana") -> Desired:
    return desired.entry(office.store, "register", user_id).desired(office.clock.now())


def test_an_id_is_issued_with_its_cause_rule_decider_and_request(office: Office, store: Store) -> None:
    office.person("S7")
    office.issue("register", "hana", "S7", "update", "print")
    grants = reading.grants(store, "register", "hana")
    assert [grant.entitlement for grant in grants] == [ACCESS, "update", "print"]
    assert {(grant.cause, grant.granted_by, grant.staff_number) for grant in grants} == {
        (Cause.APPOINTMENT, OFFICER, "S7")
    }
    [entry] = entries.of_act(store, "account.issued")
    assert (entry.actor, entry.subject, entry.details["person"]) == (ADMIN, "register/hana", "S7")
    assert entry.details["terms"]["cause"] == "appointment"


def test_nobody_who_is_not_known_gets_an_id(office: Office) -> None:
    with pytest.raises(Refusal, match="Import the roster first") as refused:
        office.issue("register", "hana", "S9")
    assert refused.value.control == "AC-USR-01"


def test_an_id_has_one_owner_and_its_name_is_taken_in_any_case_of_letters(issued: Office) -> None:
    issued.person("S8")
    for name in ("hana", "HANA"):
        with pytest.raises(Refusal, match="no ID is shared") as refused:
            issued.issue("register", name, "S8")
        assert refused.value.control == "AC-USR-04"
    issued.issue("other", "hana", "S8")


@pytest.mark.parametrize("name", ["", "a b", "a/b", "a:b", "a\x1b[2J", "a\u202eb", "x" * 65])
def test_a_name_that_could_not_be_told_apart_is_refused(office: Office, name: str) -> None:
    office.person("S7")
    with pytest.raises(Refusal, match="can't be a name"):
        office.issue("register", name, "S7")


@pytest.mark.parametrize("kind", [PersonKind.CONTRACTOR, PersonKind.TEMPORARY])
def test_whoever_has_a_known_end_gets_no_id_without_one(office: Office, clock: FixedClock, kind: PersonKind) -> None:
    office.person("C1", kind=kind)
    with pytest.raises(Refusal, match="needs an end") as refused:
        office.issue("register", "con", "C1")
    assert refused.value.control == "AC-USR-03"
    office.issue("register", "con", "C1", until=clock.now() + DAY)


def test_the_end_of_the_contract_is_an_end(office: Office, clock: FixedClock) -> None:
    office.person("C1", kind=PersonKind.CONTRACTOR, until=clock.now() + DAY)
    office.issue("register", "con", "C1")
    assert desired_now(office, "con").valid_until == clock.now() + DAY


def test_a_contractor_s_worker_without_a_pledge_gets_no_id(office: Office, clock: FixedClock) -> None:
    office.person("C1", kind=PersonKind.CONTRACTOR, pledge="")
    with pytest.raises(Refusal, match="no pledge") as refused:
        office.issue("register", "con", "C1", until=clock.now() + DAY)
    assert refused.value.control == "AC-CTR-02"


def test_nothing_is_granted_to_somebody_who_will_have_left(office: Office, clock: FixedClock) -> None:
    office.person("S7", until=clock.now() + DAY)
    with pytest.raises(Refusal, match="not be there any more") as refused:
        office.issue("register", "hana", "S7", since=clock.now() + DAY)
    assert refused.value.control == "AC-USR-06"


def test_an_end_before_the_beginning_or_in_the_past_is_refused(office: Office, clock: FixedClock) -> None:
    office.person("S7")
    for until in (clock.now(), clock.now() - DAY):
        with pytest.raises(Refusal, match="still to come"):
            office.issue("register", "hana", "S7", until=until)


def test_the_earliest_of_the_ends_counts(office: Office, clock: FixedClock) -> None:
    office.person("S7", until=clock.now() + 3 * DAY)
    office.issue("register", "hana", "S7", "update", until=clock.now() + 5 * DAY)
    assert desired_now(office).valid_until == clock.now() + 3 * DAY
    office.person("S7", until=clock.now() + 9 * DAY)
    assert desired_now(office).valid_until == clock.now() + 5 * DAY


def test_an_end_is_the_first_instant_that_is_over(office: Office, clock: FixedClock) -> None:
    office.person("S7")
    office.issue("register", "hana", "S7", until=clock.now() + DAY)
    clock.advance(DAY - timedelta(microseconds=1))
    assert desired_now(office).enabled
    clock.advance(timedelta(microseconds=1))
    assert (desired_now(office).enabled, desired_now(office).reason) == (False, DisableReason.EXPIRY)


def test_a_first_day_that_is_still_to_come_is_planned(office: Office, clock: FixedClock) -> None:
    office.person("S7")
    office.issue("register", "hana", "S7", since=clock.now() + DAY)
    entry = desired.entry(office.store, "register", "hana")
    assert entry.state(clock.now()) is AccountState.PLANNED
    assert entry.state(clock.now() + DAY) is AccountState.LIVE


def test_a_right_with_an_end_of_its_own_ends_alone(issued: Office, clock: FixedClock, store: Store) -> None:
    with store.transaction() as tx:
        ledger.grant(tx, "register", "hana", "print", issued.terms(clock.now() + DAY), actor=ADMIN)
    assert desired_now(issued).entitlements == ("print", "update")
    clock.advance(DAY)
    assert (desired_now(issued).enabled, desired_now(issued).entitlements) == (True, ("update",))


def test_the_same_right_is_not_granted_twice(issued: Office, store: Store) -> None:
    with pytest.raises(Refusal, match="has update already"), store.transaction() as tx:
        ledger.grant(tx, "register", "hana", "update", issued.terms(), actor=ADMIN)


def test_an_extension_keeps_both_ends_and_leaves_rights_with_ends_of_their_own(
    office: Office, clock: FixedClock, store: Store
) -> None:
    office.person("S7")
    first, last = clock.now() + 10 * DAY, clock.now() + 40 * DAY
    office.issue("register", "hana", "S7", "update", until=first)
    with store.transaction() as tx:
        ledger.grant(tx, "register", "hana", "print", office.terms(clock.now() + DAY), actor=ADMIN)
        ledger.extend(tx, "register", "hana", office.terms(last), actor=ADMIN)
    assert desired_now(office).valid_until == last
    ends = {each.entitlement: each.valid_until for each in reading.grants(store) if each.ended_at is None}
    assert ends == {ACCESS: last, "update": last, "print": clock.now() + DAY}
    [extended] = entries.of_act(store, "account.extended")
    assert extended.details["before"] == [to_text(first), to_text(first)]


def test_what_has_lapsed_is_not_extended(office: Office, clock: FixedClock, store: Store) -> None:
    office.person("S7")
    office.issue("register", "hana", "S7", until=clock.now() + DAY)
    clock.advance(DAY)
    with pytest.raises(Refusal, match="has lapsed"), store.transaction() as tx:
        ledger.extend(tx, "register", "hana", office.terms(clock.now() + DAY), actor=ADMIN)
    with store.transaction() as tx:
        ledger.grant(tx, "register", "hana", ACCESS, office.terms(clock.now() + DAY), actor=ADMIN)
    assert desired_now(office).enabled


def test_the_end_of_access_ends_what_is_granted_within_it(issued: Office, store: Store) -> None:
    access = reading.grants(store)[0]
    with store.transaction() as tx:
        ledger.end_grant(tx, access.number, DisableReason.REVIEW, actor=ADMIN)
    assert {each.end_reason for each in reading.grants(store)} == {DisableReason.REVIEW}
    assert desired_now(issued).reason is DisableReason.REVIEW
    with pytest.raises(Refusal, match="ended already"), store.transaction() as tx:
        ledger.end_grant(tx, access.number, DisableReason.REVIEW, actor=ADMIN)


def test_each_grant_that_is_revoked_makes_one_line_of_the_trail(issued: Office, store: Store) -> None:
    with store.transaction() as tx:
        assert ledger.revoke(tx, "register", "hana", DisableReason.TRANSFER, actor=ADMIN) == 2
    assert issued.acts().count("account.grant-ended") == 2
    with store.transaction() as tx:
        assert ledger.revoke(tx, "register", "hana", DisableReason.TRANSFER, actor=ADMIN) == 0


def test_a_person_who_left_takes_every_id_along(issued: Office, clock: FixedClock) -> None:
    issued.person("S7", until=clock.now())
    assert (desired_now(issued).enabled, desired_now(issued).reason) == (False, DisableReason.RETIREMENT)


def test_a_suspension_holds_until_it_is_lifted(issued: Office, store: Store) -> None:
    with store.transaction() as tx:
        suspending.suspend(tx, "register", "hana", DisableReason.INCIDENT, note="lost card", actor=ADMIN)
    assert (desired_now(issued).enabled, desired_now(issued).reason) == (False, DisableReason.INCIDENT)
    with pytest.raises(Refusal, match="disabled already"), store.transaction() as tx:
        suspending.suspend(tx, "register", "hana", DisableReason.INCIDENT, note="again", actor=ADMIN)
    with store.transaction() as tx:
        suspending.resume(tx, "register", "hana", note="found", actor=ADMIN)
    assert desired_now(issued).enabled
    with pytest.raises(Refusal, match="not disabled"), store.transaction() as tx:
        suspending.resume(tx, "register", "hana", note="found", actor=ADMIN)


def test_enabling_by_hand_never_outranks_an_end(office: Office, clock: FixedClock, store: Store) -> None:
    office.person("S7")
    office.issue("register", "hana", "S7", until=clock.now() + DAY)
    with store.transaction() as tx:
        suspending.suspend(tx, "register", "hana", DisableReason.LOCKOUT, note="", actor=ADMIN)
    clock.advance(DAY)
    with pytest.raises(Refusal, match="never outranks an end") as refused, store.transaction() as tx:
        suspending.resume(tx, "register", "hana", note="please", actor=ADMIN)
    assert refused.value.control == "AC-USR-03"
    assert not desired_now(office).enabled


def test_a_discarded_id_is_never_issued_again_not_even_to_its_owner(issued: Office, store: Store) -> None:
    with pytest.raises(Refusal, match="still has grants"), store.transaction() as tx:
        ledger.discard(tx, "register", "hana", actor=ADMIN)
    with store.transaction() as tx:
        ledger.revoke(tx, "register", "hana", DisableReason.RETIREMENT, actor=ADMIN)
        ledger.discard(tx, "register", "hana", actor=ADMIN)
    issued.person("S8")
    for name, person in (("hana", "S7"), ("Hana", "S8")):
        with pytest.raises(Refusal, match="never issued again") as refused:
            issued.issue("register", name, person)
        assert refused.value.control == "AC-USR-01"
    with pytest.raises(Refusal, match="never issued again"), store.transaction() as tx:
        ledger.grant(tx, "register", "hana", ACCESS, issued.terms(), actor=ADMIN)


def test_what_the_target_still_holds_is_not_discarded(issued: Office, store: Store) -> None:
    with store.transaction() as tx:
        tx.execute("UPDATE account_grant SET held = 1")
        ledger.revoke(tx, "register", "hana", DisableReason.RETIREMENT, actor=ADMIN)
    with pytest.raises(Refusal, match="not verified yet"), store.transaction() as tx:
        ledger.discard(tx, "register", "hana", actor=ADMIN)


def test_a_break_glass_id_is_in_one_person_s_hands_at_a_time(office: Office, clock: FixedClock, store: Store) -> None:
    office.person("S7")
    office.person("S8")
    until = clock.now() + timedelta(hours=4)
    with store.transaction() as tx:
        break_glass.enter(tx, "register", "fire", actor=ADMIN)
        break_glass.check_out(tx, "register", "fire", "S7", ["update"], office.terms(until), actor=OFFICER)
    assert (desired_now(office, "fire").holder, desired_now(office, "fire").valid_until) == ("S7", until)
    with pytest.raises(Refusal, match="in the hands of S7") as refused, store.transaction() as tx:
        break_glass.check_out(tx, "register", "fire", "S8", [], office.terms(until), actor=OFFICER)
    assert refused.value.control == "AC-USR-04"
    with store.transaction() as tx:
        break_glass.check_in(tx, "register", "fire", actor=OFFICER)
    assert not desired_now(office, "fire").enabled
    with store.transaction() as tx:
        break_glass.check_out(tx, "register", "fire", "S8", [], office.terms(until), actor=OFFICER)
    assert desired_now(office, "fire").holder == "S8"


def test_a_break_glass_id_has_an_end_and_no_owner(office: Office, store: Store) -> None:
    office.person("S7")
    with store.transaction() as tx:
        break_glass.enter(tx, "register", "fire", actor=ADMIN)
    with pytest.raises(Refusal, match="up to an end"), store.transaction() as tx:
        break_glass.check_out(tx, "register", "fire", "S7", [], office.terms(), actor=OFFICER)
    with pytest.raises(Refusal, match="checked out, not granted"), store.transaction() as tx:
        ledger.grant(tx, "register", "fire", ACCESS, office.terms(), actor=ADMIN)
    with pytest.raises(Refusal, match="not checked out"), store.transaction() as tx:
        break_glass.check_in(tx, "register", "fire", actor=OFFICER)


def test_a_personal_id_is_no_break_glass_id(issued: Office, store: Store, clock: FixedClock) -> None:
    with pytest.raises(Refusal, match="no break-glass ID"), store.transaction() as tx:
        break_glass.check_out(tx, "register", "hana", "S7", [], issued.terms(clock.now() + DAY), actor=OFFICER)


def test_a_change_of_a_person_leaves_before_and_after(office: Office, clock: FixedClock, store: Store) -> None:
    office.person("S7")
    office.person("S7")
    office.person("S7", until=clock.now() + DAY)
    assert [each.details["before"] for each in entries.of_act(store, "person.changed")] == [{"valid_until": None}]
    assert office.acts().count("person.entered") == 1
