"""Taking backups: listed only when whole, refused where it must be, nothing half left behind."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from accesscontrol.people import terminals
from accesscontrol.people.terminals import TerminalState
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from backups import folders
from backups.catalogue import Catalogue, Order
from backups.newfile import Unwritable
from backups.records import Backup, Health
from backups.sealing.digests import Progress, digest_of
from backups.sealing.keys import Identity
from backups.sources import SourceState
from backups.sources.tree import TreeSource

ROOT = Path(__file__).parents[2]


def acts(store: Store) -> list[tuple[str, str]]:
    rows = store.rows("SELECT act, json_extract(CAST(body AS TEXT), '$.outcome') AS outcome FROM trail_entry")
    return [(row["act"], row["outcome"]) for row in rows if row["act"].startswith("backup")]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_a_backup_is_taken_sealed_read_back_and_listed(catalogue: Catalogue, order: Order, clock: object) -> None:
    backup = catalogue.take(order)
    assert backup.id == "B-00001"
    assert backup.health is Health.UNPROVEN
    assert digest_of(backup.sealed).sha256 == backup.sealed_sha256
    assert names(catalogue.folder) == ["B-00001.age", "B-00001.manifest.jsonl", "B-00001.manifest.jsonl.sig"]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in backup.files)
    assert catalogue.folder.stat().st_mode & 0o777 == 0o700
    assert [each.id for each in catalogue.page()] == ["B-00001"]
    assert acts(catalogue.store) == [
        ("backup.planned", "done"),
        ("backup.taken", "done"),
        ("backup.verified", "done"),
    ]


def test_the_list_carries_hash_and_ledger_number_as_plain_values(catalogue: Catalogue, order: Order) -> None:
    line = json.loads(json.dumps(catalogue.take(order).to_json()))
    assert line["number"] == 1
    assert line["sha256"] == digest_of(catalogue.folder / "B-00001.age").sha256
    assert line["health"] == "unproven"
    assert line["taken_at"] == "2026-11-24T02:00:00.000000+00:00"


def test_the_list_is_paged_newest_first(catalogue: Catalogue, order: Order) -> None:
    for _ in range(5):
        catalogue.take(order)
    first = catalogue.page(limit=2)
    assert [each.number for each in first] == [5, 4]
    assert [each.number for each in catalogue.page(before=first[-1].number, limit=2)] == [3, 2]


def test_the_trail_holds_terminal_and_entry_record(catalogue: Catalogue, order: Order) -> None:
    catalogue.take(order)
    row = catalogue.store.row("SELECT body FROM trail_entry WHERE act = 'backup.taken'")
    assert row is not None
    entry = json.loads(row["body"])
    assert entry["terminal"] == "SR-01"
    assert entry["details"]["entry_record"] == "2026-11-24/7"
    assert entry["details"]["sealed_sha256"] == catalogue.get("B-00001").sealed_sha256


@pytest.mark.parametrize("terminal", ["OZ-03", "unknown", ""])
def test_no_backup_is_taken_outside_the_server_room(catalogue: Catalogue, order: Order, terminal: str) -> None:
    with pytest.raises(Refusal) as refused:
        catalogue.take(replace(order, terminal=terminal))
    assert refused.value.control == "BK-BAK-01"
    assert not catalogue.page()
    assert not catalogue.folder.exists()


def test_a_terminal_that_was_taken_out_is_no_server_room_terminal(catalogue: Catalogue, order: Order) -> None:
    with catalogue.store.transaction() as tx:
        terminals.set_state(tx, "SR-01", TerminalState.OUT, reason="repair", actor="S1001")
    with pytest.raises(Refusal, match="not a terminal there"):
        catalogue.take(order)


def test_scheduled_work_of_this_host_needs_no_terminal(catalogue: Catalogue, order: Order) -> None:
    assert catalogue.take(replace(order, actor="system", terminal="")).actor == "system"


def test_a_backup_to_nobody_is_refused_and_says_so_in_the_list(catalogue: Catalogue, order: Order) -> None:
    with pytest.raises(Refusal, match="at least one recipient"):
        catalogue.take(replace(order, recipients=[]))
    backup = catalogue.get("B-00001")
    assert backup.health is Health.FAILED
    assert "at least one recipient" in backup.failure
    assert names(catalogue.folder) == []


def test_a_source_that_is_gone_fails_and_the_next_backup_gets_the_next_number(
    catalogue: Catalogue, order: Order, tmp_path: Path
) -> None:
    with pytest.raises(Refusal, match="no folder"):
        catalogue.take(replace(order, source=TreeSource("home", tmp_path / "none")))
    assert catalogue.take(order).id == "B-00002"


def test_a_cancelled_backup_leaves_nothing(catalogue: Catalogue, order: Order) -> None:
    def cancel(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        catalogue.take(order, cancel)
    assert names(catalogue.folder) == []
    assert catalogue.get("B-00001").health is Health.FAILED


def test_two_backups_never_write_at_once(catalogue: Catalogue, order: Order) -> None:
    with folders.held(catalogue.folder):
        refused: list[Exception] = []

        def other() -> None:
            try:
                catalogue.take(order)
            except Refusal as error:
                refused.append(error)

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert isinstance(refused[0], folders.Busy)
    assert not catalogue.page()


def test_what_is_not_written_as_it_was_sealed_is_not_listed(
    catalogue: Catalogue, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backups.sealing import age

    def seal_then_rot(*arguments: object) -> age.Sealed:
        done = honest(*arguments)  # type: ignore[arg-type]  # of any type in a test
        path = arguments[1]
        assert isinstance(path, Path)
        with path.open("r+b") as file:
            file.seek(100)
            file.write(b"\0\0\0")
        return done

    honest = age.seal
    monkeypatch.setattr(age, "seal", seal_then_rot)
    with pytest.raises(Refusal, match="does not read back"):
        catalogue.take(order)
    assert names(catalogue.folder) == []


def test_files_that_no_backup_owns_are_named(catalogue: Catalogue, order: Order) -> None:
    backup = catalogue.take(order)
    copy = catalogue.folder / "B-00099.age"
    copy.write_bytes(backup.sealed.read_bytes())
    assert catalogue.strays() == [copy]


def test_a_full_disk_refuses_cleanly_and_leaves_no_half_file(
    store: Store, order: Order, small_disk: Callable[[str], Path], tmp_path: Path
) -> None:
    root = tmp_path / "files"
    root.mkdir()
    (root / "much").write_bytes(os.urandom(900_000))
    source = TreeSource("files", root)
    for size in ("512k", "1m", "1500k"):  # full while it is read, while it is sealed
        catalogue = Catalogue(store, small_disk(size) / "backups")
        with pytest.raises(Unwritable, match="no room left"):
            catalogue.take(replace(order, source=source))
        assert names(catalogue.folder) == []
        assert catalogue.page(limit=1)[0].health is Health.FAILED


def test_a_database_on_a_full_disk_refuses_cleanly(
    store: Store, order: Order, small_disk: Callable[[str], Path]
) -> None:
    catalogue = Catalogue(store, small_disk("4k") / "backups")
    with pytest.raises(Unwritable, match="no room left"):
        catalogue.take(order)


def test_a_read_only_disk_says_what_to_do(store: Store, order: Order, small_disk: Callable[[str], Path]) -> None:
    disk = small_disk("4m")
    (disk / "backups").mkdir()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(Unwritable, match="is read-only"):
        Catalogue(store, disk / "backups").take(order)


KILLED = """
import os, signal, sys
from pathlib import Path
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from accesscontrol.clock import SystemClock
from accesscontrol.people.migrations import migrations as people
from accesscontrol.store import Store
from backups.catalogue import Catalogue, Order
from backups.migrations import migrations
from backups.sealing.keys import Identity
from backups.sealing.sshsig import KeySigner
from backups.sources.tree import TreeSource
from backups.verification import verify

