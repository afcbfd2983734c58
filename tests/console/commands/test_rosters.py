"""``sekisho rosters`` at the command line."""

from pathlib import Path

import pytest

from accesscontrol.accounts import reading
from console import translation, upkeep
from console.commands.rosters import group
from tests.console.commands.desk import answer, call, call_as
from tests.console.town import Town

HEADER = "職員番号,氏名,所属\n"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    translation.choose("en")
    return Town.copied_to(tmp_path)


def roster(folder: Path, count: int, office: str = "市民課") -> Path:
    path = folder / f"roster-{count}.csv"
    lines = "".join(f"{number},架空{number},{office}\n" for number in range(1, count + 1))
    path.write_bytes((HEADER + lines).encode("cp932"))
    return path


def test_a_roster_is_previewed_and_taken(town: Town, tmp_path: Path) -> None:
    file = roster(tmp_path, 4)
    shown = answer(call(town, group, "preview", file, "--kind", "personnel", "--json"))
    assert (shown["counts"], shown["needs_approval"]) == ({"appears": 4}, False)
    assert not reading.persons(town.site.store)
    done = call_as(town, "yamada", group, "import", file, "--kind", "personnel")
    assert done.stdout.startswith("Batch 1: applied")
    assert len(reading.persons(town.site.store)) == 4
    assert answer(call(town, group, "list", "--json"))[0]["state"] == "applied"


def test_only_a_custodian_takes_rosters(town: Town, tmp_path: Path) -> None:
    done = call_as(town, "sato", group, "import", roster(tmp_path, 4), "--kind", "personnel")
    assert (done.exit_code, done.stdout) == (1, "")
    assert not reading.persons(town.site.store)


def test_a_roster_that_takes_from_many_is_held_for_a_request(town: Town, tmp_path: Path) -> None:
    call_as(town, "yamada", group, "import", roster(tmp_path, 30), "--kind", "personnel")
    small = roster(tmp_path, 8)
    assert "needs approval" in call(town, group, "preview", small, "--kind", "personnel").stdout
    done = answer(call_as(town, "yamada", group, "import", small, "--kind", "personnel", "--json"))
    assert done["state"] == "held"
    held = answer(call(town, group, "show", done["number"], "--json"))
    assert held["counts"] == {"leaves": 22}
    assert "roster-import" in town.site.kinds


def test_a_batch_for_a_later_day_is_applied_by_the_tick_of_that_day(town: Town, tmp_path: Path) -> None:
    done = call_as(town, "yamada", group, "import", roster(tmp_path, 3), "--kind", "personnel", "--from", "R9.4.1")
    assert done.stdout.startswith("Batch 1: prepared, in force from 2027-04-01 00:00")
    assert upkeep.tick(town.site)["rosters"] == []


def test_a_batch_is_cancelled_and_a_dispute_settled_by_a_custodian(town: Town, tmp_path: Path) -> None:
    call_as(town, "yamada", group, "import", roster(tmp_path, 3), "--kind", "personnel", "--from", "2027-04-01")
    assert call_as(town, "yamada", group, "cancel", "1", "--reason", "wrong file").exit_code == 0
    call_as(town, "yamada", group, "import", roster(tmp_path, 3), "--kind", "personnel")
    assert call_as(town, "yamada", group, "settle", "1", "--name", "別名一").exit_code == 0
    assert call(town, group, "settle", "1", "--as", "yamada").exit_code == 2


def test_a_faulty_file_is_refused_with_its_lines(town: Town, tmp_path: Path) -> None:
    file = tmp_path / "faulty.csv"
    file.write_text(HEADER + "1,,市民課\n", encoding="utf-8")
    done = call(town, group, "preview", file, "--kind", "personnel")
    assert done.exit_code == 1
    assert "2: 氏名 is empty" in done.stderr
