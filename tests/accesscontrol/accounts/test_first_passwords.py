"""First passwords: for one use, for a day, whatever the target itself can keep of that."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from accesscontrol.accounts import desired, first_passwords, suspending, waiting_passwords
from accesscontrol.accounts.lapsing import lapse_open
from accesscontrol.accounts.model import DisableReason
from accesscontrol.accounts.planning import plan_due
from accesscontrol.accounts.provisioning import provision_open
from accesscontrol.refusals import Refusal
from tests.accesscontrol.accounts.office import ADMIN, MemorySystem, Office

if TYPE_CHECKING:
    from accesscontrol.clock import FixedClock
    from accesscontrol.people.secret import Secret
    from accesscontrol.store import Store

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Desk:
    """One system with one live ID, and what the custodian and the scheduler do with its first password."""

    def __init__(self, office: Office, store: Store, clock: FixedClock) -> None:
        self.store, self.clock = store, clock
        self.system = MemorySystem("register", clock)
        self.systems = {"register": self.system}
        office.person("S7")
        office.issue("register", "hana", "S7", "clerks", until=clock.now() + 30 * DAY)
        self.tick()

    def hand_over(self) -> Secret | None:
        return first_passwords.hand_over(self.store, self.systems, "register", "hana", actor=ADMIN)

    def confirm(self) -> None:
        first_passwords.confirm(self.store, self.systems, "register", "hana", actor=ADMIN)

    def tick(self) -> list[str]:
        disabled = first_passwords.settle(self.store, self.systems)
        plan_due(self.store)
        lapse_open(self.store, self.systems)
        provision_open(self.store, self.systems)
        return disabled

    def chooses_one(self) -> None:
        self.system.held["hana"] = replace(self.system.held["hana"], password_waits=False)

    def enable(self) -> None:
        with self.store.transaction() as tx:
            suspending.resume(tx, "register", "hana", note="came back", actor=ADMIN)

    @property
    def reason(self) -> DisableReason | None:
        return desired.entry(self.store, "register", "hana").desired(self.clock.now()).reason


@pytest.fixture
def desk(office: Office, store: Store, clock: FixedClock) -> Desk:
    return Desk(office, store, clock)


@pytest.mark.parametrize("marks", [False, True])
def test_an_id_whose_first_password_was_not_changed_in_a_day_is_disabled_at_its_system(
    desk: Desk, office: Office, *, marks: bool
) -> None:
    desk.system.marks = marks
    assert desk.hand_over()
    desk.clock.advance(DAY - timedelta(microseconds=1))
    assert desk.tick() == []
    assert desk.system.held["hana"].enabled
    desk.clock.advance(timedelta(microseconds=1))
    assert desk.tick() == ["register/hana"]
    assert desk.system.held["hana"].lapsed
    assert desk.reason is DisableReason.FIRST_PASSWORD
    assert [entry.subject for entry in office.entries("account.suspended")] == ["register/hana"]
    assert desk.tick() == []


def test_a_change_that_the_target_shows_gives_the_id_its_real_end_back_without_an_act(
    desk: Desk, office: Office
) -> None:
    desk.system.marks = True
    real = desk.system.held["hana"].valid_to
    desk.hand_over()
    desk.clock.advance(HOUR)
    desk.tick()
    assert desk.system.held["hana"].valid_to != real
    desk.chooses_one()
    desk.tick()
    assert desk.system.held["hana"].valid_to == real
    assert [entry.actor for entry in office.entries("account.password-confirmed")] == ["system"]
    desk.clock.advance(2 * DAY)
    assert desk.tick() == []
    assert desk.system.held["hana"].enabled


def test_where_the_target_can_t_tell_the_custodian_s_word_counts(desk: Desk) -> None:
    desk.hand_over()
    desk.confirm()
    desk.clock.advance(2 * DAY)
    assert desk.tick() == []
    assert desk.system.held["hana"].enabled


def test_nobody_confirms_against_what_the_target_shows(desk: Desk) -> None:
    desk.system.marks = True
    desk.hand_over()
    with pytest.raises(Refusal, match="still has its first password"):
        desk.confirm()


def test_a_target_that_was_down_at_the_hour_is_asked_before_anybody_is_locked_out(desk: Desk) -> None:
    desk.system.marks = True
    desk.hand_over()
    desk.chooses_one()
    desk.system.down = True
    desk.clock.advance(3 * DAY)
    assert desk.tick() == []
    desk.system.down = False
    assert desk.tick() == []
    assert desk.system.held["hana"].enabled


def test_downtime_of_the_console_is_caught_up(desk: Desk) -> None:
    desk.hand_over()
    desk.clock.advance(9 * DAY)
    assert desk.tick() == ["register/hana"]


def test_a_second_one_takes_the_place_of_the_first_and_has_hours_of_its_own(desk: Desk) -> None:
    desk.hand_over()
    desk.clock.advance(20 * HOUR)
    desk.hand_over()
    desk.clock.advance(20 * HOUR)
    assert desk.tick() == []
    desk.clock.advance(4 * HOUR)
    assert desk.tick() == ["register/hana"]


def test_enabling_again_needs_a_new_one(desk: Desk) -> None:
    desk.hand_over()
    desk.clock.advance(DAY)
    desk.tick()
    desk.enable()
    desk.clock.advance(9 * DAY)
    assert desk.tick() == []  # the old one went with the lapse
    assert desk.system.held["hana"].enabled
    assert desk.hand_over()


def test_an_id_enabled_before_its_lapse_was_verified_still_has_the_old_one_and_is_disabled_again(desk: Desk) -> None:
    desk.system.marks = True
    desk.hand_over()
    desk.clock.advance(DAY)
    first_passwords.settle(desk.store, desk.systems)
    desk.enable()
    assert desk.tick() == ["register/hana"]


def test_where_the_operator_of_the_system_sets_passwords_the_hours_run_all_the_same(desk: Desk) -> None:
    desk.system.sets_its_own = True
    assert desk.hand_over() is None
    desk.clock.advance(DAY)
    assert desk.tick() == ["register/hana"]
    assert desk.system.held["hana"].lapsed


def test_what_the_target_did_not_take_locks_nobody_out(desk: Desk, office: Office) -> None:
    desk.system.stubborn.add("hana")
    with pytest.raises(Refusal, match="no rights"):
        desk.hand_over()
    assert not waiting_passwords.open_ones(desk.store)
    assert [entry.outcome for entry in office.entries("account.password-refused")] == ["failed"]
    desk.clock.advance(2 * DAY)
    assert desk.tick() == []


def test_an_id_that_ends_before_its_hours_lapses_for_its_own_reason(desk: Desk) -> None:
    desk.clock.advance(29 * DAY + HOUR)
    desk.hand_over()
    assert [each.until for each in waiting_passwords.open_ones(desk.store)] == [desk.clock.now() + 23 * HOUR]
    desk.clock.advance(DAY)
    assert desk.tick() == []
    assert desk.system.held["hana"].lapsed
    assert desk.reason is DisableReason.EXPIRY
    assert not waiting_passwords.open_ones(desk.store)


@pytest.mark.parametrize(("column", "damaged"), [("ended_at", "2026-13-45"), ("outcome", "changee")])
def test_one_whose_end_can_not_be_read_is_told(desk: Desk, column: str, damaged: str) -> None:
    desk.hand_over()
    desk.chooses_one()
    desk.tick()
    with desk.store.bookkeeping() as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        connection.execute(f"UPDATE first_password SET {column} = ?", (damaged,))
    assert waiting_passwords.open_ones(desk.store) == []
    assert any("Row 1 of the table first_password is damaged" in each for each in desk.store.damage)
