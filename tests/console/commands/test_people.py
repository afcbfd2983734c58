"""``sekisho people``: operators, their rights and terminals at the command line."""

import csv
import json
from pathlib import Path

import pytest

from accesscontrol.people import operators, terminals
from accesscontrol.people.operators import State
from accesscontrol.people.roles import Role
from accesscontrol.requests import reading
from console import translation
from console.commands.people import group
from tests.console.commands.desk import answer, call, call_as
from tests.console.town import HERE, Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    translation.choose("en")
    return Town.copied_to(tmp_path)


def test_the_list_gives_every_operator(town: Town) -> None:
    found = {each["login"]: each for each in answer(call(town, group, "list", "--json"))}
    assert found["yamada"]["roles"] == ["idpw_custodian", "system_admin"]
    assert found["yamada"]["state"] == "enabled"
    assert found["yamada"]["valid_until"].endswith("+00:00")
    assert "System administrator" in call(town, group, "list").stdout


def test_adding_is_a_request_and_enters_nobody(town: Town) -> None:
    facts = ("--staff-number", "S0999", "--name", "森 茂", "--kana", "モリ シゲル", "--office", "市民課")
    more = ("--role", "operator", "--last-day", "2027-03-31", "--reason", "joined")
    done = call_as(town, "yamada", group, "add", "mori", *facts, *more)
    assert done.exit_code == 0, done.stderr
    (request,) = reading.listed(town.site.store, limit=10)
    assert (request.kind, request.requester, request.reason) == ("operator-add", "S0102", "joined")
    assert operators.find(town.site.store, "mori") is None


def test_change_and_end_are_requests_too(town: Town) -> None:
    assert call_as(town, "yamada", group, "change", "ito", "--role", "auditor", "--reason", "moved").exit_code == 0
    assert call_as(town, "yamada", group, "disable", "suzuki", "--reason", "left").exit_code == 0
    kinds = {request.parameters["login"]: request.parameters for request in reading.listed(town.site.store, limit=10)}
    assert kinds["ito"]["roles"] == ["auditor"]
    assert kinds["suzuki"]["disable"] is True
    assert operators.get(town.site.store, "suzuki").state is State.ENABLED


@pytest.mark.parametrize(
    "command", [("disable", "ito", "--reason", "left"), ("issue-password", "ito")], ids=["a request", "an act"]
)
def test_who_lacks_a_role_reads_its_name_in_ones_own_language(town: Town, command: tuple[str, ...]) -> None:
    translation.choose("ja")
    refused = call_as(town, "sato", group, *command)
    assert refused.exit_code == 1
    assert "（ユーザID/パスワードの管理者, システム管理者）" in refused.stderr


def test_a_role_that_does_not_exist_is_a_wrong_use(town: Town) -> None:
    done = call_as(town, "yamada", group, "change", "ito", "--role", "king", "--reason", "moved")
    assert done.exit_code == 2


def test_a_custodian_hands_over_a_password_and_a_seed(town: Town) -> None:
    given = call_as(town, "yamada", group, "issue-password", "ito").stdout.strip()
    seed = call_as(town, "yamada", group, "issue-code", "ito").stdout.strip()
    assert given.count("-") == 3
    assert seed.isalnum()
    assert seed.isupper()
    trail = json.dumps([entry.details for entry in town.entries("password.issued")])
    assert given not in trail


def test_factors_of_nobody_are_no_empty_list(town: Town) -> None:
    assert "no operator with the login sat0" in call(town, group, "factors", "sat0").stderr


@pytest.mark.parametrize("command", ["issue-password", "issue-code"])
def test_only_a_custodian_hands_over_and_never_to_oneself(town: Town, command: str) -> None:
    refused = call_as(town, "sato", group, command, "ito")
    own = call_as(town, "yamada", group, command, "yamada")
    assert (refused.exit_code, own.exit_code) == (1, 1)
    assert "AC-USR-01" in refused.stderr
    assert "Ask a second person." in own.stderr
    assert refused.stdout == own.stdout == ""


def test_a_locked_login_is_opened_by_a_second_person_with_a_reason(town: Town) -> None:
    town.lock("ito")
    assert call_as(town, "sato", group, "unlock", "ito", "--reason", "came").exit_code == 1
    assert operators.get(town.site.store, "ito").state is State.LOCKED
    done = call_as(town, "yamada", group, "unlock", "ito", "--reason", "came to the desk")
    assert "ito is open again." in done.stdout
    assert operators.get(town.site.store, "ito").state is State.ENABLED
    (entry,) = town.entries("operator.unlocked")
    assert entry.details["reason"] == "came to the desk"


def test_wrong_credentials_do_nothing_and_say_nothing_of_which_was_wrong(town: Town) -> None:
    town.lock("ito")
    done = call_as(town, "yamada", group, "unlock", "ito", "--reason", "came", password="wrong password 1")
    assert done.exit_code == 1
    assert "Check login, password and code" in done.stderr
    assert operators.get(town.site.store, "ito").state is State.LOCKED


def test_credentials_that_are_no_json_are_refused_with_the_form(town: Town) -> None:
    done = call(town, group, "unlock", "ito", "--reason", "came", "--as", "yamada", "--credentials-fd", "9999")
    assert done.exit_code == 1
    assert '{"password": "…", "code": "…"}' in done.stderr


def test_rights_are_listed_with_what_is_worth_a_look(town: Town) -> None:
    town.give("yamada", Role.AUDITOR)
    found = {each["staff_number"]: each for each in answer(call(town, group, "rights", "--json"))}
    assert found["S0102"]["conflict"][0] == "auditor"
    assert "conflict" in found["S0102"]["concerns"]
    assert found["S0104"]["name"] == "鈴木＊＊"
    assert "roles that one person may not hold together" in call(town, group, "rights").stdout


def test_the_list_of_rights_leaves_as_a_table_in_somebodys_name(town: Town, tmp_path: Path) -> None:
    file = tmp_path / "rights.csv"
    done = call_as(town, "ito", group, "rights", "--csv", file)
    assert done.exit_code == 0, done.stderr
    assert len(list(csv.reader(file.read_text("utf-8-sig").splitlines()))) == 6
    (entry,) = town.entries("evidence.written")
    assert (entry.actor, entry.details["rows"]) == ("J0201", 5)
    assert call(town, group, "rights", "--csv", tmp_path / "other.csv").exit_code == 2
    assert not (tmp_path / "other.csv").exists()


def test_terminals_are_listed_and_registered_by_a_custodian(town: Town) -> None:
    facts = ("register-terminal", "office-02", "--fact", "mihon-office:192.0.2.7", "--place", "office", "--restricted")
    assert call_as(town, "sato", group, *facts).exit_code == 1
    assert terminals.find(town.site.store, "office-02") is None
    assert call_as(town, "yamada", group, *facts).exit_code == 0
    found = answer(call(town, group, "terminals", "--json"))
    assert {"name": "office-02", "restricted": True}.items() <= found["terminals"][1].items()
    assert found["here"] == next(each["fact"] for each in found["terminals"] if each["name"] == HERE)
    assert "This terminal:" in call(town, group, "terminals").stdout


def test_the_password_rules_in_force_are_shown_with_other_advice(town: Town) -> None:
    found = {each["title"]: each for each in answer(call(town, group, "password-rules", "--json"))}
    assert found["Period"]["value"] == "90 days"
    assert "NIST" in found["Period"]["advice"]
    assert "AC-PWD-02" in call(town, group, "password-rules").stdout
