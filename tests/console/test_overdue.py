"""What the keepers owe and did not do in time becomes a finding: late backups, and media of file 3 that stayed."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from backups import ledger
from backups.ledger import NewOutput
from console import overdue, translation
from console.finding_words import spoken_explanation
from monitors.findings import reading
from monitors.findings.reading import Finding
from tests.console.town import Town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    translation.choose("en")
    town = Town.copied_to(tmp_path)
    yield town
    town.site.store.close()


def found(town: Town, rule: str) -> list[Finding]:
    return [each for each in reading.listed(town.site.store) if each.rule == rule]


def test_a_source_without_a_backup_in_time_is_one_finding_a_day(town: Town) -> None:
    assert overdue.find(town.site)
    assert overdue.find(town.site) == []
    late = found(town, overdue.BACKUP_LATE)
    assert {each.facts["source"] for each in late} == set(town.site.sources)
    assert all(each.controls == ["BK-BAK-03"] for each in late)
    assert "has no good backup within the time" in spoken_explanation(late[0])
    town.clock.advance(timedelta(days=1))
    assert overdue.find(town.site) == []  # the open one goes on
    assert found(town, overdue.BACKUP_LATE)[0].count == 2


def test_a_medium_of_file_3_that_stays_is_a_finding_of_high_severity(town: Town) -> None:
    day = town.clock.now().date()
    number = ledger.begin(town.site.store, output(day))
    ledger.close_writing(town.site.store, number)
    overdue.find(town.site)
    assert found(town, overdue.FILE_3_STAYED) == []
    town.clock.advance(timedelta(days=2))
    overdue.find(town.site)
    (stayed,) = found(town, overdue.FILE_3_STAYED)
    assert (stayed.severity, stayed.controls) == ("high", ["BK-MED-10"])
    assert "M-0007" in spoken_explanation(stayed)


def test_a_medium_that_was_handed_over_is_none(town: Town) -> None:
    number = ledger.begin(town.site.store, output(town.clock.now().date()))
    ledger.close_writing(town.site.store, number)
    ledger.end(town.site.store, number, state="handed-over", actor="S0104", terminal="x", note="receipt 12")
    town.clock.advance(timedelta(days=2))
    overdue.find(town.site)
    assert found(town, overdue.FILE_3_STAYED) == []


def output(day: date) -> NewOutput:
    return NewOutput(
        request="R-1", requester="S0102", kind="media-output", content="B-00009", persons=5, sha256="0" * 64, size=1,
        files=("B-00009.age",), medium="M-0007", folder="/mnt", carrier="森", destination="機構", purpose="送付先情報",
        ending="hand-over", due=day, actor="S0102", terminal="x",
    )  # fmt: skip
