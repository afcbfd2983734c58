"""Kinds: what can't be declared, and what holds when the rule was changed after a request."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accesscontrol.canonical import canonical
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests.kinds import Kind, Place, Rule, Slot
from tests.accesscontrol.requests.city import Load, slot

ROLES = st.frozensets(st.sampled_from(Role), min_size=1)
SLOTS = st.lists(
    st.builds(Slot, name=st.sampled_from("abc"), title=st.just("t"), roles=ROLES),
    unique_by=lambda each: each.name,
    max_size=3,
).map(tuple)
RULES = st.builds(
    Rule,
    slots=SLOTS,
    executors=ROLES,
    witness=st.booleans(),
    place=st.sampled_from(Place),
    lifetime=st.integers(1, 9),
    report=st.booleans(),
)


def kind(**changes: Any) -> Kind:
    given: dict[str, Any] = {
        "name": "export",
        "title": "Export",
        "controls": (),
        "parameters": Load,
        "requesters": frozenset({Role.OPERATOR}),
        "executors": frozenset({Role.OPERATOR}),
        "slots": (slot("officer", Role.SECURITY_OFFICER),),
        "execute": lambda _: {},
        "describe": lambda _: {},
    }
    return Kind(**{**given, **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"slots": ()}, "only an emergency"),
        ({"slots": (slot("nobody"),)}, "never open"),
        ({"slots": (slot("a", Role.SUPERIOR), slot("a", Role.WITNESS))}, "one name"),
        ({"slots": (), "emergency": True, "report": False}, "reviewed afterwards"),
    ],
)
def test_a_kind_that_would_open_the_gate_by_itself_can_not_be_declared(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        kind(**changes)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"name": 5},
        {"name": "x", "amount": "1"},
        {"name": "x", "more": 1},
        {"name": None},
        {"name": "x", "amount": 1.5},
    ],
)
def test_parameters_that_are_not_the_kinds_are_refused_by_name(parameters: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match="can't be read"):
        kind().read(parameters)


@settings(max_examples=40, deadline=None)
@given(RULES)
def test_a_rule_comes_back_from_its_frozen_form(rule: Rule) -> None:
    assert msgspec.json.decode(canonical(rule.to_json()), type=Rule) == rule


@settings(max_examples=40, deadline=None)
@given(RULES, RULES)
def test_the_stricter_rule_asks_for_everything_that_either_asks_for(one: Rule, other: Rule) -> None:
    both = one.stricter(other)
    for rule in (one, other):
        names = {each.name: each for each in both.slots}
        assert all(names[each.name].roles <= each.roles for each in rule.slots)
        assert both.executors <= rule.executors
        assert both.witness >= rule.witness
        assert both.report >= rule.report
        assert both.lifetime <= rule.lifetime
        assert list(Place).index(both.place) >= list(Place).index(rule.place)
    assert {each.name for each in both.slots} == {each.name for each in (*one.slots, *other.slots)}


@settings(max_examples=40, deadline=None)
@given(RULES)
def test_a_rule_is_as_strict_as_itself(rule: Rule) -> None:
    both = rule.stricter(rule)
    assert (set(both.slots), both.executors, both.witness, both.place) == (
        set(rule.slots),
        rule.executors,
        rule.witness,
        rule.place,
    )
