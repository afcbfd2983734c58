"""Unregistered media, overdue returns and gaps of a stocktaking are findings, each raised once while it lasts."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from backups.media import movements, sightings, stocktaking
from backups.media.devices import Device
from backups.media.movements import Move
from backups.media.register import Observed, Registration
from console import media_findings, overdue, translation
from console.finding_words import spoken_explanation
from monitors.findings import reading
from monitors.findings.reading import Finding
from tests.console.test_overdue import output
from tests.console.town import Town

STORES = frozenset({"safe"})
DEVICE = Device(
    node="/dev/sdz1", disk="sdz", serial="S5R9", model="", uuid="u-1", filesystem="ext4", size=1, diskseq=7,
    removable=True, read_only=False,
)  # fmt: skip


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    translation.choose("en")
    town = Town.copied_to(tmp_path)
    yield town
    town.site.store.close()


def found(town: Town, rule: str) -> list[Finding]:
    """Look, twice, and return what was found: the second look raises nothing new."""
    media_findings.find(town.site)
    assert media_findings.find(town.site) == []
    return [each for each in reading.listed(town.site.store) if each.rule == rule]


def registered(town: Town) -> str:
    said = Registration(kind="solid-state", place="safe", purpose="p", virus_check="v")
    return town.site.media.take_over(DEVICE, said, actor="S0101", terminal="x").id


def seen(diskseq: int) -> Observed:
    device = Device(**{name: getattr(DEVICE, name) for name in Device.__slots__} | {"diskseq": diskseq})
    return Observed(folder=Path("/mnt"), device=device, label=None, label_fault="", medium=None, agreed={})


def test_each_attachment_of_an_unregistered_medium_is_one(town: Town) -> None:
    sightings.note(town.site.store, [seen(7)])
    (first,) = found(town, media_findings.UNREGISTERED)
    assert (first.severity, first.controls) == ("high", ["BK-MED-03"])
    assert "attached to /dev/sdz1 (serial S5R9)" in spoken_explanation(first)
    sightings.note(town.site.store, [seen(9)])
    assert len(found(town, media_findings.UNREGISTERED)) == 2


def test_a_medium_that_is_not_back_goes_on_from_day_to_day(town: Town) -> None:
    from backups import ledger

    medium = registered(town)
    day = town.clock.now().date()
    line = output(day)
    number = ledger.begin(
        town.site.store,
        type(line)(**{name: getattr(line, name) for name in line.__slots__} | {"medium": medium, "ending": "return"}),
    )
    ledger.close_writing(town.site.store, number)
    away = Move(medium=medium, to_place="far", rule="8", giver="a", receiver="b", permission="R-1", due=day)
    movements.move(town.site.store, STORES, away, actor="S0101", terminal="x")
    assert found(town, media_findings.NOT_BACK) == []
    town.clock.advance(timedelta(days=2))
    (late,) = found(town, media_findings.NOT_BACK)
    assert f"{medium} should have been back or destroyed by {day}" in spoken_explanation(late)
    town.clock.advance(timedelta(days=1))
    assert [each.count for each in found(town, media_findings.NOT_BACK)] == [2]
    back = Move(medium=medium, to_place="safe", rule="8", giver="b", receiver="a")
    movements.move(town.site.store, STORES, back, actor="S0101", terminal="x")
    town.clock.advance(timedelta(days=1))
    assert [each.count for each in found(town, media_findings.NOT_BACK)] == [2]


def test_what_a_stocktaking_did_not_see_is_one_for_each_medium(town: Town) -> None:
    medium = registered(town)
    number = stocktaking.begin(town.site.store, STORES, actor="S0101", terminal="x")
    assert found(town, media_findings.NOT_SEEN) == []
    stocktaking.close(town.site.store, number, actor="S0101", terminal="x")
    (missing,) = found(town, media_findings.NOT_SEEN)
    assert (missing.controls, missing.facts["medium"]) == (["BK-MED-08"], medium)
    again = stocktaking.begin(town.site.store, STORES, actor="S0101", terminal="x")
    stocktaking.count(town.site.store, again, medium, found="safe", actor="S0101", terminal="x")
    stocktaking.close(town.site.store, again, actor="S0101", terminal="x")
    assert len(found(town, media_findings.NOT_SEEN)) == 1


def test_the_scheduler_looks_for_them(town: Town) -> None:
    sightings.note(town.site.store, [seen(7)])
    overdue.find(town.site)
    assert [each.rule for each in reading.listed(town.site.store) if each.system == "media"] == ["medium-unregistered"]


def test_what_is_to_be_handed_over_is_found_elsewhere(town: Town) -> None:
    from backups import ledger

    number = ledger.begin(town.site.store, output(date(2020, 1, 1)))
    ledger.close_writing(town.site.store, number)
    assert media_findings.not_back(town.site) == {}
