"""A small city hall for the tests: its people with their keys, its terminals, and four kinds of request.

A real process can open the same city by its path, so that two consoles meet at one file.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accesscontrol.canonical import JSON
from accesscontrol.clock import Clock, FixedClock
from accesscontrol.people import keys, operators, passwords, terminals
from accesscontrol.people.credentials import enrol
from accesscontrol.people.keys import Signature
from accesscontrol.people.migrations import migrations as people_migrations
from accesscontrol.people.operators import Operator
from accesscontrol.people.policy import Argon2Parameters, PasswordPolicy, SignInPolicy
from accesscontrol.people.roles import Role
from accesscontrol.people.secret import Secret
from accesscontrol.people.terminals import Terminal, TerminalPlace
from accesscontrol.requests import decisions, gate, reading, reports, submission
from accesscontrol.requests.desk import Acting, Desk
from accesscontrol.requests.kinds import Execution, Kind, Place, Slot
from accesscontrol.requests.migrations import migrations as requests_migrations
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from accesscontrol.requests.submission import Window
from accesscontrol.store import Store
from accesscontrol.trail.checkpoints import Sealer
from accesscontrol.trail.witness import Witness

SEAL: Final = bytes(range(32))
ZONE: Final = ZoneInfo("Asia/Tokyo")
OPENING: Final = datetime(2026, 11, 24, 0, 0, 10, tzinfo=UTC)
CHEAP: Final = Argon2Parameters(memory_kib=8, iterations=1, lanes=1)
POLICY: Final = SignInPolicy(
    pepper=Secret(bytes(range(32))), passwords=PasswordPolicy(argon2=CHEAP, history_argon2=CHEAP)
)
PASSWORD: Final = Secret("Tortoise&9brews#lanterns")
LOG_KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ROOM: Final = "room-1"
OFFICE: Final = "desk-7"
FACTS: Final = {ROOM: "registry-01:tty1", OFFICE: "registry-01:192.0.2.7"}

PEOPLE: Final[Mapping[str, frozenset[Role]]] = {
    "mori": frozenset({Role.OPERATOR}),
    "ogawa": frozenset({Role.RESIDENT_OPERATOR}),
    "yamada": frozenset({Role.SYSTEM_ADMIN}),
    "hayashi": frozenset({Role.IDPW_CUSTODIAN}),
    "sato": frozenset({Role.SECURITY_OFFICER}),
    "tanaka": frozenset({Role.SECURITY_OFFICER}),
    "kondo": frozenset({Role.IDENTINFO_MANAGER}),
    "hara": frozenset({Role.SECOND_CHECKER}),
    "ueda": frozenset({Role.SUPERIOR}),
    "kato": frozenset({Role.OUTPUT_MANAGER}),
    "suzuki": frozenset({Role.WITNESS}),
    "noda": frozenset({Role.WITNESS}),
    "endo": frozenset({Role.AUDITOR}),
}
REQUESTERS: Final = frozenset({Role.OPERATOR, Role.WORK_LEAD})
EXECUTORS: Final = frozenset({Role.RESIDENT_OPERATOR, Role.SYSTEM_ADMIN})


class Load(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the acts of the tests are about: a file, a number, and perhaps a person."""

    name: str
    amount: int = 1
    about: str = ""


@dataclass
class World:
    """What lies outside the store and may move under a request. ``done`` counts what really ran."""

    folder: Path
    rows: int = 100
    during: Callable[[Execution], object] = lambda _: None

    @property
    def done(self) -> list[dict[str, Any]]:
        path = self.folder / "done"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def act(self, execution: Execution) -> dict[str, JSON]:
        with (self.folder / "done").open("a") as file:
            file.write(
                json.dumps({"request": execution.request_id, **msgspec.to_builtins(execution.parameters)}) + "\n"
            )
        self.during(execution)
        execution.progress(1, 1)
        return {"amount": execution.parameters.amount}

    def write(self, name: str, content: str) -> None:
        (self.folder / name).write_text(content)

    def artefacts(self, load: Load) -> dict[str, str]:
        path = self.folder / load.name
        return {load.name: sha256(path.read_bytes()).hexdigest() if path.exists() else ""}


