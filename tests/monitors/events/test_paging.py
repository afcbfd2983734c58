"""A list of events pages from the files of its hours, keeps its places, and finds a time."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.store import Store
from monitors.events import ledger, paging
from monitors.events.expressions import Condition, read
from monitors.events.imports import import_file
from monitors.events.paging import Listing
from monitors.events.plans import Wish
from monitors.events.times import milliseconds
from tests.monitors.conftest import TOKYO
from tests.monitors.events.test_imports import row, write

START = datetime(2026, 11, 2, 8, 0, tzinfo=TOKYO)
Listed = Callable[..., Listing]


def lines(number: int, *, gap: timedelta, start: datetime = START, user: str = "S1") -> list[str]:
    instants = [start + each * gap for each in range(number)]
    return [row(f"{each:%Y/%m/%d %H:%M:%S}", user, 対象件数=str(at)) for at, each in enumerate(instants)]


@pytest.fixture
def imported(store: Store, home: Path, tmp_path: Path) -> Callable[[list[str], str], None]:
    def do(rows: list[str], name: str) -> None:
        import_file(store, home, write(tmp_path / name, rows), Wish(system="register"), actor="S1", zone=TOKYO)

    return do


@pytest.fixture
def listed(store: Store, home: Path) -> Listed:
    def make(text: str = "", **attributes: Any) -> Listing:
        return Listing(store, home, read(text, TOKYO), **attributes)

    return make


def ids(listing: Listing) -> list[int]:
    return [each for batch in listing.index() for each in batch]


def times(found: list[dict[str, Any] | None]) -> list[int]:
    return [each["ts"] for each in found if each is not None]


def test_all_events_stand_newest_first_over_many_days_and_files(imported: Any, listed: Listed) -> None:
    imported(lines(300, gap=timedelta(hours=2)), "a.csv")
    imported(lines(300, gap=timedelta(hours=2), start=START + timedelta(minutes=30), user="S2"), "b.csv")
    listing = listed()
    order = ids(listing)
    assert len(order) == len(set(order)) == 600
    found = times([each for start in range(0, 600, 200) for each in listing.rows(order[start : start + 200])])
    assert len(found) == 600
    assert found == sorted(found, reverse=True)


def test_the_order_can_be_turned(imported: Any, listed: Listed) -> None:
    imported(lines(50, gap=timedelta(minutes=7)), "a.csv")
    listing = listed(oldest_first=True)
    found = times(listing.rows(ids(listing)))
    assert len(found) == 50
    assert found == sorted(found)


def test_a_filter_pages_only_what_meets_it(imported: Any, listed: Listed) -> None:
    imported(lines(400, gap=timedelta(minutes=20)), "a.csv")
    listing = listed("persons:>=390")
    found = listing.rows(ids(listing))
    assert [each["target_count"] for each in found if each] == list(range(399, 389, -1))


def test_the_condition_bounds_the_time(imported: Any, listed: Listed) -> None:
    imported(lines(200, gap=timedelta(hours=1)), "a.csv")
    assert len(ids(listed("time:2026-11-03"))) == 24
    assert len(ids(listed("time:2026-11-03T00:30..2026-11-03T02:00"))) == 2
    assert ids(listed("time:2030-01-01")) == []


def test_an_id_keeps_its_event_when_later_ones_come_in(imported: Any, listed: Listed) -> None:
    imported(lines(10, gap=timedelta(minutes=1)), "a.csv")
    before = listed()
    known = dict(zip(ids(before), times(before.rows(ids(before))), strict=True))
    imported(lines(10, gap=timedelta(minutes=1), start=START + timedelta(minutes=30)), "b.csv")
    after = listed()
    assert len(ids(after)) == 20
    assert times(after.rows(list(known))) == list(known.values())


def test_events_of_one_instant_keep_one_order(imported: Any, listed: Listed) -> None:
    imported(lines(1, gap=timedelta()) * 30, "a.csv")
    listing = listed()
    order = ids(listing)
    found = [each["event_id"] for each in listing.rows(order) if each]
    assert found == sorted(found, reverse=True)
    again = [each["event_id"] for half in (order[:15], order[15:]) for each in listing.rows(half) if each]
    assert again == found


@pytest.mark.parametrize("oldest_first", [False, True])
def test_a_time_is_jumped_to(imported: Any, listed: Listed, oldest_first: bool) -> None:  # noqa: FBT001 - a case of a table
    imported(lines(300, gap=timedelta(minutes=13)), "a.csv")
    listing = listed(oldest_first=oldest_first)
    order = ids(listing)
    wanted = milliseconds(START + 120 * timedelta(minutes=13))
    (event,) = listing.rows([order[listing.place_of(wanted)]])
    assert event is not None
    assert event["ts"] == wanted


def test_a_row_that_is_not_there_is_none(imported: Any, listed: Listed) -> None:
    imported(lines(3, gap=timedelta(minutes=1)), "a.csv")
    listing = listed()
    order = ids(listing)
    assert listing.rows([order[0], order[0] + 5])[1] is None
    assert listing.rows([]) == []


def test_an_archive_without_events_is_an_empty_list(listed: Listed) -> None:
    listing = listed("anything")
    assert ids(listing) == []
    assert list(listing.stream()) == []


def test_everything_streams_in_order(imported: Any, listed: Listed) -> None:
    imported(lines(500, gap=timedelta(minutes=31)), "a.csv")
    assert [each["target_count"] for each in listed(oldest_first=True).stream()] == list(range(500))
    assert [each["target_count"] for each in listed("persons:<3").stream()] == [2, 1, 0]


def test_a_closed_list_answers_nothing_more(imported: Any, listed: Listed) -> None:
    imported(lines(3, gap=timedelta(minutes=1)), "a.csv")
    listing = listed()
    order = ids(listing)
    listing.close()
    listing.close()
    assert listing.rows(order) == [None] * 3
    assert ids(listing) == []


def test_a_page_reads_only_the_files_of_its_hours(imported: Any, store: Store, home: Path, listed: Listed) -> None:
    imported(lines(5, gap=timedelta(minutes=1)), "old.csv")
    imported(lines(5, gap=timedelta(minutes=1), start=START + timedelta(days=9)), "new.csv")
    listing = listed()
    order = ids(listing)
    (old, _new) = ledger.segments(store)
    (ledger.folder(home) / old.name).unlink()
    assert len(times(listing.rows(order[:5]))) == 5


def test_the_stamp_changes_when_events_come_in(imported: Any, store: Store) -> None:
    empty = paging.stamp(store)
    imported(lines(1, gap=timedelta()), "a.csv")
    assert paging.stamp(store) != empty


def test_an_event_of_another_century_costs_no_walk_through_the_years(imported: Any, listed: Listed) -> None:
    imported(lines(2, gap=timedelta(days=365 * 50), start=datetime(1975, 1, 1, tzinfo=TOKYO)), "a.csv")
    listing = listed()
    assert len(list(listing._spans())) < 20
    assert len(ids(listing)) == 2


def test_a_fixed_condition_goes_with_its_parameters(imported: Any, store: Store, home: Path) -> None:
    imported(lines(4, gap=timedelta(minutes=1)), "a.csv")
    listing = Listing(store, home, Condition(sql="user_id = ?", parameters=("s1",)))
    assert len(ids(listing)) == 4


def test_a_list_may_be_closed_while_it_is_read(imported: Any, listed: Listed) -> None:
    imported(lines(400, gap=timedelta(minutes=31)), "a.csv")
    for _time in range(12):
        listing = listed("-nothing")
        started = threading.Event()

        def read_on(listing: Listing = listing, started: threading.Event = started) -> int:
            started.set()
            return len(ids(listing)) + len(list(listing.stream()))

        with ThreadPoolExecutor(2) as pool:
            running = [pool.submit(read_on) for _thread in range(2)]
            started.wait()
            listing.close()
            assert all(0 <= each.result() <= 800 for each in running)


def test_scattered_rows_are_the_same_from_memory_and_from_the_archive(
    imported: Any, listed: Listed, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(lines(300, gap=timedelta(hours=2)), "a.csv")
    imported(lines(300, gap=timedelta(hours=2), start=START + timedelta(minutes=30), user="S2"), "b.csv")
    remembered, read_again = listed("account:s1"), listed("account:s1")
    order = ids(remembered)
    assert order == ids(read_again)
    page = order[50:100]
    from_memory = remembered.rows(page)
    monkeypatch.setattr(paging, "_REMEMBERED", 10)
    assert from_memory == read_again.rows(page)
    assert len([each for each in from_memory if each]) == 50


def test_few_rows_far_apart_are_all_there_while_the_list_is_still_counted(imported: Any, listed: Listed) -> None:
    imported(lines(5, gap=timedelta(days=90)), "a.csv")
    listing = listed("account:s1")
    known: list[int] = []
    for batch in listing.index():
        known += batch
        found = listing.rows(known)
        assert [row["event_id"] for row in found if row] == [row["event_id"] for row in listing.stream()][: len(known)]
    assert len(known) == 5
