import pytest

from registry.checks import Settings, check
from registry.databases.sqlite import SqliteRegistry
from tests.registry.conftest import TODAY

ONLY = frozenset({"CHK-CNT-02"})


def test_a_city_outside_its_band_is_a_warning_for_each_file(town: SqliteRegistry) -> None:
    with town.writing():
        town.execute("UPDATE registry_meta SET value = 'no' WHERE name = 'synthetic'")
    report = check(town, Settings(today=TODAY), only=ONLY)
    assert [(fault.table, fault.record_id) for fault in report.faults] == [
        ("resident_register", 0),
        ("identity_info", 0),
    ]
    assert report.sound  # a warning waits for a decision
    assert "住民基本台帳ファイル" in report.faults[0].check.message.format(**report.faults[0].fields())


@pytest.mark.parametrize(("rows", "count"), [(99_999, 2), (100_000, 0)])
def test_the_band_begins_at_100_000_persons_the_dead_not_counted(
    town: SqliteRegistry, *, rows: int, count: int
) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})"
    with town.writing():
        town.execute("UPDATE registry_meta SET value = 'no' WHERE name = 'synthetic'")
        for table in ("resident_register", "identity_info"):
            town.execute(f"DELETE FROM {table}")
        town.execute(
            "INSERT INTO resident_register (record_id, deleted_record_class) "
            + numbers.format(rows)
            + " SELECT i, '0' FROM n"
        )
        town.execute("INSERT INTO resident_register (record_id, deleted_record_class) VALUES (900000, '2')")
        town.execute("INSERT INTO identity_info (record_id) " + numbers.format(rows) + " SELECT i FROM n")
    assert check(town, Settings(today=TODAY), only=ONLY).by_check == {"CHK-CNT-02": count}


def test_a_synthetic_city_declares_no_band(town: SqliteRegistry) -> None:
    assert check(town, Settings(today=TODAY), only=ONLY).by_check == {"CHK-CNT-02": 0}
