"""The scheduler runs the register's automatic tasks, and what outlived its due day becomes a finding."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from accesscontrol.requests import locks
from console import maintenance, translation
from console.finding_words import spoken_explanation
from monitors.findings import reading
from registry.databases import open_registry
from tests.console.town import Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    translation.choose("en")
    return Town.copied_to(tmp_path)


def change(town: Town, sql: str) -> None:
    with closing(sqlite3.connect(town.site.home.registry)) as register, register:
        register.execute(sql)


def records(town: Town) -> int:
    with open_registry(town.site.home.registry, read_only=True) as register:
        return register.counts()["destination_info"]


def link_all(town: Town, day: str) -> int:
    change(town, "DELETE FROM destination_linkage")
    change(
        town,
        "INSERT INTO destination_linkage (record_id, batch, linked_at) "
        f"SELECT record_id, 'L1', '{day}T01:00:00.000000+00:00' FROM destination_info",
    )
    return records(town)


def test_what_is_due_is_run_and_told_once(town: Town) -> None:
    link_all(town, "2026-11-20")  # a Friday; Monday was Labour Thanksgiving Day
    done = maintenance.run_due(town.site)
    assert set(done["ran"]) == {"erase-identity", "purge-destination", "care-tidy"}
    assert (done["failed"], done["late"]) == ({}, [])
    assert records(town) == 0
    assert maintenance.run_due(town.site) == {"ran": [], "failed": {}, "late": []}


def test_what_outlived_its_due_day_is_one_finding_of_high_severity(town: Town) -> None:
    count = link_all(town, "2026-11-10")
    locks.place(town.site.store, "task", "purge-destination", reason="dispute", actor="S0101")
    done = maintenance.run_due(town.site)
    (name,) = done["late"]
    assert "locked" in done["failed"]["purge-destination"]
    assert records(town) == count
    (found,) = [each for each in reading.listed(town.site.store) if each.rule == maintenance.LATE]
    assert (found.id, found.severity, found.count) == (name, "high", count)
    assert spoken_explanation(found).startswith(f"{count} records of file 3")
    assert maintenance.run_due(town.site)["late"] == []  # known already


def test_a_register_that_can_t_be_opened_stops_no_other_duty(town: Town) -> None:
    town.site.home.registry.write_bytes(b"no register")
    assert "is not a registry" in maintenance.run_due(town.site)["failed"]["register"]
    town.site.home.registry.unlink()
    assert maintenance.run_due(town.site) == {"ran": [], "failed": {}, "late": []}


def test_a_yearly_check_older_than_13_months_is_a_finding_of_each_server(town: Town) -> None:
    assert maintenance.run_due(town.site)["late"] == []
    town.clock.advance(timedelta(days=400))
    assert len(maintenance.run_due(town.site)["late"]) == 2
    found = [each for each in reading.listed(town.site.store) if each.rule == maintenance.OVERDUE]
    assert {each.severity for each in found} == {"medium"}
    assert maintenance.run_due(town.site)["late"] == []
