"""The store of media as an operator sees it, in both languages, on a narrow and a wide terminal."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from backups.media.movements import Move, move
from console.frame.app import SekishoApp
from console.terminal import Profile
from tests.console.commands.media_store import STORES, MediaStore, only_below
from tests.console.screens.backups_site import TERMINAL
from tests.console.test_locker import taken_over
from tests.goldens import Golden


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MediaStore]:
    only_below(tmp_path, monkeypatch)
    store = MediaStore(tmp_path)
    yield store
    store.site.store.close()


async def test_the_store_looks_as_it_should(store: MediaStore, golden: Golden) -> None:
    taken_over(store, "S5R9NX0T402131")
    medium = taken_over(store, "S5R9NX0T402178", place=STORES[1])
    taken_over(store, "WD-WX42D7180931", keep=date(2026, 11, 25))
    backup = store.take()
    # a seal is random; the picture is not
    with store.site.store.transaction() as tx:
        tx.execute("UPDATE backup SET sealed_sha256 = ?", ("ab" * 32,))
        tx.record("test.hash-fixed", actor="system")
    store.output(store.site.catalogue.get(backup.id), medium=medium, due=date(2026, 11, 26))
    there = Move(
        medium=medium,
        to_place="県北広域倉庫",
        rule="媒体管理要領 第8条",
        giver="鈴木 一郎",
        receiver="倉庫係 田口",
        permission="R-1",
        due=date(2026, 11, 26),
    )
    move(store.site.store, frozenset(STORES), there, actor="S0102", terminal=TERMINAL)
    store.clock.advance(timedelta(days=3))

    def anew(profile: Profile) -> SekishoApp:
        return store.app("yamada", profile)

    profiles = [Profile(language="ja"), Profile(language="en")]
    sizes = [(80, 24), (120, 40)]
    keys = ["x", "m", "s", "down"]
    await golden("media", anew, press=keys, sizes=sizes, profiles=profiles)
