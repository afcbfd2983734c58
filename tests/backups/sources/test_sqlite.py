"""A SQLite database taken while others write to it."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from backups.sealing.digests import silent
from backups.sources import Part, differences
from backups.sources import sqlite as sqlite_source
from backups.sources.sqlite import SQLiteSource


def registry(path: Path, rows: int = 1000) -> sqlite3.Connection:
    """Make a database in WAL mode whose newest rows are only in the log beside it."""
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA wal_autocheckpoint=0")
    database.execute("CREATE TABLE resident (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    database.execute('CREATE TABLE "odd ""name" (resident INTEGER REFERENCES resident)')
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.execute("BEGIN")
    database.executemany("INSERT INTO resident (name) VALUES (?)", [(f"name {i}",) for i in range(rows)])
    database.execute("COMMIT")
    return database


def test_rows_that_are_only_in_the_write_ahead_log_are_taken(tmp_path: Path) -> None:
    with closing(registry(tmp_path / "db")):
        naive = tmp_path / "naive"
        naive.write_bytes((tmp_path / "db").read_bytes())
        with closing(sqlite3.connect(naive)) as copy:
            assert copy.execute("SELECT count(*) FROM resident").fetchone() == (0,)  # why a copy is no backup
        state = SQLiteSource("registry", tmp_path / "db").take(tmp_path / "out", silent)
    assert state.parts == [Part('odd "name', 0), Part("resident", 1000)]
    with closing(sqlite3.connect(tmp_path / "out")) as copy:
        assert copy.execute("SELECT count(*) FROM resident").fetchone() == (1000,)
    assert not (tmp_path / "out-wal").exists()


def test_a_copy_is_of_one_moment_while_another_connection_writes_at_speed(tmp_path: Path) -> None:
    writer = registry(tmp_path / "db", rows=0)
    writer.execute("CREATE TABLE twin (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    writer.execute("PRAGMA synchronous=OFF")
    stop, started, written = threading.Event(), threading.Event(), [0]

    def write() -> None:
        while not stop.is_set():
            writer.execute("BEGIN")
            for table in ("resident", "twin"):
                writer.executemany(f"INSERT INTO {table} (name) VALUES (?)", [("x" * 500,)] * 20)
            writer.execute("COMMIT")
            written[0] += 20
            if written[0] > 2000:
                started.set()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        started.wait(30)
        before = written[0]
        for number in range(5):
            state = SQLiteSource("registry", tmp_path / "db").take(tmp_path / f"out{number}", silent)
            counts = {part.name: part.count for part in state.parts}
            assert counts["resident"] == counts["twin"] >= before
            assert sqlite_source.examine(tmp_path / f"out{number}") == []
    finally:
        stop.set()
        thread.join()
        writer.close()
    assert written[0] > before


def test_a_restored_database_is_counted_and_examined(tmp_path: Path) -> None:
    with closing(registry(tmp_path / "db", rows=7)):
        taken = SQLiteSource("registry", tmp_path / "db").take(tmp_path / "plain", silent)
    (tmp_path / "to").mkdir()
    back = sqlite_source.restore(tmp_path / "plain", tmp_path / "to")
    assert differences(taken.parts, back.parts) == []
    assert not back.faults
    assert (tmp_path / "to" / "database.sqlite3").is_file()


def test_a_row_that_points_at_nothing_is_named(tmp_path: Path) -> None:
    with closing(registry(tmp_path / "db", rows=1)) as database:
        database.execute('INSERT INTO "odd ""name" VALUES (99)')
        SQLiteSource("registry", tmp_path / "db").take(tmp_path / "plain", silent)
    (tmp_path / "to").mkdir()
    back = sqlite_source.restore(tmp_path / "plain", tmp_path / "to")
    assert [str(fault) for fault in back.faults] == ['Row 1 of odd "name points at nothing in resident.']


def test_a_damaged_page_is_found_when_it_is_restored(tmp_path: Path) -> None:
    with closing(registry(tmp_path / "db")):
        SQLiteSource("registry", tmp_path / "db").take(tmp_path / "plain", silent)
    data = bytearray((tmp_path / "plain").read_bytes())
    data[4096 * 4 : 4096 * 4 + 200] = b"\xff" * 200
    (tmp_path / "plain").write_bytes(data)
    (tmp_path / "to").mkdir()
    assert sqlite_source.restore(tmp_path / "plain", tmp_path / "to").faults


def test_what_is_missing_or_no_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="no database"):
        SQLiteSource("registry", tmp_path / "none").take(tmp_path / "out", silent)
    (tmp_path / "text").write_text("not a database, but long enough to be looked at" * 30)
    with pytest.raises(Refusal, match="cannot be read as a database"):
        SQLiteSource("registry", tmp_path / "text").take(tmp_path / "out2", silent)


def test_the_differences_name_what_is_missing_added_and_changed() -> None:
    before = [Part("a", 1), Part("b", 2), Part("c", 3, "x")]
    after = [Part("b", 1), Part("c", 3, "y"), Part("d", 4)]
    assert [str(fault) for fault in differences(before, after)] == [
        "a is missing.",
        "b: 2 were backed up, 1 came back.",
        "c: the content differs.",
        "d was not in the backup.",
    ]
