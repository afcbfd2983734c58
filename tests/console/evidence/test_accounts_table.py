"""The ledger of user IDs for auditors: a table by fiscal year that is safe to open, with its entry."""

import csv
import hashlib
import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accesscontrol.accounts import ledger, persons
from accesscontrol.accounts.model import Cause, Person, Terms
from accesscontrol.trail import entries
from console import translation
from console.commands.accounts import group
from tests.console.commands.desk import answer, call, call_as
from tests.console.town import Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    translation.choose("en")
    return Town.copied_to(tmp_path)


def test_the_ledger_of_a_year_leaves_as_a_table_that_no_spreadsheet_calculates(town: Town, tmp_path: Path) -> None:
    now = town.site.clock.now()
    with town.site.store.transaction() as tx:
        person = Person(staff_number="S7", name="髙橋　花子", office="=1+1", valid_from=now)
        persons.enter_person(tx, person, actor="S0102")
        terms = Terms(cause=Cause.APPOINTMENT, granted_by="S0101", valid_from=now, valid_until=now + timedelta(days=9))
        ledger.issue(tx, "register", "hana", "S7", ["update"], terms, actor="S0102")
    file = tmp_path / "ledger.csv"
    found = answer(call_as(town, "nakamura", group, "export", file, "--json"))
    assert (found["year"], found["rows"]) == (2026, 2)
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    headings, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    row = dict(zip(headings, rows[1], strict=True))
    assert (row["User ID"], row["Right"], row["Last day"], row["Office"]) == ("hana", "update", "2026-12-03", "'=1+1")
    assert row["Name"] == "髙橋＊＊"
    assert row["In this year"] == "began"
    entry = next(entries.of_act(town.site.store, "evidence.written"))
    assert (entry.actor, entry.details["sha256"]) == ("S0106", hashlib.sha256(content).hexdigest())


def test_the_ledger_of_another_year_holds_what_held_then(town: Town, tmp_path: Path) -> None:
    assert answer(call_as(town, "nakamura", group, "export", tmp_path / "a.csv", "--year", 2019, "--json"))["rows"] == 0


def test_cp932_is_written_for_older_programs_and_refuses_what_it_lacks(town: Town, tmp_path: Path) -> None:
    now = town.site.clock.now()
    with town.site.store.transaction() as tx:
        person = Person(staff_number="S7", name="髙﨑　花子", office="総務課", valid_from=now)
        persons.enter_person(tx, person, actor="S0102")
        ledger.issue(tx, "register", "hana", "S7", [], Terms(cause=Cause.APPOINTMENT, granted_by="S0101", valid_from=now),
                     actor="S0102")  # fmt: skip
    file = tmp_path / "old.csv"
    assert call_as(town, "nakamura", group, "export", file, "--encoding", "cp932").exit_code == 0
    assert "髙﨑＊＊" in file.read_bytes().decode("cp932")
    with town.site.store.transaction() as tx:
        persons.enter_person(tx, replace(person, name="𠮷田　花子"), actor="S0102")
    refused = call_as(town, "nakamura", group, "export", tmp_path / "none.csv", "--encoding", "cp932")
    assert refused.exit_code == 1
    assert "CP932 has no 𠮷 (U+20BB7). Choose UTF-8." in refused.stderr
    assert not (tmp_path / "none.csv").exists()


def test_what_was_read_and_stands_in_no_ledger_is_added_to_the_present_year(town: Town, tmp_path: Path) -> None:
    call(town, group, "sync")
    file = tmp_path / "ledger.csv"
    assert answer(call_as(town, "nakamura", group, "export", file, "--json"))["rows"] == 120
    headings, row, *_others = csv.reader(io.StringIO(file.read_bytes().decode("utf-8-sig")))
    found = dict(zip(headings, row, strict=True))
    assert (found["System"], found["User ID"], found["Right"]) == ("register", "S0001", "")
    assert (found["State now"], found["Situation now"]) == ("not listed", "nobody's")
