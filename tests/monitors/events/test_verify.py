from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from monitors.events import browsing, ledger
from monitors.events.expressions import read
from monitors.events.paging import Listing
from monitors.events.verify import strangers, verify
from monitors.facts import Facts
from monitors.findings import detection, migrations
from monitors.rules import catalogue
from tests.monitors.conftest import TOKYO
from tests.monitors.events.test_imports import row, run, write


def recorded(store: Store) -> dict[str, str]:
    return {segment.name: segment.sha256 for segment in ledger.all_segments(store)}


def test_an_untouched_archive_verifies(store: Store, home: Path, tmp_path: Path) -> None:
    run(store, home, write(tmp_path / "log.csv", [row(), "broken"]))
    found = verify(store, home, recorded(store))
    assert found.ok
    assert (found.segments, found.events) == (2, 2)


def test_one_changed_byte_in_a_segment_is_found(store: Store, home: Path, tmp_path: Path) -> None:
    run(store, home, write(tmp_path / "log.csv", [row()]))
    (segment,) = ledger.all_segments(store)
    path = home / "events" / segment.name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    (fault,) = verify(store, home).faults
    assert (fault.segment, fault.fault) == (segment.name, "the file was changed")


def test_a_missing_segment_is_found(store: Store, home: Path, tmp_path: Path) -> None:
    run(store, home, write(tmp_path / "log.csv", [row()]))
    (segment,) = ledger.all_segments(store)
    (home / "events" / segment.name).unlink()
    assert [fault.fault for fault in verify(store, home).faults] == ["the file is missing"]


@pytest.mark.parametrize("damage", [b"", b"PAR1 and nothing that follows of it PAR1"], ids=["emptied", "made over"])
def test_who_reads_a_damaged_segment_is_told_how_to_find_it(
    store: Store, home: Path, tmp_path: Path, damage: bytes
) -> None:
    run(store, home, write(tmp_path / "log.csv", [row()]))
    (segment,) = ledger.all_segments(store)
    (home / "events" / segment.name).write_bytes(damage)
    store.migrate(migrations.migrations)
    day = datetime(2026, 11, 24, tzinfo=TOKYO)
    readers: Sequence[Callable[[], object]] = (
        lambda: browsing.by_ids(store, home, [segment.source << 32]),
        lambda: browsing.failures(store, home, first=day, last=day + timedelta(days=1)),
        lambda: list(Listing(store, home, read("", TOKYO)).index()),
        lambda: detection.detect(store, home, catalogue.shipped(), lambda *_: Facts(), actor="system"),
    )
    for reader in readers:
        with pytest.raises(Refusal, match="sekisho logs verify"):
            reader()


def test_a_manifest_that_was_bent_to_a_changed_file_is_found_by_the_trail(
    store: Store, home: Path, tmp_path: Path
) -> None:
    run(store, home, write(tmp_path / "log.csv", [row()]))
    (segment,) = ledger.all_segments(store)
    trail = {segment.name: "0" * 64, "00000009-register-20261124.parquet": "1" * 64}
    faults = {fault.segment: fault.fault for fault in verify(store, home, trail).faults}
    assert faults == {
        segment.name: "the trail holds another hash for it, or none",
        "00000009-register-20261124.parquet": "the trail names it, the manifest does not",
    }


def test_files_that_no_manifest_lists_are_told_and_go_with_the_next_import(
    store: Store, home: Path, tmp_path: Path
) -> None:
    run(store, home, write(tmp_path / "a.csv", [row()]))
    (home / "events" / "00000099-register-20261124.parquet").write_bytes(b"left over")
    assert verify(store, home).ok
    assert strangers(store, home) == ["00000099-register-20261124.parquet"]
    run(store, home, write(tmp_path / "b.csv", [row("2026/11/25 08:31:07")]))
    assert strangers(store, home) == []
