"""The state of the site in numbers, and the examination of the installation itself."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from accesscontrol.clock import to_text
from accesscontrol.trail import entries
from console import status, translation, upkeep
from tests.accesscontrol.trail.intruder import Intruder
from tests.console.city import City


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    translation.choose("en")
    city = City.copied_to(tmp_path)
    yield city
    city.site.store.close()


def test_the_status_holds_what_scripts_build_on(city: City) -> None:
    found = status.status(city.site)
    assert {"at", "queues", "last_backup", "last_import", "last_checkpoint", "last_proof", "entries"} <= set(found)
    assert all({"name", "title", "count", "oldest", "due", "loud"} == set(each) for each in found["queues"])
    assert found["entries"] == entries.size(city.site.store)
    assert found["demo"] is True


def test_ages_are_told_and_what_is_too_old_is_stale(city: City) -> None:
    found = status.status(city.site)
    assert (found["last_import"]["age_seconds"], found["last_import"]["stale"]) == (7 * 3600 + 10 * 60, False)
    city.clock.advance(timedelta(days=3))
    found = status.status(city.site)
    for name in ("last_backup", "last_import", "last_checkpoint"):
        assert found[name]["stale"], name


def test_what_never_happened_has_no_age_and_is_stale(city: City) -> None:
    with city.site.store.transaction() as tx:
        tx.execute("DELETE FROM backup_check")
        tx.record("test.altered", actor="system")
    assert status.status(city.site)["last_proof"] == {"at": None, "age_seconds": None, "stale": True}


def test_people_read_it_in_lines(city: City) -> None:
    city.clock.advance(timedelta(days=3))
    lines = status.sentences(status.status(city.site), city.site.zone)
    assert any(line.startswith("Last import of logs: 2026-11-24 02:02  OVERDUE") for line in lines)
    assert any(line.startswith("Trail: ") for line in lines)


def test_a_sound_installation_passes_its_examination(city: City) -> None:
    assert [each.name for each in status.examine(city.site) if not each.ok] == []


def test_a_database_or_key_that_others_can_read_is_named(city: City) -> None:
    for path in (city.site.home.store, city.site.home.registry, city.home / "keys" / "trail"):
        assert path.stat().st_mode & 0o777 == 0o600, path
        path.chmod(0o640)
        (fault,) = [each for each in status.examine(city.site) if not each.ok]
        assert (fault.name, f"chmod 600 {path}" in fault.detail) == ("home", True)
        path.chmod(0o600)


def test_a_backup_that_is_dated_later_than_now_is_told_and_makes_nothing_fresh(city: City) -> None:
    site = city.site
    city.clock.advance(timedelta(days=40))
    for source in site.sources:
        site.catalogue.take(site.order(source, actor="system", terminal=""))
    city.clock.advance(timedelta(days=-30))
    found = status.status(site)
    assert found["last_backup"]["stale"]
    assert [each["ahead"] is not None for each in found["sources"]] == [True, True]


def test_the_source_that_is_furthest_behind_sets_the_age(city: City) -> None:
    site = city.site
    city.clock.advance(timedelta(days=3))
    site.catalogue.take(site.order("registry", actor="system", terminal=""))
    assert status.status(site)["last_backup"]["stale"]
    site.catalogue.take(site.order("sekisho", actor="system", terminal=""))
    assert status.status(site)["last_backup"] == {"at": to_text(city.clock.now()), "age_seconds": 0, "stale": False}


def test_a_trail_whose_end_was_cut_is_named(city: City) -> None:
    Intruder(city.site.home.store).run(
        "DROP TRIGGER trail_entry_kept", "DELETE FROM trail_entry WHERE seq = (SELECT max(seq) FROM trail_entry)"
    )
    (trail,) = [each for each in status.examine(city.site) if each.name == "trail"]
    assert not trail.ok
    assert "trail verify" in trail.detail


def test_a_clock_that_was_moved_is_named(city: City) -> None:
    city.clock.leap(timedelta(days=1))
    upkeep.tick(city.site)
    (clock,) = [each for each in status.examine(city.site) if each.name == "clock"]
    assert not clock.ok
    assert "moved 1 time," in clock.detail


def test_a_second_place_that_is_gone_is_named(city: City) -> None:
    (city.home / "second-place").rename(city.home / "elsewhere")
    (fault,) = [each for each in status.examine(city.site) if not each.ok]
    assert fault.name == "witness"
    assert fault.detail


def test_a_city_where_nobody_can_approve_is_named(city: City) -> None:
    with city.site.store.transaction() as tx:
        tx.execute("DELETE FROM operator_role WHERE role = 'security_officer'")
        tx.record("test.altered", actor="system")
    assert "people" in [each.name for each in status.examine(city.site) if not each.ok]


def test_keys_that_cannot_be_read_are_named(city: City) -> None:
    for key in (city.home / "keys").iterdir():
        if "trail" in key.name:
            key.unlink()
    assert "home" in [each.name for each in status.examine(city.site) if not each.ok]
