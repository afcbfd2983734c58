"""On a disk that is full or read-only, reading goes on where it can, and no act happens in part."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from accesscontrol.trail import entries, verification
from tests.accesscontrol.conftest import SEAL
from tests.accesscontrol.test_store import LOG, add, add_many, count, things


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one MiB of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def fill(disk: Path, *, leaving: int = 40) -> None:
    """Fill a disk up to ``leaving`` pages."""
    with (disk / "ballast").open("wb") as file:
        while os.statvfs(disk).f_bavail > leaving:
            file.write(bytes(4096))
            file.flush()


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    yield
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)


def test_an_entry_on_a_full_disk_means_that_the_act_has_not_happened(small_disk: Path, clock: FixedClock) -> None:
    store = Store(small_disk / "sekisho.sqlite3", clock, seal=SEAL)
    store.migrate(things)
    fill(small_disk)
    with pytest.raises(Refusal, match="Nothing was done") as refused:
        add_many(store, 2000)
    assert refused.value.control == "MO-LOG-01"
    assert count(store, "thing") == entries.size(store)
    (small_disk / "ballast").unlink()
    add(store, 1)
    assert verification.verify(store, log=LOG).ok
    store.close()


def test_on_a_full_disk_reading_goes_on_and_acts_are_refused_until_there_is_space(
    small_disk: Path, clock: FixedClock
) -> None:
    store = Store(small_disk / "sekisho.sqlite3", clock, seal=SEAL)
    store.migrate(things)
    add(store, 1)
    store.close()  # whoever opens it now needs space beside it, even to read
    fill(small_disk, leaving=0)
    store.migrate(things)
    assert (count(store, "thing"), entries.size(store)) == (1, 1)
    assert verification.verify(store, log=LOG).ok
    with pytest.raises(Refusal, match="can't be opened"):
        add(store, 2)
    (small_disk / "ballast").unlink()
    add(store, 2)
    assert (count(store, "thing"), entries.size(store)) == (2, 2)
    store.close()


def test_on_a_full_disk_what_is_not_yet_in_the_file_itself_is_never_passed_over(
    small_disk: Path, clock: FixedClock
) -> None:
    store = Store(small_disk / "sekisho.sqlite3", clock, seal=SEAL)
    store.migrate(things)
    store.close()
    (small_disk / "sekisho.sqlite3-wal").write_bytes(b"a change")
    fill(small_disk, leaving=0)
    with pytest.raises(Refusal, match="can't be opened"):
        count(store, "thing")


def test_a_disk_that_became_read_only_refuses_every_act(small_disk: Path, clock: FixedClock) -> None:
    store = Store(small_disk / "sekisho.sqlite3", clock, seal=SEAL)
    store.migrate(things)
    add(store, 1)
    store.close()
    with read_only(small_disk), pytest.raises(Refusal) as refused:
        add(Store(store.path, clock, seal=SEAL), 2)
    assert str(store.path) in str(refused.value)
    assert count(store, "thing") == 1
    store.close()


def test_a_copy_on_a_read_only_medium_is_read_and_proven(small_disk: Path, clock: FixedClock) -> None:
    whole = Store(small_disk / "sekisho.sqlite3", clock, seal=SEAL)
    whole.migrate(things)
    add(whole, 1)
    whole.close()
    with read_only(small_disk):
        store = Store(whole.path, clock, seal=SEAL)
        store.migrate(things)
        assert count(store, "thing") == 1
        assert verification.verify(store, log=LOG).ok
        store.close()


def test_a_copy_without_its_last_changes_is_not_read_in_their_place(small_disk: Path, clock: FixedClock) -> None:
    busy = Store(small_disk / "sekisho.sqlite3", clock, seal=SEAL)
    busy.migrate(things)
    add(busy, 1)  # stands beside the file as long as it is open
    copy = small_disk / "copy"
    copy.mkdir()
    for name in ("sekisho.sqlite3", "sekisho.sqlite3-wal"):
        shutil.copy(small_disk / name, copy)
    busy.close()
    with read_only(small_disk), pytest.raises(Refusal, match="can't be opened"):
        Store(copy / "sekisho.sqlite3", clock, seal=SEAL).rows("SELECT 1")


def test_a_copy_of_an_older_version_on_a_read_only_medium_says_what_to_do(small_disk: Path, clock: FixedClock) -> None:
    old = Store(small_disk / "sekisho.sqlite3", clock, seal=SEAL)
    old.migrate()
    old.close()
    with read_only(small_disk), pytest.raises(Refusal, match="older version"):
        Store(old.path, clock, seal=SEAL).migrate(things)
