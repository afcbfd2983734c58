"""File 3 goes in whole batches on the first business day after its linkage; a repair needs an approval."""

from dataclasses import replace
from datetime import date

import pytest

from accesscontrol.refusals import Refusal
from accesscontrol.requests.states import State
from registry.checks import check
from registry.databases import open_registry
from registry.tasks.purge import PURGE, late_records
from tests.registry.tasks.hall import Hall

FRIDAY, MONDAY, TUESDAY = date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 24)


def linked(hall: Hall, *, at: str, batch: str = "L1") -> int:
    hall.change(
        "DELETE FROM destination_linkage",
        "INSERT INTO destination_linkage (record_id, batch, linked_at) "
        f"SELECT record_id, '{batch}', '{at}' FROM destination_info WHERE record_id <= 3",
    )
    return hall.count("destination_linkage")


def on(hall: Hall, day: date) -> Hall:
    hall.settings = replace(hall.settings, today=day)
    return hall


@pytest.mark.parametrize(("day", "goes"), [(FRIDAY, False), (date(2026, 11, 22), False), (MONDAY, True)])
def test_linked_on_a_friday_it_goes_on_the_next_business_day(sqlite_hall: Hall, *, day: date, goes: bool) -> None:
    count = linked(sqlite_hall, at="2026-11-20T05:00:00.000000+00:00")
    before = sqlite_hall.count("destination_info")
    done = on(sqlite_hall, day).run(PURGE)
    assert done["erased"] == (count if goes else 0)
    assert sqlite_hall.count("destination_info") == before - (count if goes else 0)
    assert sqlite_hall.count("destination_linkage") == (0 if goes else count)
    assert done["late"] == 0


def test_the_day_of_linkage_is_that_of_the_site_and_a_batch_goes_whole(sqlite_hall: Hall) -> None:
    """23:30 UTC on Friday is Saturday morning in Japan; one record linked on Monday keeps its batch until Tuesday."""
    linked(sqlite_hall, at="2026-11-20T23:30:00.000000+00:00")
    sqlite_hall.change(
        "UPDATE destination_linkage SET linked_at = '2026-11-23T01:00:00.000000+00:00' WHERE record_id = 2"
    )
    assert on(sqlite_hall, MONDAY).run(PURGE)["erased"] == 0
    assert on(sqlite_hall, TUESDAY).run(PURGE)["erased"] == 3


def test_what_was_not_linked_stays(sqlite_hall: Hall) -> None:
    sqlite_hall.change("DELETE FROM destination_linkage")
    before = sqlite_hall.count("destination_info")
    assert sqlite_hall.run(PURGE)["erased"] == 0
    assert sqlite_hall.count("destination_info") == before


def test_what_is_left_after_its_due_day_is_late_and_the_check_finds_it(hall: Hall) -> None:
    count = linked(hall, at="2026-11-20T05:00:00.000000+00:00")
    on(hall, TUESDAY)
    with hall.site.ground() as ground:
        assert len(late_records(ground)) == count
    with open_registry(hall.place, read_only=True) as registry:
        assert check(registry, hall.settings, only=frozenset({"CHK-RET-05"})).by_check == {"CHK-RET-05": count}
    assert hall.run(PURGE)["late"] == count


def test_the_repair_erases_one_batch_by_approval_and_refuses_one_that_is_not_due(hall: Hall) -> None:
    count = linked(hall, at="2026-11-20T05:00:00.000000+00:00")
    on(hall, FRIDAY)
    with pytest.raises(Refusal, match="cannot be erased yet"):
        hall.approved("repair-purge", {"batch": "L1"})
    on(hall, TUESDAY)
    before = hall.count("destination_info")
    assert hall.execute(hall.approved("repair-purge", {"batch": "L1"})).state is State.DONE
    assert hall.count("destination_info") == before - count
    with pytest.raises(Refusal, match="nothing to repair"):
        hall.approved("repair-purge", {"batch": "L1"})


def test_records_of_the_deceased_are_taken_out_by_approval(hall: Hall) -> None:
    hall.change(
        "UPDATE destination_info SET resident_code = (SELECT resident_code FROM resident_register "
        "WHERE deleted_record_class = '2' AND resident_code IS NOT NULL ORDER BY record_id LIMIT 1) WHERE record_id = 2"
    )
    done = hall.execute(hall.approved("repair-purge", {"deceased": True}))
    assert done.state is State.DONE
    assert hall.count("destination_info", "record_id = 2") == 0
    with open_registry(hall.place, read_only=True) as registry:
        assert check(registry, hall.settings, only=frozenset({"CHK-RET-07"})).by_check == {"CHK-RET-07": 0}


def test_a_repair_names_one_thing(sqlite_hall: Hall) -> None:
    for arguments in ({}, {"batch": "L1", "deceased": True}):
        with pytest.raises(Refusal, match="Name the batch"):
            sqlite_hall.approved("repair-purge", arguments)
