from datetime import UTC, datetime, timedelta
from pathlib import Path

from accesscontrol.store import Store
from monitors.events import browsing
from tests.monitors.events.test_imports import events, row, run, write


def test_events_are_found_by_their_ids_in_order_of_time(store: Store, home: Path, tmp_path: Path) -> None:
    run(store, home, write(tmp_path / "a.csv", ["broken"]))
    run(store, home, write(tmp_path / "b.csv", [row("2026/11/24 09:00:00", "s2"), row("2026/11/24 08:00:00", "s1")]))
    ids = [each["event_id"] for each in events(store, home)]
    assert [each["user_id"] for each in browsing.by_ids(store, home, ids)] == ["s1", "s2"]
    assert browsing.by_ids(store, home, [1]) == []


def test_the_hours_around_a_finding_are_those_of_the_account_only(store: Store, home: Path, tmp_path: Path) -> None:
    times = ["08:59:59", "09:00:00", "10:30:00", "12:00:00", "12:00:01"]
    rows = [row(f"2026/11/24 {time}") for time in times] + [row("2026/11/24 10:30:00", "other")]
    run(store, home, write(tmp_path / "a.csv", rows))
    first = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    found = browsing.around(store, home, system="register", account="s1", first=first, last=first + timedelta(hours=1))
    assert sum(found.slices) == 3
    assert found.actions == [("login", 3)]


def test_failures_are_counted_by_the_sites_weekday_and_hour(store: Store, home: Path, tmp_path: Path) -> None:
    rows = [
        row("2026/11/24 08:15:00", 結果="失敗"),
        row("2026/11/24 08:45:00", 結果="失敗"),
        row("2026/11/23 00:05:00", 結果="失敗"),
        row(),
    ]
    run(store, home, write(tmp_path / "a.csv", rows))
    now = datetime(2026, 11, 24, 3, tzinfo=UTC)
    counts = browsing.failures(store, home, first=now - timedelta(days=30), last=now)
    assert (counts[1][8], counts[0][0], sum(map(sum, counts))) == (2, 1, 3)
