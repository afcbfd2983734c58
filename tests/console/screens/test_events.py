"""What a person does with all events that were imported: turns, narrows and follows them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from accesscontrol.refusals import Refusal
from accesscontrol.requests.states import State
from accesscontrol.trail import entries
from backups.media.log_output import KIND
from console.archive import Archive
from console.screens.findings.archive_source import ArchiveSource
from console.screens.findings.events import ArchiveScreen
from console.screens.findings.listing import FindingsScreen
from console.widgets import filter_line
from console.widgets.rows import Query
from monitors.events import ledger
from monitors.events.plans import Wish
from tests.console.city import City, fill, press, said
from tests.goldens import Golden, played, screen_text


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    city = City.copied_to(tmp_path)
    yield city
    city.site.store.close()


async def test_events_look(golden: Golden, city: City) -> None:
    await golden("events", lambda profile: city.app(ArchiveScreen, profile=profile), press=["x"])


async def test_v_shows_every_event_newest_first_and_s_turns_them(city: City) -> None:
    async with city.sitting(FindingsScreen) as pilot:
        words = await press(pilot, "v")
        assert "4 Findings ▸ Events" in words
        assert "▸ 2026-11-23 10:15:00 s0015" in words
        assert "▸ 2026-11-1" in await press(pilot, "s", "home")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("account:k.tanaka act:login", "row 1 of 1"),
        ("k.tanaka", "row 1 of 3"),
        ("persons:>=300", "row 1 of 1"),
        ("account:nobody", "empty"),
    ],
)
async def test_a_typed_filter_narrows_the_events(city: City, text: str, wanted: str) -> None:
    async with city.sitting(ArchiveScreen) as pilot:
        await press(pilot, "slash")
        assert wanted in await fill(pilot, text)


async def test_a_filter_may_be_typed_in_japanese(city: City) -> None:
    async with city.sitting(ArchiveScreen, language="ja") as pilot:
        await press(pilot, "slash")
        words = await fill(pilot, "操作:媒体出力 人数:>=300")
        assert "1件中 1件目" in words
        assert "s0046" in words


async def test_a_filter_that_means_nothing_says_what_would(city: City) -> None:
    async with city.sitting(ArchiveScreen) as pilot:
        await press(pilot, "slash")
        assert "There is no field colour. The fields are: Time, Account" in await fill(pilot, "colour:red")


async def typed(pilot: Pilot[None], text: str) -> str:
    """Type ``text`` without Enter, and return what the screen says once the line has asked for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(filter_line, "REST", 0.001)
        pilot.app.screen.query_one("FilterLine LineInput", Input).value = text
        return await press(pilot)


async def test_the_list_follows_what_is_typed_and_esc_brings_back_what_stood_before(city: City) -> None:
    async with city.sitting(ArchiveScreen) as pilot:
        await press(pilot, "slash")
        assert "the list follows as you type" in said(pilot)
        assert "row 1 of 3" in await typed(pilot, "k.tanaka")
        assert "row 1 of 1" in await typed(pilot, "k.tanaka act:login")
        assert "of 5,577" in await press(pilot, "escape")
        await press(pilot, "slash")
        await typed(pilot, "k.tanaka")
        assert " of 3 " in await press(pilot, "enter", "slash", "escape")
    assert [what for _who, what, _of in looks(city)] == ["", "k.tanaka", "k.tanaka act:login", "", "k.tanaka"]


async def test_what_means_nothing_yet_is_not_asked_for_and_the_list_stays(city: City) -> None:
    async with city.sitting(ArchiveScreen) as pilot:
        await press(pilot, "slash")
        await typed(pilot, "k.tanaka")
        words = await typed(pilot, "k.tanaka act:")
        assert "Why: Write a value after act:" in words
        assert "row 1 of 3" in words
        assert "Why:" not in await press(pilot, "escape", "slash")
        assert "Why:" not in await typed(pilot, "k.tanaka act:login")
    assert "k.tanaka act:" not in [what for _who, what, _of in looks(city)]


def test_an_older_answer_never_closes_a_newer_one(city: City) -> None:
    source = ArchiveSource(city.seat("sato"))
    older, newer = source.index(Query("act:view")), source.index(Query("k.tanaka"))
    consulted = Archive.consulted

    def while_it_is_entered(archive: Archive, *arguments: Any, **more: Any) -> None:
        consulted(archive, *arguments, **more)
        if arguments[1] == "act:view":
            next(newer)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Archive, "consulted", while_it_is_entered)
        assert list(older) == []
    assert source.rows(list(next(source.index(Query("k.tanaka")))))
    source.close()


async def test_the_map_of_files_that_were_damaged_meanwhile_is_refused_in_words(city: City) -> None:
    async with city.sitting(ArchiveScreen) as pilot:
        await press(pilot, "x")
        for segment in ledger.all_segments(city.site.store):
            (city.home / "events" / segment.name).write_bytes(b"")
        assert "Why: The archive of events can't be read." in await press(pilot, "m")


