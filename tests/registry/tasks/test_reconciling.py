"""The daily reconciliation leaves a report whose lines people work off."""

from registry.tasks import differences
from registry.tasks.differences import LineState
from registry.tasks.reconciling import TASK
from tests.registry.tasks.hall import Hall


def test_equal_sides_give_an_empty_report_with_counts_and_digests(hall: Hall) -> None:
    hall.change("DELETE FROM resident_register WHERE record_id IN (SELECT record_id FROM number_request)")
    done = hall.run(TASK)
    assert done["agrees"]
    assert done["register_digest"] == done["identity_digest"] != ""
    assert differences.lines_of(hall.store, done["report"]) == []


def test_each_difference_is_a_line_and_a_young_one_is_pending(hall: Hall) -> None:
    hall.change("UPDATE identity_info SET address = 'elsewhere', change_date = '2020-01-01' WHERE record_id = 1")
    done = hall.run(TASK)
    lines = differences.lines_of(hall.store, done["report"])
    assert [line.state for line in lines if line.kind == "differing"] == [LineState.open]
    assert all(line.state is LineState.pending for line in lines if line.kind != "differing")
    assert "elsewhere" not in str(lines)