def within_two_rows(then: Any, now: Any) -> bool:
    return abs(int(then["rows"]) - int(now["rows"])) <= 2


def slot(name: str, *roles: Role) -> Slot:
    return Slot(name=name, title=name, roles=frozenset(roles))


def kinds_of(world: World) -> dict[str, Kind]:
    """Return the kinds: one plain, one with two slots and a dry run, one with a witness, one emergency."""
    common: dict[str, Any] = {
        "controls": ("BK-BAK-02",),
        "parameters": Load,
        "requesters": REQUESTERS,
        "executors": EXECUTORS,
        "execute": world.act,
        "describe": lambda load: {"Name": load.name},
        "artefacts": world.artefacts,
        "touches": lambda load: (("medium", load.name),),
        "concerns": lambda load: frozenset({load.about} - {""}),
    }
    kinds = (
        Kind(
            **common,
            name="export",
            title="Export",
            slots=(slot("officer", Role.SECURITY_OFFICER),),
            place=Place.SERVER_ROOM,
        ),
        Kind(
            **common,
            name="correction",
            title="Correction",
            slots=(
                slot("manager", Role.IDENTINFO_MANAGER),
                slot("second", Role.SECOND_CHECKER, Role.SUPERIOR),
            ),
            dry_run=lambda _: {"rows": world.rows},
            within=within_two_rows,
            report=True,
        ),
        Kind(
            **common,
            name="medium",
            title="Medium",
            slots=(slot("output", Role.OUTPUT_MANAGER),),
            witness=True,
            report=True,
        ),
        Kind(
            **{**common, "executors": REQUESTERS | EXECUTORS},
            name="emergency",
            title="Emergency",
            slots=(),
            emergency=True,
            report=True,
        ),
    )
    return {kind.name: kind for kind in kinds}