def looks(city: City) -> list[tuple[str, str, str]]:
    """Return who looked at what, and of which finding, the first look first."""
    found = entries.of_act(city.site.store, "events.consulted")
    return [(each.actor, each.details["expression"], each.subject) for each in found]


async def test_whoever_looks_is_entered_once_and_anew_with_each_filter(city: City) -> None:
    async with city.sitting(FindingsScreen) as pilot:
        assert looks(city) == []
        await press(pilot, "v", "s", "end", "f", "m", "escape", "slash")
        assert looks(city) == [("S1001", "", "")]
        await fill(pilot, "act:login")
        await press(pilot, "s")
    assert looks(city) == [("S1001", "", ""), ("S1001", "act:login", "")]


async def test_a_look_at_the_evidence_of_a_finding_and_at_its_hour_names_it(city: City) -> None:
    async with city.sitting(FindingsScreen) as pilot:
        await press(pilot, "e", "escape", "h")
    (_who, _what, finding), (_also, _of, same) = looks(city)
    assert finding == same
    assert finding.startswith("F-")


async def test_nothing_is_shown_when_the_look_can_not_be_entered(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    async with city.sitting(ArchiveScreen) as pilot:
        await press(pilot, "slash")
        monkeypatch.setattr(Archive, "consulted", full)
        words = await fill(pilot, "k.tanaka")
    assert "Why: The disk is full." in words
    assert "row 1 of 5,577" in words  # what stood there, and was entered


def full(*_arguments: object, **_more: object) -> None:
    raise Refusal("The disk is full.")


async def test_h_jumps_to_a_time(city: City) -> None:
    async with city.sitting(ArchiveScreen) as pilot:
        await press(pilot, "h")
        await fill(pilot, "R8.11.20")
        await press(pilot, "enter")
        assert "▸ 2026-11-20" in said(pilot)
        await press(pilot, "h")
        await fill(pilot, "some day")
        assert "some day is no time" in await press(pilot, "enter")


async def test_k_chooses_the_columns(city: City) -> None:
    async with city.sitting(ArchiveScreen) as pilot:
        assert "Object" not in screen_text(pilot.app).splitlines()[4]
        await press(pilot, "k", "home", *["down"] * 14, "enter", "escape")
        assert "Object" in screen_text(pilot.app)
        await press(pilot, "k", *["down"] * 4, "enter", "escape")
        assert "Account" not in screen_text(pilot.app).splitlines()[4][:60]


async def test_f_follows_fresh_imports(city: City, tmp_path: Path) -> None:
    known = (city.home / "logs" / "register.csv").read_bytes().splitlines(keepends=True)
    file = tmp_path / "more.csv"
    file.write_bytes(known[0] + known[-1].replace(b"2026/11/23 10:15", b"2026/11/24 09:11"))
    async with city.sitting(ArchiveScreen) as pilot:
        assert "Following fresh imports" in await press(pilot, "f")
        city.site.archive.import_file(file, Wish(system="register"), actor="S1002")
        screen = pilot.app.screen
        assert isinstance(screen, ArchiveScreen)
        screen._look()
        await played(pilot, [])
        assert "▸ 2026-11-24 09:11:00 s0015" in said(pilot)


async def test_e_seals_what_the_filter_shows_and_asks_that_it_may_leave(city: City, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    async with city.sitting(ArchiveScreen, "yamada") as pilot:
        await press(pilot, "slash")
        await fill(pilot, "k.tanaka")
        words = await press(pilot, "e")
        assert "3 events: k.tanaka" in words
        assert "To approve: Approval of the security officer (佐藤" in words
        await fill(pilot, "")
        words = await press(pilot, "enter")
        assert "Export of B-" in words
        assert "Holds 3 events: k.tanaka time:2026-11-2" in words
        await fill(pilot, "", str(tmp_path / "out"), "山田", "監査法人", "外部監査")
        await press(pilot, "tab")
        await fill(pilot, "2026-12-24", "監査のため")
        assert "waits for approval. Nothing leaves before." in await press(pilot, "enter")
    request = city.request(State.SUBMITTED, KIND)
    assert request.parameters["events"] == 3
    assert str(request.parameters["expression"]).startswith("k.tanaka time:2026-11-2")


async def test_who_may_not_ask_for_it_is_told_who_may(city: City) -> None:
    async with city.sitting(ArchiveScreen, "nakamura") as pilot:
        assert "An export is asked for by: " in await press(pilot, "e")


async def test_an_empty_list_can_not_be_taken_out(city: City) -> None:
    async with city.sitting(ArchiveScreen, "yamada") as pilot:
        await press(pilot, "slash")
        await fill(pilot, "account:nobody")
        assert "Only events that are listed and counted can be taken out." in await press(pilot, "e")


async def test_m_shows_the_filtered_events_by_weekday_and_hour(city: City) -> None:
    async with city.sitting(ArchiveScreen) as pilot:
        await press(pilot, "slash")
        await fill(pilot, "account:s0025")
        words = await press(pilot, "m")
    assert "Events by weekday and hour" in words
    assert re.search(r"2026-11-16 [▁-█·]+ 2026-11-20", words)  # the account's days, one bar each
    assert "Mon" in words
