"""What people read in the trail, and what the proof says of a sound one and of a tampered one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from accesscontrol.trail import entries
from console.screens.trail import TrailScreen
from tests.console.city import City, fill, press, said

NARROW = (80, 24)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    city = City.copied_to(tmp_path)
    yield city
    city.site.store.close()


async def test_the_newest_entry_stands_first_in_words(city: City) -> None:
    async with city.sitting(TrailScreen, size=NARROW) as pilot:
        words = said(pilot)
    number = entries.size(city.site.store)
    assert f"row 1 of {number}" in words
    assert f"▸ {number} 11-24 09:13:00 S1001 Signed in sato" in words


async def test_enter_shows_all_of_an_entry(city: City) -> None:
    async with city.sitting(TrailScreen, size=NARROW) as pilot:
        await press(pilot, "slash")
        await fill(pilot, "finding.disposed")
        words = await press(pilot, "enter")
    assert "Finding disposed of (finding.disposed)" in words
    assert "Reason" in words


async def test_v_says_that_nothing_was_changed(city: City) -> None:
    async with city.sitting(TrailScreen) as pilot:
        assert "nothing was changed." in await press(pilot, "v")


async def test_v_names_the_entry_that_was_tampered_with(city: City) -> None:
    with closing(sqlite3.connect(city.home / "sekisho.sqlite3")) as db, db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f'DROP TRIGGER "{name}"')
        body = db.execute("SELECT body FROM trail_entry WHERE seq = 7").fetchone()[0]
        db.execute("UPDATE trail_entry SET body = ? WHERE seq = 7", (bytes(body) + b" ",))
    async with city.sitting(TrailScreen) as pilot:
        words = await press(pilot, "v")
    assert "THE TRAIL WAS TAMPERED WITH." in words
    assert "Entry 7:" in words


async def test_a_trail_without_a_second_place_says_what_that_means(city: City) -> None:
    settings = city.home / "site.toml"
    lines = [line for line in settings.read_text("utf-8").splitlines() if not line.startswith('witness = "directory')]
    settings.write_text("\n".join(lines) + "\n", "utf-8")
    async with city.sitting(TrailScreen) as pilot:
        assert "No second place is set up" in await press(pilot, "v")


async def test_c_seals_what_was_written_so_far(city: City) -> None:
    async with city.sitting(TrailScreen) as pilot:
        assert "entries are sealed." in await press(pilot, "c")


async def test_a_second_place_that_does_not_answer_is_said(city: City) -> None:
    moved = (city.home / "second-place").rename(city.home / "elsewhere")
    async with city.sitting(TrailScreen) as pilot:
        assert "The second place did not confirm" in await press(pilot, "c")
    assert moved.is_dir()


async def test_slash_searches_the_whole_text(city: City) -> None:
    async with city.sitting(TrailScreen, size=NARROW) as pilot:
        await press(pilot, "slash")
        assert "empty" in await fill(pilot, "no such word anywhere")
        await press(pilot, "slash")
        assert "row 1 of 1" in await fill(pilot, "site.created")
