"""What the catalogue says of its tasks holds for every one of them."""

import msgspec
import pytest

from registry.tasks.catalogue import CATALOGUE
from registry.tasks.kind import kind_name, maintenance_kinds
from registry.tasks.model import CHANGES_NOTHING, NoParameters, Task
from tests.registry.tasks.hall import Hall

TASKS = pytest.mark.parametrize("task", CATALOGUE.values(), ids=lambda task: task.name)


@TASKS
def test_a_task_says_what_it_does_how_long_and_how_it_is_undone(task: Task) -> None:
    assert task.title
    assert task.purpose
    assert task.controls
    assert task.steps
    assert task.expected.total_seconds() > 0
    assert (task.undo == CHANGES_NOTHING) <= (not task.changes and not task.apart)


@TASKS
def test_every_parameter_has_a_label(task: Task) -> None:
    assert {field.name for field in msgspec.structs.fields(task.parameters)} <= set(task.labels)


@TASKS
def test_what_changes_the_register_runs_behind_the_gate_or_by_itself(task: Task) -> None:
    if task.changes or task.apart:
        assert bool(task.slots) != task.automatic


def test_every_task_that_must_be_told_nothing_runs_on_either_database(hall: Hall) -> None:
    for task in CATALOGUE.values():
        if task.parameters is NoParameters and not task.slots:
            assert hall.run(task)["task"] == task.name


def test_each_task_with_an_approval_has_a_kind_of_its_own(sqlite_hall: Hall) -> None:
    kinds = {kind.name: kind for kind in maintenance_kinds(CATALOGUE, sqlite_hall.site)}
    assert set(kinds) == {kind_name(task) for task in CATALOGUE.values() if task.slots}
    for task in CATALOGUE.values():
        if task.slots:
            assert kinds[kind_name(task)].witness is task.moderated
            assert kinds[kind_name(task)].touches(None) == (("task", task.name),)
