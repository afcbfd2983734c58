"""All records are judged, and rows that are gone without an erasure are seen."""

from registry.checks import declared
from registry.tasks import differences, row_counts
from registry.tasks.differences import LineState
from registry.tasks.record_checks import ALL, NUMBERS
from tests.registry.tasks.hall import SETTINGS, Hall


def test_every_declared_check_belongs_to_the_task(sqlite_hall: Hall) -> None:
    assert set(declared(SETTINGS)) <= set(ALL.checks)


def test_a_sound_register_is_judged_and_counted(sqlite_hall: Hall) -> None:
    done = sqlite_hall.run(ALL)
    assert done["sound"]
    assert done["rows_fallen"] == {}
    assert set(done["by_check"]) == {"CHK-RET-01"}
    assert sqlite_hall.run(ALL)["rows_fallen"] == {}


def test_rows_that_went_without_an_erasure_are_found_and_stay_found(sqlite_hall: Hall) -> None:
    sqlite_hall.run(ALL)
    sqlite_hall.change("DELETE FROM resident_register WHERE record_id IN (1, 2)")
    assert sqlite_hall.run(ALL)["rows_fallen"] == {"resident_register": 2}
    assert sqlite_hall.run(ALL)["rows_fallen"] == {"resident_register": 2}


def test_an_approved_erasure_accounts_for_its_rows_but_for_no_others(hall: Hall) -> None:
    hall.run(ALL)
    hall.execute(hall.approved("erase-register", {"day": "2026-11-24"}))
    assert hall.run(ALL)["rows_fallen"] == {}
    hall.change("DELETE FROM identity_info WHERE record_id = 1")
    hall.change(
        "UPDATE resident_register SET deletion_change_date = '1870-01-01', deletion_notify_date = '1870-01-01' "
        "WHERE record_id = (SELECT min(record_id) FROM resident_register WHERE deleted_record_class = '1')"
    )
    hall.execute(hall.approved("erase-register", {"day": "2026-11-24"}))
    with hall.site.ground() as ground:
        assert row_counts.fallen(ground)["identity_info"] == 1


def test_each_record_at_fault_is_a_case_that_is_worked_off_and_no_value_is_in_it(hall: Hall) -> None:
    hall.change(
        "UPDATE resident_register SET individual_number = '123456789012' WHERE record_id = 3",
        "UPDATE identity_info SET birth_date = '1980-02-31' WHERE record_id = 2",
    )
    done = hall.run(ALL)
    assert "CHK-RET-01" not in done["differences"]  # past its period: erased by a task of its own
    lines = differences.lines_of(hall.store, done["report"])
    found = {(line.kind, *line.place.items(), *line.items) for line in lines}
    assert ("CHK-ID-01", ("resident_register", 3), 81) in found
    assert ("CHK-FMT-02", ("identity_info", 2), 6) in found
    assert len(lines) == sum(done["differences"].values())
    assert not {"123456789012", "1980-02-31"} & set(str(lines).split("'"))
    case = next(line for line in lines if line.kind == "CHK-ID-01")
    decided = differences.decide(
        hall.store, done["report"], case.number, LineState.handled, note="corrected", actor="S-kawai"
    )
    assert decided.state is LineState.handled


def test_a_sound_register_opens_no_case(sqlite_hall: Hall) -> None:
    assert "report" not in sqlite_hall.run(ALL)
    assert differences.reports(sqlite_hall.store) == []


def test_numbers_alone_are_judged_by_their_check_digits(hall: Hall) -> None:
    hall.change(
        "UPDATE identity_info SET individual_number = '123456789019' WHERE record_id = 1",
        "UPDATE identity_info SET resident_code = '12345678904', sex = '9' WHERE record_id = 2",
    )
    done = hall.run(NUMBERS)
    assert not done["sound"]
    assert done["by_check"] == {"CHK-ID-01": 1, "CHK-ID-02": 1}
    assert {(fault["record"], fault["check"]) for fault in done["faults"]} == {(1, "CHK-ID-01"), (2, "CHK-ID-02")}
    assert "123456789019" not in str(done)
