"""The console's own sign-ins reach the archive once, and a burst of failures at this door is a finding too."""

from pathlib import Path

import pytest

from accesscontrol.people import sign_in, terminals
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal
from console import detection, own_events
from monitors.findings import reading
from tests.console.town import PASSWORD, Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town.copied_to(tmp_path)


def fail(town: Town, login: str) -> None:
    with pytest.raises(Refusal):
        sign_in.sign_in(
            town.site.store,
            town.site.policy,
            login=login,
            password=Secret(PASSWORD),
            code=Secret("000000"),
            terminal=terminals.present_fact(),
        )


def test_nothing_new_brings_nothing_in(town: Town) -> None:
    assert own_events.bring_in(town.site) == 0


def test_each_sign_in_is_brought_in_once(town: Town) -> None:
    fail(town, "sato")
    town.seat("yamada")
    assert own_events.bring_in(town.site) == 2
    assert own_events.bring_in(town.site) == 0
    fail(town, "sato")
    assert own_events.bring_in(town.site) == 1


def test_a_burst_of_failures_at_this_door_is_a_finding_about_its_person(town: Town) -> None:
    for _ in range(5):
        fail(town, "sato")
    own_events.bring_in(town.site)
    detection.detect(town.site)
    found = [each for each in reading.listed(town.site.store) if each.rule.startswith("failure-burst")]
    assert {(each.system, each.account, each.count) for each in found} >= {("sekisho", "sato", 5)}
    assert town.site.judges.owner_of("sekisho", "sato") == town.character("sato").staff_number
