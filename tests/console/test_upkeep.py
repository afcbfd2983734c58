"""A tick does everything that is due, also where one thing can't be done."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from accesscontrol.trail import entries
from console import translation, upkeep
from console.commands.site import tick
from monitors.events import ledger
from tests.console.city import City
from tests.console.commands.counter import ask


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    translation.choose("en")
    city = City.copied_to(tmp_path)
    yield city
    city.site.store.close()


@pytest.fixture
def damaged(city: City) -> City:
    """Return a city whose archive can't be read, with rules that have it looked at."""
    for segment in ledger.all_segments(city.site.store):
        (city.home / "events" / segment.name).write_bytes(b"")
    with city.site.store.transaction() as tx:
        tx.execute("UPDATE detection_run SET rules = ''")
        tx.record("detection.reset", actor="system")
    return city


def test_what_is_refused_is_told_and_keeps_nothing_else_from_being_done(damaged: City) -> None:
    done = upkeep.tick(damaged.site)
    assert "sekisho logs verify" in done["refused"]["findings"]
    assert done["checkpoint"] >= entries.size(damaged.site.store) - 1
    assert done["rosters"] == []
    told = upkeep.sentences(done)
    assert not [line for line in told if line.startswith("Findings raised")]
    assert told[-1].startswith("Not done (findings): The archive of events can't be read")


def test_the_scheduler_learns_of_it_by_the_exit_code(city: City, damaged: City) -> None:
    refused = ask(damaged, tick)
    assert refused.exit_code == 1
    assert "Not done (findings)" in refused.stdout


def test_a_tick_with_nothing_refused_ends_well(city: City) -> None:
    assert ask(city, tick).exit_code == 0


def test_a_full_disk_is_named_and_where_not_even_a_trace_can_be_written_the_rest_is_done(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_site: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def broken(_site: object) -> None:
        raise RuntimeError

    (city.home / "traces").write_bytes(b"")
    monkeypatch.setattr(upkeep, "_STEPS", {**upkeep._STEPS, "media": full, "maintenance": broken})
    done = upkeep.tick(city.site)
    assert done["refused"]["media"] == "The disk is full: No space left on device. Free space; the next run does it."
    assert "no trace can be written: File exists" in done["refused"]["maintenance"]
    assert done["checkpoint"] >= entries.size(city.site.store) - 1


def test_a_fault_that_nobody_foresaw_leaves_a_trace_without_values_and_keeps_nothing_else_from_being_done(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_site: object) -> None:
        raise RuntimeError("123456789018")

    monkeypatch.setattr(upkeep, "_STEPS", {**upkeep._STEPS, "maintenance": broken})
    done = upkeep.tick(city.site)
    assert list(done["refused"]) == ["maintenance"]
    assert done["checkpoint"] >= entries.size(city.site.store) - 1
    (trace,) = (city.home / "traces").iterdir()
    assert trace.stem in done["refused"]["maintenance"]
    assert "RuntimeError" in trace.read_text()
    assert "123456789018" not in trace.read_text() + str(done)
