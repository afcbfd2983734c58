"""Locks by command: who may place and lift them, and what they stop."""

import json
from pathlib import Path

import pytest

from console.commands.locks import group
from tests.console.commands.desk import call, call_as
from tests.console.town import Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town.copied_to(tmp_path)


def test_a_lock_is_placed_seen_and_lifted_by_another(town: Town) -> None:
    place = call_as(town, "yamada", group, "place", "person", "S0104", "--reason", "lost the card")
    assert place.exit_code == 0, place.output
    (lock,) = json.loads(call(town, group, "list", "--json").stdout)
    assert (lock["type"], lock["name"], lock["reason"]) == ("person", "S0104", "lost the card")
    refused = call_as(town, "yamada", group, "lift", "1", "--reason", "found")
    assert refused.exit_code == 1
    lifted = call_as(town, "sato", group, "lift", "1", "--reason", "found")
    assert lifted.exit_code == 0, lifted.output
    assert json.loads(call(town, group, "list", "--json").stdout) == []
    assert [entry.outcome for entry in town.entries("lock.lifted")] == ["done"]


def test_nobody_lifts_a_lock_on_themselves(town: Town) -> None:
    call_as(town, "yamada", group, "place", "person", "S0101", "--reason", "asked")
    assert call_as(town, "sato", group, "lift", "1", "--reason", "me").exit_code == 1


def test_an_auditor_places_none(town: Town) -> None:
    assert call_as(town, "nakamura", group, "place", "host", "cs01", "--reason", "x").exit_code == 1


def test_what_can_not_be_locked_is_wrong_use(town: Town) -> None:
    assert call_as(town, "yamada", group, "place", "weather", "rain", "--reason", "x").exit_code == 2


def test_a_typing_error_locks_nobody_and_says_so(town: Town) -> None:
    refused = call_as(town, "yamada", group, "place", "person", "S9999", "--reason", "lost the card")
    assert refused.exit_code == 1
    assert "S9999" in refused.output
    assert json.loads(call(town, group, "list", "--json").stdout) == []
