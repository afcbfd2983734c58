"""A report of differences is worked off line by line, and every decision is in the trail."""

import sqlite3

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from accesscontrol.trail import entries
from registry.tasks import differences
from registry.tasks.differences import Line, LineState, decide, lines_of, reports


@pytest.fixture
def report(store: Store) -> int:
    lines = [
        Line(kind="differing", place={"resident_register": 1, "identity_info": 4}, items=(2, 11)),
        Line(kind="missing_in_cs", place={"resident_register": 9}, state=LineState.pending),
    ]
    with store.transaction() as tx:
        return differences.keep(tx, "reconcile", lines, {"differing": 1, "missing_in_cs": 1}, actor="S-ogawa")


def test_a_report_keeps_exact_counts_and_the_state_of_its_lines(store: Store, report: int) -> None:
    (found,) = reports(store, "reconcile")
    assert (found.number, found.counts, found.unsettled) == (report, {"differing": 1, "missing_in_cs": 1}, 1)
    assert found.states == {LineState.open: 1, LineState.pending: 1}
    assert reports(store, "compare-copy") == []
    assert [line.number for line in lines_of(store, report, after=1)] == [2]


def test_a_line_moves_on_with_a_word_and_an_entry(store: Store, report: int) -> None:
    decided = decide(store, report, 1, LineState.escalated, note="name differs", actor="S-ogawa", terminal="SR-01")
    assert (decided.state, decided.note, decided.actor) == (LineState.escalated, "name differs", "S-ogawa")
    assert reports(store)[0].unsettled == 1
    decide(store, report, 1, LineState.handled, note="corrected by R-2026-0007", actor="S-kondo")
    assert reports(store)[0].unsettled == 0
    told = entries.about(store, f"{report}/1")
    assert [(each.act, each.outcome, each.actor) for each in told] == [
        ("difference.decided", "escalated", "S-ogawa"),
        ("difference.decided", "handled", "S-kondo"),
    ]


@pytest.mark.parametrize(
    ("line", "state", "note"),
    [
        (1, LineState.pending, "later"),  # nobody makes a difference young again
        (1, LineState.open, "again"),
        (1, LineState.handled, "  "),
        (1, LineState.handled, "x" * 2001),
        (1, LineState.handled, "number 1234 5678 9018"),
        (1, LineState.handled, "code 12345678903"),
        (3, LineState.handled, "corrected"),
    ],
)
def test_what_is_no_decision_is_refused(store: Store, report: int, line: int, state: LineState, note: str) -> None:
    with pytest.raises(Refusal):
        decide(store, report, line, state, note=note, actor="S-ogawa")
    assert lines_of(store, report, only=1)[0].state is LineState.open


def test_the_database_itself_knows_no_other_state(store: Store, report: int) -> None:
    with store.transaction() as tx:
        tx.record("difference.decided", actor="S-ogawa", subject="1/1")
        with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint"):
            tx.execute("UPDATE difference_line SET state = 'gone'")


def test_a_line_that_nobody_has_decided_is_whole_and_no_damage(store: Store, report: int) -> None:
    assert [line.at for line in lines_of(store, report)] == [None, None]
    assert not store.damage
