"""The PostgreSQL of the tests is a real one, and each test has a database of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from tests.services.postgresql import PostgresqlServer


def test_psql_speaks_to_the_server(postgresql_server: PostgresqlServer) -> None:
    assert postgresql_server.query("SELECT 1") == "1"


def test_psycopg_speaks_to_a_database_of_the_test_s_own(postgresql_database: str) -> None:
    with psycopg.connect(postgresql_database) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        connection.execute("CREATE TABLE planted (id integer)")


def test_what_another_test_made_is_not_there(postgresql_database: str) -> None:
    with psycopg.connect(postgresql_database) as connection:
        assert connection.execute("SELECT to_regclass('planted')").fetchone() == (None,)


def test_over_tcp_the_server_asks_for_the_password(postgresql_server: PostgresqlServer) -> None:
    address = f"host=127.0.0.1 port={postgresql_server.port} user={postgresql_server.superuser} dbname=postgres"
    with psycopg.connect(address, password=postgresql_server.password) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address, password="wrong")
