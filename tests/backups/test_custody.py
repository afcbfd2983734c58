"""Shares of the city's escrow identity: who holds them, who put them together, and the end of the key."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from backups import custody
from backups.catalogue import Catalogue, Order
from backups.sealing.keys import Identity

HOLDERS = ("S-sato", "S-ito", "S-abe")


def entrust(store: Store, identity: Identity, threshold: int = 2, holders: Sequence[str] = HOLDERS) -> custody.Custody:
    return custody.entrust(store, identity.recipient, threshold, holders, actor="S-sato", terminal="SR-01")


def destroy(store: Store, identity: Identity, witness: str = "S-suzuki", statement: str = "3片を裁断") -> list[str]:
    return custody.destroy(
        store,
        identity.recipient,
        performer="S-sato",
        witness=witness,
        statement=statement,
        actor="S-sato",
        terminal="SR-01",
    )


def test_the_ledger_names_the_holders_and_never_a_share(store: Store, identity: Identity) -> None:
    entrusted = entrust(store, identity)
    assert entrusted.to_json()["holders"] == list(HOLDERS)
    columns = {row["name"] for row in store.rows("SELECT name FROM pragma_table_info('custody')")}
    assert columns == {"number", "recipient", "threshold", "holders", "at", "actor", "terminal"}


@pytest.mark.parametrize(
    ("threshold", "holders"), [(1, HOLDERS), (4, HOLDERS), (2, ("S-sato", "S-sato")), (2, ("S-sato", " "))]
)
def test_a_custody_that_protects_nothing_is_refused(
    store: Store, identity: Identity, threshold: int, holders: Sequence[str]
) -> None:
    with pytest.raises(Refusal):
        entrust(store, identity, threshold, holders)
    assert custody.every(store) == []


def test_an_opening_needs_enough_holders_and_a_purpose(store: Store, identity: Identity) -> None:
    entrust(store, identity)

    def open_with(participants: Sequence[str], purpose: str = "復元訓練") -> int:
        return custody.open_with(store, 1, participants, purpose=purpose, actor="S-sato", terminal="SR-01")

    assert open_with(["S-sato", "S-abe"]) == 1
    for participants in (["S-sato"], ["S-sato", "S-sato"], ["S-sato", "S-mori"]):
        with pytest.raises(Refusal):
            open_with(participants)
    with pytest.raises(Refusal, match="what the key"):
        open_with(["S-sato", "S-abe"], " ")


def test_backups_that_no_remaining_key_opens_are_erased_cryptographically(
    catalogue: Catalogue, order: Order, identity: Identity, other_identity: Identity
) -> None:
    catalogue.take(order)
    catalogue.take(replace(order, recipients=[identity.recipient, other_identity.recipient]))
    assert destroy(catalogue.store, identity) == ["B-00001"]
    assert custody.destroyed(catalogue.store) == {str(identity.recipient)}


def test_the_newest_backup_never_loses_its_last_key(catalogue: Catalogue, order: Order, identity: Identity) -> None:
    catalogue.take(order)
    with pytest.raises(Refusal, match="opened by nobody"):
        destroy(catalogue.store, identity)
    assert custody.destroyed(catalogue.store) == frozenset()


@pytest.mark.parametrize("change", [{"witness": "S-sato"}, {"witness": ""}, {"statement": " "}])
def test_a_destruction_is_stated_by_two_persons(store: Store, identity: Identity, change: dict[str, str]) -> None:
    with pytest.raises(Refusal):
        destroy(store, identity, **change)
