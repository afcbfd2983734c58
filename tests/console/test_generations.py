"""Old backups leave the list only by a request that names each by its hash, and the screen and the command line ask it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from accesscontrol.people.roles import Role
from accesscontrol.requests import decisions, gate, reading
from accesscontrol.requests.states import State
from backups import erasure
from backups.records import Health
from console import generations
from console.commands import backups_generations as commands
from console.screens.backups.listing import BackupsScreen
from tests.console.commands.media_store import MediaStore
from tests.goldens import played, screen_text


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MediaStore]:
    store = MediaStore(tmp_path)
    with store.site.store.transaction() as tx:
        tx.execute("INSERT INTO operator_role (login, role) VALUES ('sato', ?)", (Role.BUSINESS_OWNER.value,))
        tx.record("test.roles-written", actor="system")
    store.with_backups(daily=1, weekly=1, monthly=1, yearly=1)
    yield store
    store.site.store.close()


def three(store: MediaStore) -> None:
    for _ in range(3):
        store.take()
        store.clock.advance(timedelta(hours=1))


def test_what_no_generation_keeps_is_erased_after_the_business_owner_said_yes(store: MediaStore) -> None:
    three(store)
    listed = store.look(commands.kept)
    assert [(each["id"], each["to_erase"]) for each in listed] == [
        ("B-00003", False),
        ("B-00002", True),
        ("B-00001", True),
    ]
    assert "newest" in listed[0]["kept_as"]
    asked = store.json("yamada", commands.erase, "--reason", "世代の整理")
    assert (asked["kind"], asked["state"]) == (erasure.KIND, "submitted")
    desk = store.site.desk
    request = reading.get(store.site.store, asked["id"])
    sign = store.signing("sato")
    decisions.approve(desk, request.id, store.acting("sato"), seen=request.digest, sign=sign)
    assert gate.execute(desk, request.id, store.acting("takahashi")).state is State.DONE
    assert store.site.catalogue.get("B-00001").health is Health.ERASED
    assert [path.name for path in store.site.home.backups.glob("B-*.age")] == ["B-00003.age"]


def test_nothing_is_asked_for_while_every_backup_stands_for_a_generation(store: MediaStore) -> None:
    store.take()
    done = store.run("yamada", commands.erase, "--reason", "世代の整理")
    assert (done.exit_code, "RG-RET-04" in done.stderr) == (1, True)


async def test_the_palettes_act_names_them_and_hands_the_request_in(store: MediaStore) -> None:
    three(store)
    app = store.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await played(pilot, ["x"])
        screen = app.screen
        assert isinstance(screen, BackupsScreen)
        assert "Ask for the erasure of old backups" in [each.title for each in screen.commands()]
        screen.action_erase()
        await played(pilot, [])
        assert "B-00001, B-00002" in screen_text(app)
        await played(pilot, [*"oldones", "enter", "enter"])
        assert "waits for approval" in screen_text(app)
    (request,) = reading.listed(store.site.store)
    assert request.kind == erasure.KIND


async def test_an_extract_is_prepared_at_the_screen_and_leaves_as_media_output(store: MediaStore) -> None:
    app = store.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await played(pilot, ["x"])
        screen = app.screen
        assert isinstance(screen, BackupsScreen)
        screen.action_extract()
        await played(pilot, ["right", "tab", "tab", "tab", "tab", "tab", "enter"])
        assert "B-00001 is taken; e asks for its output." in screen_text(app)
        await played(pilot, ["e"])
        assert "40 record items" in " ".join(screen_text(app).split())
    assert store.site.catalogue.get("B-00001").source == "file2"
    assert generations.due(store.site) == []
