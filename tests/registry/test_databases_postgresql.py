from collections.abc import Iterator

import psycopg
import pytest

from accesscontrol.refusals import Refusal
from registry.checks import Settings, check, judge_update
from registry.commands import check_registry, reconcile_registry
from registry.databases import building, open_registry
from registry.databases.postgresql import PostgresqlRegistry
from registry.databases.sqlite import SqliteRegistry
from registry.files import FILES, IDENTITY_INFO
from registry.synthetic import create_city
from registry.tasks.reconciliation import COMPARED, Kind, reconcile
from tests.registry.conftest import TODAY

SETTINGS = Settings(today=TODAY)


@pytest.fixture
def place(postgresql_database: str) -> str:
    create_city(postgresql_database, residents=500, seed=5, today=TODAY)  # the town of the other tests
    return postgresql_database


@pytest.fixture
def other(place: str) -> Iterator[PostgresqlRegistry]:
    with PostgresqlRegistry.open(place) as registry:
        yield registry


def test_both_databases_hold_the_same_town_and_judge_it_alike(other: PostgresqlRegistry, town: SqliteRegistry) -> None:
    assert other.counts() == town.counts()
    assert other.meta() == town.meta()
    for file in FILES:
        assert other.columns_of(file.table) == town.columns_of(file.table)
        assert list(other.scan(file.table)) == list(town.scan(file.table))
    mine, theirs = check(town, SETTINGS), check(other, SETTINGS)
    assert theirs.by_check == mine.by_check
    assert theirs.faults == mine.faults
    assert reconcile(other, SETTINGS) == reconcile(town, SETTINGS)
    assert check_registry(other, SETTINGS)["sound"]
    assert reconcile_registry(other, SETTINGS)["agrees"]


def test_the_same_faults_are_found_in_both_databases(other: PostgresqlRegistry, town: SqliteRegistry) -> None:
    faults = [
        "UPDATE identity_info SET individual_number = '999000000000', gaiji_flag = 1 WHERE record_id % 97 = 0",
        "UPDATE identity_info SET update_sequence_no = 9, timestamp = 'x' WHERE record_id % 89 = 0",
        "UPDATE resident_register SET relationship_code = '02' WHERE record_id % 83 = 0",
        "UPDATE resident_register SET resident_code = (SELECT max(resident_code) FROM identity_info) WHERE record_id % 211 = 0",
        "UPDATE resident_register SET individual_number = NULL, birth_date = '2030-01-01' WHERE record_id % 79 = 0",
        "UPDATE identity_info_history SET superseded_on = '1870-01-01', resident_code = '0' WHERE record_id % 73 = 0",
        "UPDATE destination_info SET target_person_count = 9, name_kana_len = 0 WHERE record_id % 3 = 0",
        "UPDATE destination_info SET resident_code = (SELECT max(resident_code) FROM resident_register WHERE deleted_record_class = '2') WHERE record_id % 5 = 0",
        "UPDATE destination_linkage SET linked_at = '2026-11-01T00:00:00.000000+00:00' WHERE record_id % 2 = 0",
        "UPDATE resident_register SET deletion_change_date = '1870-01-01' WHERE record_id % 71 = 0",
    ]
    for registry in (other, town):
        with registry.writing():
            for statement in faults:
                assert registry.execute(statement) > 0
    mine, theirs = check(town, SETTINGS, keep=10**6), check(other, SETTINGS, keep=10**6)
    assert sum(count > 0 for count in mine.by_check.values()) > 15
    assert theirs.by_check == mine.by_check
    assert set(theirs.faults) == set(mine.faults)
    assert reconcile(other, SETTINGS) == reconcile(town, SETTINGS)


def test_every_kind_of_difference_is_reconciled_alike_in_both_databases(
    other: PostgresqlRegistry, town: SqliteRegistry
) -> None:
    young, old = TODAY.isoformat(), "2020-01-01"
    changes = [  # the newborn who wait for a number are there already
        "DELETE FROM identity_info WHERE record_id % 50 = 1",
        f"UPDATE resident_register SET resident_change_date = '{young}' WHERE record_id % 3 = 0",
        f"UPDATE identity_info SET change_date = '{old}' WHERE record_id % 2 = 0",
        f"UPDATE identity_info SET change_date = '{young}' WHERE record_id % 7 = 0",
        "UPDATE resident_register SET deleted_record_class = '2' WHERE record_id % 47 = 0",
        "UPDATE resident_register SET resident_code = NULL WHERE record_id % 61 = 0",
        "UPDATE resident_register SET resident_code = (SELECT max(resident_code) FROM identity_info WHERE record_status_flag = '1') WHERE record_id % 97 = 0",
        "UPDATE identity_info SET resident_code = (SELECT min(resident_code) FROM identity_info WHERE record_status_flag = '1') WHERE record_id % 101 = 0",
        *(
            f"UPDATE identity_info SET {column} = {value} WHERE record_id % 37 = {number}"
            for number, column in enumerate(COMPARED.values(), start=1)
            for value in ("'other'", f"CASE WHEN record_id % 2 = 0 THEN NULL ELSE {column} END")
        ),
        "UPDATE resident_register SET individual_number = NULL, birth_date = '' WHERE record_id % 41 = 0",
    ]
    for registry in (other, town):
        with registry.writing():
            for statement in changes:
                assert registry.execute(statement) > 0
    mine, theirs = reconcile(town, SETTINGS), reconcile(other, SETTINGS)
    assert theirs == mine
    assert all(0 < mine.pending[kind] < mine.counts[kind] for kind in Kind)
    found = {number for difference in mine.differences for number in difference.items}
    assert found == {IDENTITY_INFO.item(column).number for column in COMPARED.values()}


