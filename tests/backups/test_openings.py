"""A restore that is killed at any moment leaves no unsealed copy that nobody knows of, and proves nothing."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from accesscontrol.trail import entries
from backups import openings, restoring
from backups.catalogue import Catalogue, Order
from backups.folders import Busy
from backups.records import Backup, Health
from backups.restoring import Opening
from backups.sealing.keys import Identity
from backups.sources import SourceState
from backups.sources.tree import TreeSource

STRIDE = 97


@pytest.fixture
def backup(catalogue: Catalogue, order: Order, tmp_path: Path) -> Backup:
    """Return a backup of a few files."""
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(4):
        (folder / f"file{number}").write_bytes(os.urandom(120_000))
    return catalogue.take(replace(order, source=TreeSource("files", folder)))


def open_rows(store: Store) -> int:
    row = store.row("SELECT count(*) AS count FROM backup_opening WHERE ended_at IS NULL")
    return int(row["count"]) if row else 0


def acts(store: Store, about: str) -> list[str]:
    return [each.act for each in entries.about(store, about)]


def dying_at(step: int) -> Callable[[FrameType, str, Any], None]:
    """Return a profile function that kills its own process at the n-th step through backups, files or the store."""
    left = step

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal left
        outside = event == "c_call" and getattr(argument, "__module__", "") in {"posix", "sqlite3"}
        if outside or "/backups/" in frame.f_code.co_filename:
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

    return profile


def killed(catalogue: Catalogue, backup: Backup, to: Path, opening: Opening, step: int) -> bool:
    """Restore in a child that dies at a step; tell whether it died."""
    child = os.fork()
    if child == 0:
        own = Catalogue(Store(catalogue.store.path, catalogue.store.clock), catalogue.folder)
        sys.setprofile(dying_at(step))
        restoring.restore(own, backup.id, to, opening)
        os._exit(0)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


def test_a_restore_killed_at_any_point_is_told_with_what_it_left(
    catalogue: Catalogue, backup: Backup, opening: Opening, tmp_path: Path
) -> None:
    step, deaths = 1, 0
    while killed(catalogue, backup, to := tmp_path / f"to{step}", opening, step):
        told = openings.clear_away(catalogue.store)
        left = {path.name for path in to.iterdir()} if to.exists() else set()
        assert left <= {name for each in told for name in each.left}, step
        assert not left & {"opened", "opened.part"}, step
        whole = [path.name for path in (to / "files").iterdir()] if (to / "files").exists() else []
        proven = catalogue.get(backup.id).restored_at is not None
        assert not proven or len(whole) == 4, step  # it is proven only when it is all there
        assert open_rows(catalogue.store) == 0
        step, deaths = step + STRIDE, deaths + 1
    assert deaths > 5
    assert openings.clear_away(catalogue.store) == []


def test_a_restore_is_in_the_book_before_its_first_byte(
    catalogue: Catalogue, backup: Backup, opening: Opening, tmp_path: Path
) -> None:
    restoring.restore(catalogue, backup.id, tmp_path / "to", opening)
    assert acts(catalogue.store, backup.id)[-2:] == ["backup.restore-begun", "backup.restored"]
    assert open_rows(catalogue.store) == 0


def test_a_restore_that_is_refused_or_stopped_is_closed_and_told(
    catalogue: Catalogue, backup: Backup, opening: Opening, tmp_path: Path
) -> None:
    stranger = replace(opening, identities=[Identity.generate()])
    with pytest.raises(Refusal):
        restoring.restore(catalogue, backup.id, tmp_path / "to", stranger)
    assert open_rows(catalogue.store) == 0
    assert entries.about(catalogue.store, backup.id)[-1].outcome == "failed"
    assert catalogue.get(backup.id).health is Health.UNPROVEN


def test_a_restore_under_way_is_left_alone(
    catalogue: Catalogue, backup: Backup, opening: Opening, tmp_path: Path
) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def waiting(plain: Path, to: Path) -> SourceState:
        reached.set()
        go_on.wait()
        return restoring.RESTORERS[backup.kind](plain, to)

    slow = replace(opening, restorers={backup.kind: waiting})
    work = threading.Thread(target=restoring.restore, args=(catalogue, backup.id, tmp_path / "to", slow))
    work.start()
    reached.wait()
    try:
        assert openings.clear_away(catalogue.store) == []
        assert (tmp_path / "to" / "opened").exists()
        with (
            pytest.raises(Busy),
            openings.entered(catalogue.store, backup, tmp_path / "to", actor="S1001", terminal="SR-01"),
        ):
            raise AssertionError
    finally:
        go_on.set()
        work.join()
    assert catalogue.get(backup.id).health is Health.PROVEN


def test_a_folder_that_is_gone_holds_no_copy_any_more(
    catalogue: Catalogue, backup: Backup, opening: Opening, tmp_path: Path
) -> None:
    assert killed(catalogue, backup, tmp_path / "to", opening, 250)
    if open_rows(catalogue.store):
        (tmp_path / "to").rename(tmp_path / "elsewhere")
    assert [each.left for each in openings.clear_away(catalogue.store)] == [[]]
