"""The one file: durable, strict, shared by processes, and never changed without an entry."""

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from accesscontrol.clock import FixedClock
from accesscontrol.refusals import Refusal
from accesscontrol.schema import create
from accesscontrol.store import DamagedError, Store, Transaction, UnrecordedChangeError
from accesscontrol.trail import entries, verification
from accesscontrol.trail.notes import Verifier
from tests.accesscontrol.conftest import SEAL
from tests.accesscontrol.processes import finish, kill, let_go, start, wait_for_line

LOG = Verifier("test", Ed25519PrivateKey.generate().public_key())
things = Migrations("test.things")


@things()
def create_things(db: Database) -> None:
    create(
        db,
        """
        CREATE TABLE thing (id INTEGER PRIMARY KEY, size INTEGER NOT NULL) STRICT;
        CREATE TABLE part (thing INTEGER NOT NULL REFERENCES thing (id)) STRICT;
        """,
    )


@pytest.fixture
def shelf(store: Store) -> Store:
    store.migrate(things)
    return store


def add(store: Store, size: int) -> None:
    with store.transaction() as tx:
        tx.execute("INSERT INTO thing (size) VALUES (?)", (size,))
        tx.record("thing.added", actor="100001", size=size)


def add_many(store: Store, number: int) -> None:
    for size in range(number):
        add(store, size)


def add_and_fail(store: Store, change: Callable[[Transaction], object]) -> None:
    with store.transaction() as tx:
        change(tx)
        tx.record("thing.added", actor="100001")
        raise ZeroDivisionError


def count(store: Store, table: str) -> int:
    return int(store.rows(f"SELECT count(*) FROM {table}")[0][0])


