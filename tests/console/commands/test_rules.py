"""``sekisho rules``: list, test and check; a stranger's rule works if its fields are known, or is listed with why not."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from console import translation
from console.commands.rules import group
from monitors.findings.absences import ABSENCES
from monitors.findings.log_breaks import BREAKS
from monitors.rules import catalogue
from tests.console.city import City
from tests.console.commands.counter import ask
from tests.console.commands.desk import answer

STRANGER = """
title: Sign-in of a guest
status: experimental
logsource: {product: linux, service: sshd}
detection:
  guest:
    user.name|startswith: guest
    event.outcome: success
  condition: guest
level: high
"""
UNKNOWN = STRANGER.replace("user.name", "CommandLine")


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    translation.choose("en")
    city = City.copied_to(tmp_path)
    folder = city.home / "rules"
    folder.mkdir()
    (folder / "guest.yml").write_text(STRANGER)
    (folder / "theirs.yml").write_text(UNKNOWN)
    yield city
    city.site.store.close()


def test_the_list_holds_shipped_rules_the_sites_own_and_what_can_not_be_used(city: City) -> None:
    found = answer(ask(city, group, "list", "--json"))
    assert [each["name"] for each in found["rules"] if each["own"]] == ["guest"]
    assert len(found["rules"]) == len(catalogue.shipped()) + 1
    assert {each["name"] for each in found["built_in"]} == {each.name for each in (*ABSENCES, *BREAKS)}
    assert all("Sigma" in each["reason"] for each in found["built_in"])
    (bad,) = found["unusable"]
    assert bad["name"] == "theirs"
    assert "CommandLine" in bad["reason"]
    words = ask(city, group, "list").stdout
    assert "Sign-in of a guest" in words
    assert "theirs can't be used" in words
    assert "Built in: approval-unused, silent-log, log-jump, log-day-missing" in words


def test_the_examples_are_run_and_a_rule_that_can_not_be_used_counts_as_failed(city: City) -> None:
    good = ask(city, group, "test", "off-hours", "guest", "--json")
    assert (good.exit_code, answer(good)) == (0, {"rules": 2, "failed": {}, "without_examples": ["guest"]})
    bad = ask(city, group, "test", "theirs", "--json")
    assert bad.exit_code == 1
    assert "CommandLine" in bad.stdout
    assert ask(city, group, "test", "nothing").exit_code == 1


def test_one_file_is_checked_without_a_site(city: City, tmp_path: Path) -> None:
    shipped = Path(catalogue.__file__).parent / "shipped" / "off-hours.yml"
    good = answer(ask(city, group, "check", shipped, "--json"))
    assert good["ok"]
    assert good["sql"].startswith("SELECT")
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(shipped.read_text("utf-8").replace("user_id: s1, off_hours: 1}", "user_id: s1}"), "utf-8")
    found = ask(city, group, "check", wrong, "--json")
    assert found.exit_code == 1
    assert json.loads(found.stdout)["failed"] == ["fires 1"]
    noise = tmp_path / "noise.yml"
    noise.write_bytes(b"\xff\xfe: [")
    assert ask(city, group, "check", noise).exit_code == 1
