"""``sekisho reviews``: order, decide, remedy, close and report at the command line."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest

from accesscontrol.accounts import adopting, persons
from accesscontrol.accounts.model import Cause, Person, Terms
from console import accounts, queues, translation, upkeep
from console.commands.reviews import group
from console.evidence import register_accounts
from tests.console.commands.desk import answer, call, call_as
from tests.console.town import Town

ALL = 120


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """A town whose register was read, and whose IDs are all nobody's yet."""
    translation.choose("en")
    town = Town.copied_to(tmp_path)
    first = register_accounts.read(town.site)[0]
    with town.site.store.transaction() as tx:
        someone = Person(staff_number="X1", name=first.display_name, valid_from=first.created_at)
        persons.enter_person(tx, someone, actor="S0102")
    accounts.sync(town.site)
    return town


def test_a_review_is_ordered_decided_and_shown(town: Town) -> None:
    ordered = call_as(
        town, "yamada", group, "open", "inspection", "--instruction", "November", "--due", "2026-12-01", "--json"
    )
    review = answer(ordered)
    assert (review["review"], review["items"], review["answered"], review["faults"]) == ("V-0001", ALL, 0, [])
    decided = call_as(
        town, "ito", group, "decide", "V-1", 1, 2, "--verdict", "revoke", "--comment", "nobody knows it", "--json"
    )
    assert answer(decided)["answered"] == 2
    shown = answer(call(town, group, "show", "1", "--json"))
    assert len(shown["lines"]) == ALL
    assert shown["lines"][0]["answers"][0]["verdict"] == "revoke"
    assert len(answer(call(town, group, "show", "1", "--unanswered", "--json"))["lines"]) == ALL - 2
    words = call(town, group, "list").stdout
    assert "2/120" in words
    assert "holds" in words


def test_a_refusal_names_its_rule_and_exits_1(town: Town) -> None:
    refused = call_as(town, "ito", group, "open", "inspection", "--instruction", "November")
    assert refused.exit_code == 1
    assert "role that you don't hold" in refused.stderr
    assert call(town, group, "show", "V-0009").exit_code == 1


def test_it_is_signed_twice_and_its_report_given(town: Town) -> None:
    call_as(town, "yamada", group, "open", "inspection", "--instruction", "November", "--due", "2026-11-24")
    early = call_as(town, "ito", group, "close", "V-1")
    assert "only after the deadline" in early.stderr
    draft = answer(call(town, group, "report", "V-1"))
    assert (draft["sha256"], draft["report"]["counts"]["not-certified"]) == (None, ALL)
    town.clock.advance(timedelta(days=1))
    assert answer(call_as(town, "ito", group, "close", "V-1", "--json"))["state"] == "remedying"
    closed = answer(call_as(town, "ito", group, "close", "V-1", "--json"))
    assert closed["state"] == "closed"
    report = answer(call(town, group, "report", "V-1"))
    assert report["sha256"] == closed["report"]
    assert (report["signed_by"], report["faults"]) == ("J0201", [])
    again = call_as(
        town, "yamada", group, "open", "inspection", "--instruction", "the rest", "--rerun-of", "V-1", "--json"
    )
    assert answer(again)["rerun_of"] == "V-0001"


