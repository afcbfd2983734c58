"""What a maintenance task is: declared once as data and code, shown before it runs, and judged after it ran.

A task never gets a shell and never a text to run: its steps are statements and fixed programs that its own module
names, its arguments are typed. The registry it works on is handed in, so that it may run through a tunnel.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

import msgspec

from accesscontrol.canonical import JSON, digest
from accesscontrol.messages import N_
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests.kinds import Slot
from accesscontrol.store import Store
from registry.checks.model import Settings
from registry.databases.interface import Registry

CANNOT_BE_UNDONE: Final = N_("This cannot be undone.")
CHANGES_NOTHING: Final = N_("It changes nothing, so there is nothing to undo.")
ERASERS: Final = frozenset({Role.SYSTEM_ADMIN, Role.OPERATOR})
"""Who may ask for and run what takes data away or puts it right."""
LISTED: Final = 1000  # so many places are shown; counts and digest are always over all of them


class Journal(Protocol):
    """Where a running task says what it does, and is told to stop. A controlled session records it."""

    def step(self, label: str) -> None:
        """Say that the step named ``label`` (a msgid) begins."""
        ...

    def statement(self, sql: str, rows: int) -> None:
        """Say that ``sql`` ran, and how many rows it touched; parameters are never told."""
        ...

    def note(self, text: str) -> None:
        """Say one line about the work; it holds no value of a record."""
        ...

    def stopped(self) -> bool:
        """Tell whether somebody has stopped the work."""
        ...


class Host(Protocol):
    """The machine of the register, for steps that are programs."""

    def run(self, argv: Sequence[str]) -> int:
        """Run a program by its argument list, without a shell; return its exit code. Its output is recorded."""
        ...


class Cadence(StrEnum):
    """How often a task is due."""

    daily = "daily"
    weekly = "weekly"
    monthly = "monthly"
    yearly = "yearly"


class NoParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A task that needs to be told nothing."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a task would do: how many records of which table, and a digest over the very list of them.

    ``listed`` names the first records by surrogate key; it never holds what an item holds.
    """

    counts: Mapping[str, int]
    sha256: str = ""
    listed: tuple[str, ...] = ()
    facts: Mapping[str, JSON] = field(default_factory=dict)

    def to_json(self) -> dict[str, JSON]:
        """Return the effect as it is bound into a request."""
        return {
            "counts": dict(self.counts),
            "sha256": self.sha256,
            "listed": list(self.listed),
            "facts": dict(self.facts),
        }


