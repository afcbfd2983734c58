import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from registry.checks import Fault, Report, Settings, check, declared, find
from registry.checks.households import oldest_open_request
from registry.checks.model import next_weekday
from registry.databases.sqlite import SqliteRegistry
from registry.files import FILES
from tests.registry.conftest import TODAY

SETTINGS = Settings(today=TODAY)
ONE, TWO, THREE, HISTORY = "resident_register", "identity_info", "destination_info", "identity_info_history"

PLAIN = "deleted_record_class = '0' AND nationality_code IS NULL AND relationship_code = '20'"
CURRENT = "record_status_flag = '1' AND former_surname_kanji IS NULL AND gaiji_flag = 0 AND relationship = '子'"
DELETED = "deleted_record_class = '1' AND resident_code IS NOT NULL"
FOREIGN = "nationality_code IS NOT NULL AND article_30_45_class = '1' AND stay_expiry_date IS NOT NULL"


class _UndoneError(Exception):
    pass


@pytest.fixture(scope="module")
def town(town_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteRegistry]:
    path = tmp_path_factory.mktemp("planted") / "registry.sqlite3"
    shutil.copyfile(town_file, path)
    with SqliteRegistry.open(path) as registry:
        yield registry


@contextmanager
def undone(registry: SqliteRegistry) -> Iterator[None]:
    """Let changes be seen inside and be gone afterwards."""
    try:
        with registry.writing():
            yield
            raise _UndoneError
    except _UndoneError:
        pass


def value(registry: SqliteRegistry, sql: str, *parameters: Any) -> Any:
    return next(registry.rows(sql, parameters))[0]


def without_candidates(faults: Iterator[Fault]) -> list[Fault]:
    """The town holds a few records past their 150 years from the start."""
    return [fault for fault in faults if fault.check.id != "CHK-RET-01"]


def test_the_synthetic_city_has_no_error_and_only_records_past_their_150_years_wait(city: SqliteRegistry) -> None:
    report = check(city, SETTINGS)
    assert report.sound
    assert {check_id: count for check_id, count in report.by_check.items() if count} == {"CHK-RET-01": 3}
    assert report.by_severity == {"block": 0, "error": 0, "warning": 3, "info": 0}
    assert report.records == sum(city.counts()[table] for table in (ONE, TWO, THREE, HISTORY))


@dataclass(frozen=True)
class Plant:
    """A fault planted in one record: where, what, and every finding that it must make."""

    table: str
    where: str
    change: str
    found: dict[str, set[int]]


