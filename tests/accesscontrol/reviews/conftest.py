"""A city hall with a ledger of user IDs that the test writes by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from accesscontrol.accounts.migrations import migrations as accounts_migrations
from accesscontrol.people.reading import Reader
from accesscontrol.people.roles import Role
from accesscontrol.requests.desk import Acting
from accesscontrol.reviews import answering, closing, opening, reading, remedying, settling
from accesscontrol.reviews.lines import Line, Sight
from accesscontrol.reviews.migrations import migrations as reviews_migrations
from accesscontrol.reviews.model import Answer, Item, Review, ReviewKind, Verdict
from accesscontrol.store import Transaction
from accesscontrol.trail import entries
from accesscontrol.trail.entries import Entry
from tests.accesscontrol.requests.city import City
from tests.accesscontrol.requests.conftest import built, new_city

__all__ = ["built", "new_city"]
USED = timedelta(days=3)


@dataclass
class Shelf:
    """User IDs and readings in memory."""

    held: list[Line] = field(default_factory=list)
    sights: dict[tuple[str, str], Sight] = field(default_factory=dict)
    carried: list[tuple[str, Verdict]] = field(default_factory=list)

    def lines(self, reader: Reader, at: datetime) -> list[Line]:
        return list(self.held)

    def sight(self, reader: Reader, system: str, user_id: str) -> Sight | None:
        return self.sights.get((system, user_id))

    def carry_out(self, tx: Transaction, line: Line, answer: Answer, *, cause: str, actor: Acting) -> str:
        self.carried.append((line.user_id, answer.verdict))
        tx.record("test.carried-out", actor=actor.staff_number, subject=line.user_id)
        return cause


@dataclass
class Reviewing:
    """The city hall with its shelf, and short ways to do in it what its people do."""

    city: City
    shelf: Shelf = field(default_factory=Shelf)

    @property
    def now(self) -> datetime:
        return self.city.store.clock.now()

    def line(self, user_id: str, **facts: Any) -> Line:
        usual: dict[str, Any] = {
            "system": "registry",
            "user_id": user_id,
            "staff_number": f"S-{user_id}",
            "name": "架空　太郎",
            "office": "市民課",
            "granted": ("inquiry",),
            "effective": ("inquiry",),
            "last_use": self.now - USED,
            "read_at": self.now,
            "reason": "appointment",
            "grantors": ("S-hayashi",),
        }
        return Line(**{**usual, **facts})

    def hold(self, *lines: Line) -> None:
        self.shelf.held = list(lines)

    def opened(self, *lines: Line, kind: ReviewKind = ReviewKind.INSPECTION, login: str = "") -> Review:
        if lines:
            self.hold(*lines)
        orderer = login or {"inspection": "yamada", "id-check": "sato"}[kind]
        return opening.open_review(
            self.city.store,
            self.shelf,
            kind,
            self.city.acting(orderer),
            instruction="November, all systems",
            due=self.now + timedelta(days=14),
        )

    def items(self, review: Review) -> dict[str, Item]:
        return {each.line.user_id: each for each in reading.items(self.city.store, review)}

    def number(self, review: Review, user_id: str) -> int:
        return self.items(review)[user_id].number

    def answer(
        self, review: Review, user_id: str, verdict: str = "keep", comment: str = "", login: str = "ogawa", **more: Any
    ) -> None:
        given = Answer(verdict=Verdict(verdict), comment=comment, **more)
        number = self.number(review, user_id)
        answering.answer(self.city.store, review.number, [number], self.city.acting(login), given)

    def settle(self, review: Review, login: str = "ogawa") -> Review:
        seen = settling.answers_digest(self.city.store, review.number)
        city = self.city
        return settling.settle(city.store, review.number, city.acting(login), seen=seen, sign=city.sign(login))

    def begin(self, review: Review, user_id: str, login: str = "hayashi") -> None:
        number = self.number(review, user_id)
        remedying.begin(self.city.store, self.shelf, review.number, number, self.city.acting(login))

    def read(self, user_id: str, **facts: Any) -> None:
        """Let time pass and read the target again."""
        self.city.clock.advance(timedelta(minutes=5))
        self.shelf.sights["registry", user_id] = Sight(**{"read_at": self.now, **facts})

    def verify(self, review: Review) -> tuple[int, int]:
        return remedying.verify(self.city.store, self.shelf, review.number)

    def close(self, review: Review, login: str = "ogawa") -> Review:
        city = self.city
        return closing.close(city.store, self.shelf, review.number, city.acting(login), sign=city.sign(login))

    def drift_to(self, user_id: str, **facts: Any) -> None:
        changed = [each for each in self.shelf.held if each.user_id == user_id]
        others = [each for each in self.shelf.held if each.user_id != user_id]
        self.shelf.held = [*others, *(msgspec.structs.replace(each, **facts) for each in changed)]

    def entries(self, act: str) -> list[Entry]:
        found = entries.page(self.city.store, limit=1000, contains=act)
        return [entry for entry in reversed(found) if entry.act == act]


@pytest.fixture
def hall(new_city: Callable[[], City]) -> Reviewing:
    city = new_city()
    city.store.migrate(accounts_migrations, reviews_migrations)
    city.hire("oka", Role.RESIDENT_OPERATOR)
    return Reviewing(city)
