"""``sekisho accounts`` at the desk: passwords shown once, many IDs asked for at once, the roster."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.accounts import ledger, persons, planning, provisioning
from accesscontrol.accounts.model import Cause, Person, Terms
from accesscontrol.requests import reading
from console import translation
from console.commands.accounts import group
from tests.accesscontrol.accounts.office import MemorySystem
from tests.console.commands.desk import answer, call_as
from tests.console.town import Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """A town with one managed system, and one ID that is live there."""
    translation.choose("en")
    town = Town.copied_to(tmp_path)
    store = town.site.store
    system = MemorySystem("directory", town.clock)
    town.site.__dict__["connectors"] = {"directory": system}
    with store.transaction() as tx:
        for number in ("1042", "1043"):
            person = Person(
                staff_number=number,
                name=f"架空　{number}",
                office="市民課",
                valid_from=datetime(2020, 4, 1, tzinfo=UTC),
            )
            persons.enter_person(tx, person, actor="system")
        terms = Terms(cause=Cause.APPOINTMENT, granted_by="S0101", valid_from=tx.at)
        ledger.issue(tx, "directory", "hanako", "1042", (), terms, actor="S0102")
    planning.plan_due(store)
    provisioning.provision_open(store, {"directory": system})
    return town


def test_a_first_password_is_shown_once_to_a_custodian_and_confirmed_later(town: Town) -> None:
    given = call_as(town, "yamada", group, "issue-password", "directory", "hanako")
    assert given.exit_code == 0, given.stderr
    assert given.stdout.strip().count("-") == 3
    assert given.stdout.strip() not in str([each.details for each in town.entries("account.password-issued")])
    assert call_as(town, "yamada", group, "confirm-password", "directory", "hanako").exit_code == 0
    assert call_as(town, "sato", group, "issue-password", "directory", "hanako").exit_code == 1
    unknown = call_as(town, "yamada", group, "issue-password", "directory", "nobody")
    assert (unknown.exit_code, unknown.stdout) == (1, "")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_many_ids_are_asked_for_in_one_request(town: Town, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "acts.csv"
    lines = (
        "act,system,user_id,staff_number,cause,rights,ground,last_day",
        "issue,directory,taro,1043,appointment,閲覧,,2031-03-31",
        "revoke,directory,hanako,,,,retirement,",
    )
    file.write_bytes("\n".join(lines).encode(encoding))
    found = answer(call_as(town, "yamada", group, "request-many", file, "--reason", "1 April", "--json"))
    effect: Any = reading.get(town.site.store, found["id"]).dry_run
    assert [each["account"] for each in effect] == ["directory/taro", "directory/hanako"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("act,system\nissue,directory,x,y\n", "more cells"),
        ("act,system\ndance,directory\n", "dance"),
        ("act,system,user_id\nrevoke,directory,hanako\n", "ground"),
        ("act\n", "names 1 to"),
    ],
)
def test_a_faulty_file_asks_for_nothing(town: Town, tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "acts.csv"
    file.write_text(text, encoding="utf-8")
    done = call_as(town, "yamada", group, "request-many", file, "--reason", "1 April")
    assert done.exit_code == 1
    assert words in done.stderr
    assert reading.listed(town.site.store, limit=10) == []


def test_the_roster_is_taken_here_too(town: Town, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("職員番号,氏名,所属\n1042,架空　1042,市民課\n1043,架空　1043,市民課\n", encoding="utf-8")
    done = call_as(town, "yamada", group, "import-roster", file, "--kind", "personnel")
    assert done.stdout.startswith("Batch 1: applied"), done.stderr
