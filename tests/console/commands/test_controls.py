"""``sekisho controls``: every control with its source, its kind, and how far it is in force."""

from pathlib import Path

import pytest

from console import translation
from console.commands.controls import group
from console.evidence.controls import every
from tests.console.commands.desk import answer, call, call_as
from tests.console.town import Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    translation.choose("en")
    return Town.copied_to(tmp_path)


def test_the_list_gives_all_controls_with_stable_names(town: Town) -> None:
    found = answer(call(town, group, "list", "--json"))
    assert [each["id"] for each in found] == [each.id for each in every()]
    first = found[0]
    assert first["id"] == "AC-AUT-01"
    assert first["kind"] == "enforced"
    assert first["title_ja"] == "既存住基システムの２因子認証"
    assert first["standing"] == "partly"
    assert first["guards"]


def test_the_list_can_be_narrowed_by_kind_and_standing(town: Town) -> None:
    found = answer(call(town, group, "list", "--kind", "enforced", "--standing", "not-yet", "--json"))
    assert {each["kind"] for each in found} == {"enforced"}
    assert {each["standing"] for each in found} == {"not-yet"}
    assert all(each["guards"] == [] and each["by_hand"] for each in found)
    assert all(each["stated_every"] and each["due"] for each in found)


def test_the_list_counts_what_was_kept_in_the_fiscal_year(town: Town) -> None:
    with town.site.store.transaction() as tx:
        tx.record("account.lapsed", actor="system", subject="register/s1")

    def kept(*year: object) -> int:
        found = answer(call(town, group, "list", *year, "--json"))
        (lapsed,) = (each for each in found if each["id"] == "AC-USR-03")
        return int(next(each["count"] for each in lapsed["evidence"] if each["title"] == "User ID lapsed"))

    assert (kept(), kept("--fiscal-year", 2026), kept("--fiscal-year", 2025)) == (1, 1, 0)


def test_a_statement_is_signed_and_the_report_written_by_persons(town: Town) -> None:
    said = call_as(town, "sato", group, "state", "CO-PHY-01", "--words", "確認した", "--reference", "情管第12号")
    assert said.exit_code == 0, said.stderr
    file = town.home.parent / "report.md"
    done = call_as(town, "nakamura", group, "report", "--fiscal-year", 2026, "--output", file)
    assert done.exit_code == 0, done.stderr
    assert "130 rows written" in done.stdout
    assert "情管第12号" in file.read_text("utf-8")
    assert "情管第12号" in call(town, group, "show", "CO-PHY-01").stdout


def test_people_read_a_table_in_their_language(town: Town) -> None:
    assert "Two-factor sign-in to the resident register system" in call(town, group, "list").stdout
    translation.choose("ja")
    assert "既存住基システムの２因子認証" in call(town, group, "list").stdout


def test_one_control_is_shown_with_what_keeps_it(town: Town) -> None:
    shown = call(town, group, "show", "bk-bak-02").stdout
    assert "In force: in force" in shown
    assert "tests/backups/test_exports.py::test_one_approval_serves_one_export" in shown


def test_an_unknown_control_is_refused(town: Town) -> None:
    done = call(town, group, "show", "XX-YYY-01")
    assert done.exit_code == 1
    assert "There is no control XX-YYY-01." in done.stderr


def test_an_unknown_kind_is_a_wrong_use(town: Town) -> None:
    assert call(town, group, "list", "--kind", "sometimes").exit_code == 2