@dataclass
class City:
    """The city hall, with short ways to do in it what its people do."""

    store: Store
    world: World
    kinds: dict[str, Kind]
    witness: Witness | None = None
    roots: dict[str, Secret] = field(default_factory=dict)

    @property
    def sealer(self) -> Sealer:
        return Sealer(self.store, origin="city/trail", load_key=lambda: LOG_KEY, witness=self.witness)

    @property
    def desk(self) -> Desk:
        return Desk(
            store=self.store,
            kinds=self.kinds,
            zone=ZONE,
            seal=self.sealer.seal,
            business_days_after=lambda instant, days: instant + timedelta(days=days),
        )

    @property
    def clock(self) -> FixedClock:
        clock = self.store.clock
        assert isinstance(clock, FixedClock)
        return clock

    def hire(self, login: str, *roles: Role, staff_number: str = "", **changes: Any) -> None:
        facts: dict[str, Any] = {
            "staff_number": staff_number or f"S-{login}",
            "login": login,
            "name": "架空 太郎",
            "name_kana": "カクウ タロウ",
            "office": "市民課",
            "roles": frozenset(roles),
            "valid_from": datetime(2026, 4, 1, tzinfo=UTC),
        }
        enrol(self.store, POLICY, Operator(**{**facts, **changes}), actor="system", password=PASSWORD)

    def acting(self, login: str, terminal: str = ROOM) -> Acting:
        return Acting(login, operators.get(self.store, login).staff_number, terminal)

    def sign(self, login: str) -> decisions.Signing:
        """Return the signing of this person, both factors taken for granted."""

        def sign(message: bytes) -> Signature:
            if login not in self.roots:
                root = passwords.prove(passwords.find(self.store, login), PASSWORD, login, POLICY)
                assert root is not None
                self.roots[login] = root
            key_id, value = keys.sign(self.store, login, self.roots[login], message)
            return Signature(
                key_id=key_id,
                login=login,
                staff_number=operators.get(self.store, login).staff_number,
                at=self.store.clock.now(),
                value=value,
                factor_method="totp",
                factor_kind="substitute",
            )

        return sign

    def submit(
        self,
        kind: str = "export",
        login: str = "mori",
        terminal: str = ROOM,
        *,
        reason: str = "monthly",
        window: Window | None = None,
        request_id: str | None = None,
        **parameters: Any,
    ) -> Request:
        actor = self.acting(login, terminal)
        given = {"name": "file", **parameters}
        return submission.submit(self.desk, kind, given, actor, reason=reason, window=window, request_id=request_id)

    def approve(self, request: Request, login: str = "sato", terminal: str = ROOM) -> Request:
        return decisions.approve(
            self.desk, request.id, self.acting(login, terminal), seen=request.digest, sign=self.sign(login)
        )

    def approved(self, kind: str = "export", **parameters: Any) -> Request:
        """Return a request of ``kind`` with all approvals (and the witness's first statement)."""
        request = self.submit(kind, **parameters)
        for login in {"export": ["sato"], "correction": ["kondo", "hara"], "medium": ["kato"]}.get(kind, []):
            request = self.approve(request, login)
        return self.attest(request) if self.kinds[kind].witness else request

    def attest(self, request: Request, login: str = "suzuki", phase: str = decisions.BEFORE) -> Request:
        return decisions.attest(
            self.desk, request.id, self.acting(login), phase=phase, statement="I saw it.", sign=self.sign(login)
        )

    def execute(
        self,
        request: Request,
        login: str = "ogawa",
        terminal: str = ROOM,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> Request:
        return gate.execute(self.desk, request.id, self.acting(login, terminal), progress=progress)

    def reject(self, request: Request, login: str = "sato") -> None:
        decisions.reject(self.desk, request.id, self.acting(login), reason="not now")

    def revoke(self, request: Request, login: str = "sato") -> None:
        decisions.revoke(self.desk, request.id, self.acting(login), reason="a mistake")

    def withdraw(self, request: Request, login: str = "mori") -> None:
        submission.withdraw(self.desk, request.id, self.acting(login), reason="no need")

    def settle(self, request: Request, login: str = "sato", outcome: State = State.DONE) -> None:
        gate.settle(self.desk, request.id, self.acting(login), outcome=outcome, statement="I looked.")

    def report(self, request: Request, login: str = "ogawa") -> None:
        reports.report(self.desk, request.id, self.acting(login), text="It went well.")

    def close(self, request: Request, login: str = "sato") -> None:
        reports.close(self.desk, request.id, self.acting(login), comment="Seen.")

    def now(self, request: Request) -> Request:
        """Return the request as it stands now."""
        return reading.get(self.store, request.id)

    def state(self, request: Request) -> State:
        return self.now(request).state

    def acts(self, subject: str | None = None) -> list[str]:
        rows = self.store.rows(
            "SELECT act FROM trail_entry WHERE ? IS NULL OR subject = ? ORDER BY seq", (subject, subject)
        )
        return [row["act"] for row in rows]


def open_city(path: Path, clock: Clock) -> City:
    """Open the city whose file lies at ``path``."""
    world = World(path.parent)
    return City(Store(path, clock, seal=SEAL), world, kinds_of(world))


def build_city(path: Path) -> City:
    """Build the city: tables, terminals and people."""
    city = open_city(path, FixedClock(OPENING))
    city.store.migrate(people_migrations, requests_migrations)
    with city.store.transaction() as tx:
        for name, place in ((ROOM, TerminalPlace.SERVER_ROOM), (OFFICE, TerminalPlace.OFFICE)):
            terminals.register(tx, Terminal(name=name, place=place, fact=FACTS[name]), actor="system")
    for login, roles in PEOPLE.items():
        city.hire(login, *roles)
    return city