home = Path(sys.argv[1])
order = Order(
    source=TreeSource("files", home / "files"), recipients=[Identity.generate().recipient],
    signer=KeySigner("S1", Ed25519PrivateKey.generate()), actor="system",
)

def opened():
    store = Store(home / "sekisho.sqlite3", SystemClock())
    store.migrate(people, migrations)
    return Catalogue(store, home / "backups")

def dying(at):
    steps = 0
    def step(frame, event, argument):
        nonlocal steps
        if "/backups/" in frame.f_code.co_filename or event == "c_call" and argument.__module__ in ("posix", "sqlite3"):
            steps += 1
            if steps == at:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.setprofile(step)
    opened().take(order)

at, survived = 1, False
while not survived:
    child = os.fork()
    if child == 0:
        dying(at)
        os._exit(0)
    survived = os.waitpid(child, 0)[1] == 0
    catalogue = opened()
    catalogue.sweep()
    listed = catalogue.page(limit=1000)
    assert not [each for each in listed if each.health == "planned"], at
    assert catalogue.strays() == [], (at, catalogue.strays())
    left = {path.name for path in catalogue.folder.iterdir()} - {".lock"}
    taken = [each for each in listed if each.taken_at]
    assert left == {path.name for each in taken for path in each.files}, (at, left)
    for each in taken:
        if not each.checked_at or each is taken[0]:
            assert verify(catalogue, each.id, actor="system").good, at
    catalogue.store.close()
    at += int(sys.argv[2])
print(at // int(sys.argv[2]), len(taken))
"""


def test_a_kill_at_any_point_leaves_no_unlisted_copy_and_no_listed_phantom(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "some").write_bytes(os.urandom(300_000))
    command = [sys.executable, "-c", KILLED, str(tmp_path), "61"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    kills, taken = map(int, run.stdout.split())
    assert kills > 20
    assert taken >= 1


def test_a_process_killed_from_outside_while_it_writes_is_cleared_away(
    catalogue: Catalogue, order: Order, tmp_path: Path, identity: Identity
) -> None:
    class Endless:
        name, kind = "registry", "sqlite"

        def take(self, to: Path, progress: Progress) -> SourceState:
            to.write_bytes(b"half")
            os.write(told, b"x")
            threading.Event().wait()
            raise AssertionError

    ready, told = os.pipe()
    child = os.fork()
    if child == 0:
        own = Catalogue(Store(catalogue.store.path, catalogue.store.clock), catalogue.folder)
        own.take(replace(order, source=Endless()))
    os.read(ready, 1)
    with pytest.raises(folders.Busy):
        catalogue.sweep()
    os.kill(child, 9)
    os.waitpid(child, 0)
    assert catalogue.sweep() == 1
    given_up: Backup = catalogue.get("B-00001")
    assert given_up.health is Health.FAILED
    assert "stopped while it was taken" in given_up.failure
    assert names(catalogue.folder) == []
    os.close(ready)
    os.close(told)
