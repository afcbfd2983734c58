"""What the host's scheduler does for backups: each source once a day, after downtime once, and old ones looked at."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from accesscontrol.trail import entries
from backups import restoring
from backups.records import Health
from backups.sealing.keys import read_identity_file
from backups.status import standings
from console import nightly, upkeep
from console.proof import examine_register, opening
from registry.databases.sqlite import SqliteRegistry
from tests.console.commands.media_store import MediaStore, only_below


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MediaStore]:
    only_below(tmp_path, monkeypatch)
    store = MediaStore(tmp_path)
    yield store
    store.site.store.close()


def test_every_source_is_taken_once_a_day_and_once_after_downtime(store: MediaStore) -> None:
    assert nightly.take_due(store.site)["taken"] == ["B-00001", "B-00002"]
    assert nightly.take_due(store.site)["taken"] == []
    store.clock.advance(timedelta(hours=13))  # past 02:00 in Japan
    assert nightly.take_due(store.site)["taken"] == []
    store.clock.advance(timedelta(hours=2))
    assert nightly.take_due(store.site)["taken"] == ["B-00003", "B-00004"]
    store.clock.advance(timedelta(days=9))
    assert nightly.take_due(store.site)["taken"] == ["B-00005", "B-00006"]
    sources = {store.site.catalogue.get(f"B-0000{number}").source for number in (5, 6)}
    assert sources == {"registry", "sekisho"}


def test_old_backups_are_hashed_again_and_a_changed_one_is_told(store: MediaStore) -> None:
    nightly.take_due(store.site)
    store.clock.advance(timedelta(days=8))
    changed = store.site.catalogue.get("B-00001").sealed
    changed.chmod(0o600)
    changed.write_bytes(b"gone")
    done = nightly.take_due(store.site)
    assert done["verified"] == ["B-00002"]
    assert done["failed"] == ["B-00001"]
    assert store.site.catalogue.get("B-00001").health is Health.DAMAGED


def test_one_source_that_fails_does_not_stop_the_others(store: MediaStore) -> None:
    store.with_backups(postgresql=("jumin=host=/nowhere dbname=jumin",))
    done = nightly.take_due(store.site)
    assert len(done["taken"]) == 2
    (failure,) = done["failed"]
    assert failure.startswith("jumin: ")
    assert store.site.catalogue.get("B-00001").health is Health.FAILED


def test_a_tree_of_files_that_the_settings_name_is_taken_and_drilled(store: MediaStore, tmp_path: Path) -> None:
    folder = tmp_path / "forms"
    (folder / "2026").mkdir(parents=True)
    (folder / "2026" / "list.csv").write_text("a,b")
    store.with_backups(trees=(f"forms={folder}",))
    assert len(nightly.take_due(store.site)["taken"]) == 3
    (taken,) = [each for each in store.site.catalogue.page() if each.source == "forms"]
    how = opening(store.site, taken, read_identity_file(store.identity_file), store.acting("takahashi"))
    found = restoring.drill(store.site.catalogue, taken.id, how)
    assert (found.good, [(part.name, part.count) for part in found.parts]) == (True, [("2026/list.csv", 3)])


@pytest.mark.parametrize("change", [{"slot": ""}, {"recipients": ()}])
def test_without_a_slot_or_anybody_to_open_it_nothing_is_taken(store: MediaStore, change: dict[str, object]) -> None:
    store.with_backups(**change)
    assert nightly.take_due(store.site)["taken"] == []


def test_the_tick_tells_what_it_took_and_its_entries_are_sealed(store: MediaStore) -> None:
    done = upkeep.tick(store.site)
    assert done["backups"]["taken"] == ["B-00001", "B-00002"]
    assert done["media"] == {"unregistered": [], "failing": []}
    assert done["checkpoint"] >= entries.size(store.site.store) - 1


def test_the_targets_of_the_settings_decide_what_is_late(store: MediaStore) -> None:
    store.with_backups(stale_hours=3, drill_days=2, medium_days=5, restore_hours=1)
    nightly.take_due(store.site)
    store.clock.advance(timedelta(hours=4))
    targets = nightly.targets(store.site)
    found = standings(store.site.store, ["registry"], store.clock.now(), targets)
    assert [(each.source, each.backup_late) for each in found] == [("registry", True), ("sekisho", True)]
    assert (targets.drill, targets.medium, targets.restore) == (
        *(timedelta(days=2), timedelta(days=5), timedelta(hours=1)),
    )


def test_a_restored_register_without_its_items_is_a_fault_of_the_drill(store: MediaStore, tmp_path: Path) -> None:
    folder = tmp_path / "restored"
    folder.mkdir()
    target = folder / "database.sqlite3"
    target.write_bytes(store.site.home.registry.read_bytes())
    assert examine_register(store.site, folder) == []
    with SqliteRegistry.open(target) as register, register.writing():
        register.execute("ALTER TABLE identity_info DROP COLUMN birth_date")
    assert [fault.fields["table"] for fault in examine_register(store.site, folder)] == ["identity_info"]
