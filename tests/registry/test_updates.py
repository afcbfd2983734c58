from typing import Any

import pytest

from registry.checks import Settings, judge_update
from registry.databases.sqlite import SqliteRegistry
from registry.files import IDENTITY_INFO
from tests.registry.conftest import TODAY

SETTINGS = Settings(today=TODAY)
CURRENT = "record_status_flag = '1' AND gaiji_flag = 0 AND change_reason = '02' AND former_surname_kanji IS NULL"


def stored(city: SqliteRegistry, where: str = CURRENT) -> dict[str, Any]:
    sql = f"SELECT {', '.join(IDENTITY_INFO.columns)} FROM identity_info WHERE {where} LIMIT 1"
    return dict(zip(IDENTITY_INFO.columns, next(city.rows(sql)), strict=True))


def judged(city: SqliteRegistry, update: dict[str, Any]) -> list[tuple[str, tuple[int, ...]]]:
    return [(fault.check.id, fault.items) for fault in judge_update(city, update, SETTINGS)]


def moved(city: SqliteRegistry) -> dict[str, Any]:
    return stored(city) | {
        "change_reason": "02",
        "change_date": "2026-11-24",
        "address_fixed_date": "2026-11-24",
        "address": "架空県見本市本町１番１号",
        "town_block_code": "0004001",
        "postal_code": "0009004",
        "operator_id": "S0002",
        "update_sequence_no": 9,
        "timestamp": "2026-11-24T01:00:00.000000+00:00",
    }


def test_a_move_within_the_city_may_change_address_dates_and_control_items(city: SqliteRegistry) -> None:
    assert judged(city, moved(city)) == []


@pytest.mark.parametrize(
    ("column", "value", "number"),
    [
        ("name_kanji", "別人　花子", 2),
        ("sex", "3", 7),
        ("birth_date", "1901-01-01", 6),
        ("municipality_code", "992020", 8),
        ("relationship", "縁故者", 20),
        ("became_resident_date", "2026-11-24", 14),
    ],
)
def test_a_move_that_changes_anything_else_is_refused_item_by_item(
    city: SqliteRegistry, column: str, value: str, number: int
) -> None:
    faults = [fault for fault in judged(city, moved(city) | {column: value}) if fault[0] == "CHK-LOG-02"]
    assert faults == [("CHK-LOG-02", (number,))]


@pytest.mark.parametrize("reason", ["01", "18", "06"])
def test_a_move_in_of_a_current_resident_is_refused_whichever_kind(city: SqliteRegistry, reason: str) -> None:
    update = stored(city) | {"change_reason": reason}
    assert judged(city, update) == [("CHK-LOG-01", ())]


def test_a_move_in_under_a_new_code_is_refused_by_the_individual_number(city: SqliteRegistry) -> None:
    update = stored(city) | {"change_reason": "01", "resident_code": "12345678903"}
    assert judged(city, update) == [("CHK-LOG-01", ())]


def test_a_move_in_of_somebody_whose_record_is_deleted_passes(city: SqliteRegistry) -> None:
    where = "record_status_flag = '3' AND individual_number IS NOT NULL AND gaiji_flag = 0"
    update = stored(city, where) | {"change_reason": "01", "record_status_flag": "1"}
    assert judged(city, update) == []


def test_a_birth_of_somebody_who_is_a_resident_already_is_refused(city: SqliteRegistry) -> None:
    assert judged(city, stored(city) | {"change_reason": "04"}) == [("CHK-LOG-03", ())]


@pytest.mark.parametrize("reason", ["02", "03", "05", "09", "14"])
def test_a_change_for_nobody_is_refused(city: SqliteRegistry, reason: str) -> None:
    update = stored(city) | {"change_reason": reason, "resident_code": "12345678903"}
    assert ("CHK-LOG-03", ()) in judged(city, update)


def test_a_change_of_resident_code_finds_the_stored_record_by_the_old_code(city: SqliteRegistry) -> None:
    present = stored(city)
    change = {
        "change_reason": "12",
        "resident_code": "12345678903",
        "old_resident_code": present["resident_code"],
        "resident_code_use_date": "2026-11-24",
    }
    assert judged(city, present | change) == []
    assert judged(city, present | change | {"resident_code_use_date": None}) == [("CHK-LOG-07", (25,))]


@pytest.mark.parametrize(("flag", "number"), [("update_forbidden_flag", 31), ("exclusive_lock_flag", 33)])
def test_a_record_that_is_closed_or_locked_takes_no_update(own_city: SqliteRegistry, flag: str, number: int) -> None:
    update = moved(own_city)
    with own_city.writing():
        own_city.execute(f"UPDATE identity_info SET {flag} = 1 WHERE resident_code = ?", [update["resident_code"]])
    faults = judge_update(own_city, update, SETTINGS)
    assert ("CHK-LOG-06", (number,)) in [(fault.check.id, fault.items) for fault in faults]
    assert "3" in next(f.check.message.format(**f.fields()) for f in faults if f.check.id == "CHK-LOG-06")


def test_the_form_of_the_update_itself_is_judged_too(city: SqliteRegistry) -> None:
    assert ("CHK-FMT-02", (22,)) in judged(city, moved(city) | {"change_date": "2026-02-30"})
