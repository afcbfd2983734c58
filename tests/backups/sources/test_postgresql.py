"""A PostgreSQL database dumped at one moment, restored into a scratch database and compared table by table."""

import subprocess
import tarfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from accesscontrol.refusals import Refusal
from backups.catalogue import Catalogue, Order
from backups.newfile import Unwritable
from backups.records import Health
from backups.restoring import RESTORERS, Opening, drill
from backups.sealing.digests import silent
from backups.sources import Part, differences
from backups.sources.postgresql import DIRECTORY_KIND, KIND, PostgreSQLRestorer, PostgreSQLSource
from tests.backups.conftest import Tool
from tests.services.postgresql import PostgresqlServer


@pytest.fixture
def source(postgresql_database: str, tool: Tool) -> PostgreSQLSource:
    with psycopg.connect(postgresql_database) as connection:
        connection.execute("CREATE TABLE resident (id bigint PRIMARY KEY, name text, born date, weight float8)")
        connection.execute('CREATE SCHEMA "odd ""schema"')
        connection.execute('CREATE TABLE "odd ""schema"."a table" (at timestamptz, data bytea)')
        connection.execute("CREATE TABLE empty (x int)")
        connection.execute(
            "INSERT INTO resident SELECT i, '住民' || i, '1990-01-01'::date + i, i / 3.0 FROM generate_series(1, 2000) i"
        )
        connection.execute('INSERT INTO "odd ""schema"."a table" VALUES (now(), \'\\x00ff\')')
    return PostgreSQLSource("registry", postgresql_database, tool("pg_dump"))


@pytest.fixture
def restorer(postgresql_server: PostgresqlServer, tool: Tool) -> PostgreSQLRestorer:
    return PostgreSQLRestorer(postgresql_server.dsn(), tool("pg_restore"))


def scratch_databases(server: PostgresqlServer) -> str:
    return server.query("SELECT datname FROM pg_database WHERE datname LIKE 'sekisho_scratch%'")


def test_every_table_comes_back_with_the_same_rows(
    source: PostgreSQLSource, restorer: PostgreSQLRestorer, postgresql_server: PostgresqlServer, tmp_path: Path
) -> None:
    taken = source.take(tmp_path / "plain", silent)
    assert [(part.name, part.count) for part in taken.parts] == [
        ('odd "schema.a table', 1),
        ("public.empty", 0),
        ("public.resident", 2000),
    ]
    (tmp_path / "to").mkdir()
    back = restorer(tmp_path / "plain", tmp_path / "to")
    assert not back.faults
    assert differences(taken.parts, back.parts) == []
    assert scratch_databases(postgresql_server) == ""


def test_counts_sums_and_dump_are_of_one_moment_while_others_write(
    source: PostgreSQLSource, restorer: PostgreSQLRestorer, tmp_path: Path
) -> None:
    stop = threading.Event()

    def write() -> None:
        with psycopg.connect(source.conninfo, autocommit=True) as connection:
            number = 10_000
            while not stop.is_set():
                number += 1
                connection.execute("INSERT INTO resident VALUES (%s, 'new', NULL, NULL)", (number,))
                connection.execute("UPDATE resident SET name = name || 'x' WHERE id = %s", (number % 2000 + 1,))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        taken = source.take(tmp_path / "plain", silent)
    finally:
        stop.set()
        thread.join()
    (tmp_path / "to").mkdir()
    assert differences(taken.parts, restorer(tmp_path / "plain", tmp_path / "to").parts) == []


def test_a_database_dumped_as_a_directory_comes_back_the_same(
    source: PostgreSQLSource, restorer: PostgreSQLRestorer, tmp_path: Path
) -> None:
    taken = replace(source, kind=DIRECTORY_KIND).take(tmp_path / "plain", silent)
    assert [path.name for path in tmp_path.iterdir()] == ["plain"]
    with tarfile.open(tmp_path / "plain") as tar:
        assert "toc.dat" in tar.getnames()
    (tmp_path / "to").mkdir()
    back = replace(restorer, kind=DIRECTORY_KIND)(tmp_path / "plain", tmp_path / "to")
    assert (taken.kind, back.kind, back.faults) == (DIRECTORY_KIND, DIRECTORY_KIND, ())
    assert differences(taken.parts, back.parts) == []


