"""``sekisho findings``: detect, list, judge and sign at the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from console import translation
from console.commands.findings import group
from monitors.findings import reading, reviews
from monitors.findings.judging import Judgement
from monitors.findings.states import OPEN, State
from tests.console.city import City
from tests.console.commands.counter import ask, ask_as
from tests.console.commands.desk import answer


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    translation.choose("en")
    city = City.copied_to(tmp_path)
    yield city
    city.site.store.close()


def state(city: City, number: int) -> State:
    return reading.get(city.site.store, number).state


def test_the_list_gives_what_scripts_build_on(city: City) -> None:
    found = answer(ask(city, group, "list", "--json"))
    assert len(found) == 18
    first = found[0]
    assert set(first) == {
        *("id", "rule", "title", "severity", "state", "system", "account", "source", "first", "last", "count"),
        "explanation",
    }
    assert (first["id"], first["rule"], first["account"], first["count"]) == ("F-00018", "closed-day", "s0015", 14)
    assert "2026-11-23" in first["explanation"]
    assert "{" not in first["explanation"]


def test_states_narrow_the_list_and_people_read_a_table(city: City) -> None:
    assert len(answer(ask(city, group, "list", "--state", "incident", "--json"))) == 1
    words = ask(city, group, "list", "--limit", 2).stdout
    assert "Access on a closed day" in words
    assert len(words.splitlines()) == 3


def test_detecting_again_raises_nothing_twice(city: City) -> None:
    report = answer(ask(city, group, "detect", "--json"))
    assert set(report) == {"events", "rules", "raised", "by_rule", "seconds"}
    assert report["raised"] == 0
    assert "0 new findings." in ask(city, group, "detect").stdout


def test_a_finding_is_shown_with_its_evidence(city: City) -> None:
    found = answer(ask(city, group, "show", "F-00018", "--json"))
    assert len(found["events"]) == 14
    assert found["segments"]
    assert "MO-ANM-01" in found["controls"]
    assert "State: not judged" in ask(city, group, "show", "F-00018").stdout


@pytest.mark.parametrize("name", ["F-99999", "18", "F-", "F-x", "G-00018"])
def test_what_is_no_finding_is_refused(city: City, name: str) -> None:
    result = ask(city, group, "show", name)
    assert result.exit_code == 1
    assert result.stderr.startswith("sekisho: ")


def test_several_are_judged_at_once_or_none(city: City) -> None:
    judged = ("--as-state", "incident", "--reason", "one case")
    assert ask_as(city, "sato", group, "dispose", "F-00018", "F-00001", *judged).exit_code == 1
    assert state(city, 18) is State.NEW
    assert ask_as(city, "sato", group, "dispose", "F-00018", "F-00017", *judged).exit_code == 0
    assert (state(city, 18), state(city, 17)) == (State.INCIDENT, State.INCIDENT)


def test_a_wrong_code_judges_nothing(city: City) -> None:
    judged = ("--as-state", "incident", "--reason", "one case")
    result = ask_as(city, "sato", group, "dispose", "F-00018", *judged, code="000000")
    assert result.exit_code == 1
    assert state(city, 18) is State.NEW


def test_a_suppression_takes_two_and_reopening_ends_it(city: City) -> None:
    judged = ("--as-state", "false-alarm", "--reason", "a drill", "--suppress-until", "2026-12-24")
    assert ask_as(city, "yamada", group, "dispose", "F-00018", *judged).exit_code == 0
    assert ask_as(city, "sato", group, "confirm", "F-00018").exit_code == 0
    assert reading.get(city.site.store, 18).suppressed_until is not None
    assert ask_as(city, "sato", group, "reopen", "F-00018", "--reason", "new facts").exit_code == 0
    assert reading.get(city.site.store, 18).suppressed_until is None


def test_a_comment_is_kept_with_its_author(city: City) -> None:
    assert ask_as(city, "sato", group, "comment", "F-00018", "--text", "the office was asked").exit_code == 0
    (comment,) = reading.comments_on(city.site.store, 18)
    assert (comment.author, comment.text) == ("S1001", "the office was asked")


def test_a_check_is_refused_while_findings_are_open(city: City) -> None:
    result = ask_as(city, "sato", group, "reviews", "sign", "--comment", "all judged")
    assert result.exit_code == 1
    assert "15 findings of this period are not judged" in result.stderr


def test_a_check_is_signed_listed_and_watched(city: City) -> None:
    numbers = [each.number for each in reading.listed(city.site.store, states=sorted(OPEN))]
    city.site.judges.judge(numbers, city.acting("sato"), Judgement(state=State.INCIDENT, reason="looked into"))
    signed = answer(
        ask_as(city, "sato", group, "reviews", "sign", "--until", "2026-11-22", "--comment", "all judged", "--json")
    )
    assert (signed["first"], signed["last"], signed["reviewer"]) == ("2026-11-16", "2026-11-22", "S1001")
    (listed,) = answer(ask(city, group, "reviews", "list", "--json"))
    assert listed == signed
    assert "Next period: 2026-11-23/2026-11-23" in ask(city, group, "reviews", "list").stdout
    city.site.judges.reopen(17, city.acting("sato"), reason="new facts")
    (listed,) = answer(ask(city, group, "reviews", "list", "--json"))
    assert listed["faults"] == ["Findings of the period came or changed after it was signed."]
    assert len(reviews.listed(city.site.store)) == 1
