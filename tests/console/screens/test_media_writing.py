"""Writing to a medium at the screen: how far, how fast, how long yet; and stopping leaves no half file."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from accesscontrol.requests import reading
from accesscontrol.requests.states import State
from backups import ledger
from backups.media import writing
from backups.media.register import Registration
from console.frame.app import SekishoApp
from console.frame.progress import Progress, ProgressDialog
from console.screens.requests.acts import Acts
from console.seat import Seat
from tests.backups.conftest import tool
from tests.backups.media.conftest import Disk, disks
from tests.console.commands.media_store import STORES, MediaStore, only_below
from tests.console.screens.backups_site import PASSWORD, TERMINAL
from tests.goldens import played, screen_text, settled

__all__ = ["disks", "tool"]

SAID = Registration(kind="solid-state", place=STORES[0], purpose="月次", virus_check="11-24 済")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MediaStore]:
    only_below(tmp_path, monkeypatch)
    store = MediaStore(tmp_path)
    yield store
    store.site.store.close()


async def begun(store: MediaStore, disk: Disk, app: SekishoApp, pilot: Pilot[Any]) -> str:
    """Have an export approved, sit down as its executor, and begin to write; return the request's number."""
    store.site.media.register(disk.folder, SAID, store.site.signer, actor="S0102", terminal=TERMINAL)
    request = store.approved_export(store.take(), "M-0001", disk.folder)
    seat = Seat(store.home)
    seat.__dict__["site"] = store.site
    seat.sign_in("takahashi", PASSWORD, store.code("takahashi"))
    await played(pilot, ["x"])
    app.run_worker(Acts(app.screen, seat).execute(request))  # type: ignore[arg-type]  # a wider type in a test
    await pilot.pause()
    await pilot.press("right", "enter")
    return request.id


async def test_stopping_while_it_is_written_leaves_no_file_and_a_line_that_says_why(
    store: MediaStore, disks: Callable[..., Disk], monkeypatch: pytest.MonkeyPatch
) -> None:
    report = Progress.report

    def stop_at_the_first_byte(progress: Progress, done: int, total: int = 0, step: str = "") -> None:
        if done:
            progress.cancel()
        report(progress, done, total, step)

    monkeypatch.setattr(Progress, "report", stop_at_the_first_byte)
    disk = disks()
    app = store.app()
    async with app.run_test(size=(80, 24)) as pilot:
        request = await begun(store, disk, app, pilot)
        await settled(pilot)
    assert reading.get(store.site.store, request).state is State.FAILED
    assert [name for name in disk.names() if name.startswith("B-")] == []
    (line,) = ledger.page(store.site.store)
    assert (line.state, line.note) == ("failed", "It was stopped at the screen.")


async def test_the_dialog_tells_bytes_pace_and_the_time_that_is_left(
    store: MediaStore, disks: Callable[..., Disk], monkeypatch: pytest.MonkeyPatch
) -> None:
    halfway, go_on = threading.Event(), threading.Event()
    read_back = writing._read_back

    def waiting(descriptor: int, size: int, progress: Callable[[int, int], None]) -> Any:
        halfway.set()
        assert go_on.wait(30)
        return read_back(descriptor, size, progress)

    monkeypatch.setattr(writing, "_read_back", waiting)
    app = store.app()
    async with app.run_test(size=(80, 24)) as pilot:
        request = await begun(store, disks(), app, pilot)
        while not halfway.is_set():
            await pilot.pause()
        dialog = app.screen
        assert isinstance(dialog, ProgressDialog)
        for _ in range(8):  # two seconds of its clock
            dialog._beat()
        words = " ".join(screen_text(app).split())
        assert "Writing, then reading back from the medium…" in words
        assert "kB" in words
        assert "/s" in words
        assert "left" in words
        go_on.set()
        await settled(pilot)
    assert reading.get(store.site.store, request).state is State.DONE