def effect_of(lists: Mapping[str, Sequence[int]], **facts: JSON) -> Effect:
    """Return the effect on exactly these records, given by table and surrogate key."""
    keys = {table: sorted(found) for table, found in lists.items()}
    return Effect(
        counts={table: len(found) for table, found in keys.items()},
        sha256=digest({"records": keys, "facts": facts}),
        listed=tuple(f"{table} {key}" for table, found in keys.items() for key in found)[:LISTED],
        facts=facts,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a task looks at: the open register, the site's readings and day, and the console's own ledger."""

    registry: Registry
    settings: Settings
    store: Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who runs a task: a staff number at a terminal, and the roles of this moment. ``system`` for the console."""

    staff_number: str
    terminal: str
    roles: frozenset[Role] = frozenset()


@dataclass(slots=True, kw_only=True)
class Run:
    """One run under way: its ground, its arguments, its effect, and what it has to tell afterwards.

    ``evidence`` is kept (counts and digests); ``output`` is for whoever asked, and is kept nowhere. ``confirm`` shows
    whoever executes how many rows a statement touched, and returns their answer.
    """

    task: str
    ground: Ground
    parameters: Any
    journal: Journal
    person: Person
    effect: Effect
    request: str = ""
    host: Host | None = None
    progress: Callable[[int, int], None] = lambda _done, _total: None
    confirm: Callable[[str, int], bool] = lambda _sql, _rows: True
    evidence: dict[str, JSON] = field(default_factory=dict)
    output: dict[str, Any] = field(default_factory=dict)

    @property
    def registry(self) -> Registry:
        """The register that the task works on."""
        return self.ground.registry

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run one changing statement and tell the journal; return the rows it touched."""
        self.go_on()
        touched = self.registry.execute(sql, parameters)
        self.journal.statement(sql, max(touched, 0))
        return touched

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Return the rows of a query and tell the journal how many there were."""
        self.go_on()
        count = 0
        for count, row in enumerate(self.registry.rows(sql, parameters), start=1):  # noqa: B007 - told afterwards
            yield row
        self.journal.statement(sql, count)

    def command(self, argv: Sequence[str]) -> None:
        """Run a program on the register's machine; :class:`Refusal` when there is none or it fails."""
        self.go_on()
        if self.host is None:
            raise Refusal(N_("This step runs a program on the database host; run it in a controlled session."))
        code = self.host.run(argv)
        if code:
            raise Refusal(N_("{program} ended with code {code}."), program=argv[0], code=code)

    def go_on(self) -> None:
        """Raise :class:`Refusal` when somebody has stopped the work; an open transaction then is taken back."""
        if self.journal.stopped():
            raise Refusal(N_("The work was stopped; what was not yet committed was taken back."), control="AC-AUT-03")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to: evidence to keep, and output for whoever asked."""

    evidence: dict[str, JSON]
    output: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One step, told to the journal by ``label`` (a msgid) before it begins; ``argv`` is its program, if it is one."""

    label: str
    work: Callable[[Run], None]
    argv: Callable[[Any], Sequence[str]] | None = None


def program(label: str, argv: Callable[[Any], Sequence[str]]) -> Step:
    """Return a step that runs a program; ``argv`` makes its argument list from the task's typed parameters."""
    return Step(label, lambda run: run.command(tuple(argv(run.parameters))), argv)


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that must hold before or after; ``holds`` raises :class:`Refusal` or returns False when it does not."""

    label: str
    holds: Callable[[Run], bool]


def _reads_everything(ground: Ground, _parameters: Any) -> Effect:
    return Effect(counts=ground.registry.counts())


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One maintenance task.

    ``effect`` is the dry run; ``tolerance`` is by how many records its counts may have moved at execution (0: only
    the very list runs; None: the task reads, whatever there is). ``slots`` are the approvals; a task without any
    changes nothing, or is ``automatic``: then the console runs it by itself when it is due, and a lock on the task
    is its stop switch. ``changes`` puts all steps into one transaction that is taken back when a condition fails;
    ``apart`` is for statements that a database runs only outside of one. ``moderated`` demands a second person who
    is there while it runs. ``artefacts`` are the SHA-256 of what the arguments name. ``content`` is what those who
    decide are shown of it, by label, read anew each time and kept nowhere: values are masked. Titles and labels are
    msgids.
    """

    name: str
    title: str
    purpose: str
    controls: tuple[str, ...]
    steps: tuple[Step, ...]
    expected: timedelta
    checks: tuple[str, ...] = ()
    parameters: type[msgspec.Struct] = NoParameters
    labels: Mapping[str, str] = field(default_factory=dict)
    before: tuple[Condition, ...] = ()
    after: tuple[Condition, ...] = ()
    effect: Callable[[Ground, Any], Effect] = _reads_everything
    tolerance: int | None = None
    artefacts: Callable[[Any], Mapping[str, str]] = field(default=lambda _: {})
    content: Callable[[Ground, Any], Mapping[str, object]] | None = None
    slots: tuple[Slot, ...] = ()
    requesters: frozenset[Role] = frozenset({Role.SYSTEM_ADMIN, Role.RESIDENT_OPERATOR})
    executors: frozenset[Role] = frozenset({Role.SYSTEM_ADMIN, Role.RESIDENT_OPERATOR})
    undo: str = CHANGES_NOTHING
    changes: bool = False
    apart: bool = False
    automatic: bool = False
    moderated: bool = False
    due: Cadence | None = None

    def __post_init__(self) -> None:
        alters = self.changes or self.apart
        if alters and not (self.slots or self.automatic):
            raise ValueError(f"task {self.name}: what changes the register needs an approval, or is automatic")
        if alters and self.undo == CHANGES_NOTHING:
            raise ValueError(f"task {self.name}: say how it is undone, or that it cannot be undone")
        if self.changes and self.tolerance is None:
            raise ValueError(f"task {self.name}: say by how much the data may have moved since the dry run")

    def read(self, arguments: Mapping[str, Any]) -> msgspec.Struct:
        """Return the typed parameters; :class:`Refusal` names the wrong field."""
        try:
            return msgspec.convert(arguments, self.parameters)
        except msgspec.ValidationError as error:
            raise Refusal(N_("The arguments can't be read: {reason}."), reason=str(error)) from None

    def commands(self, parameters: Any) -> tuple[tuple[str, ...], ...]:
        """Return the programs that its steps run on the register's machine, each by its argument list."""
        return tuple(tuple(step.argv(parameters)) for step in self.steps if step.argv is not None)

    def within(self, approved: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
        """Tell whether the effect ``now`` still is what was approved (both as :meth:`Effect.to_json`)."""
        if self.tolerance is None:
            return True
        if self.tolerance == 0:
            return bool(approved["sha256"] == now["sha256"] and approved["counts"] == now["counts"])
        tables = approved["counts"].keys() | now["counts"].keys()
        moved = (abs(approved["counts"].get(table, 0) - now["counts"].get(table, 0)) for table in tables)
        return all(by <= self.tolerance for by in moved)
