from datetime import UTC, datetime
from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from accesscontrol.trail import entries
from monitors.events import ledger, retention
from monitors.events.verify import verify
from tests.monitors.events.test_imports import counts, events, row, run, write

LIMIT = datetime(2026, 6, 30, 15, 0, tzinfo=UTC)


def test_only_segments_that_lie_wholly_before_the_limit_are_due_and_go(
    store: Store, home: Path, tmp_path: Path
) -> None:
    old = write(tmp_path / "old.csv", [row("2026/06/01 09:00:00"), row("2026/06/30 23:59:59")])
    run(store, home, old)
    run(
        store,
        home,
        write(tmp_path / "mixed.csv", [row("2026/06/02 09:00:00", "b"), row("2026/07/01 00:00:00", "b")]),
        stream="b",
    )
    (segment,) = retention.due(store, LIMIT)
    assert retention.erase(store, home, [segment.name], before=LIMIT, actor="100", request="R-2026-0001") == 2
    assert [each["user_id"] for each in events(store, home)] == ["b", "b"]
    assert not (home / "events" / segment.name).exists()
    assert verify(store, home).ok
    (entry,) = entries.of_act(store, "events.erased")
    assert (entry.subject, entry.details["segments"], entry.details["events"]) == ("R-2026-0001", [segment.name], 2)
    assert counts(run(store, home, old)) == (2, 0, 2, 0)
    run(store, home, write(tmp_path / "next.csv", [row("2026/08/01 09:00:00")]))
    assert [each.number for each in ledger.all_segments(store)] == [2, 3]


def test_lines_in_quarantine_are_kept_as_long_after_their_import_and_then_go_too(
    store: Store, home: Path, tmp_path: Path
) -> None:
    run(store, home, write(tmp_path / "old.csv", [row("2026/06/01 09:00:00"), "broken"]))
    assert [segment.kind for segment in retention.due(store, LIMIT)] == ["events"]
    due = retention.due(store, datetime(2026, 11, 24, 0, 31, tzinfo=UTC))  # a minute after the import
    assert [segment.kind for segment in due] == ["events", "quarantine"]
    names = [segment.name for segment in due]
    with pytest.raises(Refusal, match="must still be kept"):
        retention.erase(store, home, names, before=LIMIT, actor="100")
    assert retention.erase(store, home, names, before=datetime(2026, 12, 1, tzinfo=UTC), actor="100") == 2
    assert not [path for path in (home / "events").iterdir() if path.suffix == ".parquet"]
    assert ledger.all_segments(store) == []


def test_nothing_goes_when_one_of_several_must_be_kept(store: Store, home: Path, tmp_path: Path) -> None:
    run(store, home, write(tmp_path / "old.csv", [row("2026/06/01 09:00:00")]))
    run(store, home, write(tmp_path / "new.csv", [row("2026/07/01 00:00:00")]), stream="b")
    names = [segment.name for segment in ledger.all_segments(store)]
    with pytest.raises(Refusal, match="must still be kept"):
        retention.erase(store, home, names, before=LIMIT, actor="100")
    with pytest.raises(Refusal, match="no segment"):
        retention.erase(store, home, ["00000099-x-20260101.parquet"], before=LIMIT, actor="100")
    assert len(events(store, home)) == 2
