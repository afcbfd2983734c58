"""What each person finds waiting, and the state of the site with the time at which it was read."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from accesscontrol.accounts import listing
from accesscontrol.accounts.listing import AccountLine, Sources
from accesscontrol.people import operators
from accesscontrol.people.reading import Reader
from console import queues, status, upkeep
from console.screens.requests.listing import RequestsScreen
from console.screens.today import TodayScreen
from console.widgets.paged_table import PagedTable
from monitors.events import ledger
from monitors.findings import reading
from monitors.findings.judging import Judgement
from monitors.findings.states import OPEN, State
from tests.console.city import City, press, said
from tests.goldens import Golden, screen_text

NARROW = (80, 24)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    city = City.copied_to(tmp_path)
    yield city
    city.site.store.close()


def waiting(words: str) -> list[str]:
    """Return the lines of the list of work, without the mark of the cursor."""
    rows = words.splitlines()
    head = next(number for number, line in enumerate(rows) if "Waiting work" in line)
    found = []
    for line in rows[head + 1 :]:
        if not line.strip():
            break
        found.append(" ".join(line.lstrip(" ▸").split()))
    return found


async def test_today_looks(golden: Golden, city: City) -> None:
    await golden("today", lambda profile: city.app(TodayScreen, profile=profile), press=["x"])


@pytest.mark.parametrize(
    ("login", "wanted"),
    [
        (
            "sato",
            [
                "[!!] Emergency acts not yet reviewed",
                "[!!] Interrupted acts: result unknown",
                "Requests waiting for approval",
                "Findings not judged",
                "Days whose regular check isn't signed",
            ],
        ),
        ("yamada", ["[!!] Emergency acts not yet reviewed", "Approved requests to execute", "Findings not judged"]),
        ("takahashi", ["Findings not judged"]),
        ("suzuki", ["Requests waiting for a witness"]),
        ("ito", ["Findings not judged", "Days whose regular check isn't signed"]),
    ],
)
async def test_each_role_finds_its_own_work(city: City, login: str, wanted: list[str]) -> None:
    async with city.sitting(TodayScreen, login, size=NARROW) as pilot:
        found = waiting(screen_text(pilot.app))
    for each in wanted:
        assert any(line.startswith(each) for line in found), (each, found)


async def test_an_auditor_finds_only_what_is_loud_for_everybody(city: City) -> None:
    async with city.sitting(TodayScreen, "nakamura", size=NARROW) as pilot:
        found = waiting(screen_text(pilot.app))
    assert [line for line in found if not line.startswith("[!!]")] == []


async def test_overdue_findings_are_loud_and_come_first(city: City) -> None:
    city.clock.advance(timedelta(days=2))
    async with city.sitting(TodayScreen, size=NARROW) as pilot:
        found = waiting(screen_text(pilot.app))
    loud = [line for line in found if line.startswith("[!!]")]
    assert "[!!] Findings overdue for a judgement overdue 15" in loud
    assert found[: len(loud)] == loud
    assert not any(line.startswith("Findings not judged") for line in found)


async def test_nothing_of_findings_waits_once_all_are_judged(city: City) -> None:
    numbers = [each.number for each in reading.listed(city.site.store, states=sorted(OPEN))]
    city.site.judges.judge(numbers, city.acting("sato"), Judgement(state=State.INCIDENT, reason="looked into"))
    async with city.sitting(TodayScreen, size=NARROW) as pilot:
        assert "Findings" not in " ".join(waiting(screen_text(pilot.app)))


async def test_a_locked_operator_waits_for_the_custodian(city: City) -> None:
    with city.site.store.transaction() as tx:
        operators.lock(tx, "watanabe", reason="failures")
    async with city.sitting(TodayScreen, "yamada") as pilot:
        assert any(line.startswith("Operators locked after failures") for line in waiting(screen_text(pilot.app)))


async def test_the_cursor_stays_on_its_work_when_other_work_comes_before_it(city: City) -> None:
    async with city.sitting(TodayScreen, "yamada") as pilot:
        await press(pilot, "end")
        table: PagedTable[queues.Queue] = pilot.app.screen.query_one(PagedTable)
        place, work = table.cursor, table.row
        city.clock.leap(timedelta(hours=3))  # a moved clock is loud, so it stands first
        upkeep.tick(city.site)
        await press(pilot, "r")
        assert work is not None
        assert table.row is not None
        assert (table.cursor, table.row.name) == (place + 1, work.name)


async def test_the_state_of_the_site_says_when_it_was_read_and_what_is_overdue(city: City) -> None:
    city.clock.advance(timedelta(days=2))
    async with city.sitting(TodayScreen, size=NARROW) as pilot:
        words = said(pilot)
    assert "State of the site read at 09:13" in words
    assert "Last import of logs" in words
    assert "!! overdue" in words


async def test_failures_are_one_line_on_a_small_screen_and_a_map_on_a_tall_one(city: City) -> None:
    async with city.sitting(TodayScreen, size=NARROW) as pilot:
        words = said(pilot)
        assert "0h ·" in words
        assert "Failed sign-ins by hour" not in words
    async with city.sitting(TodayScreen, size=(80, 30)) as pilot:
        words = said(pilot)
        assert "Failed sign-ins by hour" in words
        assert "Mon" in words
        assert "0h ·" not in words


async def test_an_archive_that_can_not_be_read_is_told_and_keeps_nobody_from_the_rest(city: City) -> None:
    for segment in ledger.all_segments(city.site.store):
        (city.home / "events" / segment.name).write_bytes(b"")
    async with city.sitting(TodayScreen, size=NARROW) as pilot:
        words = said(pilot)
    assert "[!!] Emergency acts not yet reviewed" in words
    assert "Why: The archive of events can't be read" in words


async def test_the_loudest_is_named_first(city: City) -> None:
    async with city.sitting(TodayScreen, size=NARROW) as pilot:
        assert "Next: Emergency acts not yet reviewed: look at this first" in said(pilot)


@pytest.mark.parametrize(("login", "key", "place"), [("sato", "home", "5"), ("ito", "end", "3")])
async def test_enter_goes_to_the_place_of_the_work(city: City, login: str, key: str, place: str) -> None:
    gone: list[str] = []
    async with city.sitting(TodayScreen, login, size=NARROW) as pilot:

        async def go(key: str) -> None:
            gone.append(key)

        pilot.app.action_place = go  # type: ignore[attr-defined]  # Textual's types end at App and Screen
        await press(pilot, key, "enter")
    assert gone == [place]


async def test_enter_puts_the_cursor_on_what_has_waited_longest(city: City) -> None:
    waiting = [each for each in queues.queues(city.site, city.acting("sato")) if each.first]
    async with city.sitting(TodayScreen, "sato", size=NARROW) as pilot:

        async def go(_key: str) -> None:
            await pilot.app.push_screen(RequestsScreen(city.seat("sato")))

        pilot.app.action_place = go  # type: ignore[attr-defined]  # Textual's types end at App and Screen
        await press(pilot, "home", "down", "enter")
        table = pilot.app.screen.query_one(PagedTable)
        assert table.row is not None
        assert table.row.id == waiting[1].first
        assert table.cursor > 0


async def test_a_closed_day_is_named_so(city: City) -> None:
    city.clock.advance(timedelta(days=4))
    async with city.sitting(TodayScreen, size=NARROW) as pilot:
        assert "28 November (Sat) closed day" in said(pilot)


async def test_the_ledger_of_user_ids_is_read_once_for_the_whole_page(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings: list[datetime] = []
    listed = listing.listed

    def counted(reader: Reader, sources: Sources, at: datetime) -> list[AccountLine]:
        readings.append(at)
        return listed(reader, sources, at)

    monkeypatch.setattr(listing, "listed", counted)
    async with city.sitting(TodayScreen, "yamada") as pilot:
        assert "State of the site" in said(pilot)
        assert len(readings) == 1
    status.status(city.site)
    assert len(readings) == 2
