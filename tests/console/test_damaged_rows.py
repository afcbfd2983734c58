"""One row that no act wrote so: status, tick and lists go on without it, and everybody is told of it."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from console import queues, status, translation, upkeep
from console.cli import main
from tests.console.city import City

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("accesscontrol", "monitors", "backups", "registry")


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    translation.choose("en")
    city = City.copied_to(tmp_path)
    yield city
    city.site.store.close()


def spoil(city: City, *statements: str) -> None:
    connection = sqlite3.connect(city.site.home.store)
    connection.execute("PRAGMA ignore_check_constraints=ON")
    for sql in statements:
        assert connection.execute(sql).rowcount == 1, sql
    connection.commit()
    connection.close()


EACH = {
    "account_grant": "UPDATE account_grant SET cause = 'x' WHERE number = 1",
    "operator": "UPDATE operator SET state = 'x' WHERE login = (SELECT max(login) FROM operator)",
    "request": "UPDATE request SET rule = '{' WHERE id = (SELECT min(id) FROM request)",
    "finding": "UPDATE finding SET state = 'x' WHERE id = 1",
}


def test_status_and_today_go_on_without_the_rows_and_name_them(city: City) -> None:
    before = status.status(city.site)
    spoil(city, *EACH.values())
    found = status.status(city.site)
    assert found["entries"] == before["entries"]
    assert {each["name"] for each in before["queues"]} <= {each["name"] for each in found["queues"]}
    named = [table for table in EACH if any(f"the table {table} is damaged" in each for each in found["damaged"])]
    assert set(named) == set(EACH)
    assert next(each for each in queues.queues(city.site) if each.name == "damaged").loud


def test_a_request_whose_state_is_no_word_is_in_no_list_and_told_all_the_same(city: City) -> None:
    spoil(
        city,
        "UPDATE request SET state = 'aproved' WHERE id = (SELECT min(id) FROM request)",
        "UPDATE finding SET raised_at = '0' WHERE id = (SELECT min(id) FROM finding WHERE state = 'new')",
        "UPDATE event_source SET imported_at = 'x' WHERE number = (SELECT min(number) FROM event_source)",
    )
    found = status.status(city.site)
    told = " ".join(found["damaged"])
    assert "the table request is damaged (state: 'aproved'" in told
    assert "the table finding is damaged (raised_at" in told
    assert found["last_import"] == {"at": None, "age_seconds": None, "stale": True}


def test_a_tick_does_everything_else_and_names_the_rows(city: City) -> None:
    spoil(city, *EACH.values())
    done = upkeep.tick(city.site)
    assert done["refused"] == {}
    assert any("account_grant" in each for each in done["damaged"])


def test_the_examination_names_each_sort_of_damage(city: City) -> None:
    assert next(each for each in status.examine(city.site) if each.name == "rows").ok
    spoil(city, EACH["finding"])
    found = next(each for each in status.examine(city.site) if each.name == "rows")
    assert not found.ok
    assert "Row 1 of the table finding is damaged (state: 'x' is not a valid State)" in found.detail


def test_the_examination_reads_every_list_of_the_site(city: City) -> None:
    spoil(
        city,
        "INSERT INTO lock (type, name, reason, placed_by, placed_at) VALUES ('host', 'x', 'x', 'x', 'x')",
        "UPDATE medium SET keep_until = 'x' WHERE number = 1",
        "UPDATE output SET due = 'x' WHERE number = 1",
        "UPDATE backup SET taken_at = 'x' WHERE number = 1",
        "INSERT INTO suppression (rule, grouping, finding, until, reason, proposed_by) VALUES ('x', 'x', 1, 'x', '', '')",
        "INSERT INTO terminal_outing (terminal, staff_number, purpose, due, request, out_at)"
        " SELECT name, '', '', 'x', '', 'x' FROM terminal LIMIT 1",
        "INSERT INTO medium_period (medium, request, keep_until, reason, at, actor, terminal)"
        " VALUES (1, '', 'x', '', 'x', '', '')",
        "INSERT INTO custody (recipient, threshold, holders, at, actor, terminal) VALUES ('', 2, '[', 'x', '', '')",
        "INSERT INTO first_password (system, user_id, issued_at, until)"
        " SELECT system, user_id, 'x', 'x' FROM account LIMIT 1",
    )
    assert not next(each for each in status.examine(city.site) if each.name == "rows").ok
    told = " ".join(status.damaged(city.site))
    tables = ("lock", "medium", "output", "backup", "suppression", "custody", "medium_period")
    for table in (*tables, "terminal_outing", "first_password"):
        assert f"the table {table} is damaged" in told


def test_the_examination_knows_every_table_whose_rows_become_values() -> None:
    sources = "".join(path.read_text() for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    written = set(re.findall(r'rows\.(?:Mapper\(\s*\w+, |of\()"(\w+)"', sources))
    asked = (
        "from accesscontrol import rows; from console.status import _READ_LATER; from importlib import import_module"
    )
    asked += "; [*map(import_module, _READ_LATER)]; print(*(each.table for each in rows.mappers()))"
    known = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert len(written) > 40
    assert written <= set(known.split())


def test_the_examination_reads_rows_that_no_list_shows(city: City) -> None:
    spoil(
        city,
        "UPDATE request_approval SET expires_at = 'x' WHERE id = (SELECT min(id) FROM request_approval)",
        "UPDATE password SET set_at = 'x' WHERE login = (SELECT min(login) FROM password)",
        "INSERT INTO finding_comment (finding, at, author, text) VALUES (1, 'x', '', '')",
        "INSERT INTO difference_report (task, made_at, actor, counts, sha256) VALUES ('', 'x', '', '{}', '')",
    )
    status.examine(city.site)
    told = " ".join(status.damaged(city.site))
    for table in ("request_approval", "password", "finding_comment", "difference_report"):
        assert f"the table {table} is damaged" in told


@pytest.mark.parametrize("command", [["status"], ["requests", "list"], ["findings", "list"], ["people", "list"]])
def test_whatever_command_passed_over_a_row_says_so_on_standard_error(city: City, command: list[str]) -> None:
    spoil(city, *EACH.values())
    city.site.store.close()
    answer = CliRunner().invoke(main, ["--home", str(city.home), "--lang", "en", *command])
    assert answer.exit_code == 0, answer.output
    assert answer.stdout
    assert "sekisho: Row" in answer.stderr
    assert "is damaged" in answer.stderr
