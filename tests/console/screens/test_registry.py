"""Place 7: what the register holds, whether it is sound, and whether its files agree."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from console.screens.registry.listing import RegistryScreen
from tests.console.town import Town, in_one_line, press, seen


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town.copied_to(tmp_path)


def change(town: Town, sql: str) -> None:
    with closing(sqlite3.connect(town.site.home.registry)) as register, register:
        register.execute(sql)


async def test_each_file_stands_there_with_its_records_and_the_registers_own_facts(town: Town) -> None:
    async with town.sitting(RegistryScreen) as pilot:
        assert "File 1: resident register" in await press(pilot, "right")
        shown = await press(pilot, "enter")
        assert "Municipality code  992011" in shown
        assert "These people do not exist." in shown


async def test_g_has_the_database_examine_itself_and_the_trail_says_so(town: Town) -> None:
    async with town.sitting(RegistryScreen) as pilot:
        assert "never done" in await press(pilot, "right")
        shown = await press(pilot, "g")
        assert "The database is sound." in shown
        assert "sound" in shown.splitlines()[2]
        (entry,) = town.entries("registry.examined")
        assert (entry.actor, entry.outcome) == ("S0102", "sound")


async def test_before_a_run_nothing_is_known_of_the_checks(town: Town) -> None:
    async with town.sitting(RegistryScreen) as pilot:
        shown = await press(pilot, "right", "right")
        assert "not run" in shown
        assert "CHK-CNT-01" in shown


async def test_a_fault_is_found_and_located_by_key_with_its_value_hidden(town: Town) -> None:
    change(town, "UPDATE resident_register SET individual_number = '123456789012' WHERE record_id = 3")
    async with town.sitting(RegistryScreen, size=(80, 40)) as pilot:
        shown = await press(pilot, "right", "right", "g")
        assert "faults" in shown
        assert "with errors" in shown.splitlines()[2]
        await press(pilot, "f")
        shown = await press(pilot, "enter")
        assert "- file 1, record 3" in shown
        assert "＊＊＊＊＊＊＊＊" in shown
        assert "123456789012" not in shown
        (entry,) = town.entries("registry.checked")
        assert entry.outcome == "faulty"
        assert "123456789012" not in str(entry.details)


async def test_the_comparison_names_what_differs_between_register_and_cs(town: Town) -> None:
    change(town, "UPDATE identity_info SET name_kanji = '別　人' WHERE record_id = 2")
    async with town.sitting(RegistryScreen, size=(80, 40)) as pilot:
        await press(pilot, "left", "left")
        assert "No difference is known." in seen(pilot)
        shown = await press(pilot, "g")
        assert "0 missing in the CS, 0 in the register, 1 differ" in shown
        assert "items differ" in shown
        shown = await press(pilot, "enter")
        assert "別" not in shown
        (entry,) = town.entries("registry.reconciled")
        assert entry.outcome == "differs"


async def test_a_damaged_register_is_loud(town: Town) -> None:
    file = town.site.home.registry
    with closing(sqlite3.connect(file)) as register:
        (page,) = register.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'resident_register_household_no'"
        ).fetchone()
        (size,) = register.execute("PRAGMA page_size").fetchone()
        register.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.open("r+b") as raw:
        raw.seek((page - 1) * size + size - 200)
        raw.write(b"\xff" * 100)
    async with town.sitting(RegistryScreen, size=(120, 24)) as pilot:
        assert "THE REGISTER IS DAMAGED" in await press(pilot, "right", "g")
        assert "DAMAGED" in seen(pilot).splitlines()[2]


async def test_a_missing_register_is_said_and_nothing_runs(town: Town) -> None:
    town.site.home.registry.unlink()
    async with town.sitting(RegistryScreen, size=(120, 24)) as pilot:
        assert "There is no registry at" in in_one_line(await press(pilot, "right"))
        assert "There is no registry at" in in_one_line(await press(pilot, "g"))
        assert town.entries("registry.examined") == []


async def test_o_opens_the_controlled_sessions(town: Town) -> None:
    async with town.sitting(RegistryScreen) as pilot:
        shown = await press(pilot, "o")
        assert "There was no session yet." in shown
