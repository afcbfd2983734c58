"""Short ways to write rosters and to see what they do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accesscontrol.accounts import desired, ledger, reading
from accesscontrol.accounts.model import Cause, Person, Terms
from accesscontrol.clock import start_of_day
from accesscontrol.requests import submission
from accesscontrol.requests.reading import Request
from accesscontrol.rosters import batches
from accesscontrol.rosters.batches import Batch
from accesscontrol.rosters.brake import Brake
from accesscontrol.rosters.comparing import Comparison, Consequence, compare
from accesscontrol.rosters.model import Roster, RosterKind
from accesscontrol.rosters.reading import read_roster
from accesscontrol.store import Store
from tests.accesscontrol.requests.city import ZONE, City

PERSONNEL = "職員番号,氏名,氏名カナ,旧姓,所属,区分,採用日,退職日"
CONTRACTOR = "従業者番号,氏名,会社名,契約番号,契約開始日,契約終了日,従事終了日,誓約書番号,誓約日"


def midnight(text: str) -> datetime:
    """Return the beginning of a day at the city, in UTC."""
    return start_of_day(date.fromisoformat(text), ZONE)


def staff(*lines: str) -> Roster:
    """Return a personnel roster of these lines."""
    return read("\n".join((PERSONNEL, *lines)), RosterKind.PERSONNEL)


def workers(*lines: str) -> Roster:
    """Return a contractor roster of these lines."""
    return read("\n".join((CONTRACTOR, *lines)), RosterKind.CONTRACTOR)


def read(text: str, kind: RosterKind, encoding: str = "utf-8") -> Roster:
    """Return the roster in ``text``, whose days are ISO 8601."""
    return read_roster(text.encode(encoding), kind, "roster.csv", date.fromisoformat)


@dataclass
class Hall:
    """The city hall, its ledger and its brake."""

    city: City
    brake: Brake

    @property
    def store(self) -> Store:
        return self.city.store

    def compare(self, roster: Roster, day: str = "2026-11-25") -> Mapping[str, Consequence]:
        """Return the consequence for each staff number."""
        return {each.staff_number: each.consequence for each in self.comparison(roster, day).changes}

    def comparison(self, roster: Roster, day: str = "2026-11-25") -> Comparison:
        return compare(self.store, roster, midnight(day), ZONE)

    def enter(self, roster: Roster, day: str | None = None) -> Batch:
        """Prepare a roster and, if its day has come, apply it."""
        batch = self.prepare(roster, day)
        return batches.apply(self.store, batch.number, ZONE, self.brake, actor="S-hayashi")

    def prepare(self, roster: Roster, day: str | None = None) -> Batch:
        return batches.prepare(self.store, roster, midnight(day) if day else None, actor="S-hayashi")

    def tick(self) -> list[Batch]:
        return batches.apply_due(self.store, ZONE, self.brake)

    def person(self, staff_number: str) -> Person:
        return reading.get_person(self.store, staff_number)

    def issue(self, staff_number: str, user_id: str, *rights: str, **changes: Any) -> None:
        """Issue an ID to somebody."""
        terms = Terms(
            **{
                "cause": Cause.APPOINTMENT,
                "granted_by": "S-sato",
                "valid_from": self.store.clock.now(),
                **changes,
            }
        )
        with self.store.transaction() as tx:
            ledger.issue(tx, "registry", user_id, staff_number, rights, terms, actor="S-hayashi")

    def grant(self, user_id: str, right: str, **changes: Any) -> None:
        terms = Terms(**{"cause": Cause.TRANSFER, "granted_by": "S-sato", **changes})
        with self.store.transaction() as tx:
            ledger.grant(tx, "registry", user_id, right, terms, actor="S-hayashi")

    def rights(self, user_id: str) -> tuple[str, ...] | None:
        """Return what an ID may do now beside signing in; None when it may not even that."""
        now = self.store.clock.now()
        found = desired.entry(self.store, "registry", user_id).desired(now)
        return found.entitlements if found.enabled else None

    def request(self, batch: Batch) -> Request:
        actor = self.city.acting("hayashi")
        return submission.submit(self.city.desk, "roster-import", {"batch": batch.number}, actor, reason="1 April")
