"""What the tests of user IDs share: a personnel office, and a system that lives in memory and behaves like a real one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from accesscontrol.accounts import ledger, persons
from accesscontrol.accounts.connectors.protocol import (
    Failures,
    ObservedAccount,
    Reading,
    SetThere,
    TemporaryPassword,
    Unreadable,
    Wanted,
)
from accesscontrol.accounts.model import Cause, Person, PersonKind, Terms
from accesscontrol.refusals import Refusal
from accesscontrol.trail import entries
from accesscontrol.trail.entries import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from accesscontrol.clock import FixedClock
    from accesscontrol.store import Store

BEGINNING = datetime(2020, 4, 1, tzinfo=UTC)
ADMIN = "S1002"
OFFICER = "S1001"


@dataclass
class Office:
    """The personnel office and the custodian of IDs, in few words."""

    store: Store
    clock: FixedClock

    def person(
        self,
        staff_number: str,
        name: str = "Yamada Hanako",
        *,
        kind: PersonKind = PersonKind.EMPLOYEE,
        until: datetime | None = None,
        pledge: str = "P-1",
    ) -> Person:
        """Enter a person, or bring them to these facts."""
        person = Person(
            staff_number=staff_number,
            name=name,
            kind=kind,
            pledge=pledge,
            valid_from=BEGINNING,
            valid_until=until,
        )
        with self.store.transaction() as tx:
            persons.enter_person(tx, person, actor=ADMIN)
        return person

    def terms(
        self,
        until: datetime | None = None,
        *,
        since: datetime | None = None,
        cause: Cause = Cause.APPOINTMENT,
    ) -> Terms:
        """Return terms from now on."""
        return Terms(cause=cause, granted_by=OFFICER, valid_from=since or self.clock.now(), valid_until=until)

    def issue(
        self,
        system: str,
        user_id: str,
        staff_number: str,
        *entitlements: str,
        until: datetime | None = None,
        since: datetime | None = None,
    ) -> None:
        """Issue an ID in the ledger."""
        with self.store.transaction() as tx:
            ledger.issue(tx, system, user_id, staff_number, entitlements, self.terms(until, since=since), actor=ADMIN)

    def entries(self, act: str) -> list[Entry]:
        """Return the entries of one act, oldest first."""
        return list(entries.of_act(self.store, act))

    def acts(self) -> list[str]:
        """Return the acts of the trail in order."""
        return [entry.act for entry in reversed(entries.page(self.store, limit=10_000))]


@dataclass
class MemorySystem:
    """A managed system in memory. It can be down, refuse, let somebody in between, and forget to end a session.

    ``marks``: it shows whether a first password waits for its change. ``sets_its_own``: its operator sets passwords.
    """

    system: str
    clock: FixedClock
    held: dict[str, ObservedAccount] = field(default_factory=dict)
    down: bool = False
    stubborn: set[str] = field(default_factory=set)
    skew: timedelta = timedelta()
    steps: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    comes_in: list[str] = field(default_factory=list)
    marks: bool = False
    sets_its_own: bool = False

    def _reach(self, step: str, *user_ids: str) -> None:
        self.steps.append((step, user_ids))
        if self.down:
            raise Unreadable("{system} can't be reached: {reason}.", system=self.system, reason="no route")

    def put(self, user_id: str, **facts: object) -> None:
        """Let an account stand at the target, as if somebody had made it there."""
        self.held[user_id] = replace(ObservedAccount(user_id=user_id, enabled=True), **facts)

    def read(self) -> Reading:
        self._reach("read")
        return Reading(system=self.system, read_at=self.clock.now(), accounts=list(self.held.values()), skew=self.skew)

    def look(self, user_ids: Sequence[str]) -> Mapping[str, ObservedAccount]:
        self._reach("look", *user_ids)
        return {name: self.held[name] for name in user_ids if name in self.held}

    def issue(self, wanted: Wanted, password: TemporaryPassword | None = None) -> None:
        self._reach("issue", wanted.user_id)
        if wanted.user_id in self.held:
            raise Refusal("there already")
        self._take(wanted)

    def change(self, wanted: Sequence[Wanted]) -> Failures:
        self._reach("change", *(each.user_id for each in wanted))
        for each in wanted:
            self._take(each)
        return {}

    def _take(self, wanted: Wanted) -> None:
        self.put(
            wanted.user_id,
            staff_number=wanted.staff_number,
            display_name=wanted.display_name,
            valid_to=wanted.valid_to,
            entitlements=wanted.entitlements,
            native_id=f"n-{wanted.user_id}",
            sessions=self.held[wanted.user_id].sessions if wanted.user_id in self.held else 0,
        )

    def set_password(self, user_id: str, password: TemporaryPassword) -> None:
        self._reach("set_password", user_id)
        if self.sets_its_own:
            raise SetThere("{system} keeps its passwords itself.", system=self.system)
        if user_id in self.stubborn:
            raise Refusal("no rights for that")
        limit = min(filter(None, (self.held[user_id].valid_to, password.until)))
        waits = True if self.marks else None
        self.held[user_id] = replace(self.held[user_id], valid_to=limit, password_waits=waits)

    def block(self, user_ids: Sequence[str]) -> Failures:
        self._reach("block", *user_ids)
        for name in user_ids:
            if name in self.held and name not in self.stubborn:
                self.held[name] = replace(self.held[name], enabled=False)
        return {name: "no rights for that" for name in user_ids if name in self.stubborn}

    def end_sessions(self, user_ids: Sequence[str]) -> Failures:
        self._reach("end_sessions", *user_ids)
        for name in user_ids:
            if name in self.held:
                self.held[name] = replace(self.held[name], sessions=0)
        if self.comes_in:
            name = self.comes_in.pop()
            self.held[name] = replace(self.held[name], sessions=1)
        return {}

    def strip(self, user_ids: Sequence[str]) -> Failures:
        self._reach("strip", *user_ids)
        for name in user_ids:
            if name in self.held:
                self.held[name] = replace(self.held[name], entitlements=(), remains=())
        return {}