PLANTS = {
    "individual number with a wrong check digit": Plant(
        ONE, PLAIN, "individual_number = '999000000000'", {"CHK-ID-01": {81}, "CHK-ID-06": {81}}
    ),
    "individual number too short": Plant(
        TWO, CURRENT, "individual_number = '99900000'", {"CHK-ID-01": {13}, "CHK-ID-06": {50, 81}}
    ),
    "individual number in full-width digits": Plant(
        THREE, "1 = 1", "individual_number = '９９９３５７６３７０９８'", {"CHK-ID-01": {50}, "CHK-ID-06": {50}}
    ),
    "resident code with letters": Plant(ONE, PLAIN, "resident_code = '9912175294x'", {"CHK-ID-02": {30}}),
    "resident code with a wrong check digit": Plant(TWO, CURRENT, "resident_code = '99000000001'", {"CHK-ID-02": {1}}),
    "resident code of the destination wrong": Plant(THREE, "1 = 1", "resident_code = ''", {"CHK-ID-02": {38}, "CHK-FMT-01": {38}}),
    "old resident code wrong": Plant(
        TWO, CURRENT, "old_resident_code = '1', resident_code_use_date = '2020-01-01'", {"CHK-ID-02": {24}, "CHK-LOG-07": {24}}
    ),
    "municipality code in the other form": Plant(ONE, PLAIN, "current_municipality_code = '99201'", {"CHK-ID-03": {6}}),
    "municipality code with a wrong check digit": Plant(TWO, CURRENT, "municipality_code = '992012'", {"CHK-ID-03": {8}}),
    "municipality code empty in the destination": Plant(THREE, "1 = 1", "municipality_code = NULL", {"CHK-FMT-01": {9}}),
    "name empty": Plant(ONE, PLAIN, "name_kanji = ''", {"CHK-FMT-01": {21}}),
    "code empty while current": Plant(ONE, PLAIN, "resident_code = NULL", {"CHK-FMT-01": {30}}),
    "number empty while current in the municipal CS": Plant(TWO, CURRENT, "individual_number = NULL", {"CHK-FMT-01": {13}}),
    "operator empty": Plant(TWO, CURRENT, "operator_id = NULL", {"CHK-FMT-01": {27}}),
    "number empty in the destination": Plant(THREE, "1 = 1", "individual_number = NULL", {"CHK-FMT-01": {50}}),
    "day that is not in the calendar": Plant(ONE, PLAIN, "resident_notify_date = '2025-02-29'", {"CHK-FMT-02": {15}}),
    "other date unknown in part": Plant(TWO, CURRENT, "notify_date = '2025-02-00'", {"CHK-FMT-02": {16}}),
    "birth date in another form": Plant(THREE, "1 = 1", "birth_date = '19850916'", {"CHK-FMT-02": {48}}),
    "time stamp without a zone": Plant(TWO, CURRENT, "timestamp = '2020-01-01T00:00:00'", {"CHK-FMT-02": {36}}),
    "time stamp of a day that is not": Plant(
        TWO, CURRENT, "timestamp = '2021-02-30T00:00:00.000000+00:00'", {"CHK-FMT-02": {36}}
    ),
    "sex outside its list": Plant(ONE, PLAIN, "sex_code = '9'", {"CHK-FMT-03": {22}}),
    "relationship outside its list": Plant(TWO, CURRENT, "relationship = '20'", {"CHK-FMT-03": {20}}),
    "flag outside its list": Plant(TWO, CURRENT, "update_forbidden_flag = 2", {"CHK-FMT-03": {31}}),
    "print class outside its list": Plant(THREE, "1 = 1", "print_class = ''", {"CHK-FMT-03": {37}}),
    "reading in kanji": Plant(ONE, PLAIN, "name_kana = '花子'", {"CHK-FMT-04": {20}}),
    "reading in another script": Plant(TWO, CURRENT, "name_furigana = 'hanako', name_kana_normalized = 'hanako'", {"CHK-FMT-04": {4, 5}}),
    "reading with its voiced marks left": Plant(
        TWO, CURRENT, "name_furigana = 'ぎんが', name_kana_normalized = 'ぎんか'", {"CHK-FMT-04": {5}}
    ),
    "roman name in small letters": Plant(THREE, "1 = 1", "romaji_name = 'Hanako'", {"CHK-FMT-04": {66}}),
    "external character not counted": Plant(TWO, CURRENT, "name_kanji = '\ue000子'", {"CHK-FMT-05": {3}}),
    "external character counted that is not there": Plant(
        TWO, CURRENT, "gaiji_count_address = 1, gaiji_flag = 1", {"CHK-FMT-05": {12}}
    ),
    "external character flag missing": Plant(
        TWO, CURRENT, "name_kanji = '\U000f0001子', gaiji_count_name = 1", {"CHK-FMT-05": {34}}
    ),
    "external character in a destination address": Plant(
        THREE, "1 = 1", "address = '\ue000町', address_len = 2", {"CHK-FMT-05": {47}}
    ),
    "length that is not that of the text": Plant(THREE, "1 = 1", "address_len = 99", {"CHK-FMT-06": {45}}),
    "deletion without its date": Plant(ONE, DELETED, "deletion_change_date = NULL", {"CHK-LOG-04": {54}}),
    "deletion reason of a living person": Plant(ONE, PLAIN, "deletion_change_reason = '03'", {"CHK-LOG-04": {56}}),
    "move out to nowhere": Plant(
        ONE, DELETED, "moveout_planned_address = NULL, moveout_confirmed_address = NULL", {"CHK-LOG-04": {38}}
    ),
    "became a resident before birth": Plant(ONE, PLAIN, "resident_change_date = '1900-01-01'", {"CHK-LOG-05": {14}}),
    "change of tomorrow": Plant(TWO, CURRENT, "change_date = '2026-11-25'", {"CHK-LOG-05": {22}}),
    "deletion of tomorrow without a planned move": Plant(
        ONE, "deleted_record_class = '2'", "deletion_change_date = '2026-11-25'", {"CHK-LOG-05": {54}}
    ),
    "unreported period that ends before it starts": Plant(
        ONE, PLAIN, "unreported_period_start = '2020-02-01', unreported_period_end = '2020-01-01'", {"CHK-LOG-05": {51, 52}}
    ),
    "old code equal to the present one": Plant(
        TWO, CURRENT, "old_resident_code = resident_code, resident_code_use_date = '2020-01-01'", {"CHK-LOG-07": {24}}
    ),
    "class of foreign residents without a nationality": Plant(ONE, PLAIN, "article_30_45_class = '1'", {"CHK-LOG-12": {69}}),
    "foreign resident without a class": Plant(ONE, FOREIGN, "article_30_45_class = NULL", {"CHK-LOG-12": {69}}),
    "foreign resident without a card": Plant(ONE, FOREIGN, "residence_card_no = NULL", {"CHK-LOG-12": {66}}),
    "card number of another pattern": Plant(ONE, FOREIGN, "residence_card_no = 'X123'", {"CHK-LOG-12": {66}}),
    "stay that has expired": Plant(ONE, FOREIGN, "stay_expiry_date = '2026-11-23'", {"CHK-LOG-12": {71}}),
    "end of stay without a class in the destination": Plant(THREE, "1 = 1", "stay_expiry_date = '2030-01-01'", {"CHK-LOG-12": {51}}),
    "two heads": Plant(ONE, PLAIN, "relationship_code = '02'", {"CHK-LOG-08": {1, 3, 8, 24}}),
    "no head": Plant(
        ONE, "deleted_record_class = '0' AND relationship_code = '02'", "relationship_code = '99'", {"CHK-LOG-08": {1, 3, 8, 24}}
    ),
    "household at two addresses": Plant(ONE, PLAIN, "current_address = '見本市'", {"CHK-LOG-08": {1, 3, 8, 24}}),
    "update sequence with a gap": Plant(
        TWO, "record_id IN (SELECT current_record_id FROM identity_info_history)", "update_sequence_no = 9", {"CHK-LOG-09": {29, 36}}
    ),
    "update earlier than the one before": Plant(
        TWO, "record_id IN (SELECT current_record_id FROM identity_info_history)",
        "timestamp = '2002-01-01T00:00:00.000000+00:00'", {"CHK-LOG-09": {29, 36}},
    ),
    "living person without number and without request": Plant(ONE, PLAIN, "individual_number = NULL", {"CHK-LOG-13": {81}}),
    "deleted person of the municipal CS past 150 years": Plant(
        TWO, "record_status_flag = '3'", "change_date = '1875-01-01', birth_date = '1870-01-01'", {"CHK-RET-03": {22}}
    ),
    "fault in the history": Plant(HISTORY, "1 = 1", "sex = '7'", {"CHK-FMT-03": {7}}),
}  # fmt: skip


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS.keys())
def test_a_planted_fault_is_found_in_its_record_and_item_and_nothing_else_is(
    town: SqliteRegistry, plant: Plant
) -> None:
    record_id = value(town, f"SELECT min(record_id) FROM {plant.table} WHERE {plant.where}")
    assert record_id is not None
    with undone(town):
        assert town.execute(f"UPDATE {plant.table} SET {plant.change} WHERE record_id = ?", [record_id]) == 1
        faults = without_candidates(find(town, SETTINGS))
    found: dict[str, set[int]] = {}
    for fault in faults:
        found.setdefault(fault.check.id, set()).update(fault.items)
        if fault.table == plant.table and fault.check.id not in {"CHK-LOG-08", "CHK-ID-06"}:
            assert fault.record_id == record_id
    assert found == plant.found


