from pathlib import Path
from typing import Any

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from monitors.events.pages import Place, count, page
from monitors.events.search import Query, parse
from tests.monitors.conftest import TOKYO
from tests.monitors.events.test_imports import events, row, run, write


@pytest.fixture
def archive(store: Store, home: Path, tmp_path: Path) -> list[dict[str, Any]]:
    """Three files over half a year, two of which overlap in time; all events, newest first."""
    days = [row(f"2026/{month:02}/{day:02} 09:00:00", f"s{day}") for month in (4, 5, 9) for day in range(1, 29)]
    run(store, home, write(tmp_path / "a.csv", days), stream="a")
    run(
        store,
        home,
        write(tmp_path / "b.csv", [row(f"2026/09/14 09:{minute:02}:00", "ＢＯＢ") for minute in range(40)]),
        stream="b",
    )
    run(store, home, write(tmp_path / "c.csv", [row("2026/09/14 09:10:00", "tie")] * 30), stream="c")
    return events(store, home)[::-1]


@pytest.mark.parametrize("limit", [1, 7, 50])
def test_pages_follow_one_another_without_a_gap_or_a_repetition(
    store: Store, home: Path, archive: list[dict[str, Any]], limit: int
) -> None:
    seen: list[int] = []
    place = None
    while found := page(store, home, Query(), before=place, limit=limit):
        assert len(found) <= limit
        seen += [each["event_id"] for each in found]
        place = Place(found[-1]["ts"], found[-1]["event_id"])
    expected = sorted(archive, key=lambda each: (each["ts"], each["event_id"]), reverse=True)
    assert seen == [each["event_id"] for each in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 154),
        ("user:bob", 40),
        ("user:ｂｏｂ", 40),
        ("user:b*,tie", 70),
        ("-user:b*,tie", 84),
        ("action:login outcome:success", 154),
        ("bob", 40),
        ('"市民課"', 154),
        ("market", 0),
        ("since:2026-09-14 until:2026-09-14", 71),
        ("until:2026-04-30", 28),
        ("count>=1", 0),
        ("count<1 line:2", 3),
        ("user:%", 0),
        ("user:s_", 0),
        ('user:""', 0),
        ('-user:""', 154),
    ],
)
def test_what_a_person_types_finds_what_it_says(
    store: Store, home: Path, archive: list[dict[str, Any]], text: str, expected: int
) -> None:
    assert len(archive) == 154
    query = parse(text, TOKYO)
    assert count(store, home, query) == expected
    assert len(page(store, home, query, limit=1000)) == expected


@pytest.mark.parametrize("text", ["colour:red", "count:many", "user>5", "since:yesterday"])
def test_what_is_not_understood_is_told(text: str) -> None:
    with pytest.raises(Refusal):
        parse(text, TOKYO)


def test_an_empty_archive_has_an_empty_page(store: Store, home: Path) -> None:
    assert page(store, home, Query()) == []
    assert count(store, home, Query()) == 0
