import sqlite3
from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from registry.databases.sqlite import SqliteRegistry, building
from registry.files import IDENTITY_INFO

META = {"municipality_code": "992011"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "registry" / "registry.sqlite3"
    with building(path, META):
        pass
    return path


def test_a_new_register_has_its_facts_and_empty_tables_and_is_only_ours_to_read(path: Path) -> None:
    with SqliteRegistry.open(path) as registry:
        assert registry.meta() == {"schema_version": "1", "municipality_code": "992011"}
        assert set(registry.counts().values()) == {0}
        assert registry.columns_of("identity_info") == ("record_id", *IDENTITY_INFO.columns)
        assert registry.columns_of("no_such_table") == ()
        assert registry.integrity() == []
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_register_is_never_written_over(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(Refusal, match="already"), building(path, META):
        pass
    assert path.read_bytes() == before


def test_somebody_who_was_faster_keeps_the_place(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite3"
    with pytest.raises(Refusal, match="already"), building(path, META):
        path.write_text("mine")
    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


def test_a_build_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), building(tmp_path / "registry.sqlite3", META):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_clear_refusal_and_leaves_nothing_behind(tmp_path: Path) -> None:
    def fill() -> None:
        with building(tmp_path / "registry.sqlite3", META) as registry:
            registry.execute("PRAGMA max_page_count = 40")
            rows = ((n, "2026-11-24") for n in range(100_000))
            registry.fill("number_request", ("record_id", "requested_on"), rows)

    with pytest.raises(Refusal, match="could not be written: database or disk is full"):
        fill()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_a_clear_refusal(tmp_path: Path) -> None:
    (tmp_path / "registry").touch()
    with pytest.raises(Refusal, match="could not be written"), building(tmp_path / "registry" / "r.sqlite3", META):
        pass


def test_a_register_that_another_program_holds_for_itself_is_a_clear_refusal(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.databases.sqlite._BUSY_SECONDS", 0.01)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Refusal, match="could not be opened: database is locked"):
        SqliteRegistry.open(path)
    other.close()


def test_a_failed_change_leaves_the_register_as_it_was(path: Path) -> None:
    with SqliteRegistry.open(path) as registry:
        with pytest.raises(sqlite3.IntegrityError), registry.writing():
            registry.fill("number_request", ("record_id", "requested_on"), [(1, "2026-11-24"), (1, "2026-11-24")])
        assert registry.counts()["number_request"] == 0
        with registry.writing():
            rows = ((n, "2026-11-24") for n in range(3))
            assert registry.fill("number_request", ("record_id", "requested_on"), rows) == 3
            assert registry.execute("DELETE FROM number_request WHERE record_id = ?", [1]) == 1
        assert list(registry.scan("number_request", ("requested_on",))) == [(0, "2026-11-24"), (2, "2026-11-24")]


def test_a_register_opened_for_reading_refuses_changes_and_sees_those_of_others(path: Path) -> None:
    with SqliteRegistry.open(path) as writer, SqliteRegistry.open(path, read_only=True) as reader:
        with pytest.raises(sqlite3.OperationalError, match="readonly"), reader.writing():
            reader.execute("DELETE FROM registry_meta")
        with writer.writing():
            writer.fill("number_request", ("record_id", "requested_on"), [(7, "2026-11-24")])
        assert reader.counts()["number_request"] == 1


def test_a_path_with_signs_of_a_uri_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "a?mode=memory#%20 見本" / "registry.sqlite3"
    with building(path, META):
        pass
    with SqliteRegistry.open(path, read_only=True) as registry:
        assert registry.meta()["municipality_code"] == "992011"


def test_what_is_missing_or_is_no_register_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="no registry at"):
        SqliteRegistry.open(tmp_path / "missing.sqlite3")
    (tmp_path / "text").write_text("not a database, only a text that is long enough to be looked at" * 20)
    (tmp_path / "empty").touch()
    sqlite3.connect(tmp_path / "other").execute("CREATE TABLE other (a)").connection.close()
    for name in ("text", "empty", "other"):
        with pytest.raises(Refusal, match=f"{name} is not a registry"):
            SqliteRegistry.open(tmp_path / name)


def test_a_register_of_another_schema_version_is_refused(path: Path) -> None:
    with SqliteRegistry.open(path) as registry, registry.writing():
        registry.execute("UPDATE registry_meta SET value = '99' WHERE name = 'schema_version'")
    with pytest.raises(Refusal, match="schema version 99, this program needs 1"):
        SqliteRegistry.open(path)


def test_a_damaged_file_is_found(path: Path) -> None:
    with SqliteRegistry.open(path) as registry, registry.writing():
        rows = ((n, "2026-11-24") for n in range(20_000))
        registry.fill("number_request", ("record_id", "requested_on"), rows)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size - 3 * 4096)
        file.write(b"\xff" * 4096)
    with SqliteRegistry.open(path, read_only=True) as registry:
        assert registry.integrity()
