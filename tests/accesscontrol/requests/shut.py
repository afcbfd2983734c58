"""Saying that the gate stayed shut, and changing a kind's rule as a new version of the program would."""

import dataclasses

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.requests.reading import Request
from tests.accesscontrol.requests.city import City


def assert_nothing_ran(city: City, request: Request, words: str, **how: str) -> None:
    """The gate stays shut with these words, the try is in the book, and the request is as it was."""
    before = city.now(request)
    with pytest.raises(Refusal, match=words):
        city.execute(request, **how)  # type: ignore[arg-type]  # of any type in a test
    assert city.world.done == []
    assert city.now(request) == before
    assert city.acts(request.id)[-1] == "request.execution-refused"


def change(city: City, kind: str, **changes: object) -> None:
    """Change the rule of a kind, as a new version of the program would."""
    city.kinds[kind] = dataclasses.replace(city.kinds[kind], **changes)  # type: ignore[arg-type]  # of any type in a test