def in_thread(ask: Callable[[], object]) -> object:
    """Return the answer to a question asked in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(ask).result()


def assert_nothing_happened(store: Store) -> None:
    assert (count(store, "thing"), entries.size(store)) == (0, 0)


class TestTheFile:
    def test_survives_a_power_cut_after_a_commit(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.rows("PRAGMA journal_mode")[0][0] == "wal"
            assert tx.rows("PRAGMA synchronous")[0][0] == 2

    def test_is_opened_so_in_every_thread(self, store: Store) -> None:
        def ask() -> list[object]:
            with store.transaction() as tx:
                return [tx.rows(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous", "foreign_keys")]

        assert in_thread(ask) == ["wal", 2, 1]

    def test_has_only_strict_tables(self, shelf: Store) -> None:
        own = shelf.rows("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
        loose = {row["name"] for row in own if not row["strict"] and not row["name"].startswith("sqlite_")}
        assert loose <= {"_sqlite_migrations"}

    def test_refuses_a_value_of_another_type(self, shelf: Store) -> None:
        with pytest.raises(sqlite3.IntegrityError), shelf.transaction() as tx:
            tx.execute("INSERT INTO thing (size) VALUES ('large')")

    def test_refuses_a_reference_to_nothing(self, shelf: Store) -> None:
        with pytest.raises(sqlite3.IntegrityError), shelf.transaction() as tx:
            tx.execute("INSERT INTO part (thing) VALUES (?)", (tx.record("part.added", actor="100001"),))
        assert entries.size(shelf) == 0

    def test_is_migrated_once_and_again_without_harm(self, shelf: Store) -> None:
        add(shelf, 1)
        shelf.migrate(things)
        assert count(shelf, "thing") == 1

    def test_is_migrated_once_by_the_first_of_two_who_open_it_at_once(self, store: Store, clock: FixedClock) -> None:
        both = threading.Barrier(2, timeout=30)

        class Watched(Migrations):
            def pending(self, db: Database) -> list[Migrations._Migration]:
                found = super().pending(db)
                if not db.conn.in_transaction:
                    both.wait()  # each has seen that the file is older before either changes it
                return found

        slow = Watched("test.slow")
        slow()(create_things)

        def open_anew() -> None:
            with closing(Store(store.path, clock)) as another:
                another.migrate(slow)

        with ThreadPoolExecutor(2) as people:
            for each in [people.submit(open_anew) for _ in range(2)]:
                each.result()
        assert count(store, "thing") == 0

    def test_a_migration_that_fails_half_way_leaves_nothing(self, store: Store) -> None:
        broken = Migrations("test.broken")

        @broken()
        def create_two(db: Database) -> None:
            create(db, "CREATE TABLE first (id INTEGER) STRICT; CREATE TABLE second (id NONSENSE) STRICT;")

        with pytest.raises(sqlite3.OperationalError):
            store.migrate(broken)
        assert store.row("SELECT 1 FROM sqlite_master WHERE name = 'first'") is None

    def test_that_is_no_database_is_refused_in_words(self, tmp_path: Path, clock: FixedClock) -> None:
        path = tmp_path / "letter.sqlite3"
        path.write_bytes(b"Dear Sir or Madam, " * 100)
        with pytest.raises(Refusal, match="can't be opened"):
            Store(path, clock).rows("SELECT 1")

    @pytest.mark.parametrize("damage", ["a page made over", "a table gone"])
    def test_that_was_damaged_is_refused_in_words_to_readers_and_writers(self, shelf: Store, damage: str) -> None:
        add_many(shelf, 3)
        shelf.close()
        with closing(sqlite3.connect(shelf.path)) as intruder:
            if damage == "a table gone":
                intruder.executescript("DROP TABLE part; DROP TABLE thing")
            (page,) = intruder.execute("SELECT max(rootpage) FROM sqlite_master WHERE name = 'thing'").fetchone()
            intruder.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if page:
            with shelf.path.open("r+b") as file:
                file.seek((page - 1) * 4096)
                file.write(b"\xff" * 4096)
        asks: list[Callable[[], object]] = [
            lambda: shelf.rows("SELECT * FROM thing"),
            lambda: shelf.row("SELECT * FROM thing"),
            lambda: add(shelf, 4),
        ]
        for ask in asks:
            with pytest.raises(DamagedError, match="restore the newest backup"):
                ask()

    def test_is_asked_for_no_number_that_no_row_can_have(self, shelf: Store) -> None:
        asks: list[Callable[[], object]] = [
            lambda: shelf.row("SELECT * FROM thing WHERE id = ?", (1 << 63,)),
            lambda: add(shelf, 1 << 63),
        ]
        for ask in asks:
            with pytest.raises(Refusal, match="too large"):
                ask()
        assert_nothing_happened(shelf)


class TestATransaction:
    def test_that_changed_rows_and_recorded_nothing_is_refused_and_undone(self, shelf: Store) -> None:
        with pytest.raises(UnrecordedChangeError), shelf.transaction() as tx:
            tx.execute("INSERT INTO thing (size) VALUES (1)")
        assert_nothing_happened(shelf)

    @pytest.mark.parametrize("statement", ["UPDATE thing SET size = 2", "DELETE FROM thing"])
    def test_that_changed_or_removed_rows_needs_an_entry_too(self, shelf: Store, statement: str) -> None:
        add(shelf, 1)
        with pytest.raises(UnrecordedChangeError), shelf.transaction() as tx:
            tx.execute(statement)
        assert shelf.rows("SELECT size FROM thing")[0]["size"] == 1

    @pytest.mark.parametrize(
        "statement",
        ["INSERT INTO thing (size) VALUES (2)", "UPDATE thing SET size = 2", "DELETE FROM thing", "DROP TABLE thing"],
    )
    def test_is_the_only_way_to_change_anything(self, shelf: Store, statement: str) -> None:
        add(shelf, 1)
        for ask in (shelf.rows, shelf.row):
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                ask(statement)
        assert shelf.rows("SELECT size FROM thing")[0]["size"] == 1

    def test_that_is_over_leaves_no_way_in(self, shelf: Store) -> None:
        with shelf.transaction() as tx:
            tx.record("thing.seen", actor="100001")
        with pytest.raises(UnrecordedChangeError, match="is over"):
            tx.execute("INSERT INTO thing (size) VALUES (2)")
        assert count(shelf, "thing") == 0

    def test_that_only_reads_needs_no_entry(self, shelf: Store) -> None:
        with shelf.transaction() as tx:
            assert tx.rows("SELECT * FROM thing") == []

    def test_that_fails_takes_its_entry_with_it(self, shelf: Store) -> None:
        with pytest.raises(ZeroDivisionError):
            add_and_fail(shelf, lambda tx: tx.execute("INSERT INTO thing (size) VALUES (1)"))
        assert_nothing_happened(shelf)

    def test_that_fails_undoes_what_was_written_through_the_table_interface(self, shelf: Store) -> None:
        with pytest.raises(ZeroDivisionError):
            add_and_fail(shelf, lambda tx: tx.db.table("thing").insert({"size": 1}))
        assert_nothing_happened(shelf)

    def test_is_not_seen_by_others_before_it_is_whole(self, shelf: Store) -> None:
        with shelf.transaction() as tx:
            tx.execute("INSERT INTO thing (size) VALUES (1)")
            assert in_thread(lambda: count(shelf, "thing")) == 0
            tx.record("thing.added", actor="100001")
        assert in_thread(lambda: count(shelf, "thing")) == 1

    def test_inside_another_is_refused_and_spoils_neither(self, shelf: Store) -> None:
        with shelf.transaction() as tx:
            tx.execute("INSERT INTO thing (size) VALUES (1)")
            with pytest.raises(sqlite3.OperationalError, match="within a transaction"), shelf.transaction():
                pass
            tx.record("thing.added", actor="100001")
        assert (count(shelf, "thing"), entries.size(shelf)) == (1, 1)

    def test_has_one_instant_however_long_it_takes(self, shelf: Store, clock: FixedClock) -> None:
        add(shelf, 1)
        with shelf.transaction() as tx:
            clock.advance(timedelta(minutes=10))
            tx.record("thing.seen", actor="100001")
            tx.record("thing.seen", actor="100001")
        assert [each.act for each in entries.page(shelf)] == ["thing.seen", "thing.seen", "thing.added"]


APPEND = """
import sys
from pathlib import Path
from accesscontrol.clock import SystemClock
from accesscontrol.store import Store

