"""``sekisho registry``: a register to try with, loading, checks and reconciliation, each in the trail."""

import csv
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accesscontrol.clock import FixedClock
from console import translation
from console.commands.registry import group
from registry.databases import SqliteRegistry
from registry.files import RESIDENT_REGISTER
from tests.console.commands.desk import answer, call, call_as
from tests.console.town import Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    translation.choose("en")
    return Town.copied_to(tmp_path)


def change(town: Town, sql: str) -> None:
    with closing(sqlite3.connect(town.site.home.registry)) as register, register:
        register.execute(sql)


def residents_csv(town: Town, file: Path) -> Path:
    """Take the living residents out of the register into a CSV file, so that they can be loaded again."""
    with SqliteRegistry.open(town.site.home.registry) as register:
        rows = [row[1:] for row in register.scan(RESIDENT_REGISTER.table)]
        with register.writing():
            register.execute(f"DELETE FROM {RESIDENT_REGISTER.table}")
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(RESIDENT_REGISTER.columns)
        for row in rows:
            writer.writerow([value.hex() if isinstance(value, bytes) else value for value in row])
    return file


def test_a_register_is_created_where_none_is_and_never_written_over(town: Town, tmp_path: Path) -> None:
    file = tmp_path / "other" / "registry.sqlite3"
    made = answer(call(town, group, "create", "--registry", file, "--residents", 12, "--seed", 7, "--json"))
    assert made["residents"] == 12
    assert made["rows"]["resident_register"] >= 12
    again = call(town, group, "create", "--registry", file)
    assert again.exit_code == 1
    assert "There is a registry at" in again.stderr
    assert call(town, group, "create", "--residents", 12).exit_code == 1  # the site's own


def test_a_name_that_the_system_refuses_is_told_in_words(town: Town) -> None:
    refused = call(town, group, "check", "--registry", "x" * 300)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("sekisho: The operating system refuses it: File name too long: 'xxx")


def test_creating_the_sites_own_register_takes_the_sites_day(town: Town) -> None:
    town.site.home.registry.unlink()
    assert "File 1: resident register" in call(town, group, "create", "--residents", 12).stdout
    with SqliteRegistry.open(town.site.home.registry, read_only=True) as register:
        assert register.meta()["as_of"] == "2026-11-24"


def test_a_sound_register_passes_its_checks_and_the_trail_says_so(town: Town) -> None:
    found = answer(call(town, group, "check", "--json"))
    assert found["sound"] is True
    assert found["damage"] == []
    (entry,) = town.entries("registry.checked")
    assert (entry.actor, entry.outcome) == ("system", "sound")


def test_a_fault_is_counted_and_located_by_key_and_exits_1(town: Town) -> None:
    change(town, "UPDATE resident_register SET individual_number = '123456789012' WHERE record_id = 3")
    done = call(town, group, "check", "--json")
    assert done.exit_code == 1
    assert '"record": 3' in done.stdout
    assert "123456789012" not in done.stdout
    said = call(town, group, "check")
    assert "CHK-ID-01" in said.stdout
    assert said.exit_code == 1


def test_another_register_is_of_the_citys_day_and_checked_without_an_entry_about_this_site(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)  # the 24th in the city, whatever day it is at the machine
    monkeypatch.setattr("console.commands.registry.SystemClock", lambda: FixedClock(early))
    file = tmp_path / "registry.sqlite3"
    call(town, group, "create", "--registry", file, "--residents", 5)
    with SqliteRegistry.open(file, read_only=True) as register:
        assert register.meta()["as_of"] == "2026-11-24"
    assert answer(call(town, group, "check", "--registry", file, "--json"))["sound"] is True
    assert town.entries("registry.checked") == []


def test_equal_files_agree_and_a_difference_exits_1(town: Town) -> None:
    assert answer(call(town, group, "reconcile", "--json"))["agrees"] is True
    change(town, "UPDATE identity_info SET name_kanji = '別　人' WHERE record_id = 2")
    done = call(town, group, "reconcile")
    assert done.exit_code == 1
    assert "0 missing in the CS, 0 in the register, 1 differ" in done.stdout
    assert "別" not in done.stdout
    assert [entry.outcome for entry in town.entries("registry.reconciled")] == ["agrees", "differs"]


def test_records_are_loaded_whole_by_somebody_who_may(town: Town, tmp_path: Path) -> None:
    file = residents_csv(town, tmp_path / "residents.csv")
    refused = call_as(town, "sato", group, "load", file, "--file", 1)
    assert refused.exit_code == 1
    assert "needs a role" in refused.stderr
    loaded = answer(call_as(town, "yamada", group, "load", file, "--file", 1, "--json"))
    assert loaded["file"] == 1
    assert loaded["records"] >= 30
    assert [entry.outcome for entry in town.entries("registry.load-ended")] == ["done"]
    assert answer(call(town, group, "reconcile", "--json"))["agrees"] is True


def test_a_load_that_breaks_the_layout_registers_nothing_and_is_written_down(town: Town, tmp_path: Path) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    done = call_as(town, "yamada", group, "load", file, "--file", 1)
    assert done.exit_code == 1
    assert "nothing was registered" in done.stderr
    (entry,) = town.entries("registry.load-ended")
    assert (entry.outcome, entry.details["source"]) == ("refused", "wrong.csv")


def test_a_missing_register_is_said(town: Town) -> None:
    town.site.home.registry.unlink()
    done = call(town, group, "check")
    assert done.exit_code == 1
    assert "There is no registry at" in done.stderr
