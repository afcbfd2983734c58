"""A city hall with a town's register, where tasks are asked for, approved and run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accesscontrol.people.roles import Role
from accesscontrol.requests import reading
from accesscontrol.requests.kinds import Kind
from accesscontrol.requests.reading import Request
from accesscontrol.store import Store
from registry.checks import Settings
from registry.databases import Registry, open_registry
from registry.tasks.catalogue import CATALOGUE
from registry.tasks.kind import MAINTENANCE, Site, embedded, maintenance_kinds
from registry.tasks.model import Ground, Person, Task
from registry.tasks.running import Silent, run
from tests.backups.office import Office
from tests.registry.conftest import TODAY

MORE_PEOPLE = {
    "kondo": Role.IDENTINFO_MANAGER,
    "hara": Role.SECOND_CHECKER,
    "wada": Role.WORK_LEAD,
    "ueda": Role.SUPERIOR,
    "kawai": Role.SYSTEM_ADMIN,
}
APPROVERS = {
    "business-owner": "abe",
    "identinfo-manager": "kondo",
    "second-checker": "hara",
    "work-lead": "wada",
    "security-officer": "sato",
    "superior": "ueda",
    "output-manager": "kato",
}
SETTINGS = Settings(today=TODAY)
MACHINE = Person(staff_number="system", terminal="")


@dataclass
class Hall:
    """The register at ``place``, and the people who may do something with it."""

    store: Store
    place: Path | str
    settings: Settings = SETTINGS

    def __post_init__(self) -> None:
        seat = embedded(self.open, self.look)
        self.site = Site(store=self.store, look=self.look, settings=lambda: self.settings, seat=seat)
        self.office = Office(self.store, *self.kinds())
        for login, role in MORE_PEOPLE.items():
            self.office.hire(login, role)

    def kinds(self) -> tuple[Kind, ...]:
        return maintenance_kinds(CATALOGUE, self.site)

    def open(self) -> Registry:
        return open_registry(self.place)

    def look(self) -> Registry:
        return open_registry(self.place, read_only=True)

    def change(self, *statements: str) -> None:
        with self.open() as registry, registry.writing():
            for statement in statements:
                registry.execute(statement)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with open_registry(self.place, read_only=True) as registry:
            return list(registry.rows(sql))

    def count(self, table: str, where: str = "1 = 1") -> int:
        return int(self.ask(f"SELECT count(*) FROM {table} WHERE {where}")[0][0])

    def approved(self, name: str, arguments: Mapping[str, Any], login: str = "yamada") -> Request:
        """Hand a task in and have every slot filled, and the witness seated where one is needed."""
        kind = name if ":" in name else f"{MAINTENANCE}:{name}"
        request = self.office.submit(kind, arguments, login)
        for slot in request.rule.slots:
            request = self.office.approve(request, APPROVERS[slot.name])
        return self.office.attest(request) if request.rule.witness else request

    def execute(self, request: Request, login: str = "kawai") -> Request:
        self.office.execute(request, login)
        return reading.get(self.store, request.id)

    def run(self, task: Task, arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Run a task that needs no approval."""
        with self.open() as registry:
            ground = Ground(registry=registry, settings=self.settings, store=self.store)
            done = run(task, ground, task.read(arguments or {}), journal=Silent(), person=MACHINE)
            return {**done.evidence, **done.output}
