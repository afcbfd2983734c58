"""Daily sums that are kept answer as the events themselves do; nobody else's sums are used, and none outlive events."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.store import Store
from monitors.events import engine, habits, ledger, retention, segments
from monitors.events.engine import fetch, parquet
from tests.monitors.events.test_imports import row, run, write

DAYS = [date(2026, 6, 1) + timedelta(days=number) for number in range(14)]
EVERYTHING = 1 << 62


def day_of_work(day: date, *, users: Sequence[str] = ("S1", "s1", "S2"), views: int = 3) -> list[str]:
    start = datetime(day.year, day.month, day.day, 9, 0, tzinfo=UTC)
    return [
        row(f"{start + timedelta(minutes=number * 7):%Y/%m/%d %H:%M:%S}", user, 処理区分=act, 対象件数=str(number))
        for number in range(views * day.day)
        for user in users
        for act in ("照会", "印刷")
    ]


@pytest.fixture
def archive(store: Store, home: Path, tmp_path: Path) -> Path:
    """Return the home of a site that imported a file a week, and one without a person in it."""
    for week in (DAYS[:7], DAYS[7:]):
        run(store, home, write(tmp_path / f"{week[0]}.csv", [line for day in week for line in day_of_work(day)]))
    run(store, home, write(tmp_path / "nobody.csv", [row("2026/06/10 12:00:00", "")]), stream="b")
    return home


def recalled(store: Store, home: Path, last: int = EVERYTHING) -> list[dict[str, Any]]:
    with segments.reading(home) as connection:
        sums = habits.recalled(connection, store, home, ledger.segments(store, last=last), last=last)
        return fetch(connection, f"FROM ({habits.compared(sums, 0)}) ORDER BY ALL")


def straight(store: Store, home: Path, last: int = EVERYTHING) -> list[dict[str, Any]]:
    files = ledger.paths(home, ledger.segments(store, last=last))
    with segments.reading(home) as connection:
        sums = habits.daily(parquet(files), f"ts <= {last}")
        return fetch(connection, f"FROM ({habits.compared(sums, 0)}) ORDER BY ALL")


def kept(home: Path) -> list[Path]:
    return sorted(ledger.folder(home).glob("habits-*"))


def test_kept_sums_answer_as_the_events_do_however_they_came_in(store: Store, archive: Path, tmp_path: Path) -> None:
    assert {each["times"] for each in straight(store, archive)} > {-1}
    assert recalled(store, archive) == straight(store, archive)
    assert recalled(store, archive) == straight(store, archive)
    run(store, archive, write(tmp_path / "late.csv", day_of_work(DAYS[3], users=["S3", "S1"])), stream="b")
    assert recalled(store, archive) == straight(store, archive)
    assert len(kept(archive)) == 1


def test_a_segment_that_lies_beyond_the_time_looked_at_counts_only_up_to_it(store: Store, archive: Path) -> None:
    recalled(store, archive)
    within = ledger.segments(store)[0]
    middle = (within.first + within.last) // 2
    assert recalled(store, archive, middle) == straight(store, archive, middle)
    assert recalled(store, archive, middle) != recalled(store, archive)


def test_what_is_summed_up_is_not_read_again(store: Store, archive: Path) -> None:
    before = recalled(store, archive)
    for path in ledger.paths(archive, ledger.segments(store)):
        path.unlink()
    assert recalled(store, archive) == before


def test_sums_that_somebody_else_wrote_are_not_used(store: Store, archive: Path) -> None:
    before = recalled(store, archive)
    (ours,) = kept(archive)
    forged = ours.with_name("forged")
    with engine.connect(archive / "scratch") as connection:
        connection.execute(
            f"COPY (SELECT * REPLACE (1000 AS looked) FROM read_parquet('{ours}')) TO '{forged}' (FORMAT parquet)"
        )
    forged.rename(ours)
    assert recalled(store, archive) == before
    assert [path.name for path in kept(archive)] == [ours.name]


@pytest.mark.parametrize("content", [b"", b"no sums"])
def test_sums_that_are_damaged_are_made_again(store: Store, archive: Path, content: bytes) -> None:
    before = recalled(store, archive)
    (ours,) = kept(archive)
    ours.write_bytes(content)
    assert recalled(store, archive) == before


def test_a_file_of_another_site_is_not_ours(store: Store, archive: Path, tmp_path: Path) -> None:
    recalled(store, archive)
    (theirs,) = kept(archive)
    other = Store(tmp_path / "other.sqlite3", FixedClock(datetime(2026, 11, 24, tzinfo=UTC)), seal=b"another seal")
    other.migrate(ledger.migrations)
    with segments.reading(archive) as connection:
        sums = habits.recalled(connection, other, archive, (), last=EVERYTHING)
        assert fetch(connection, f"FROM ({sums})") == []
    other.close()
    assert kept(archive) == [theirs]


def test_no_sum_outlives_the_events_that_it_was_made_of(store: Store, archive: Path) -> None:
    recalled(store, archive)
    before = datetime(2026, 6, 7, 15, tzinfo=UTC)
    due = [segment.name for segment in retention.due(store, before)]
    retention.erase(store, archive, due, before=before, actor="100")
    assert due
    assert kept(archive) == []
    assert recalled(store, archive) == straight(store, archive)
    (ours,) = kept(archive)
    with engine.connect(archive / "scratch") as connection:
        (held,) = fetch(connection, f"SELECT count(DISTINCT segment) AS n FROM read_parquet('{ours}')")
    assert held["n"] == len(ledger.segments(store))
