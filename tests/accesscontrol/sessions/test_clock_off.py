"""A console and a host whose clocks are five minutes apart: nothing runs outside either's window, and it is said why."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.sessions.ledger import State
from tests.accesscontrol.requests.city import City
from tests.accesscontrol.sessions.halls import assigned, furnish, sleeping, supervision
from tests.accesscontrol.sessions.targets import Target, running_target

FIVE = timedelta(minutes=5)


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with running_target() as running:
        yield running


@pytest.fixture
def hall(city: City, target: Target) -> City:
    furnish(city, target)
    return city


def test_a_window_that_has_not_begun_by_the_hosts_clock_lets_nobody_in(hall: City, target: Target) -> None:
    hall.clock.advance(FIVE)
    refused = pytest.raises(Refusal, match="Compare its clock")
    with refused, supervision(hall, target).session(assigned(hall, ("both",))):
        pass


def test_a_window_that_is_over_by_the_hosts_clock_lets_nobody_in(hall: City, target: Target) -> None:
    hall.clock.advance(-FIVE)
    asked = assigned(hall, ("both",), until=hall.clock.now() + timedelta(minutes=4))
    with pytest.raises(Refusal, match="Compare its clock"), supervision(hall, target).session(asked):
        pass


@pytest.mark.parametrize("ahead", [-FIVE, timedelta(0), FIVE])
def test_a_window_wide_enough_for_both_clocks_works(hall: City, target: Target, ahead: timedelta) -> None:
    hall.clock.advance(ahead)
    asked = assigned(hall, ("both",), not_before=hall.clock.now() - timedelta(minutes=6))
    with supervision(hall, target).session(asked) as session:
        assert session.run(["both"]) == 3


def test_a_host_whose_clock_is_ahead_ends_the_session_with_its_own_window(hall: City, target: Target) -> None:
    hall.clock.advance(-FIVE)
    with sleeping(hall, target, until=hall.clock.now() + FIVE + timedelta(seconds=3)) as running:
        row = running.ended(hall)
    assert (row.state, row.reason) == (State.EXPIRED, "The host ended it with its window.")