@pytest.mark.parametrize(
    ("table", "column", "check_id", "where"),
    [
        (ONE, "individual_number", "CHK-ID-04", "deleted_record_class = '0'"),
        (TWO, "individual_number", "CHK-ID-04", "record_status_flag = '1'"),
        (ONE, "resident_code", "CHK-ID-05", "deleted_record_class = '0'"),
        (TWO, "resident_code", "CHK-ID-05", "record_status_flag = '1'"),
    ],
)
def test_a_number_held_by_two_current_records_is_found_in_both(
    town: SqliteRegistry, table: str, column: str, check_id: str, where: str
) -> None:
    sql = f"SELECT record_id FROM {table} WHERE {where} AND {column} IS NOT NULL LIMIT 2"
    first, second = [row[0] for row in town.rows(sql)]
    with undone(town):
        same = f"(SELECT {column} FROM {table} WHERE record_id = ?)"
        town.execute(f"UPDATE {table} SET {column} = {same} WHERE record_id = ?", [first, second])
        found = {(fault.table, fault.record_id) for fault in find(town, SETTINGS) if fault.check.id == check_id}
    assert found == {(table, first), (table, second)}


def test_a_returner_with_a_deleted_and_a_current_record_is_no_fault(town: SqliteRegistry) -> None:
    deleted = value(town, f"SELECT min(record_id) FROM {ONE} WHERE {DELETED}")
    current = value(town, f"SELECT min(record_id) FROM {ONE} WHERE {PLAIN}")
    with undone(town):
        same = f"(SELECT resident_code, individual_number FROM {ONE} WHERE record_id = ?)"
        town.execute(
            f"UPDATE {ONE} SET (resident_code, individual_number) = {same} WHERE record_id = ?", [current, deleted]
        )
        ids = {fault.check.id for fault in without_candidates(find(town, SETTINGS))}
    assert ids == set()


