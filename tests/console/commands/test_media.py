"""``sekisho media`` with a real medium: registered, written, moved, counted and disposed of, each line with its proof."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from backups import ledger
from backups.media import movements, sightings
from console import locker, nightly
from console.commands.media import group
from tests.backups.conftest import tool
from tests.backups.media.conftest import Disk, disks
from tests.console.commands.media_store import STORES, MediaStore, only_below

__all__ = ["disks", "tool"]

SAID = ("--kind", "solid-state", "--place", STORES[0], "--purpose", "月次", "--virus-check", "11-24 済")
MOVE = ("--rule", "要領8条", "--giver", "鈴木", "--receiver", "田口")
END = (
    *("--method", "destroy", "--technique", "破砕", "--tool", "MS-4 1.0", "--verification", "目視 2mm以下"),
    *("--place", "金庫前", "--performer", "高橋", "--witness", "鈴木", "--day", "2026-11-24"),
)
EVIDENCE = "ab" * 32


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MediaStore]:
    only_below(tmp_path, monkeypatch)
    store = MediaStore(tmp_path)
    yield store
    store.site.store.close()


def test_the_whole_life_of_a_medium_carries_hash_identity_and_ledger_number(
    store: MediaStore, disks: Callable[..., Disk]
) -> None:
    disk = disks()
    entered = store.json("yamada", group, "register", disk.folder, *SAID)
    assert (entered["medium"], entered["number"], len(entered["sha256"])) == ("M-0001", 1, 64)
    assert entered["identity"].keys() == {"serial", "uuid", "label"}

    backup = store.take()
    request = store.approved_export(backup, "M-0001", disk.folder)
    written = store.json("takahashi", group, "write", request.id)
    assert (written["number"], written["sha256"], written["medium"]) == (1, backup.sealed_sha256, "M-0001")
    assert written["read_back"] is True
    assert len(written["identity"]) == 64
    assert (disk.folder / backup.sealed.name).read_bytes() == backup.sealed.read_bytes()

    there = ("--to", "県北倉庫", *MOVE, "--permission", request.id, "--due", "R8.12.24")
    out = store.json("sato", group, "move", "M-0001", *there)
    assert (out["number"], out["direction"], out["due"], out["sha256"]) == (1, "out", "2026-12-24", entered["sha256"])
    assert [each["where"] for each in store.look(group, "list", "--only", "out")] == ["out"]

    store.clock.advance(timedelta(days=31))
    (late,) = store.look(group, "list", "--only", "overdue")
    assert (late["outputs"][0]["number"], late["outputs"][0]["sha256"]) == (1, backup.sealed_sha256)
    waiting = {each.name: each.count for each in locker.waiting(store.site)}
    assert waiting["overdue-media"] == 1

    back = store.json("sato", group, "move", "M-0001", "--to", STORES[1], *MOVE)
    assert back["direction"] == "in"
    assert {each.name: each.count for each in locker.waiting(store.site)}["overdue-media"] == 0

    gone = store.json("sato", group, "dispose", "M-0001", *END, "--certificate", "C-7", "--evidence", EVIDENCE)
    assert (gone["number"], gone["contents"], gone["sha256"]) == (1, [1], entered["sha256"])
    refused = store.run("sato", group, "move", "M-0001", "--to", STORES[0], *MOVE)
    assert (refused.exit_code, "使用" in refused.stderr or "M-0001" in refused.stderr) == (1, True)


def test_an_output_to_a_number_that_is_in_no_register_is_refused(store: MediaStore, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(Exception, match="not a mounted medium"):
        store.approved_export(store.take(), "M-0031", tmp_path / "folder")


def test_writing_to_a_medium_that_was_put_in_anew_fails_and_the_command_says_so(
    store: MediaStore, disks: Callable[..., Disk]
) -> None:
    disk = disks()
    store.json("yamada", group, "register", disk.folder, *SAID)
    request = store.approved_export(store.take(), "M-0001", disk.folder)
    disk.detach()
    disk.attach()
    done = store.run("takahashi", group, "write", request.id)
    assert done.exit_code == 1
    assert not [name for name in disk.names() if name.startswith("B-")]


def test_nothing_leaves_while_the_second_place_of_the_trail_is_silent(
    store: MediaStore, disks: Callable[..., Disk], tmp_path: Path
) -> None:
    disk = disks()
    store.json("yamada", group, "register", disk.folder, *SAID)
    store.with_trail(witness=f"directory:{tmp_path / 'not there'}")
    request = store.approved_export(store.take(), "M-0001", disk.folder)
    done = store.run("takahashi", group, "write", request.id)
    assert done.exit_code == 1
    assert not [name for name in disk.names() if name.startswith("B-")]
    assert ledger.page(store.site.store) == []


def test_only_keepers_enter_moves(store: MediaStore, disks: Callable[..., Disk]) -> None:
    disk = disks()
    store.json("yamada", group, "register", disk.folder, *SAID)
    refused = store.run("suzuki", group, "move", "M-0001", "--to", STORES[1], *MOVE)
    assert refused.exit_code == 1
    assert "BK-MED-08" in refused.stderr
    assert movements.page(store.site.store) == []


def test_the_count_names_what_was_not_seen_and_exits_1(store: MediaStore, disks: Callable[..., Disk]) -> None:
    for disk in (disks(), disks()):
        store.json("yamada", group, "register", disk.folder, *SAID)
    sheet = store.json("sato", group, "stocktake", "begin")
    assert [line["medium"] for line in sheet["lines"]] == ["M-0001", "M-0002"]
    assert all(len(line["sha256"]) == 64 for line in sheet["lines"])
    store.json("sato", group, "stocktake", "count", "M-0002")
    closed = store.run("sato", group, "stocktake", "close", "--json")
    assert closed.exit_code == 1
    assert store.look(group, "stocktake", "sheet")["gaps"] == ["M-0001"]


def test_a_key_is_lent_until_a_time_of_today_and_comes_back(store: MediaStore) -> None:
    store.json("sato", group, "keys", "add", "鍵1", "--place", STORES[0])
    lent = store.json("sato", group, "keys", "lend", "鍵1", "--to", "高橋", "--purpose", "入庫", "--until", "17:15")
    assert (lent["number"], lent["due"]) == (1, "2026-11-24T08:15:00.000000+00:00")
    store.clock.advance(timedelta(hours=6))
    assert {each.name: each.count for each in locker.waiting(store.site)}["overdue-keys"] == 1
    assert store.json("yamada", group, "keys", "return", "鍵1")["received_by"] == "S0102"
    (key,) = store.look(group, "keys", "list")
    assert key["loan"] is None
    refused = store.run("sato", group, "keys", "lend", "鍵1", "--to", "高橋", "--purpose", "入庫", "--until", "later")
    assert refused.exit_code == 1


def test_a_medium_that_appears_unregistered_is_entered_by_the_scheduler_and_explained_by_a_person(
    store: MediaStore, disks: Callable[..., Disk]
) -> None:
    disk = disks()
    scanned = [each for each in store.look(group, "scan") if each["folder"] == str(disk.folder)]
    assert [(each["known"], each["number"]) for each in scanned] == [(False, None)]
    assert nightly.watch_media(store.site)["unregistered"]
    mine = [each for each in sightings.waiting(store.site.store) if each.folder == str(disk.folder)]
    closed = store.json("sato", group, "explain", mine[0].number, "--note", "保守業者のもの。持ち帰らせた")
    assert closed["closed_by"] == "S0101"
    store.json("yamada", group, "register", disk.folder, *SAID)
    (known,) = [each for each in store.look(group, "scan") if each["folder"] == str(disk.folder)]
    assert (known["known"], known["number"], len(known["sha256"])) == (True, 1, 64)
    assert known["agreed"] == {"uuid": True, "label": True}