def test_what_the_trade_counts_is_counted_in_the_dumped_moment_and_again_in_the_restored_database(
    source: PostgreSQLSource, restorer: PostgreSQLRestorer, tmp_path: Path
) -> None:
    def old(connection: "psycopg.Connection[tuple[Any, ...]]") -> list[Part]:
        with psycopg.connect(source.conninfo) as other:
            other.execute("DELETE FROM resident WHERE id <= 100")
        (row,) = connection.execute("SELECT count(*) FROM public.resident WHERE id <= 500").fetchall()
        return [Part("old", row[0])]

    taken = replace(source, judge=old).take(tmp_path / "plain", silent)
    assert taken.parts[-1] == Part("old", 500)
    (tmp_path / "to").mkdir()
    back = replace(restorer, judge=old)(tmp_path / "plain", tmp_path / "to")
    assert differences(taken.parts, back.parts) == []
    differing = differences(taken.parts, [*back.parts[:-1], Part("old", 499)])
    assert [str(fault) for fault in differing] == ["old: 500 were backed up, 499 came back."]


def test_one_changed_value_is_a_difference(source: PostgreSQLSource, tmp_path: Path) -> None:
    before = source.take(tmp_path / "one", silent)
    with psycopg.connect(source.conninfo) as connection:
        connection.execute("UPDATE resident SET weight = weight + 1e-9 WHERE id = 7")
    after = source.take(tmp_path / "two", silent)
    assert [str(fault) for fault in differences(before.parts, after.parts)] == ["public.resident: the content differs."]


def test_a_dump_that_was_cut_in_half_is_found_by_restoring(
    source: PostgreSQLSource, restorer: PostgreSQLRestorer, postgresql_server: PostgresqlServer, tmp_path: Path
) -> None:
    source.take(tmp_path / "plain", silent)
    data = (tmp_path / "plain").read_bytes()
    (tmp_path / "plain").write_bytes(data[: len(data) // 2])
    listed = subprocess.run([restorer.pg_restore, "-l", str(tmp_path / "plain")], capture_output=True, check=False)
    assert listed.returncode == 0  # why a look at its table of contents proves nothing
    (tmp_path / "to").mkdir()
    assert restorer(tmp_path / "plain", tmp_path / "to").faults
    assert scratch_databases(postgresql_server) == ""


def test_it_is_taken_sealed_and_proven_like_any_backup(
    source: PostgreSQLSource, restorer: PostgreSQLRestorer, catalogue: Catalogue, order: Order, opening: Opening
) -> None:
    backup = catalogue.take(replace(order, source=source))
    with_postgresql = replace(opening, restorers={**RESTORERS, KIND: restorer})
    assert drill(catalogue, backup.id, with_postgresql).good
    assert catalogue.get(backup.id).health is Health.PROVEN


def test_a_cancelled_dump_is_given_up(source: PostgreSQLSource, tmp_path: Path) -> None:
    class Cancelled(Exception):  # noqa: N818 - as the product names it
        pass

    def cancel(done: int, total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        source.take(tmp_path / "plain", cancel)


def test_a_password_in_the_connection_string_is_refused(source: PostgreSQLSource, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="password file") as refused:
        replace(source, conninfo=source.conninfo + " password=hunter2").take(tmp_path / "plain", silent)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("conninfo", ["host=/nowhere dbname=x", "nonsense", "dbname=x port=one"])
def test_a_database_that_cannot_be_reached_is_named(conninfo: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal):
        PostgreSQLSource("registry", conninfo).take(tmp_path / "plain", silent)


def test_a_dump_onto_a_full_disk_says_so(
    source: PostgreSQLSource, small_disk: "object", postgresql_database: str
) -> None:
    assert callable(small_disk)
    with psycopg.connect(postgresql_database) as connection:
        connection.execute("CREATE TABLE noise AS SELECT md5(i::text) FROM generate_series(1, 30000) i")
    with pytest.raises(Unwritable, match="no room left"):
        source.take(small_disk("64k") / "plain", silent)


def test_the_manifest_shows_the_server_and_never_a_user_or_secret(source: PostgreSQLSource, tmp_path: Path) -> None:
    taken = source.take(tmp_path / "plain", silent)
    assert "user=" not in taken.identity
    assert taken.tools["pg_dump"].startswith("pg_dump (PostgreSQL)")
    assert (tmp_path / "plain").stat().st_mode & 0o777 == 0o600
