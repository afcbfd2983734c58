"""A register in PostgreSQL: its own checks judge the very moment that is dumped, and agree when it is restored."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from accesscontrol.refusals import Refusal
from backups import restoring
from backups.records import Backup
from backups.sealing.keys import read_identity_file
from backups.verification import read_manifest
from console import translation
from console.proof import opening
from console.register_source import CHECKS
from console.screens.backups.facts import held_words
from registry.databases.interface import TABLES
from registry.synthetic import create_city
from tests.console.commands.media_store import MediaStore
from tests.services.postgresql import PostgresqlServer

FORMATS = ("postgresql", "postgresql_directories")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MediaStore]:
    translation.choose("en")
    store = MediaStore(tmp_path)
    yield store
    store.site.store.close()


@pytest.fixture
def register(postgresql_database: str, store: MediaStore) -> str:
    create_city(postgresql_database, residents=120, seed=5, today=date(2026, 11, 24))
    with psycopg.connect(postgresql_database) as connection:
        connection.execute("UPDATE identity_info SET birth_date = 'yesterday' WHERE record_id IN (1, 2)")
    return postgresql_database


def settle(store: MediaStore, form: str, register: str, server: PostgresqlServer) -> None:
    store.with_backups(**{form: (f"registry={register}",)}, scratch=server.dsn())


def drilled(store: MediaStore, taken: Backup) -> restoring.Restoration:
    how = opening(store.site, taken, read_identity_file(store.identity_file), store.acting("takahashi"))
    return restoring.drill(store.site.catalogue, taken.id, how)


@pytest.mark.parametrize("form", FORMATS)
def test_the_checks_find_in_the_restored_register_what_they_found_in_the_dumped_one(
    store: MediaStore, register: str, postgresql_server: PostgresqlServer, form: str
) -> None:
    settle(store, form, register, postgresql_server)
    taken = store.take()
    known, _faults = read_manifest(taken)
    assert known is not None
    (part,) = [part for part in known.parts if part.name.startswith(CHECKS)]
    assert part.count >= 2
    assert {f"public.{table}" for table in TABLES} < {part.name for part in known.parts}
    assert "records of residents  (" in held_words(known)
    store.clock.advance(timedelta(days=360))
    found = drilled(store, taken)
    assert found.good, found.faults
    assert part.name in [each.name for each in found.parts]


def test_a_database_named_as_the_register_that_is_none_is_not_taken_as_one(
    store: MediaStore, postgresql_database: str, postgresql_server: PostgresqlServer
) -> None:
    settle(store, "postgresql", postgresql_database, postgresql_server)
    with pytest.raises(Refusal, match="0 registers instead of one"):
        store.take()
    store.with_backups(judge_register=False)
    assert drilled(store, store.take()).good
