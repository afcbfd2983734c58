"""Every act that the code writes into the trail has a title that people read."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from accesscontrol.people.sign_in_events import Act
from console.trail_words import ACT_TITLES, title_of

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("accesscontrol", "monitors", "backups", "registry", "console")


def literals(node: ast.expr) -> Iterator[str]:
    """Yield the texts that an expression may be, where they stand in the code as they are."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and "." in part.value:
            yield part.value


def recorded_acts(source: str) -> set[str]:
    acts = set()
    for node in ast.walk(ast.parse(source)):
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if is_call and node.func.attr in {"record", "_record", "refused"}:  # type: ignore[attr-defined]  # its types lack it
            acts |= {text for argument in node.args for text in literals(argument)}  # type: ignore[attr-defined]  # its types lack it
    return acts


def all_acts() -> list[str]:
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    found = set().union(*(recorded_acts(file.read_text("utf-8")) for file in files))
    return sorted(act for act in found if " " not in act and not act.endswith("."))


def test_the_scanner_finds_an_act() -> None:
    assert recorded_acts("tx.record('thing.done' if x else 'thing.failed', actor='system')") == {
        "thing.done",
        "thing.failed",
    }


@pytest.mark.parametrize("act", [act for act in all_acts() if not act.startswith(".")])
def test_an_act_has_a_title(act: str) -> None:
    assert act in ACT_TITLES


@pytest.mark.parametrize("act", list(Act))
def test_each_way_of_proving_oneself_has_titles(act: Act) -> None:
    if act in {Act.SIGN_OUT, Act.PASSWORD_CHANGE, Act.UNLOCK}:
        return
    assert {f"{act}.passed", f"{act}.refused"} <= set(ACT_TITLES)


@pytest.mark.parametrize("outcome", ["done", "failed"])
def test_each_outcome_of_a_request_has_a_title(outcome: str) -> None:
    assert f"request.{outcome}" in ACT_TITLES


def test_an_unknown_act_is_shown_by_its_name() -> None:
    assert title_of("thing.done") == "thing.done"
