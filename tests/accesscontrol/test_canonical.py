"""Canonical JSON: one form for each value, the same as the reference makes."""

from collections.abc import Mapping
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from accesscontrol.canonical import canonical, digest

SAFE = (1 << 53) - 1
TEXT = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-SAFE, SAFE) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
)


@settings(max_examples=30, deadline=None)
@given(VALUES)
def test_the_form_is_the_one_of_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_the_published_example_comes_out_byte_for_byte() -> None:
    example: Any = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"\u002f",
        "literals": [None, True, False],
    }
    assert canonical(example).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_keys_are_ordered_by_utf_16_units_and_not_by_code_points() -> None:
    assert canonical({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


def test_the_order_in_which_a_value_was_built_never_shows() -> None:
    assert canonical({"b": 1, "a": {"d": 2, "c": 3}}) == canonical({"a": {"c": 3, "d": 2}, "b": 1})


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), SAFE + 1, -SAFE - 1, b"octets", {1: "x"}, {"x": object()}, "\ud800", ["\udfff"]],
)
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has words of its own
        canonical(value)


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.text(st.characters(codec="ascii"), min_size=1), st.integers(0, 9), min_size=1))
def test_the_digest_changes_with_any_value(value: Mapping[str, int]) -> None:
    name = next(iter(value))
    assert digest({**value, name: value[name] + 1}) != digest(value)
    assert digest(value) == digest({key: value[key] for key in reversed(list(value))})