def test_a_count_of_persons_that_is_not_that_of_the_records_is_found(town: SqliteRegistry) -> None:
    with undone(town):
        town.execute("UPDATE destination_info SET target_person_count = target_person_count + 1 WHERE record_id = 1")
        faults = without_candidates(find(town, SETTINGS))
    assert [(fault.check.id, fault.items) for fault in faults] == [("CHK-FMT-06", (33,))]


def test_a_code_that_changed_without_a_word_is_found_in_the_history(town: SqliteRegistry) -> None:
    record_id = value(town, "SELECT min(current_record_id) FROM identity_info_history")
    with undone(town):
        town.execute(
            "UPDATE identity_info_history SET resident_code = '12345678903' WHERE current_record_id = ?", [record_id]
        )
        faults = without_candidates(find(town, SETTINGS))
    assert {(fault.check.id, fault.record_id) for fault in faults} == {("CHK-LOG-07", record_id)}


def test_a_gap_within_one_change_event_is_found(town: SqliteRegistry) -> None:
    event = value(
        town, "SELECT request_control_no FROM identity_info GROUP BY request_control_no HAVING count(*) > 2 LIMIT 1"
    )
    with undone(town):
        town.execute(
            "UPDATE identity_info SET change_event_update_sequence_no = 77 WHERE record_id ="
            " (SELECT max(record_id) FROM identity_info WHERE request_control_no = ?)",
            [event],
        )
        faults = without_candidates(find(town, SETTINGS))
    assert [(fault.check.id, fault.items) for fault in faults] == [("CHK-LOG-09", (30,))]


