"""The yearly check: a set of exactly eight items goes out, results come back, and each difference is handled."""

import csv
import stat
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from accesscontrol.requests.states import State
from registry.files.items import PREFECTURE_ITEMS
from registry.tasks import differences
from registry.tasks.differences import LineState
from registry.tasks.yearly import RESULT, SET, Server, overdue
from tests.registry.tasks.hall import Hall


def test_the_set_holds_eight_items_of_every_current_record_in_order(hall: Hall, tmp_path: Path) -> None:
    target = tmp_path / "set.csv"
    done = hall.execute(hall.approved("yearly-set", {"target": str(target)}))
    assert done.state is State.DONE
    assert done.performance is not None
    assert done.performance.evidence is not None
    rows = list(csv.reader(target.read_text(encoding="utf-8").splitlines()))
    assert tuple(rows[0]) == tuple(item.column for item in PREFECTURE_ITEMS)
    assert [item.number for item in PREFECTURE_ITEMS] == [1, 2, 6, 7, 11, 13, 21, 22]
    assert [row[0] for row in rows[1:]] == sorted(row[0] for row in rows[1:])
    assert len(rows) - 1 == hall.count("identity_info", "record_status_flag = '1'")
    assert done.performance.evidence["file_sha256"] == sha256(target.read_bytes()).hexdigest()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_nothing_is_written_over_and_only_the_output_manager_approves(sqlite_hall: Hall, tmp_path: Path) -> None:
    target = tmp_path / "set.csv"
    request = sqlite_hall.office.submit("maintenance-task:yearly-set", {"target": str(target)})
    with pytest.raises(Refusal):
        sqlite_hall.office.approve(request, "abe")
    approved = sqlite_hall.office.approve(request, "kato")
    target.write_text("precious", encoding="utf-8")
    with pytest.raises(Refusal, match="must be a new file"):
        sqlite_hall.execute(approved)
    assert target.read_text(encoding="utf-8") == "precious"


def test_more_than_the_tolerance_of_movement_and_nothing_is_written() -> None:
    then = {"counts": {"identity_info": 10_000}, "sha256": "a"}
    assert SET.within(then, {"counts": {"identity_info": 12_000}, "sha256": "b"})
    assert not SET.within(then, {"counts": {"identity_info": 12_001}, "sha256": "b"})


def result(hall: Hall, path: Path) -> Path:
    codes = [code for (code,) in hall.ask("SELECT resident_code FROM identity_info WHERE record_id IN (1, 2)")]
    rows = [[codes[0], "x", ""], [codes[1], "", ""], ["99999999999", "", ""]]
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([["resident_code", "name_kanji", "address"], *rows])
    return path


def test_each_reported_difference_becomes_a_line(hall: Hall, tmp_path: Path) -> None:
    source = result(hall, tmp_path / "result.csv")
    done = hall.run(RESULT, {"server": "prefecture", "source": str(source)})
    assert done["differences"] == {"missing_there": 1, "missing_here": 1, "differing": 1}
    lines = differences.lines_of(hall.store, done["report"])
    assert [(line.kind, line.place, line.items) for line in lines] == [
        ("differing", {"identity_info": 1, "line": 1}, (2,)),
        ("missing_there", {"identity_info": 2, "line": 2}, ()),
        ("missing_here", {"line": 3}, ()),
    ]


def test_it_is_overdue_after_13_months_or_while_a_line_is_open(sqlite_hall: Hall, tmp_path: Path) -> None:
    store, settings = sqlite_hall.store, sqlite_hall.settings
    assert overdue(store, settings) == []
    assert overdue(store, replace(settings, today=date(2027, 12, 25))) == [Server.prefecture, Server.national]
    empty = tmp_path / "empty.csv"
    empty.write_text("resident_code,name_kanji\n", encoding="utf-8")
    sqlite_hall.run(RESULT, {"server": "national", "source": str(empty)})
    done = sqlite_hall.run(RESULT, {"server": "prefecture", "source": str(result(sqlite_hall, tmp_path / "r.csv"))})
    assert overdue(store, settings) == [Server.prefecture]
    for line in (1, 2, 3):
        differences.decide(store, done["report"], line, LineState.handled, note="corrected there", actor="S-kondo")
    assert overdue(store, settings) == []
    clock = store.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(days=398))
    assert overdue(store, replace(settings, today=date(2027, 12, 23))) == []
    assert overdue(store, replace(settings, today=date(2027, 12, 25))) == [Server.prefecture, Server.national]
