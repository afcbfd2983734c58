"""A key is in one hand at a time, is lent by somebody else, and is missed after closing time."""

from datetime import timedelta

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from backups.media import storage_keys
from backups.media.storage_keys import Loan


@pytest.fixture(autouse=True)
def key(store: Store) -> None:
    storage_keys.add(store, "K-1", "倉庫A", actor="S-ito", terminal="SR-01")


def lend(store: Store, holder: str = "S-ogawa", lent_by: str = "S-ito") -> Loan:
    due = store.clock.now() + timedelta(hours=8)
    return storage_keys.lend(store, "K-1", holder=holder, purpose="棚卸", due=due, lent_by=lent_by, terminal="SR-01")


def test_a_lent_key_is_missed_after_closing_time_until_it_is_back(store: Store, clock: FixedClock) -> None:
    assert lend(store).to_json()["number"] == 1
    assert storage_keys.overdue(store, clock.now()) == []
    clock.advance(timedelta(hours=8))
    assert [loan.holder for loan in storage_keys.overdue(store, clock.now())] == ["S-ogawa"]
    back = storage_keys.give_back(store, "K-1", received_by="S-ito", terminal="SR-01")
    assert (back.returned_at, back.received_by) == (clock.now(), "S-ito")
    assert storage_keys.lent(store) == []


def test_a_key_is_in_one_hand_at_a_time(store: Store) -> None:
    lend(store)
    with pytest.raises(Refusal, match="is with S-ogawa"):
        lend(store, holder="S-mori")


def test_nobody_lends_to_themselves_or_takes_back_from_themselves(store: Store) -> None:
    with pytest.raises(Refusal, match="to themselves"):
        lend(store, holder="S-ito")
    lend(store)
    with pytest.raises(Refusal, match="Somebody else"):
        storage_keys.give_back(store, "K-1", received_by="S-ogawa", terminal="SR-01")


def test_unknown_keys_and_times_in_the_past_are_refused(store: Store, clock: FixedClock) -> None:
    with pytest.raises(Refusal, match="not lent"):
        storage_keys.give_back(store, "K-1", received_by="S-ito", terminal="SR-01")
    with pytest.raises(Refusal, match="yet to come"):
        storage_keys.lend(store, "K-1", holder="a", purpose="p", due=clock.now(), lent_by="S-ito", terminal="SR-01")
    with pytest.raises(Refusal, match="no key"):
        storage_keys.lend(store, "K-9", holder="a", purpose="p", due=clock.now(), lent_by="S-ito", terminal="SR-01")
    with pytest.raises(Refusal, match="already"):
        storage_keys.add(store, "K-1", "倉庫A", actor="S-ito", terminal="SR-01")
