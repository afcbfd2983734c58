"""A long log is cut at newlines; every part knows the number of its first line."""

from pathlib import Path

import pytest

from accesscontrol.store import Store
from monitors.events import ledger, parts
from monitors.events.readers.encodings import UTF_8
from tests.monitors.events.test_imports import events, row, run, write

TIMES = [f"2026/11/24 {minute // 60:02}:{minute % 60:02}:00" for minute in range(600)]


@pytest.fixture(autouse=True)
def every_log_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_WORTH_CUTTING", 0)


def test_the_parts_are_the_log_without_its_header(tmp_path: Path) -> None:
    log = write(tmp_path / "log.csv", [row(time) for time in TIMES])
    first, second = parts.cut(log)
    header, newline, body = log.read_bytes().partition(b"\n")
    written = [tmp_path / "first", tmp_path / "second"]
    assert first.write(UTF_8, written[0])
    assert second.write(UTF_8, written[1])
    assert written[0].read_bytes() + written[1].read_bytes() == body
    assert (first.first_line(), second.first_line()) == (2, 2 + written[0].read_bytes().count(b"\n"))
    assert first.start == len(header + newline)


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_an_event_keeps_its_line_number_in_whichever_part_it_was(
    store: Store, home: Path, tmp_path: Path, encoding: str
) -> None:
    report = run(store, home, write(tmp_path / "log.csv", [row(time) for time in TIMES], encoding=encoding))
    assert report.imported == len(TIMES)
    assert [segment.events for segment in ledger.segments(store)] == [each["events"] for each in report.segments]
    assert len(report.segments) == parts.PARTS
    held = events(store, home, "event_id, line_no, ts_raw, ts")
    assert [(each["line_no"], each["ts_raw"]) for each in held] == list(enumerate(TIMES, start=2))


def test_late_lines_in_either_part_make_one_segment_in_order(store: Store, home: Path, tmp_path: Path) -> None:
    report = run(store, home, write(tmp_path / "log.csv", [row(time) for time in [*TIMES[1:], TIMES[0]]]))
    assert [segment["events"] for segment in report.segments] == [len(TIMES)]


def test_a_bad_line_in_the_second_part_is_quarantined_by_its_number(store: Store, home: Path, tmp_path: Path) -> None:
    report = run(store, home, write(tmp_path / "log.csv", [*(row(time) for time in TIMES), row("no time")]))
    assert (report.imported, report.quarantined) == (len(TIMES), 1)


def test_a_log_of_one_line_is_one_part(tmp_path: Path) -> None:
    log = write(tmp_path / "log.csv", [row()])
    assert len(parts.cut(log)) == 1
