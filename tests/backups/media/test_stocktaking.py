"""Stocktaking names what is missing, what is elsewhere, and what turned up."""

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from backups.media import stocktaking
from tests.backups.media.ledgers import STORES, medium


def begin(store: Store) -> int:
    return stocktaking.begin(store, STORES, actor="S-ito", terminal="SR-01")


def count(store: Store, number: int, name: str, found: str) -> None:
    stocktaking.count(store, number, name, found=found, actor="S-ito", terminal="SR-01")


def test_the_sheet_lists_what_should_be_in_the_stores(store: Store) -> None:
    medium(store, place="倉庫A")
    medium(store)
    medium(store, place="〇〇倉庫")  # outside, in the ledger of movements
    lines = stocktaking.sheet(store, begin(store))
    assert [(line.medium, line.expected, line.found) for line in lines] == [
        ("M-0002", "サーバ室", None),
        ("M-0001", "倉庫A", None),
    ]


def test_every_gap_is_named_when_it_is_closed(store: Store) -> None:
    for _ in range(3):
        medium(store)
    medium(store, place="〇〇倉庫")
    number = begin(store)
    count(store, number, "M-0001", "サーバ室")
    count(store, number, "M-0002", "倉庫A")
    count(store, number, "M-0004", "サーバ室")
    gaps = stocktaking.close(store, number, actor="S-ito", terminal="SR-01")
    assert {line.medium: line.found for line in gaps} == {"M-0002": "倉庫A", "M-0003": None, "M-0004": "サーバ室"}
    assert stocktaking.last_closed(store) is not None
    assert gaps[0].to_json()["gap"] is True


def test_a_count_can_be_corrected_until_it_is_closed(store: Store) -> None:
    medium(store)
    number = begin(store)
    count(store, number, "M-0001", "倉庫A")
    count(store, number, "M-0001", "サーバ室")
    assert stocktaking.close(store, number, actor="S-ito", terminal="SR-01") == []
    with pytest.raises(Refusal, match="not running"):
        count(store, number, "M-0001", "倉庫A")


def test_one_stocktaking_runs_at_a_time(store: Store) -> None:
    begin(store)
    with pytest.raises(Refusal, match="not closed yet"):
        begin(store)
