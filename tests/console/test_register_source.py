"""The register's own checks judge the copy when it is taken and again when it comes back, and must agree."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from backups import restoring
from backups.sealing.keys import read_identity_file
from backups.verification import read_manifest
from console.proof import opening
from console.register_source import CHECKS, rows_of
from console.screens.backups.facts import held_words
from tests.console.commands.media_store import MediaStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MediaStore]:
    store = MediaStore(tmp_path)
    yield store
    store.site.store.close()


def test_the_manifest_names_what_the_checks_found_and_a_later_drill_finds_the_same(store: MediaStore) -> None:
    with closing(sqlite3.connect(store.site.home.registry)) as register:
        register.execute("UPDATE identity_info SET birth_date = 'yesterday' WHERE record_id IN (1, 2)")
        register.commit()
    taken = store.take()
    known, _faults = read_manifest(taken)
    assert known is not None
    (part,) = [part for part in known.parts if part.name.startswith(CHECKS)]
    assert part.name == f"{CHECKS}2026-11-24"
    assert part.count >= 2
    assert len(rows_of(known)) == len(known.parts) - 1
    assert "tables" in held_words(known) or "表" in held_words(known)

    store.clock.advance(timedelta(days=360))  # records are judged as of the day of the backup, not of the drill
    how = opening(store.site, taken, read_identity_file(store.identity_file), store.acting("takahashi"))
    found = restoring.drill(store.site.catalogue, taken.id, how)
    assert found.good, found.faults
    assert part.name in [each.name for each in found.parts]
