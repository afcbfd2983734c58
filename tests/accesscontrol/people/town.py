"""Short ways to say what the specifications are about."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from accesscontrol.clock import FixedClock
from accesscontrol.people import sign_in_events, totp
from accesscontrol.people.credentials import Enrolment, enrol
from accesscontrol.people.keys import Signature
from accesscontrol.people.operators import Operator
from accesscontrol.people.policy import SignInPolicy
from accesscontrol.people.roles import Role
from accesscontrol.people.secret import Secret
from accesscontrol.people.session import Session
from accesscontrol.people.sign_in import sign_in, step_up
from accesscontrol.people.sign_in_events import SignInEvent
from accesscontrol.store import Store

ROOM_FACT = "registry-01:tty1"
OFFICE_FACT = "registry-01:192.0.2.7"
PASSWORD = Secret("Tortoise&9brews#lanterns")
DIGEST = hashlib.sha256(b"what is decided").digest()


def operator(login: str, *roles: Role, staff_number: str = "", **changes: Any) -> Operator:
    facts: dict[str, Any] = {
        "staff_number": staff_number or f"S-{login}",
        "login": login,
        "name": "架空 太郎",
        "name_kana": "カクウ タロウ",
        "office": "市民課",
        "roles": frozenset(roles or {Role.OPERATOR}),
        "valid_from": datetime(2026, 4, 1, tzinfo=UTC),
    }
    return Operator(**{**facts, **changes})


@dataclass
class Town:
    store: Store
    policy: SignInPolicy
    clock: FixedClock
    enrolments: dict[str, Enrolment] = field(default_factory=dict)

    def person(self, login: str, *roles: Role, password: Secret | None = PASSWORD, **changes: Any) -> Enrolment:
        enrolment = enrol(
            self.store, self.policy, operator(login, *roles, **changes), actor="system", password=password
        )
        self.enrolments[login] = enrolment
        return enrolment

    def code(self, login: str, *, steps: int = 0) -> Secret:
        at = self.clock.now() + timedelta(seconds=30 * steps)
        return totp.code_at(self.enrolments[login].seed, at)

    def next_step(self) -> None:
        self.clock.advance(timedelta(seconds=30))

    def sign_in(self, login: str, **changes: Any) -> Session:
        """Sign in with the right factors unless told otherwise, and wait for the next code."""
        given: dict[str, Any] = {"password": PASSWORD, "terminal": ROOM_FACT, "policy": self.policy, **changes}
        if "code" not in given:
            given["code"] = self.code(login) if login in self.enrolments else Secret("000000")
        session = sign_in(self.store, login=login, **given)
        self.next_step()
        return session

    def step_up(self, session: Session, **changes: Any) -> Signature:
        given: dict[str, Any] = {"password": PASSWORD, "message": DIGEST, **changes}
        if "code" not in given:
            given["code"] = self.code(session.operator.login)
        return step_up(self.store, self.policy, session, **given)

    def events(self) -> list[SignInEvent]:
        return [event for _, event in sign_in_events.read(self.store)]

    def acts(self) -> list[str]:
        return [row["act"] for row in self.store.rows("SELECT act FROM trail_entry ORDER BY 1")]
