"""Each change of file 2 has exactly one acknowledged notification; the log of the municipal CS says so or not."""

import csv
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.refusals import Refusal
from registry.tasks import differences
from registry.tasks.differences import Line, LineState
from registry.tasks.notifications import TASK
from tests.registry.tasks.hall import Hall

SINCE = "2015-01-01"
COLUMNS = ("resident_code", "update_sequence_no", "acknowledged_at")
STATES = """
    SELECT resident_code, update_sequence_no, change_date, record_id, 'identity_info' AS place FROM identity_info
    UNION ALL SELECT resident_code, update_sequence_no, change_date, record_id, 'identity_info_history'
    FROM identity_info_history
"""


def changes(hall: Hall) -> list[tuple[Any, ...]]:
    return hall.ask(f"SELECT * FROM ({STATES}) AS states WHERE change_date >= '{SINCE}' ORDER BY place, record_id")


def log(path: Path, rows: list[tuple[Any, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([COLUMNS, *rows])
    return path


def acknowledged(hall: Hall) -> list[tuple[Any, ...]]:
    return [(code, number, "2026-11-20T09:00:00") for code, number, *_ in changes(hall)]


def run(hall: Hall, source: Path) -> dict[str, Any]:
    return hall.run(TASK, {"source": str(source), "since": SINCE})


def lines(hall: Hall, done: dict[str, Any]) -> list[Line]:
    return differences.lines_of(hall.store, done["report"])


def test_a_whole_log_agrees_with_the_changes_that_it_covers(hall: Hall, tmp_path: Path) -> None:
    rows = acknowledged(hall)
    older = hall.ask(
        f"SELECT * FROM ({STATES}) AS states WHERE change_date < '{SINCE}' ORDER BY place, record_id LIMIT 1"
    )
    rows += [(code, number, "2019-12-27T09:00:00") for code, number, *_ in older]
    done = run(hall, log(tmp_path / "log.csv", rows))
    assert done["agrees"]
    assert (done["changes"], done["notifications"]) == (len(rows) - 1, len(rows))
    assert lines(hall, done) == []


def test_a_change_without_an_acknowledgement_is_found_when_its_business_day_is_over(hall: Hall, tmp_path: Path) -> None:
    hall.change("UPDATE identity_info SET change_date = '2026-11-24' WHERE record_id = 3")
    rows = acknowledged(hall)
    found = changes(hall)
    missing, unanswered, *_ = [at for at, each in enumerate(found) if each[4] == "identity_info_history"]
    young = next(at for at, each in enumerate(found) if each[3:] == (3, "identity_info"))
    rows[unanswered] = (*rows[unanswered][:2], "")
    source = log(tmp_path / "log.csv", [row for at, row in enumerate(rows) if at not in {missing, young}])
    done = run(hall, source)
    assert not done["agrees"]
    assert done["by_check"] == {"CHK-REC-07": 2}
    assert [(line.kind, line.state, dict(line.place)) for line in lines(hall, done)] == [
        ("not_notified", LineState.pending, {"identity_info": 3}),
        ("not_notified", LineState.open, {"identity_info_history": found[missing][3]}),
        ("not_notified", LineState.open, {"identity_info_history": found[unanswered][3]}),
    ]


def test_a_second_notification_and_one_of_no_change_are_found_by_their_lines(hall: Hall, tmp_path: Path) -> None:
    rows = acknowledged(hall)
    rows += [rows[0], ("12345678903", 1, "2026-11-20T09:00:00")]
    done = run(hall, log(tmp_path / "log.csv", rows))
    twice, unknown = lines(hall, done)
    assert (twice.kind, twice.place["line"]) == ("notified_twice", len(rows) - 1)
    assert (unknown.kind, dict(unknown.place)) == ("notified_unknown", {"line": len(rows)})


def test_another_layout_is_refused_and_opens_no_report(sqlite_hall: Hall, tmp_path: Path) -> None:
    source = tmp_path / "log.csv"
    source.write_text("resident_code,change_date,acknowledged_at\n", encoding="utf-8")
    with pytest.raises(Refusal, match="update_sequence_no"):
        run(sqlite_hall, source)
    assert differences.reports(sqlite_hall.store) == []