def test_a_number_may_be_awaited_for_five_business_days_and_no_longer(town: SqliteRegistry) -> None:
    assert oldest_open_request(SETTINGS) == date(2026, 11, 17)  # Tuesday; the fifth business day is today
    with undone(town):
        record_id = value(town, f"SELECT min(record_id) FROM {ONE} WHERE {PLAIN} AND change_reason = '04'")
        town.execute(f"UPDATE {ONE} SET individual_number = NULL WHERE record_id = ?", [record_id])
        town.execute("INSERT INTO number_request VALUES (?, '2026-11-17')", [record_id])
        assert without_candidates(find(town, SETTINGS)) == []
        later = replace(SETTINGS, today=TODAY + timedelta(days=1))
        assert {fault.check.id for fault in without_candidates(find(town, later))} >= {"CHK-LOG-13"}


def test_a_request_does_not_excuse_a_person_whose_last_change_needs_none(town: SqliteRegistry) -> None:
    with undone(town):
        record_id = value(
            town, f"SELECT min(record_id) FROM {ONE} WHERE change_reason = '02' AND deleted_record_class = '0'"
        )
        town.execute(f"UPDATE {ONE} SET individual_number = NULL WHERE record_id = ?", [record_id])
        town.execute("INSERT INTO number_request VALUES (?, '2026-11-20')", [record_id])
        assert [fault.check.id for fault in without_candidates(find(town, SETTINGS))] == ["CHK-LOG-13"]


def test_a_deleted_record_becomes_a_candidate_on_the_day_after_150_years_and_not_before(town: SqliteRegistry) -> None:
    record_id = value(town, f"SELECT min(record_id) FROM {ONE} WHERE {DELETED}")
    with undone(town):
        town.execute(
            f"UPDATE {ONE} SET birth_date = '1850-01-01', resident_change_date = '1850-01-01',"
            " address_fixed_change_date = '1850-01-01', deletion_change_date = '1876-11-20',"
            " deletion_notify_date = '1876-11-23' WHERE record_id = ?",
            [record_id],
        )
        due = {fault.record_id for fault in find(town, SETTINGS) if fault.check.id == "CHK-RET-01"}
        early = replace(SETTINGS, today=TODAY - timedelta(days=1))
        not_yet = {fault.record_id for fault in find(town, early) if fault.check.id == "CHK-RET-01"}
        town.execute(f"UPDATE {ONE} SET deletion_notify_date = NULL WHERE record_id = ?", [record_id])
        without_base = {fault.record_id for fault in find(town, SETTINGS) if fault.check.id == "CHK-RET-01"}
    assert record_id in due
    assert record_id not in not_yet
    assert record_id not in without_base


def test_history_is_past_150_years_after_its_supersession(town: SqliteRegistry) -> None:
    with undone(town):
        town.execute("UPDATE identity_info_history SET superseded_on = '1876-11-23' WHERE record_id = 1")
        found = [(f.check.id, f.table, f.record_id) for f in without_candidates(find(town, SETTINGS))]
    assert found == [("CHK-RET-03", HISTORY, 1)]


@pytest.mark.parametrize(
    ("linked_at", "today", "late"),
    [
        ("2026-11-20T01:00:00.000000+00:00", date(2026, 11, 23), False),  # linked on Friday, due on Monday
        ("2026-11-20T01:00:00.000000+00:00", date(2026, 11, 24), True),
        ("2026-11-19T15:30:00.000000+00:00", date(2026, 11, 23), False),  # 00:30 on Friday in Japan
        ("2026-11-19T14:30:00.000000+00:00", date(2026, 11, 23), True),  # 23:30 on Thursday in Japan
    ],
)
def test_linked_destination_information_is_late_after_one_business_day(
    town: SqliteRegistry, *, linked_at: str, today: date, late: bool
) -> None:
    with undone(town):
        town.execute("DELETE FROM destination_linkage")
        town.execute("INSERT INTO destination_linkage VALUES (1, 'L', ?)", [linked_at])
        found = [f.record_id for f in find(town, replace(SETTINGS, today=today)) if f.check.id == "CHK-RET-05"]
    assert found == ([1] if late else [])