def test_a_remedy_is_carried_out_proven_by_a_reading_or_accepted_by_name(town: Town) -> None:
    call_as(town, "yamada", group, "open", "inspection", "--instruction", "November", "--due", "2026-11-24")
    call_as(town, "ito", group, "decide", "V-1", 1, 2, "--verdict", "revoke", "--comment", "nobody knows it")
    lines = answer(call(town, group, "show", "V-1", "--json"))["lines"]
    user_id = lines[1]["user_id"]
    with town.site.store.transaction() as tx:
        terms = Terms(cause=Cause.TAKEOVER, granted_by="S0101", valid_from=tx.at, valid_until=None)
        owner = Person(staff_number=user_id, name="架空　花", valid_from=tx.at - timedelta(days=1))
        persons.enter_person(tx, owner, actor="S0102")  # the register's IDs bear the numbers of their owners
        adopting.link(tx, "register", user_id, user_id, terms, actor="S0102")
    town.clock.advance(timedelta(days=1))
    call_as(town, "ito", group, "close", "V-1")
    assert "The ledger has no ID" in call_as(town, "yamada", group, "remedy", "V-1", 1).stderr
    assert answer(call_as(town, "yamada", group, "remedy", "V-1", 2, "--json"))["remedies_open"] == 2
    assert call_as(town, "yamada", group, "remedy", "V-1", 2).exit_code == 1
    assert answer(call(town, group, "verify", "V-1", "--json"))["remedies_open"] == 2  # nothing was read since
    town.clock.advance(timedelta(minutes=5))
    accounts.carry_out(town.site)
    accounts.sync(town.site)
    assert answer(call(town, group, "verify", "V-1", "--json"))["remedies_open"] == 1
    refused = call_as(town, "yamada", group, "remedy", "V-1", 1, "--accept", "it stays until the move")
    assert "role that you don't hold" in refused.stderr
    accepted = call_as(town, "sato", group, "remedy", "V-1", 1, "--accept", "it stays until the move", "--json")
    assert answer(accepted)["remedies_open"] == 0
    remedies = {each["item"]: each["remedy"] for each in answer(call(town, group, "show", "V-1", "--json"))["lines"]}
    assert (remedies[1], remedies[2]) == ("accepted", "verified")


def test_one_that_was_ordered_wrongly_is_withdrawn(town: Town) -> None:
    call_as(town, "yamada", group, "open", "inspection", "--instruction", "Novembre", "--due", "2026-12-01")
    taken = answer(call_as(town, "yamada", group, "withdraw", "V-1", "--reason", "misspelt", "--json"))
    assert (taken["state"], taken["withdrawn"]["by"], taken["withdrawn"]["reason"]) == (
        "withdrawn",
        "S0102",
        "misspelt",
    )
    assert "was withdrawn" in call_as(town, "ito", group, "decide", "V-1", 1, "--verdict", "keep").stderr
    again = call_as(town, "yamada", group, "open", "inspection", "--instruction", "November", "--json")
    assert answer(again)["review"] == "V-0002"


def test_the_table_is_written_once(town: Town, tmp_path: Path) -> None:
    call_as(town, "yamada", group, "open", "inspection", "--instruction", "November")
    file = tmp_path / "table.csv"
    assert "120 rows" in call_as(town, "ito", group, "table", "V-1", file).stdout
    assert len(list(csv.reader(file.read_text("utf-8-sig").splitlines()))) == ALL + 1
    assert call_as(town, "ito", group, "table", "V-1", file).exit_code == 1


def waiting(town: Town, login: str) -> dict[str, tuple[int, bool]]:
    found = queues.queues(town.site, town.acting(login))
    return {each.name: (each.count, each.loud) for each in found if each.place == "reviews"}


def test_what_waits_stands_on_today_and_is_loud_after_the_deadline(town: Town) -> None:
    assert waiting(town, "yamada") == {"inspection-due": (1, False)}
    assert waiting(town, "sato") == {"id-check-due": (1, False)}
    assert waiting(town, "ito") == {}
    call_as(town, "yamada", group, "open", "inspection", "--instruction", "November", "--due", "2026-11-25")
    call_as(town, "ito", group, "decide", "V-1", 1, "--verdict", "revoke", "--comment", "nobody knows it")
    assert waiting(town, "ito") == {"inspection": (ALL - 1, False)}
    assert waiting(town, "yamada") == {}
    town.clock.advance(timedelta(days=2))
    assert upkeep.tick(town.site)["reviews_overdue"] == ["V-0001"]
    assert waiting(town, "ito") == {"inspection": (ALL - 1, True)}
    assert waiting(town, "yamada") == {"reviews-overdue": (ALL - 1, True)}
    assert waiting(town, "sato") == {"id-check-due": (1, False), "reviews-overdue": (ALL - 1, True)}
    call_as(town, "ito", group, "close", "V-1")
    assert waiting(town, "yamada") == {"remedies": (1, False)}
    assert waiting(town, "ito") == {}


def test_a_month_without_its_check_is_loud(town: Town) -> None:
    town.clock.advance(timedelta(days=10))
    assert waiting(town, "sato") == {"id-check-due": (1, True)}
    call_as(town, "sato", group, "open", "id-check", "--instruction", "December", "--due", "2026-12-05")
    assert waiting(town, "sato")["id-check"][1] is False
