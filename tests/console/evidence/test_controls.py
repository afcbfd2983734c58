"""The controls say no more than what is true: each guard that they name is a test that exists."""

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from console.evidence.controls import Kind, every, get, printed_role
from console.evidence.in_force import GUARDS, Guard, Standing
from console.screens.controls.listing import PACKAGE_TITLES

ROOT = Path(__file__).resolve().parents[3]


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


def test_there_are_130_controls_each_with_its_place_in_the_assessment() -> None:
    found = every()
    assert len(found) == len({each.id for each in found}) == 130
    assert Counter(each.kind for each in found) == {
        Kind.ENFORCED: 59, Kind.RECORDED: 38, Kind.DETECTED: 25, Kind.ATTESTED: 8,
    }  # fmt: skip
    for each in found:
        assert each.source
        assert each.requirement
        assert each.acceptance
        assert each.title("ja") != each.title("en")
        assert each.package in PACKAGE_TITLES


def test_roles_are_named_as_the_assessment_prints_them() -> None:
    names = {role for each in every() for role in each.roles}
    assert names <= {role.value for role in Role} | {"system"}
    assert all(printed_role(name) != name for name in names)


@pytest.mark.parametrize(("control", "guard"), GUARDS.items(), ids=list(GUARDS))
def test_whatever_is_claimed_is_guarded_by_a_test_that_exists(control: str, guard: Guard) -> None:
    assert get(control).standing is guard.standing is not Standing.NOT_YET
    assert guard.extent
    assert guard.tests
    for test in guard.tests:
        file, _, name = test.partition("::")
        assert (ROOT / file).is_file(), file
        assert name in names_in(file), test


def test_what_is_not_guarded_is_not_claimed() -> None:
    claimed = {each.id for each in every() if each.standing is not Standing.NOT_YET}
    assert claimed == set(GUARDS)


def test_a_control_is_found_whatever_its_case_and_an_unknown_one_refused() -> None:
    assert get("ac-aut-01").id == "AC-AUT-01"
    with pytest.raises(Refusal):
        get("AC-AUT-99")