def test_a_cursor_is_planned_to_be_read_to_its_end(other: PostgresqlRegistry) -> None:
    assert list(other.rows("SELECT current_setting('cursor_tuple_fraction')")) == [("1",)]


def test_an_update_is_judged_against_the_stored_record(other: PostgresqlRegistry) -> None:
    row = next(other.rows("SELECT * FROM identity_info WHERE record_status_flag = ? LIMIT 1", ["1"]))
    update = dict(zip(IDENTITY_INFO.columns, row[1:], strict=True)) | {"change_reason": "01"}
    assert [fault.check.id for fault in judge_update(other, update, SETTINGS)] == ["CHK-LOG-01"]


def test_reads_may_interleave_and_be_left_half_way(other: PostgresqlRegistry) -> None:
    first, second = other.scan("identity_info", ("sex",)), other.scan("resident_register", ("sex_code",))
    assert [next(first)[0], next(second)[0], next(first)[0]] == [1, 1, 2]
    del first
    with other.writing():
        half = other.rows("SELECT record_id FROM identity_info WHERE sex LIKE '%1%' ORDER BY record_id")
        next(half)
        assert other.execute("DELETE FROM number_request") == 1
    assert other.counts()["number_request"] == 0


def test_a_failed_change_leaves_the_register_as_it_was(other: PostgresqlRegistry) -> None:
    def twice_the_same() -> None:
        with other.writing():
            other.execute("DELETE FROM destination_linkage")
            other.fill("number_request", ("record_id", "requested_on"), [(1, "2026-11-24"), (1, "2026-11-24")])

    with pytest.raises(psycopg.errors.UniqueViolation):
        twice_the_same()
    assert other.counts()["destination_linkage"] > 0


def test_a_register_opened_for_reading_refuses_changes(place: str) -> None:
    with open_registry(place, read_only=True) as registry:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), registry.writing():
            registry.execute("DELETE FROM registry_meta")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            registry.execute("DELETE FROM registry_meta")


def test_a_register_is_never_written_over_and_a_failed_build_leaves_nothing(postgresql_database: str) -> None:
    with pytest.raises(RuntimeError), building(postgresql_database, {}):
        raise RuntimeError
    with pytest.raises(Refusal, match="is not a registry"):
        open_registry(postgresql_database)
    with building(postgresql_database, {}):
        pass
    with pytest.raises(Refusal, match="already"), building(postgresql_database, {}):
        pass


def test_a_register_of_another_schema_version_is_refused(place: str, other: PostgresqlRegistry) -> None:
    other.execute("UPDATE registry_meta SET value = '99' WHERE name = 'schema_version'")
    with pytest.raises(Refusal, match="schema version 99, this program needs 1"):
        open_registry(place)


def test_a_server_that_does_not_answer_is_a_clear_refusal_without_the_password() -> None:
    with pytest.raises(Refusal, match="could not be reached") as refusal:
        open_registry("host=127.0.0.1 port=1 dbname=registry user=someone password=TOPSECRET")
    assert "TOPSECRET" not in str(refusal.value)


def test_a_sound_register_has_no_damage_and_a_damaged_index_is_named(other: PostgresqlRegistry) -> None:
    assert other.integrity() == []
    other.execute("CREATE EXTENSION amcheck")
    assert other.integrity() == []
    other.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'identity_info_resident_code'::regclass")
    assert other.integrity() == ["identity_info_resident_code: invalid index"]


def test_a_reading_left_half_way_ends_in_silence_when_its_server_is_gone(place: str) -> None:
    with PostgresqlRegistry.open(place) as registry:
        half = registry.rows("SELECT record_id FROM resident_register")
        next(half)
        with psycopg.connect(place, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (registry._connection.info.backend_pid,))
        half.close()  # type: ignore[attr-defined]  # as Python does with a generator that nobody reads on
        with pytest.raises(psycopg.OperationalError):
            registry.counts()
