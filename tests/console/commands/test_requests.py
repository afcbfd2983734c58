"""``sekisho requests``: hand in, decide, attest, execute and follow at the command line."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from accesscontrol.requests import reading
from accesscontrol.requests.states import State
from console import translation
from console.commands.requests import group
from tests.console.city import City
from tests.console.commands.counter import ask, ask_as
from tests.console.commands.desk import answer

SETTING = '{"section": "sign_in", "name": "idle_minutes", "value": "7"}'


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    translation.choose("en")
    city = City.copied_to(tmp_path)
    yield city
    city.site.store.close()


def submitted(city: City) -> str:
    result = ask_as(
        city, "yamada", group, "submit", "settings-change", "--parameters", SETTING, "--reason", "quieter", "--json"
    )
    return str(answer(result)["id"])


def state(city: City, name: str) -> State:
    return reading.get(city.site.store, name).state


def test_a_request_shows_what_scripts_build_on(city: City) -> None:
    name = submitted(city)
    found = answer(ask(city, group, "show", name, "--json"))
    assert {"id", "kind", "state", "digest", "requester", "window", "parameters", "approvals", "history"} <= set(found)
    assert (found["state"], found["requester"]) == ("submitted", "S1002")
    assert [each["act"] for each in found["history"]] == ["request.submitted"]
    words = ask(city, group, "show", name).stdout
    assert "Change of a setting" in words
    assert found["digest"] in words


def test_the_list_narrows_by_state(city: City) -> None:
    found = answer(ask(city, group, "list", "--state", "rejected", "--json"))
    assert [each["state"] for each in found] == ["rejected"]
    assert "rejected" in ask(city, group, "list").stdout


def test_a_request_goes_the_whole_road(city: City) -> None:
    name = submitted(city)
    digest = reading.get(city.site.store, name).digest
    assert ask_as(city, "yamada", group, "approve", name, "--digest", digest).exit_code == 1
    assert state(city, name) is State.SUBMITTED
    approved = ask_as(city, "sato", group, "approve", name, "--digest", digest)
    assert approved.exit_code == 0, approved.stderr
    assert state(city, name) is State.APPROVED
    assert ask_as(city, "takahashi", group, "execute", name).exit_code == 0
    assert state(city, name) is State.DONE
    again = ask_as(city, "takahashi", group, "execute", name)
    assert again.exit_code == 1
    assert again.stderr.startswith("sekisho: ")


def test_an_approval_of_other_content_than_was_read_is_refused(city: City) -> None:
    name = submitted(city)
    result = ask_as(city, "sato", group, "approve", name, "--digest", "0" * 64)
    assert result.exit_code == 1
    assert "was changed after you looked at it" in result.stderr
    assert state(city, name) is State.SUBMITTED


def test_a_no_takes_a_reason(city: City) -> None:
    name = submitted(city)
    assert ask_as(city, "sato", group, "reject", name).exit_code == 2
    assert ask_as(city, "sato", group, "reject", name, "--reason", "not before the audit").exit_code == 0
    assert state(city, name) is State.REJECTED


def test_a_requester_takes_their_own_back(city: City) -> None:
    name = submitted(city)
    assert ask_as(city, "takahashi", group, "withdraw", name).exit_code == 1
    assert ask_as(city, "yamada", group, "withdraw", name).exit_code == 0
    assert state(city, name) is State.WITHDRAWN


def test_an_interrupted_act_is_settled_by_a_person(city: City) -> None:
    name = city.request(State.INTERRUPTED).id
    words = ("--outcome", "failed", "--statement", "the file was looked at")
    result = ask_as(city, "sato", group, "settle", name, *words)
    assert result.exit_code == 0, result.stderr
    assert state(city, name) is State.FAILED


def test_what_is_not_there_or_not_json_is_refused(city: City) -> None:
    assert ask(city, group, "show", "R-1999-0001").exit_code == 1
    result = ask_as(city, "yamada", group, "submit", "settings-change", "--parameters", "{", "--reason", "broken")
    assert result.exit_code == 1
    assert result.stderr.startswith("sekisho: ")


def test_a_wrong_code_hands_nothing_in(city: City) -> None:
    before = len(reading.listed(city.site.store))
    arguments = ("submit", "settings-change", "--parameters", SETTING, "--reason", "quieter")
    assert ask_as(city, "yamada", group, *arguments, code="000000").exit_code == 1
    assert len(reading.listed(city.site.store)) == before


def test_the_json_of_every_request_of_the_city_can_be_read(city: City) -> None:
    for request in reading.listed(city.site.store):
        found = json.loads(ask(city, group, "show", request.id, "--json").stdout)
        assert found["id"] == request.id
