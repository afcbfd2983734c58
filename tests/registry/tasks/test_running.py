"""A task runs whole or not at all, can be stopped, and says nothing of what a record holds."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from registry.tasks import identity_erasure
from registry.tasks.model import Condition, Ground, Run, Step, Task
from registry.tasks.running import Silent, run
from tests.registry.tasks.hall import MACHINE, Hall

MARK = "UPDATE resident_register SET remarks = 'marked' WHERE record_id <= ?"


@dataclass
class Notebook:
    """A journal that keeps what it is told, and stops the work after so many statements."""

    stop_after: int = 1000
    lines: list[tuple[str, Any]] = field(default_factory=list)

    def step(self, label: str) -> None:
        self.lines.append(("step", label))

    def statement(self, sql: str, rows: int) -> None:
        self.lines.append((sql, rows))

    def note(self, text: str) -> None:
        self.lines.append(("note", text))

    def stopped(self) -> bool:
        return sum(name.startswith(("UPDATE", "SELECT")) for name, _ in self.lines) >= self.stop_after


def task(*steps: Step, **more: Any) -> Task:
    return replace(
        identity_erasure.TASK,
        name="mark",
        steps=steps,
        after=(),
        **more,
    )


def marking(rows: int) -> Step:
    return Step(f"Mark {rows}", lambda run: run.evidence.update(marked=run.execute(MARK, (rows,))))


def marked(hall: Hall) -> int:
    return hall.count("resident_register", "remarks = 'marked'")


def perform(hall: Hall, what: Task, journal: Notebook | None = None, **more: Any) -> dict[str, Any]:
    with hall.open() as registry:
        ground = Ground(registry=registry, settings=hall.settings, store=hall.store)
        return run(what, ground, None, journal=journal or Silent(), person=more.pop("person", MACHINE), **more).evidence


def test_the_journal_is_told_every_step_and_statement_with_its_rows(hall: Hall) -> None:
    journal = Notebook()
    assert perform(hall, task(marking(3)), journal)["marked"] == 3
    assert ("step", "Mark 3") in journal.lines
    assert (MARK, 3) in journal.lines
    assert marked(hall) == 3


def test_whoever_stops_it_leaves_the_register_as_it_was(hall: Hall) -> None:
    with pytest.raises(Refusal, match="was stopped"):
        perform(hall, task(marking(3), marking(5)), Notebook(stop_after=1))
    with pytest.raises(Refusal, match="was stopped"):  # also between the last statement and the commit
        perform(hall, task(marking(3)), Notebook(stop_after=1))
    assert marked(hall) == 0


def test_a_condition_that_fails_afterwards_takes_everything_back(hall: Hall) -> None:
    never = Condition("Nothing of it is left.", lambda _run: False)
    with pytest.raises(Refusal, match="does not hold"):
        perform(hall, replace(task(marking(3)), after=(never,)))
    assert marked(hall) == 0


def test_a_condition_that_fails_before_lets_nothing_begin(sqlite_hall: Hall) -> None:
    journal = Notebook()
    with pytest.raises(Refusal, match="does not hold"):
        perform(sqlite_hall, replace(task(marking(3)), before=(Condition("no", lambda _run: False),)), journal)
    assert not journal.lines


def test_an_error_of_the_database_is_told_by_its_kind_and_never_in_its_words(hall: Hall) -> None:
    hall.change("CREATE UNIQUE INDEX once ON number_request (requested_on)")

    def collide(run: Run) -> None:
        for key in (900001, 900002):
            run.execute("INSERT INTO number_request (record_id, requested_on) VALUES (?, ?)", (key, "SECRET-VALUE"))

    before = hall.count("number_request")
    with pytest.raises(Refusal, match="The database refused") as refused:
        perform(hall, task(Step("Collide", collide)))
    assert "SECRET-VALUE" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert hall.count("number_request") == before


@pytest.mark.parametrize("role", [Role.CONTRACTOR_OPERATOR, Role.TEMPORARY_STAFF])
def test_only_accounts_of_the_city_change_anything(sqlite_hall: Hall, role: Role) -> None:
    person = replace(MACHINE, staff_number="C-1", roles=frozenset({Role.SYSTEM_ADMIN, role}))
    with pytest.raises(Refusal) as refused:
        perform(sqlite_hall, task(marking(3)), person=person)
    assert refused.value.control == "RG-RET-05"
    assert marked(sqlite_hall) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"changes": True},  # without an approval
        {"apart": True},
        {"changes": True, "automatic": True, "undo": "It can."},  # without a tolerance
        {"changes": True, "automatic": True, "tolerance": 0},  # without a word on undoing
    ],
)
def test_a_task_that_leaves_something_unsaid_can_t_be_declared(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="task x"):
        Task(name="x", title="x", purpose="x", controls=(), steps=(), expected=identity_erasure.TASK.expected, **wrong)


def test_a_reading_task_sees_the_register_as_it_was_at_one_moment(hall: Hall) -> None:
    with hall.look() as registry, registry.reading():
        before = registry.counts()["number_request"]
        hall.change("INSERT INTO number_request (record_id, requested_on) VALUES (900001, '2026-11-24')")
        assert registry.counts()["number_request"] == before
    with hall.look() as registry:
        assert registry.counts()["number_request"] == before + 1
