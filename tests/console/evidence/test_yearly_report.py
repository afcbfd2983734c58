"""The yearly report: each control once, what was really kept in the year, what waits, and what is by hand."""

import csv
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from accesscontrol.refusals import Refusal
from console import translation
from console.evidence import controls, kept, yearly_report
from console.evidence.kept import FiscalYear
from console.evidence.yearly_report import Line, Report
from monitors.findings.matches import Match
from monitors.findings.raising import raise_findings
from tests.console.evidence.test_statements import enter
from tests.console.town import Town

TOKYO = ZoneInfo("Asia/Tokyo")
YEAR = FiscalYear(2026, TOKYO)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    translation.choose("en")
    return Town.copied_to(tmp_path)


def line(report: Report, control: str) -> Line:
    return next(each for each in report.lines if each.control.id == control)


def count(report: Report, control: str, title: str) -> int:
    return next(each.span.count for each in line(report, control).pieces if each.title == title)


def record(town: Town, act: str, subject: str = "x") -> None:
    with town.site.store.transaction() as tx:
        tx.record(act, actor="system", subject=subject)


def raised(town: Town, title: str = "Title") -> None:
    now = town.clock.now()
    match = Match(
        rule="closed-day", rule_version=1, title=title, severity="medium", controls=("MO-ANM-01",), explanation="x",
        system="register", account="a", source="x", group="account=a", first=now, last=now, count=1, event_ids=[1],
        segments=(),
    )  # fmt: skip
    raise_findings(town.site.store, [match])


def test_every_control_stands_there_once_with_what_was_kept(town: Town) -> None:
    record(town, "account.lapsed")
    record(town, "account.lapsed")
    report = yearly_report.gather(town.site, YEAR)
    assert [each.control.id for each in report.lines] == [each.id for each in controls.every()]
    assert count(report, "AC-USR-03", "User ID lapsed") == 2
    assert line(report, "AC-USR-03").total.last == town.clock.now()
    assert count(report, "AC-USR-03", "User ID extended") == 0
    assert (report.trail_holds, report.unreadable) == (True, 0)


def test_a_year_is_from_1_april_to_31_march_of_the_site(town: Town) -> None:
    assert YEAR.begin == datetime(2026, 3, 31, 15, tzinfo=UTC)
    assert FiscalYear.of(YEAR.begin, TOKYO) == YEAR
    assert FiscalYear.of(YEAR.begin - timedelta(microseconds=1), TOKYO).number == 2025
    for instant in (YEAR.end - timedelta(seconds=1), YEAR.end):
        town.clock.set(instant)
        record(town, "account.lapsed")
    assert count(yearly_report.gather(town.site, YEAR), "AC-USR-07", "User ID lapsed") == 1
    assert count(yearly_report.gather(town.site, FiscalYear(2027, TOKYO)), "AC-USR-07", "User ID lapsed") == 1


def test_runs_of_tasks_are_counted_for_the_controls_that_they_carry(town: Town) -> None:
    record(town, "task.ran", "task:statistics")
    report = yearly_report.gather(town.site, YEAR)
    assert {each.sort: each.span.count for each in line(report, "RG-INT-13").pieces}[kept.TASK] == 1
    assert all(each.span.count == 0 for each in line(report, "RG-RET-02").pieces)


def test_findings_are_counted_and_those_that_wait_are_named(town: Town) -> None:
    raised(town)
    found = line(yearly_report.gather(town.site, YEAR), "MO-ANM-01")
    assert [each.name for each in found.open] == ["F-00001"]
    assert {each.sort: each.span.count for each in found.pieces}[kept.FINDING] == 1
    later = line(yearly_report.gather(town.site, FiscalYear(2027, TOKYO)), "MO-ANM-01")
    assert [each.name for each in later.open] == ["F-00001"]
    assert all(each.sort != kept.FINDING for each in later.pieces)


def test_an_attested_control_without_its_statement_says_so(town: Town) -> None:
    assert line(yearly_report.gather(town.site, YEAR), "CO-PHY-01").unstated
    assert "CO-PHY-01" in yearly_report.as_text(yearly_report.gather(town.site, YEAR)).split("##")[0]
    enter(town, "CO-PHY-01")
    report = yearly_report.gather(town.site, YEAR)
    assert not line(report, "CO-PHY-01").unstated
    assert "情管第12号" in yearly_report.as_text(report)
    assert line(yearly_report.gather(town.site, FiscalYear(2027, TOKYO)), "CO-PHY-01").unstated


def test_nothing_of_the_table_is_calculated_by_a_spreadsheet(town: Town) -> None:
    enter(town, "CO-PHY-01", "=HYPERLINK(1)", reference="@SUM(A1)")
    raised(town, "=cmd|' /C calc'!A0")
    data = yearly_report.as_table(yearly_report.gather(town.site, YEAR)).decode("utf-8-sig")
    rows = list(csv.reader(data.splitlines()))
    assert len(rows) == 1 + len(controls.every())
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_nothing_of_the_text_becomes_marks_of_it(town: Town) -> None:
    enter(town, "CO-PHY-01", "<script>alert(1)</script> | [x](javascript:1)", reference="**12**")
    text = yearly_report.as_text(yearly_report.gather(town.site, YEAR))
    assert "<script>" not in text
    assert "[x](" not in text
    assert "**12**" not in text


def test_a_damaged_entry_is_told_and_stops_nothing(town: Town) -> None:
    file = town.home / "sekisho.sqlite3"  # changed by an intruder with the file in hand
    file.write_bytes(file.read_bytes().replace(b'{"act":"site.created"', b'X"act":"site.created"'))
    record(town, "account.lapsed")
    record(town, "account.lapsed")
    report = yearly_report.gather(town.site, YEAR)
    assert not report.trail_holds
    assert report.unreadable == 1
    assert count(report, "AC-USR-03", "User ID lapsed") == 2
    assert "THE TRAIL WAS TAMPERED WITH." in yearly_report.as_text(report)


def test_the_file_is_a_table_or_a_text_by_its_ending_and_its_fingerprint_is_in_the_trail(town: Town) -> None:
    folder = town.home.parent
    for name in ("one.csv", "two.md"):
        rows, digest = yearly_report.write(town.site, YEAR, folder / name, town.acting("sato"))
        assert rows == len(controls.every())
        assert town.entries("evidence.written")[-1].details["sha256"] == digest
    with pytest.raises(Refusal, match="file's ending"):
        yearly_report.write(town.site, YEAR, folder / "three.html", town.acting("sato"))
    assert not (folder / "three.html").exists()


def test_a_japanese_report_says_nothing_in_english(town: Town) -> None:
    translation.choose("ja")
    report = yearly_report.gather(town.site, YEAR)
    held = re.compile(r"`[^`]*`|sekisho papers enter [a-z-]+")  # names of the program's own parts and commands
    for sentence in held.sub("", yearly_report.as_text(report)).splitlines():
        assert not re.search(r"(?:[a-z]+ ){2}[a-z]+", sentence), sentence