def test_the_calendar_of_the_site_decides_what_a_business_day_is(town: SqliteRegistry) -> None:
    def closed_on_monday(day: date) -> date:
        following = next_weekday(day)
        return next_weekday(following) if following == date(2026, 11, 23) else following

    with undone(town):
        town.execute("DELETE FROM destination_linkage")
        town.execute("INSERT INTO destination_linkage VALUES (1, 'L', '2026-11-20T01:00:00.000000+00:00')")
        settings = replace(SETTINGS, next_business_day=closed_on_monday)
        assert without_candidates(find(town, settings)) == []


def test_destination_information_of_a_dead_person_is_found(town: SqliteRegistry) -> None:
    with undone(town):
        town.execute(
            "UPDATE destination_info SET resident_code ="
            " (SELECT resident_code FROM resident_register WHERE deleted_record_class = '2' AND resident_code IS NOT NULL"
            " LIMIT 1) WHERE record_id = 1"
        )
        faults = {fault.check.id for fault in without_candidates(find(town, SETTINGS))}
    assert "CHK-RET-07" in faults


def test_a_table_with_an_item_too_many_stops_all_other_checks_of_the_run(town: SqliteRegistry) -> None:
    with undone(town):
        town.execute("ALTER TABLE identity_info ADD COLUMN addressee_no TEXT")
        report = check(town, SETTINGS)
    assert not report.sound
    assert [fault.fields()["expected"] for fault in report.faults] == ["40"]
    assert report.not_run == set(declared(SETTINGS)) - {"CHK-CNT-01"}


def test_remainder_0_of_resident_codes_is_read_as_the_site_sets_it(town: SqliteRegistry) -> None:
    code = "00000000000"  # the body gives remainder 0
    with undone(town):
        town.execute(f"UPDATE {ONE} SET resident_code = ? WHERE record_id = 1", [code])
        ids = {fault.check.id for fault in without_candidates(find(town, SETTINGS))}
        other = replace(SETTINGS, resident_code_remainder_0="1")
        ids_otherwise = {fault.check.id for fault in without_candidates(find(town, other))}
    assert "CHK-ID-02" not in ids
    assert "CHK-ID-02" in ids_otherwise


def test_counts_are_exact_while_only_the_first_places_are_kept(town: SqliteRegistry) -> None:
    with undone(town):
        changed = town.execute(f"UPDATE {ONE} SET sex_code = 'x'")
        report: Report = check(town, SETTINGS, keep=5)
    assert report.by_check["CHK-FMT-03"] == changed > 500
    assert Counter(fault.check.id for fault in report.faults)["CHK-FMT-03"] == 5
    assert report.by_severity["error"] == changed


def test_no_message_and_no_place_of_a_fault_holds_the_value_of_an_item(town: SqliteRegistry) -> None:
    secret = "SECRET花子"
    with undone(town):
        for file in FILES:
            texts = [item.column for item in file.items if item.type in {"text", "code", "date"} and item.mask]
            change = ", ".join(f"{column} = '{secret}'" for column in texts)
            town.execute(f"UPDATE {file.table} SET {change} WHERE record_id = 1")
        faults = list(find(town, SETTINGS))
    assert len(faults) > 20
    for fault in faults:
        said = fault.check.message.format(**fault.fields()) + repr(fault)
        assert "{" not in fault.check.message.format(**fault.fields())
        assert secret not in said


def test_progress_ends_with_all_rows(town: SqliteRegistry) -> None:
    seen: list[tuple[int, int]] = []
    check(town, SETTINGS, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1] == sum(town.counts()[table] for table in (ONE, TWO, THREE, HISTORY))
