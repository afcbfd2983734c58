"""The one step from state to state: only along the life of a request, and only from where it really is."""

from itertools import product

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.requests.moves import move
from accesscontrol.requests.states import OPEN, STEPS, TITLES, State
from tests.accesscontrol.requests.city import City


def moved(city: City, state: State, to: State) -> State:
    """Try one step of a request that stands at ``state``, and return where it stands then."""
    request = city.submit()
    with city.store.bookkeeping() as connection:
        connection.execute("UPDATE request SET state = ? WHERE id = ?", (state, request.id))
    with city.store.transaction() as tx:
        move(tx, city.now(request), to)
        tx.record("request.moved", actor="system")
    return city.state(request)


@pytest.mark.parametrize("state", State)
def test_exactly_the_steps_of_a_life_can_be_taken(city: City, state: State) -> None:
    for to in State:
        if to in STEPS[state]:
            assert moved(city, state, to) is to
        else:
            with pytest.raises(Refusal, match="can't be done any more"):
                moved(city, state, to)


def test_a_request_that_was_edited_since_it_was_read_is_not_moved(city: City) -> None:
    stale = city.submit()
    city.submit(request_id=stale.id)
    with city.store.transaction() as tx, pytest.raises(Refusal, match="changed by someone else"):
        move(tx, stale, State.APPROVED)
    assert city.state(stale) is State.SUBMITTED


def test_a_request_that_was_moved_since_it_was_read_is_not_moved_again(city: City) -> None:
    stale = city.submit()
    city.approve(stale)
    with city.store.transaction() as tx, pytest.raises(Refusal, match="changed by someone else"):
        move(tx, stale, State.REJECTED)
    assert city.state(stale) is State.APPROVED


def test_every_state_has_a_title_and_no_step_leads_back_into_an_act(city: City) -> None:
    assert TITLES.keys() == STEPS.keys() == set(State)
    into_the_act = {state for state, to in product(State, State) if State.EXECUTING in STEPS[state] and to is state}
    assert into_the_act == {State.APPROVED}
    assert all(STEPS[state] for state in OPEN)
