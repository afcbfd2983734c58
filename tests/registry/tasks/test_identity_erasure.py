"""File 2 is erased by the system itself: history and deleted persons past 150 years, and never a current record."""

import pytest

from accesscontrol.refusals import Refusal
from registry.files.dates import erasure_cutoff
from registry.tasks import identity_erasure
from registry.tasks.identity_erasure import TASK
from tests.registry.conftest import TODAY
from tests.registry.tasks.hall import Hall

OLD = (
    "UPDATE identity_info SET change_date = '1870-01-01' WHERE record_id IN "
    "(SELECT record_id FROM identity_info WHERE record_status_flag = '{}' ORDER BY record_id LIMIT {})"
)
OLD_HISTORY = "UPDATE identity_info_history SET superseded_on = '1876-11-23' WHERE record_id IN (1, 2, 3, 4)"
EDGE = "UPDATE identity_info_history SET superseded_on = '1876-11-24' WHERE record_id = 5"


def test_exactly_what_is_past_its_period_goes_and_current_records_stay(hall: Hall) -> None:
    assert erasure_cutoff(TODAY) == "1876-11-24"
    hall.change(OLD.format("3", 2), OLD.format("1", 1), OLD_HISTORY, EDGE)
    current = hall.count("identity_info", "record_status_flag = '1'")
    rows = hall.count("identity_info_history")
    done = hall.run(TASK)
    assert done["erased"] == {"identity_info": 2, "identity_info_history": 4}
    assert hall.count("identity_info", "record_status_flag = '1'") == current
    assert hall.count("identity_info", "change_date < '1876-11-24'") == 1  # the current one
    assert hall.count("identity_info_history") == rows - 4
    assert hall.count("identity_info_history", "superseded_on = '1876-11-24'") == 1


def test_the_preview_is_what_goes_and_changes_nothing(sqlite_hall: Hall) -> None:
    sqlite_hall.change(OLD_HISTORY)
    rows = sqlite_hall.count("identity_info_history")
    with sqlite_hall.site.ground() as ground:
        preview = identity_erasure.TASK.effect(ground, None)
    assert preview.counts == {"identity_info_history": 4, "identity_info": 0}
    assert sqlite_hall.count("identity_info_history") == rows
    assert sqlite_hall.run(TASK)["effect"]["sha256"] == preview.sha256


def test_nothing_past_its_period_is_a_run_with_nothing_to_do(sqlite_hall: Hall) -> None:
    assert sqlite_hall.run(TASK)["erased"] == {"identity_info": 0, "identity_info_history": 0}


def test_a_run_that_would_take_a_current_record_is_taken_back(sqlite_hall: Hall) -> None:
    """A trigger of the database that reaches further than the task is stopped by the condition afterwards."""
    sqlite_hall.change(
        OLD_HISTORY,
        "CREATE TRIGGER greedy AFTER DELETE ON identity_info_history BEGIN "
        "DELETE FROM identity_info WHERE record_id = (SELECT min(record_id) FROM identity_info "
        "WHERE record_status_flag = '1'); END",
    )
    rows = sqlite_hall.count("identity_info"), sqlite_hall.count("identity_info_history")
    with pytest.raises(Refusal, match="Every current record is still there"):
        sqlite_hall.run(TASK)
    assert (sqlite_hall.count("identity_info"), sqlite_hall.count("identity_info_history")) == rows
