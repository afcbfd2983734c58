"""The console's own sign-ins reach the archive once, and a burst of failures at this door is a finding too."""

from pathlib import Path
from typing import Any

import pytest

from accesscontrol.people import sign_in, sign_in_events, terminals
from accesscontrol.people.secret import Secret
from accesscontrol.people.sign_in_events import Act, SignInEvent
from accesscontrol.refusals import Refusal
from console import detection, event_words, own_events
from monitors.events import expressions
from monitors.events.paging import Listing
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


def sign_in_events_of(town: Town) -> list[dict[str, Any]]:
    own_events.bring_in(town.site)
    condition = expressions.read("system:sekisho", town.site.zone, event_words.vocabulary())
    listing = Listing(town.site.store, town.site.home.path, condition)
    try:
        return list(listing.stream())
    finally:
        listing.close()


def prove(town: Town, act: Act, *, method: str = "") -> None:
    with town.site.store.transaction() as tx:
        event = SignInEvent(at=tx.at, act=act, login="sato", terminal="server-room-01", factor_method=method)
        sign_in_events.write(tx, event)
        tx.record(f"{act.value}.passed", actor="system")


def test_each_proof_tells_its_factors_and_only_a_sign_in_is_one(town: Town) -> None:
    for act in (Act.SIGN_IN, Act.STEP_UP, Act.RESUME, Act.IN_PLACE):
        prove(town, act, method="totp")
    prove(town, Act.SIGN_OUT)
    fail(town, "sato")
    told = [(each["action"], each["outcome"], each["factors"]) for each in reversed(sign_in_events_of(town))]
    again = ("other", "success", 2)
    assert told == [
        ("login", "success", 2), again, again, again, ("logout", "success", 0), ("login", "failure", 0)
    ]  # fmt: skip


def test_a_sign_in_with_one_factor_is_found_and_one_with_two_is_not(town: Town) -> None:
    prove(town, Act.SIGN_IN, method="totp")
    own_events.bring_in(town.site)
    detection.detect(town.site)
    assert not [each for each in reading.listed(town.site.store) if each.rule == "one-factor-sign-in"]
    prove(town, Act.SIGN_IN)
    own_events.bring_in(town.site)
    detection.detect(town.site)
    (found,) = (each for each in reading.listed(town.site.store) if each.rule == "one-factor-sign-in")
    assert (found.system, found.account, found.count) == ("sekisho", "sato", 1)
