"""The store of media at the screen, with real media: registered, moved, counted, ended, and found by number."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from accesscontrol.people import operators
from accesscontrol.people.roles import Role
from accesscontrol.requests import reading
from backups import custody, forms, ledger
from backups.media import disposal, movements, periods, register, sightings, stocktaking, storage_keys
from backups.media.register import Registration
from console import nightly
from console.screens.backups.export import ExportScreen
from console.widgets.line_input import LineInput
from tests.backups.conftest import tool
from tests.backups.media.conftest import Disk, disks
from tests.console.commands.media_store import STORES, MediaStore, only_below
from tests.console.screens.backups_site import TERMINAL
from tests.goldens import played, screen_text, settled

__all__ = ["disks", "tool"]

SAID = Registration(kind="solid-state", place=STORES[0], purpose="月次", virus_check="11-24 済")
VIEWS = ("media", "plugged", "unknown", "moves", "ends", "count", "keys", "forms", "custody")
OWNS = frozenset({Role.BUSINESS_OWNER})
AS = {"actor": "S0102", "terminal": TERMINAL}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MediaStore]:
    only_below(tmp_path, monkeypatch)
    store = MediaStore(tmp_path)
    yield store
    store.site.store.close()


def enter(store: MediaStore, disk: Disk) -> str:
    return store.site.media.register(disk.folder, SAID, store.site.signer, **AS).id


async def opened(pilot: Pilot[Any], view: str = "media") -> None:
    """Sit down, go to the store of media and turn to one of its lists."""
    await played(pilot, ["x", "m", *["right"] * VIEWS.index(view)])


async def fill(pilot: Pilot[Any], *texts: str | None) -> None:
    """Answer the lines of the form in order, keep what stands where None is given, and hand it in."""
    for line, text in zip(pilot.app.screen.query(LineInput), texts, strict=True):
        if text is not None:
            line.value = text
    pilot.app.screen.query_one("#act").focus()
    await played(pilot, ["enter"])


def said(pilot: Pilot[Any]) -> str:
    return " ".join(screen_text(pilot.app).split())


async def test_an_empty_medium_under_the_cursor_is_registered_and_then_agrees_in_all_that_it_has(
    store: MediaStore, disks: Callable[..., Disk]
) -> None:
    disk = disks()
    app = store.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, "plugged")
        assert "not registered" in said(pilot)
        await played(pilot, ["v"])
        assert "nothing to compare it with" in said(pilot)
        await played(pilot, ["n"])
        await fill(pilot, None, "月次", "11-24 済", None)
        assert "M-0001 is registered; write this number on it." in said(pilot)
        await played(pilot, ["r"])
        assert "[ok] registered" in said(pilot)
        assert " UUID○ Label○" in said(pilot)  # a loop device has no serial
    assert (disk.folder / "sekisho-label.json").exists()


async def test_a_clone_shows_which_identity_does_not_agree(store: MediaStore, disks: Callable[..., Disk]) -> None:
    disk = disks()
    enter(store, disk)
    with store.site.store.transaction() as tx:
        tx.execute("UPDATE medium SET serial = 'S5R9' WHERE number = 1")
        tx.record("test.changed", actor="system")
    app = store.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        assert "[!!] does not agree" in said(pilot)
        assert said(pilot).count("[ok]") >= 2
        await played(pilot, ["right"])
        assert "Serial× UUID○ Label○" in said(pilot)


async def test_v_finds_a_byte_that_changed_on_the_medium(store: MediaStore, disks: Callable[..., Disk]) -> None:
    disk = disks()
    medium, backup = enter(store, disk), store.take()
    for path in backup.files:
        (disk.folder / path.name).write_bytes(path.read_bytes())
    store.output(backup, medium=medium)
    with store.site.store.transaction() as tx:
        tx.execute("UPDATE output SET files = ?", (json.dumps([path.name for path in backup.files]),))
        tx.record("test.changed", actor="system")
    app = store.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await played(pilot, ["v"])
        assert "M-0001 is unchanged: 1 output," in said(pilot)
        (disk.folder / backup.manifest.name).write_bytes(b"{}")
        await played(pilot, ["v"])
        assert "M-0001 DIFFERS" in said(pilot)
        assert f"{backup.manifest.name} was changed" in said(pilot)


async def test_an_overdue_medium_is_loud_and_its_return_is_entered(
    store: MediaStore, disks: Callable[..., Disk]
) -> None:
    medium = enter(store, disks())
    store.output(store.take(), medium=medium, due=date(2026, 11, 25), request="R-1")
    there = movements.Move(
        medium=medium,
        to_place="県北倉庫",
        rule="8",
        giver="鈴木",
        receiver="田口",
        permission="R-1",
        due=date(2026, 11, 25),
    )
    movements.move(store.site.store, frozenset(STORES), there, **AS)
    store.clock.advance(timedelta(days=3))
    app = store.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert "[!!] overdue" in said(pilot)
        assert "M-0001 should be back by now" in said(pilot)
        await played(pilot, ["i"])
        await fill(pilot, STORES[0], "8", "田口", "鈴木", "", "", "")
        assert "Move No. 2 is entered." in said(pilot)
        assert "[ok] in the store" in said(pilot)
    assert ledger.find(store.site.store, 1).state == "returned"


async def test_a_refused_move_is_said_in_the_form_and_nothing_is_entered(
    store: MediaStore, disks: Callable[..., Disk]
) -> None:
    enter(store, disks())
    app = store.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await played(pilot, ["i"])
        await fill(pilot, "県北倉庫", "8", "鈴木", "田口", "R-9", "R8.12.24", "")
        assert "BK-BAK-02" in said(pilot)
    assert movements.page(store.site.store) == []


async def test_the_count_begins_enters_and_closes_with_its_gap(store: MediaStore, disks: Callable[..., Disk]) -> None:
    enter(store, disks())
    enter(store, disks())
    app = store.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "count")
        await played(pilot, ["n", "right", "enter"])
        assert "[ ] not yet seen" in said(pilot)
        await played(pilot, ["i"])
        await fill(pilot, None, "")
        assert "[ok] seen" in said(pilot)
        await played(pilot, ["c"])
        assert "Not seen, or elsewhere: M-0002" in said(pilot)
        await played(pilot, ["right", "enter"])
        assert "[!!] not seen" in said(pilot)
    assert stocktaking.running(store.site.store) is None


async def test_an_end_is_entered_in_the_words_of_the_standard_and_the_medium_is_not_used_again(
    store: MediaStore, disks: Callable[..., Disk]
) -> None:
    enter(store, disks())
    app = store.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await played(pilot, ["z"])
        assert "NIST SP 800-88 Rev. 2" in said(pilot)
        await fill(pilot, "上書き", "nwipe 0.34", "標本 100件が0", "サーバー室", "高橋", "鈴木", None, "", "")
        assert "Disposal No. 1 is entered." in said(pilot)
        await played(pilot, ["i"])
        assert "M-0001 is not in use any more." in said(pilot)
    (line,) = disposal.page(store.site.store)
    assert (line.statement.method, register.find(store.site.store, 1).state) == ("clear", "disposed")


async def test_media_are_found_by_number_and_by_what_left_on_them(
    store: MediaStore, disks: Callable[..., Disk]
) -> None:
    first, second = enter(store, disks()), enter(store, disks())
    store.output(store.take(), medium=second)
    app = store.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await played(pilot, ["slash", *"B-00001", "enter"])
        assert second in said(pilot)
        assert first not in said(pilot)


async def test_an_unknown_medium_waits_until_somebody_says_whose_it_was(
    store: MediaStore, disks: Callable[..., Disk]
) -> None:
    disks()
    nightly.watch_media(store.site)
    app = store.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "unknown")
        await played(pilot, ["i"])
        await fill(pilot, "保守業者のもの")
        assert "Sighting 1 is explained." in said(pilot)
    assert sightings.waiting(store.site.store) == []


async def test_a_key_is_entered_lent_and_taken_back(store: MediaStore) -> None:
    app = store.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "keys")
        await played(pilot, ["n"])
        await fill(pilot, "鍵1", STORES[0])
        await played(pilot, ["i"])
        await fill(pilot, "高橋", "入庫", "17:15")
        assert "[->] lent" in said(pilot)
        await played(pilot, ["i", "right", "enter"])
        assert "[ok] in place" in said(pilot)
    assert [loan.received_by for loan in storage_keys.history(store.site.store, "鍵1")] == ["S0102"]


async def test_forms_take_one_step_after_the_other(store: MediaStore) -> None:
    app = store.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "forms")
        await played(pilot, ["n"])
        await fill(pilot, "住民票", "20", "書庫", None)
        await played(pilot, ["i"])
        await fill(pilot, "高橋", None)
        assert "Batch No. 1 is now: handed over" in said(pilot)
    assert forms.find(store.site.store, 1).state == "handed-over"


async def test_custody_is_the_security_officers_alone(store: MediaStore) -> None:
    app = store.app("yamada")
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "custody")
        await played(pilot, ["n"])
        assert "This needs one of these roles" in said(pilot)
    assert custody.every(store.site.store) == []
    app = store.app("sato")
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, "custody")
        await played(pilot, ["n"])
        await fill(pilot, None, "2", "S0101 S0103 S0104")
        assert "Custody No. 1 is entered." in said(pilot)
        await played(pilot, ["i"])
        await fill(pilot, None, "復元訓練")
        assert "Opening No. 1 is entered." in said(pilot)


async def asked_for_export(pilot: Pilot[Any]) -> list[LineInput]:
    """Wait until the media were looked at, and return the questions."""
    while not isinstance(pilot.app.screen, ExportScreen):
        await pilot.pause()
    await settled(pilot)
    return list(pilot.app.screen.query(LineInput))


async def test_the_one_registered_medium_that_is_plugged_in_stands_in_the_request_for_an_export(
    store: MediaStore, disks: Callable[..., Disk]
) -> None:
    disk, other = disks(), disks()
    enter(store, disk)
    store.take()
    app = store.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await played(pilot, ["x", "e"])
        lines = await asked_for_export(pilot)
        assert [line.value for line in lines[:2]] == ["M-0001", str(disk.folder)]
        assert "Recognised: it is plugged in, and UUID of the file system, signed label agree." in said(pilot)
        await played(pilot, ["escape"])
        enter(store, other)  # which of two is for a person to say
        await played(pilot, ["e"])
        assert [line.value for line in (await asked_for_export(pilot))[:2]] == ["", ""]


async def test_e_asks_that_a_medium_is_kept_longer_and_its_details_tell_what_was_granted(
    store: MediaStore, disks: Callable[..., Disk]
) -> None:
    medium = enter(store, disks())
    owner = replace(operators.get(store.site.store, "suzuki"), login="owner", staff_number="S0199", roles=OWNS)
    with store.site.store.transaction() as tx:
        operators.add(tx, owner, actor="S0102")
    app = store.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await played(pilot, ["e"])
        await fill(pilot, "2026-11-01", "audit")
        assert "has passed; name a later day." in said(pilot)
        await fill(pilot, "2027-03-31", "audit")
        assert "R-2026-0001 waits for approval." in said(pilot)
    request = reading.get(store.site.store, "R-2026-0001")
    assert (request.kind, request.reason) == (periods.KIND, "audit")
    with store.site.store.transaction() as tx:
        tx.execute(
            "INSERT INTO medium_period (medium, request, before, keep_until, reason, at, actor, terminal)"
            " VALUES (1, ?, NULL, '2027-03-31', 'audit', '2026-11-24T03:00:00.000000+00:00', 'S0102', ?)",
            (request.id, TERMINAL),
        )
        tx.record("medium.period-moved", actor="S0102", subject=medium)
    store.clock.advance(timedelta(minutes=1))
    async with store.app().run_test(size=(80, 40)) as pilot:
        await opened(pilot)
        await played(pilot, ["enter"])
        assert "Longer storage" in said(pilot)
        assert "no end given → " in said(pilot)
        assert "R-2026-0001" in said(pilot)
