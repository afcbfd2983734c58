"""A year of personnel changes, drawn at random: nothing is left over, and nobody who should work is locked out.

The rosters come, late or beforehand, staff move on 1 April, leave and return under their number, contractors' workers
come and go with their contract; IDs are granted, extended, revoked, disabled; hands at the system enable them; the
system is down, the console sleeps through days, and its clock leaps and comes back.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from accesscontrol.accounts import ledger, listing, suspending
from accesscontrol.accounts.lapsing import lapse_open
from accesscontrol.accounts.listing import Sources
from accesscontrol.accounts.migrations import migrations
from accesscontrol.accounts.model import ACCESS, DisableReason, PersonKind
from accesscontrol.accounts.planning import plan_due
from accesscontrol.accounts.provisioning import provision_open
from accesscontrol.accounts.synchronising import synchronise
from accesscontrol.clock import FixedClock, end_of_day, local_day, start_of_day
from accesscontrol.refusals import Refusal
from accesscontrol.rosters import batches
from accesscontrol.rosters.batches import BatchState
from accesscontrol.rosters.brake import Brake
from accesscontrol.rosters.migrations import migrations as rosters_migrations
from accesscontrol.rosters.model import Line, Roster, RosterKind
from accesscontrol.store import Store
from tests.accesscontrol.accounts.office import ADMIN, MemorySystem, Office
from tests.accesscontrol.accounts.plain_year import REFER, TAX, Listed, PlainYear, Somebody, UserId

ZONE = ZoneInfo("Asia/Tokyo")
APRIL = start_of_day(date(2027, 4, 1), ZONE)
DAY = timedelta(days=1)
STAFF, WORKERS = ("1001", "1002"), ("K-1", "K-2")
NO_BRAKE = Brake(count=100, percent=100)

people = st.sampled_from(STAFF + WORKERS)
some_days = st.integers(1, 120)
perhaps_days = st.none() | some_days
offices = st.sampled_from(["citizens", "tax"])
staff_lines = st.dictionaries(st.sampled_from(STAFF), st.tuples(offices, perhaps_days), max_size=2)
worker_lines = st.dictionaries(st.sampled_from(WORKERS), st.tuples(some_days, some_days), min_size=1, max_size=2)


class Year(RuleBasedStateMachine):
    """One system, two of the staff and two workers of a contractor, with one ID each."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FixedClock(start_of_day(date(2026, 4, 1), ZONE))
        self.store = Store(Path(self.folder.name) / "s.sqlite3", self.clock)
        self.store.migrate(migrations, rosters_migrations)
        self.office = Office(self.store, self.clock)
        self.system = MemorySystem("register", self.clock)
        self.plain = PlainYear(self.clock, {each: Somebody(contractor=each in WORKERS) for each in STAFF + WORKERS})
        self.awake = True
        self.rosters = 0
        self.the_personnel_office_sends_its_roster({"1001": ("citizens", None), "1002": ("citizens", 89)}, 0)
        self.the_contractor_sends_its_roster({"K-1": (200, 59), "K-2": (120, 200)})
        self._tick()
        for person in STAFF + WORKERS:
            self.gets_an_id_or_access_again(person, 300)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    def _last_day(self, days: int) -> date:
        return local_day(self.clock.now(), ZONE) + timedelta(days=days)

    def _until(self, person: str, days: int | None) -> datetime | None:
        """Return the end of a grant in so many days; a worker's always has one."""
        if days is None and person in WORKERS:
            days = 60
        return None if days is None else end_of_day(self._last_day(days), ZONE)

    def _prepare(self, kind: RosterKind, lines: list[Line], effective: datetime) -> None:
        self.rosters += 1
        roster = Roster(kind=kind, source="roster.csv", sha256=str(self.rosters), lines=tuple(lines))
        batches.prepare(self.store, roster, effective, actor=ADMIN)
        told = {}
        for each in lines:
            days = [day for day in (each.last_day, each.contract_last_day) if day is not None]
            told[each.staff_number] = (each.office or each.company, end_of_day(min(days), ZONE) if days else None)
        self.plain.waiting.append(Listed(kind, effective, told))

    @precondition(lambda self: self.awake)
    @rule(lines=staff_lines, ahead=st.sampled_from([0, 0, 0, 7]))
    def the_personnel_office_sends_its_roster(self, lines: dict[str, tuple[str, int | None]], ahead: int) -> None:
        found = [
            Line(number=2, staff_number=each, name=each, office=office, last_day=self._last_day(days) if days else None)
            for each, (office, days) in lines.items()
        ]
        self._prepare(RosterKind.PERSONNEL, found, self.clock.now() + ahead * DAY)

    @precondition(lambda self: self.awake)
    @rule(lines=worker_lines)
    def the_contractor_sends_its_roster(self, lines: dict[str, tuple[int, int]]) -> None:
        found = [
            Line(
                number=2,
                staff_number=each,
                name=each,
                kind=PersonKind.CONTRACTOR,
                company="contractor",
                last_day=self._last_day(days),
                contract_last_day=self._last_day(contract),
                pledge="P-1",
            )
            for each, (days, contract) in lines.items()
        ]
        self._prepare(RosterKind.CONTRACTOR, found, self.clock.now())

    @precondition(lambda self: self.awake and self.clock.now() < APRIL)
    @rule(offices=st.tuples(offices, offices), beforehand=st.sets(st.sampled_from(STAFF)))
    def the_moves_of_1_april_are_prepared(self, offices: tuple[str, str], beforehand: set[str]) -> None:
        lines = [
            Line(number=2, staff_number=each, name=each, office=to) for each, to in zip(STAFF, offices, strict=True)
        ]
        self._prepare(RosterKind.PERSONNEL, lines, APRIL)
        for person in sorted(beforehand):
            self._grant(person, TAX, APRIL, None)

    def _grant(self, person: str, right: str, start: datetime, until: datetime | None) -> None:
        """Grant one right on an ID, and hold the answer against the plain rules."""
        known = self.plain.ids.get(person)
        if known is None or known.open(right, self.clock.now()):
            return
        may = self.plain.may_hold(person, start, until)
        try:
            with self.store.transaction() as tx:
                terms = self.office.terms(until, since=start)
                ledger.grant(tx, "register", f"u{person}", right, terms, actor=ADMIN)
        except Refusal:
            assert not may
            return
        assert may
        known.grants[right] = (start, until)

    @precondition(lambda self: self.awake)
    @rule(person=people, days=perhaps_days)
    def gets_an_id_or_access_again(self, person: str, days: int | None) -> None:
        now, until = self.clock.now(), self._until(person, days)
        if person in self.plain.ids:
            self._grant(person, ACCESS, now, until)
            return
        may = self.plain.may_hold(person, now, until)
        try:
            self.office.issue("register", f"u{person}", person, REFER, until=until)
        except Refusal:
            assert not may
            return
        assert may
        self.plain.ids[person] = UserId({ACCESS: (now, until), REFER: (now, until)})

    @precondition(lambda self: self.awake and self.plain.ids)
    @rule(person=people, days=perhaps_days)
    def is_extended(self, person: str, days: int | None) -> None:
        if person not in self.plain.ids:
            return
        now, until = self.clock.now(), self._until(person, days)
        may = self.plain.ids[person].open(ACCESS, now) and self.plain.may_hold(person, now, until)
        try:
            with self.store.transaction() as tx:
                ledger.extend(tx, "register", f"u{person}", self.office.terms(until), actor=ADMIN)
        except Refusal:  # what lapsed is granted anew, not extended
            assert not may
            return
        assert may
        self.plain.extended(person, until)

    @precondition(lambda self: self.awake and self.plain.ids)
    @rule(person=people)
    def is_revoked(self, person: str) -> None:
        if person in self.plain.ids:
            with self.store.transaction() as tx:
                ledger.revoke(tx, "register", f"u{person}", DisableReason.RETIREMENT, actor=ADMIN)
            self.plain.ids[person].grants.clear()

    @precondition(lambda self: self.awake and self.plain.ids)
    @rule(person=people)
    def is_disabled_or_enabled(self, person: str) -> None:
        known = self.plain.ids.get(person)
        if known is None:
            return
        if not known.suspended:
            known.suspended = True
            with self.store.transaction() as tx:
                suspending.suspend(tx, "register", f"u{person}", DisableReason.INCIDENT, note="", actor=ADMIN)
            return
        known.suspended = False
        known.suspended = self.plain.rights(person) is None
        try:
            with self.store.transaction() as tx:
                suspending.resume(tx, "register", f"u{person}", note="", actor=ADMIN)
        except Refusal:
            assert known.suspended
        else:
            assert not known.suspended

    @rule(person=people)
    def somebody_enables_it_at_the_system(self, person: str) -> None:
        held = self.system.held.get(f"u{person}")
        if held is not None:
            opened = held if held.enabled else replace(held, enabled=True, valid_to=None, entitlements=(REFER,))
            self.system.held[f"u{person}"] = replace(opened, sessions=2, remains=("key",))

    @rule()
    def the_system_goes_down_or_comes_back(self) -> None:
        self.system.down = not self.system.down

    @rule()
    def the_console_goes_down_or_comes_back(self) -> None:
        self.awake = not self.awake

    @rule(days=st.sampled_from([0, 1, 30, 60, 120]), hours=st.sampled_from([0, 0, 13]))
    def time_passes(self, days: int, hours: int) -> None:
        self.clock.advance(days * DAY + timedelta(hours=hours))

    @precondition(lambda self: self.awake)
    @rule(days=st.sampled_from([1, 40, 400]))
    def the_clock_leaps_and_is_set_right_again(self, days: int) -> None:
        right = self.clock.now()
        self.clock.advance(days * DAY)
        self._tick()
        self.clock.set(right)

    def _tick(self) -> None:
        """Do what the scheduler does, twice: what a reading finds is dealt with in the next run."""
        assert all(each.state is BatchState.APPLIED for each in batches.apply_due(self.store, ZONE, NO_BRAKE))
        self.plain.apply_due()
        for _ in range(2):
            plan_due(self.store)
            lapse_open(self.store, {"register": self.system})
            provision_open(self.store, {"register": self.system})
            synchronise(self.store, [self.system])

    @invariant()
    def after_a_tick_everything_is_as_it_should_be(self) -> None:
        if not hasattr(self, "store") or not self.awake:
            return
        self._tick()
        found = listing.leftovers(self.store, Sources(systems=["register"]), self.clock.now())
        if self.system.down:
            assert found.unknown > 0
            return
        assert (found.leftover, found.unknown) == (0, 0)
        for person in self.plain.ids:
            held, rights = self.system.held.get(f"u{person}"), self.plain.rights(person)
            if rights is None:
                assert held is None or held.lapsed
            else:
                assert held is not None
                shown = (held.enabled, set(held.entitlements), held.valid_to)
                assert shown == (True, rights, self.plain.end(person))


