"""Those who decide on a correction see before and after; the trail says to whom, and nothing keeps what they saw."""

import json
from pathlib import Path

import pytest

from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import submission
from accesscontrol.requests.reading import Request
from console import corrections
from console.screens.requests.listing import RequestsScreen
from tests.console.town import Town, press, seen


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town.copied_to(tmp_path)
    town.give("suzuki", Role.SECOND_CHECKER)
    town.give("sato", Role.IDENTINFO_MANAGER)
    return town


@pytest.fixture
def content(tmp_path: Path) -> Path:
    file = tmp_path / "content.json"
    file.write_text(json.dumps({"birth_date": "1980-05-05", "individual_number": "123456789018"}), encoding="utf-8")
    return file


@pytest.fixture
def request_(town: Town, content: Path) -> Request:
    arguments = {"record": 1, "content": str(content)}
    kind = "maintenance-task:correct-identity"
    return submission.submit(town.site.desk, kind, arguments, town.acting("yamada"), reason="a wrong entry")


def test_both_who_decide_see_the_values_and_of_a_number_its_end_alone(town: Town, request_: Request) -> None:
    with town.site.maintenance.ground() as ground:
        ((born,),) = ground.registry.rows("SELECT birth_date FROM identity_info WHERE record_id = 1")
    for login in ("sato", "suzuki"):
        values = corrections.reveal(town.site, request_, town.acting(login))
        assert values["6 生年月日"] == f"{born} → 1980-05-05"
        assert values["13 個人番号"].endswith("＊18")
        assert "123456789018" not in str(values)
    shown = town.entries(corrections.SHOWN)
    assert [(each.actor, each.subject) for each in shown] == [("S0101", request_.id), ("S0104", request_.id)]
    assert "1980-05-05" not in str([each.details for each in shown])


@pytest.mark.parametrize("login", ["yamada", "ito", "nakamura"])
def test_nobody_else_sees_them(town: Town, request_: Request, login: str) -> None:
    with pytest.raises(Refusal) as refused:
        corrections.reveal(town.site, request_, town.acting(login))
    assert refused.value.control == "RG-INT-05"
    assert not town.entries(corrections.SHOWN)


def test_another_file_than_the_one_handed_in_is_not_shown(town: Town, request_: Request, content: Path) -> None:
    content.write_text(json.dumps({"birth_date": "1999-09-09"}), encoding="utf-8")
    with pytest.raises(Refusal, match="not the one"):
        corrections.reveal(town.site, request_, town.acting("sato"))


async def test_v_shows_them_for_a_while(town: Town, request_: Request) -> None:
    async with town.sitting(RequestsScreen, "suzuki") as pilot:
        assert "v shows before and after" in seen(pilot)
        shown = await press(pilot, "v")
        assert f"Values of {request_.id}" in shown
        assert "→ 1980-05-05" in shown
        shown = await press(pilot, "escape")
        assert "1980-05-05" not in shown
        assert "you have seen the values" in shown
        await press(pilot, "v", "ctrl+l")
        assert "1980-05-05" not in seen(pilot)
    assert len(town.entries(corrections.SHOWN)) == 2
