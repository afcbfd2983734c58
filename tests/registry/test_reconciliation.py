from dataclasses import replace
from datetime import date

import pytest

from registry.checks import Settings
from registry.databases.sqlite import SqliteRegistry
from registry.tasks.reconciliation import COMPARED, RECONCILED, Kind, reconcile
from tests.registry.conftest import TODAY

SETTINGS = Settings(today=TODAY)
OLD = "change_date < '2026-11-01' AND record_status_flag = '1'"


def settled(city: SqliteRegistry) -> None:
    """Take out the newborn who wait for a number, so that both sides are equal."""
    with city.writing():
        city.execute("DELETE FROM resident_register WHERE record_id IN (SELECT record_id FROM number_request)")


def test_equal_sides_give_no_difference_and_equal_digests(own_city: SqliteRegistry) -> None:
    settled(own_city)
    result = reconcile(own_city, SETTINGS)
    assert result.agrees
    assert result.differences == []
    assert result.register_digest == result.identity_digest != ""
    assert result.register_records == result.identity_records > 1900


def test_equal_sides_have_equal_digests_even_where_a_resident_code_stands_twice(own_city: SqliteRegistry) -> None:
    settled(own_city)
    with own_city.writing():
        same = (
            "SET individual_number = NULL, resident_code ="
            " (SELECT min(resident_code) FROM identity_info WHERE record_status_flag = '1')"
        )
        own_city.execute(
            f"UPDATE resident_register {same} WHERE individual_number IN"
            " (SELECT individual_number FROM identity_info WHERE record_id IN (700, 900))"
        )
        own_city.execute(f"UPDATE identity_info {same} WHERE record_id IN (700, 900)")
        own_city.execute("UPDATE identity_info SET record_id = 1000000 - record_id")  # kept in another order
    result = reconcile(own_city, SETTINGS)
    assert result.register_digest == result.identity_digest


def test_a_newborn_who_waits_for_a_number_is_on_the_way(city: SqliteRegistry) -> None:
    result = reconcile(city, SETTINGS)
    assert result.counts[Kind.missing_in_cs] == result.pending[Kind.missing_in_cs] == 2
    assert result.agrees
    assert result.register_digest != result.identity_digest


@pytest.mark.parametrize(("column", "number"), [(column, number) for column, number in zip(
    COMPARED.values(), (13, 2, 6, 7, 11, 21, 37), strict=True)])  # fmt: skip
def test_each_differing_item_is_found_exactly(own_city: SqliteRegistry, column: str, number: int) -> None:
    settled(own_city)
    with own_city.writing():
        own_city.execute(
            f"UPDATE identity_info SET {column} = 'other' WHERE record_id = (SELECT min(record_id) FROM identity_info WHERE {OLD})"
        )
    result = reconcile(own_city, SETTINGS)
    assert result.counts == {Kind.missing_in_cs: 0, Kind.missing_in_register: 0, Kind.differing: 1}
    (difference,) = result.differences
    assert difference.items == (number,)
    assert not difference.pending
    assert not result.agrees


def test_a_value_that_one_side_lacks_differs(own_city: SqliteRegistry) -> None:
    settled(own_city)
    with own_city.writing():
        own_city.execute(
            f"UPDATE identity_info SET individual_number = NULL WHERE record_id = (SELECT min(record_id) FROM identity_info WHERE {OLD})"
        )
    assert [difference.items for difference in reconcile(own_city, SETTINGS).differences] == [(13,)]


def test_records_missing_on_either_side_are_found_exactly(own_city: SqliteRegistry) -> None:
    settled(own_city)
    with own_city.writing():
        for deleted in (3, 5):
            own_city.execute(
                f"DELETE FROM identity_info WHERE record_id = (SELECT record_id FROM identity_info WHERE {OLD} LIMIT 1 OFFSET {deleted})"
            )
        own_city.execute(
            "UPDATE resident_register SET deleted_record_class = '1' WHERE resident_code ="
            f" (SELECT resident_code FROM identity_info WHERE {OLD} LIMIT 1 OFFSET 11)"
        )
    result = reconcile(own_city, SETTINGS)
    assert result.counts == {Kind.missing_in_cs: 2, Kind.missing_in_register: 1, Kind.differing: 0}
    said = RECONCILED.message.format(**{kind.value: count for kind, count in result.counts.items()})
    assert said == "Register and municipal CS differ: 2 missing in CS, 1 missing in register, 0 differing."


@pytest.mark.parametrize(
    ("changed", "today", "pending"),
    [
        ("2026-11-24", date(2026, 11, 24), True),
        ("2026-11-23", date(2026, 11, 24), True),  # one business day ago
        ("2026-11-20", date(2026, 11, 24), False),
        ("2026-11-20", date(2026, 11, 23), True),  # a change of Friday may arrive on Monday
    ],
)
def test_a_difference_is_pending_for_one_business_day(
    own_city: SqliteRegistry, *, changed: str, today: date, pending: bool
) -> None:
    settled(own_city)
    with own_city.writing():
        own_city.execute(
            f"UPDATE identity_info SET address = 'other', change_date = ? WHERE record_id = (SELECT min(record_id) FROM identity_info WHERE {OLD})",
            [changed],
        )
    (difference,) = reconcile(own_city, replace(SETTINGS, today=today)).differences
    assert difference.pending is pending


def test_counts_are_exact_while_only_the_first_places_are_kept(own_city: SqliteRegistry) -> None:
    settled(own_city)
    with own_city.writing():
        changed = own_city.execute("UPDATE identity_info SET address = 'other' WHERE record_status_flag = '1'")
    result = reconcile(own_city, SETTINGS, keep=10)
    assert result.counts[Kind.differing] == changed
    assert len(result.differences) == 10


def test_the_report_names_items_and_never_what_they_hold(own_city: SqliteRegistry) -> None:
    with own_city.writing():
        own_city.execute("UPDATE identity_info SET name_kanji = 'SECRET', individual_number = '999000000008'")
    result = reconcile(own_city, SETTINGS)
    assert "SECRET" not in repr(result)
    assert "999000000008" not in repr(result)
    differing = next(difference for difference in result.differences if difference.kind is Kind.differing)
    assert differing.item_names() == ["13 個人番号", "2 漢字氏名"]