Year.TestCase.settings = settings(
    max_examples=10, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestYear = Year.TestCase


def test_one_year_from_april_to_april_in_which_everything_happens_once() -> None:
    year = Year()
    year.begin()
    held = year.system.held
    steps: list[Callable[[], None]] = [
        lambda: year.time_passes(60, 0),  # K-1's contract is over, before the day of the roster
        lambda: year.the_contractor_sends_its_roster({"K-1": (150, 150), "K-2": (59, 140)}),
        lambda: year.gets_an_id_or_access_again("K-1", 100),  # a new contract needs a new grant
        lambda: year.time_passes(30, 0),  # 1002 has left
        lambda: year.somebody_enables_it_at_the_system("1002"),
        lambda: year.is_disabled_or_enabled("K-2"),
        lambda: year.time_passes(30, 13),
        lambda: year.is_disabled_or_enabled("K-2"),  # refused: it has lapsed meanwhile
        lambda: year.the_personnel_office_sends_its_roster({"1001": ("citizens", None), "1002": ("citizens", None)}, 7),
        year.the_console_goes_down_or_comes_back,
        lambda: year.time_passes(30, 0),
        year.the_console_goes_down_or_comes_back,  # 1002 is back under the same number, without rights
        lambda: year.gets_an_id_or_access_again("1002", None),
        lambda: year.is_extended("1001", None),
        lambda: year.the_clock_leaps_and_is_set_right_again(40),
        lambda: year.the_personnel_office_sends_its_roster({"1001": ("citizens", None)}, 7),  # without 1002
        lambda: year.the_clock_leaps_and_is_set_right_again(40),
        lambda: year.time_passes(30, 0),
        lambda: year.gets_an_id_or_access_again("1002", None),  # refused
        lambda: year.the_moves_of_1_april_are_prepared(("tax", "tax"), {"1001"}),
        lambda: year.time_passes(60, 0),
        year.the_system_goes_down_or_comes_back,
        lambda: year.time_passes(60, 0),
        year.the_console_goes_down_or_comes_back,
        lambda: year.time_passes(90, 0),  # 1 April passes while both are down
        year.the_console_goes_down_or_comes_back,
        year.the_system_goes_down_or_comes_back,
    ]
    for step in steps:
        step()
        year.after_a_tick_everything_is_as_it_should_be()
    assert year.clock.now() > APRIL
    assert {name: set(each.entitlements) for name, each in held.items() if each.enabled} == {"u1001": {TAX}}
    year.teardown()