store = Store(Path(sys.argv[1]), SystemClock(), seal=bytes(range(32)))
store.rows("SELECT 1")
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[2])):
    with store.transaction() as tx:
        tx.execute("INSERT INTO thing (size) VALUES (?)", (number,))
        tx.record("thing.added", actor=sys.argv[3], number=number)
"""


class TestManyWriters:
    def test_processes_that_append_at_once_never_fork_the_chain(self, shelf: Store) -> None:
        writers = [start(APPEND, shelf.path, "15", f"10000{number}") for number in range(3)]
        for each in writers:
            wait_for_line(each, b"ready")
        for each in writers:
            let_go(each)
        for each in writers:
            finish(each)
        found = verification.verify(shelf, log=LOG)
        assert (found.entries, found.faults, count(shelf, "thing")) == (45, (), 45)
        written = [(each.actor, each.details["number"]) for each in reversed(entries.page(shelf))]
        for actor in {actor for actor, _ in written}:
            assert [number for who, number in written if who == actor] == list(range(15))

    def test_threads_that_append_at_once_never_fork_the_chain(self, shelf: Store) -> None:
        threads = [threading.Thread(target=add_many, args=(shelf, 10)) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        found = verification.verify(shelf, log=LOG)
        assert (found.entries, found.faults, count(shelf, "thing")) == (40, (), 40)


DIE = """
import sys
from pathlib import Path
from accesscontrol.clock import SystemClock
from accesscontrol.store import Store

store = Store(Path(sys.argv[1]), SystemClock(), seal=bytes(range(32)))
with store.transaction() as tx:
    tx.execute("INSERT INTO thing (size) VALUES (1)")
    if sys.argv[2] == "recorded":
        tx.record("thing.added", actor="100001")
    print("inside", flush=True)
    sys.stdin.readline()
"""


class TestFaults:
    @pytest.mark.parametrize("moment", ["changed", "recorded"])
    def test_a_process_killed_inside_a_transaction_leaves_nothing_half(self, shelf: Store, moment: str) -> None:
        process = start(DIE, shelf.path, moment)
        wait_for_line(process, b"inside")
        kill(process)
        assert_nothing_happened(shelf)
        add(shelf, 2)
        assert verification.verify(shelf, log=LOG).ok

    def test_a_folder_that_is_gone_is_refused_in_words(self, tmp_path: Path, clock: FixedClock) -> None:
        with pytest.raises(Refusal, match="Check the disk"):
            Store(tmp_path / "gone" / "sekisho.sqlite3", clock).migrate()

    def test_a_file_that_another_holds_too_long_is_refused(self, shelf: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("accesscontrol.store._BUSY_SECONDS", 0.05)
        second = Store(shelf.path, shelf.clock, seal=SEAL)
        with shelf.transaction(), pytest.raises(Refusal, match="locked"):
            add(second, 1)
        second.close()
        assert_nothing_happened(shelf)
