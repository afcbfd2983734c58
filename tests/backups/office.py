"""A small office for the tests: people with roles and keys, and the counter where requests are handed in."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accesscontrol.people import keys, operators
from accesscontrol.people.keys import Signature
from accesscontrol.people.operators import Operator
from accesscontrol.people.roles import Role
from accesscontrol.people.secret import Secret
from accesscontrol.requests import decisions, gate, submission
from accesscontrol.requests.desk import Acting, Desk
from accesscontrol.requests.kinds import Kind
from accesscontrol.requests.reading import Request
from accesscontrol.store import Store

ZONE = ZoneInfo("Asia/Tokyo")
ROOT = Secret(b"r" * 32)
PEOPLE = {
    "yamada": Role.SYSTEM_ADMIN,
    "ogawa": Role.RESIDENT_OPERATOR,
    "sato": Role.SECURITY_OFFICER,
    "suzuki": Role.WITNESS,
    "kato": Role.OUTPUT_MANAGER,
    "mori": Role.OPERATOR,
    "ito": Role.KEY_CUSTODIAN,
    "abe": Role.BUSINESS_OWNER,
}


class Office:
    """Everybody of ``PEOPLE`` at the terminal SR-01, and a desk that knows ``kinds``."""

    def __init__(self, store: Store, *kinds: Kind) -> None:
        self.store = store
        self.desk = Desk(
            store=store,
            kinds={kind.name: kind for kind in kinds},
            zone=ZONE,
            seal=lambda: None,
            business_days_after=lambda instant, days: instant + timedelta(days=days),
        )
        for login, role in PEOPLE.items():
            self.hire(login, role)

    def hire(self, login: str, role: str) -> None:
        operator = Operator(
            staff_number=f"S-{login}",
            login=login,
            name="架空 太郎",
            name_kana="カクウ タロウ",
            office="市民課",
            roles=frozenset({Role(role)}),
            valid_from=datetime(2026, 4, 1, tzinfo=UTC),
        )
        with self.store.transaction() as tx:
            operators.add(tx, operator, actor="system")
            keys.issue(tx, operator, ROOT, actor="system")

    def acting(self, login: str, terminal: str = "SR-01") -> Acting:
        return Acting(login, f"S-{login}", terminal)

    def submit(self, kind: str, parameters: Mapping[str, Any], login: str = "yamada", **change: Any) -> Request:
        actor = self.acting(login, change.get("terminal", "SR-01"))
        return submission.submit(self.desk, kind, parameters, actor, reason="monthly")

    def approve(self, request: Request, login: str = "sato") -> Request:
        return decisions.approve(
            self.desk, request.id, self.acting(login), seen=request.digest, sign=self._signing(login)
        )

    def attest(self, request: Request, login: str = "suzuki", phase: str = decisions.BEFORE) -> Request:
        sign = self._signing(login)
        return decisions.attest(
            self.desk, request.id, self.acting(login), phase=phase, statement="I am seated.", sign=sign
        )

    def execute(self, request: Request, login: str = "ogawa", terminal: str = "SR-01", **named: Any) -> Request:
        return gate.execute(self.desk, request.id, self.acting(login, terminal), **named)

    def _signing(self, login: str) -> decisions.Signing:
        def sign(message: bytes) -> Signature:
            key_id, value = keys.sign(self.store, login, ROOT, message)
            return Signature(
                key_id=key_id,
                login=login,
                staff_number=f"S-{login}",
                at=self.store.clock.now(),
                value=value,
                factor_method="totp",
                factor_kind="substitute",
            )

        return sign
