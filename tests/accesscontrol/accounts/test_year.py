"""A year of personnel changes, drawn at random: nothing is left over, and nobody who should work is locked out."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from accesscontrol.accounts import ledger, listing, suspending
from accesscontrol.accounts.lapsing import lapse_open
from accesscontrol.accounts.listing import Sources
from accesscontrol.accounts.migrations import migrations
from accesscontrol.accounts.model import ACCESS, DisableReason
from accesscontrol.accounts.planning import plan_due
from accesscontrol.accounts.provisioning import provision_open
from accesscontrol.accounts.synchronising import synchronise
from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from tests.accesscontrol.accounts.office import ADMIN, MemorySystem, Office

FIRST = datetime(2026, 4, 1, tzinfo=UTC)
DAY = timedelta(days=1)
YEAR = 365
people = st.sampled_from(["S1", "S2", "S3"])
days = st.none() | st.integers(1, 120)


@dataclass
class Expected:
    """What the plain model knows of one ID, or of one person: an end, and whether somebody disabled it."""

    end: datetime | None = None
    suspended: bool = False


class Year(RuleBasedStateMachine):
    """One system, three persons with one ID each, and everything that happens to them in a year."""

    @initialize()
    def found(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FixedClock(FIRST)
        self.store = Store(Path(self.folder.name) / "s.sqlite3", self.clock)
        self.store.migrate(migrations)
        self.office = Office(self.store, self.clock)
        self.system = MemorySystem("register", self.clock)
        self.ids: dict[str, Expected] = {}
        self.ends: dict[str, datetime | None] = {}

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    def _until(self, count: int | None) -> datetime | None:
        return None if count is None else self.clock.now() + count * DAY

    def _lives(self, person: str) -> bool:
        """Say by the plain rules whether the person's ID should work now."""
        now, known = self.clock.now(), self.ids[person]
        ends = [end for end in (known.end, self.ends[person]) if end is not None]
        return not known.suspended and all(now < end for end in ends)

    def _granted(self, person: str) -> bool:
        known = self.ids[person]
        return known.end is None or self.clock.now() < known.end

    @rule(person=people, stays=days)
    def joins_or_is_told_to_leave(self, person: str, stays: int | None) -> None:
        self.ends[person] = self._until(stays)
        self.office.person(person, until=self.ends[person])

    @precondition(lambda self: self.ends)
    @rule(person=people, period=days)
    def gets_an_id_or_a_new_grant(self, person: str, period: int | None) -> None:
        if person not in self.ends or (person in self.ids and self._granted(person)):
            return
        until = self._until(period)
        try:
            if person in self.ids:
                with self.store.transaction() as tx:
                    ledger.grant(tx, "register", f"u{person}", ACCESS, self.office.terms(until), actor=ADMIN)
            else:
                self.office.issue("register", f"u{person}", person, until=until)
        except Refusal:
            end = self.ends[person]
            assert end is not None
            assert end <= self.clock.now()
            return
        known = self.ids.setdefault(person, Expected())
        known.end = until

    @precondition(lambda self: self.ids)
    @rule(person=people, period=days)
    def is_extended(self, person: str, period: int | None) -> None:
        if person not in self.ids:
            return
        until = self._until(period)
        try:
            with self.store.transaction() as tx:
                ledger.extend(tx, "register", f"u{person}", self.office.terms(until), actor=ADMIN)
        except Refusal:
            end = self.ends[person]
            assert not self._granted(person) or (end is not None and end <= self.clock.now())
            return
        self.ids[person].end = until

    @precondition(lambda self: self.ids)
    @rule(person=people)
    def is_revoked(self, person: str) -> None:
        if person in self.ids:
            with self.store.transaction() as tx:
                if ledger.revoke(tx, "register", f"u{person}", DisableReason.TRANSFER, actor=ADMIN):
                    self.ids[person].end = self.clock.now()

    @precondition(lambda self: self.ids)
    @rule(person=people)
    def is_disabled_or_enabled(self, person: str) -> None:
        if person not in self.ids:
            return
        known = self.ids[person]
        with self.store.transaction() as tx:
            if not known.suspended:
                suspending.suspend(tx, "register", f"u{person}", DisableReason.INCIDENT, note="", actor=ADMIN)
                known.suspended = True
                return
        known.suspended = False
        if not self._lives(person):
            known.suspended = True
        try:
            with self.store.transaction() as tx:
                suspending.resume(tx, "register", f"u{person}", note="", actor=ADMIN)
        except Refusal:
            assert known.suspended

    @rule(person=people, administrator=st.booleans())
    def somebody_enables_it_at_the_system(self, person: str, administrator: bool) -> None:  # noqa: FBT001
        if f"u{person}" in self.system.held and not administrator:
            self.system.put(f"u{person}", staff_number=person, sessions=2, remains=("key",))

    @rule()
    def the_system_goes_down_or_comes_back(self) -> None:
        self.system.down = not self.system.down

    @rule(passed=st.integers(0, YEAR // 6))
    def days_pass(self, passed: int) -> None:
        self.clock.advance(passed * DAY)

    def _tick(self) -> None:
        for _ in range(2):
            plan_due(self.store)
            lapse_open(self.store, {"register": self.system})
            provision_open(self.store, {"register": self.system})
            synchronise(self.store, [self.system])

    @invariant()
    def after_a_tick_everything_is_as_it_should_be(self) -> None:
        if not hasattr(self, "store"):
            return
        self._tick()
        found = listing.leftovers(self.store, Sources(systems=["register"]), self.clock.now())
        if self.system.down:
            assert found.unknown > 0
            return
        assert (found.leftover, found.unknown) == (0, 0)
        for person in self.ids:
            held = self.system.held.get(f"u{person}")
            if self._lives(person):
                assert held is not None
                assert held.enabled
            else:
                assert held is None or held.lapsed


Year.TestCase.settings = settings(
    max_examples=10, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestYear = Year.TestCase
