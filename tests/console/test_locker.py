"""What waits for the keepers of the media, on Today and in words: late, unknown, broken off, due for disposal or count."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from backups import forms, ledger
from backups.ledger import NewOutput
from backups.media import stocktaking
from backups.media.devices import Device
from backups.media.register import Registration
from console import locker, queues
from console.locker import Where
from tests.console.commands.media_store import STORES, MediaStore
from tests.console.screens.backups_site import TERMINAL

AS = {"actor": "S0102", "terminal": TERMINAL}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MediaStore]:
    store = MediaStore(tmp_path)
    yield store
    store.site.store.close()


def taken_over(store: MediaStore, serial: str = "S5R9", *, place: str = STORES[0], keep: date | None = None) -> str:
    device = Device(
        node="",
        disk="",
        serial=serial,
        model="",
        uuid="0f5b0c7e",
        filesystem="ext4",
        size=1 << 40,
        diskseq=0,
        removable=True,
        read_only=False,
    )
    said = Registration(kind="solid-state", place=place, purpose="月次", virus_check="済", keep_until=keep)
    return store.site.media.take_over(device, said, **AS).id


def counts(store: MediaStore) -> dict[str, int]:
    return {each.name: each.count for each in locker.waiting(store.site) if each.count}


def test_a_medium_is_in_out_or_past_its_period(store: MediaStore) -> None:
    taken_over(store)
    taken_over(store, "B", place="県北倉庫")
    taken_over(store, "C", keep=date(2026, 11, 30))
    assert [each.where for each in locker.kept(store.site)] == [Where.IN, Where.OUT, Where.IN]
    store.clock.advance(timedelta(days=10))
    assert locker.kept(store.site)[2].where is Where.EXPIRED
    assert counts(store) == {"media-to-dispose": 1}


def test_a_medium_that_was_taken_over_without_a_label_takes_no_output(store: MediaStore) -> None:
    medium = taken_over(store)
    with pytest.raises(Refusal, match="not a mounted medium"):
        store.approved_export(store.take(), medium, store.site.home.backups)


def test_an_output_that_is_late_makes_its_medium_late_once(store: MediaStore) -> None:
    medium = taken_over(store)
    store.output(store.take(), medium=medium, due=date(2026, 11, 25))
    store.clock.advance(timedelta(days=2))
    (kept,) = locker.kept(store.site)
    assert (kept.where, [each.number for each in kept.on_it]) == (Where.OVERDUE, [1])
    (late,) = [each for each in locker.waiting(store.site) if each.count]
    assert (late.name, late.count, late.wrong) == ("overdue-media", 1, True)
    assert late.since is not None


def test_a_writing_that_broke_off_waits_until_it_is_settled(store: MediaStore) -> None:
    backup = store.take()
    new = NewOutput(
        request="R-2026-0099",
        requester="S0102",
        kind="backup-export",
        content=backup.id,
        sha256=backup.sealed_sha256,
        size=backup.sealed_size,
        files=(),
        medium="",
        folder="/mnt",
        carrier="山田",
        destination="倉庫",
        purpose="月次",
        ending="return",
        due=date(2026, 12, 24),
        actor="S0103",
        terminal=TERMINAL,
    )
    number = ledger.begin(store.site.store, new)
    assert counts(store) == {"broken-off": 1}
    ledger.settle(store.site.store, number, out=False, note="媒体は空だった", **AS)
    assert counts(store) == {}


def test_the_count_is_due_once_a_quarter_and_only_where_there_are_media(store: MediaStore) -> None:
    store.clock.advance(timedelta(days=100))
    assert counts(store) == {}
    taken_over(store)
    assert counts(store) == {}
    store.clock.advance(timedelta(days=91))
    assert counts(store) == {"stocktaking": 1}
    number = stocktaking.begin(store.site.store, locker.stores(store.site), **AS)
    stocktaking.close(store.site.store, number, **AS)
    assert counts(store) == {}


def test_forms_past_their_period_wait_for_their_disposal(store: MediaStore) -> None:
    forms.issue(store.site.store, "住民票", 20, date(2026, 11, 25), place="書庫", **AS)
    store.clock.advance(timedelta(days=2))
    assert counts(store) == {"forms-to-dispose": 1}


def test_keepers_see_it_on_today_and_others_do_not(store: MediaStore) -> None:
    store.output(store.take(), medium=taken_over(store), due=date(2026, 11, 25))
    store.clock.advance(timedelta(days=2))

    def on_today(login: str) -> set[str]:
        return {each.name for each in queues.queues(store.site, store.acting(login))}

    assert "overdue-media" in on_today("sato")
    assert "overdue-media" in on_today("yamada")
    assert "overdue-media" not in on_today("suzuki")


def test_without_named_stores_nothing_can_be_said_to_be_in(store: MediaStore) -> None:
    store.with_media(stores=())
    with pytest.raises(Refusal, match="Name the locked places"):
        locker.stores(store.site)
