"""A statement of one's own: two approvals, exactly the approved rows, and a yes before it is committed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.requests.kinds import Execution, Kind
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from registry.tasks.adhoc import CHANGING, READING, adhoc_kinds
from registry.tasks.kind import Sitting
from registry.tasks.model import Task
from registry.tasks.running import Silent
from tests.registry.tasks.hall import APPROVERS, Hall

CHANGE = {"sql": "update resident_register set remarks = 'checked' where record_id in (1, 2, 3)"}


def knowing(hall: Hall) -> Hall:
    kinds: tuple[Kind, ...] = adhoc_kinds(hall.site)
    hall.office.desk = replace(hall.office.desk, kinds={kind.name: kind for kind in kinds})
    return hall


def approved(hall: Hall, kind: str, arguments: dict[str, str]) -> Request:
    request = hall.office.submit(kind, arguments)
    for slot in request.rule.slots:
        request = hall.office.approve(request, APPROVERS[slot.name])
    return hall.office.attest(request) if request.rule.witness else request


def test_a_reading_statement_shows_counts_and_open_items_only(hall: Hall) -> None:
    knowing(hall)
    sql = "select change_reason, count(*) from identity_info group by 1 order by 1"
    done = hall.execute(approved(hall, READING, {"sql": sql}))
    assert done.state is State.DONE
    assert done.performance is not None
    evidence = done.performance.evidence
    assert evidence is not None
    expected = [list(row) for row in hall.ask(sql)]
    assert evidence["shown"] == expected

    hidden = hall.execute(approved(hall, READING, {"sql": "select name_kanji from identity_info where record_id = 1"}))
    assert hidden.performance is not None
    assert hidden.performance.evidence is not None
    assert hidden.performance.evidence["rows"] == 1
    assert hidden.performance.evidence["shown"] == [["＊" * 8]]


def test_a_change_touches_the_approved_rows_and_nothing_when_their_number_moved(hall: Hall) -> None:
    knowing(hall)
    request = approved(hall, CHANGING, CHANGE)
    assert hall.execute(request).state is State.DONE
    assert hall.count("resident_register", "remarks = 'checked'") == 3

    again = approved(hall, CHANGING, {"sql": "update resident_register set remarks = 'x' where remarks = 'checked'"})
    hall.change("UPDATE resident_register SET remarks = 'checked' WHERE record_id = 4")
    with pytest.raises(Refusal, match="data has moved"):
        hall.execute(again)
    assert hall.count("resident_register", "remarks = 'x'") == 0


def test_it_is_not_committed_unless_whoever_executes_agrees_to_the_row_count(hall: Hall) -> None:
    asked: list[int] = []

    @contextmanager
    def seat(_task: Task, _execution: Execution) -> Iterator[Sitting]:
        def no(_sql: str, rows: int) -> bool:
            asked.append(rows)
            return False

        with hall.open() as registry:
            yield Sitting(registry=registry, journal=Silent(), confirm=no)

    hall.site = replace(hall.site, seat=seat)
    done = hall.execute(approved(knowing(hall), CHANGING, CHANGE))
    assert asked == [3]
    assert done.state is State.FAILED
    assert hall.count("resident_register", "remarks = 'checked'") == 0


def test_two_different_people_approve_it_and_a_reading_kind_never_changes(sqlite_hall: Hall) -> None:
    hall = knowing(sqlite_hall)
    with pytest.raises(Refusal, match="only reads"):
        hall.office.submit(READING, CHANGE)
    with pytest.raises(Refusal, match="only changes"):
        hall.office.submit(CHANGING, {"sql": "select sex from identity_info"})
    request = hall.office.approve(hall.office.submit(READING, {"sql": "select sex from identity_info"}), "sato")
    with pytest.raises(Refusal):
        hall.execute(request)
