"""The console itself comes back from a backup of its home, and goes on where it was: people, book, ledgers, keys."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from accesscontrol.people import operators, sign_in
from accesscontrol.people.secret import Secret
from accesscontrol.people.terminals import present_fact
from accesscontrol.trail import entries, verification
from backups import restoring
from backups.records import Health
from backups.sealing.keys import read_identity_file
from console.proof import examine_home, opening
from console.wiring import open_site
from tests.console.commands.media_store import MediaStore
from tests.console.screens.backups_site import PASSWORD


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MediaStore]:
    store = MediaStore(tmp_path)
    yield store
    store.site.store.close()


def test_a_drill_of_the_home_opens_it_as_a_console_would(store: MediaStore) -> None:
    site = store.site
    site.sealer.seal()
    taken = site.catalogue.take(site.order("sekisho", actor="system", terminal=""))
    how = opening(site, taken, read_identity_file(store.identity_file), store.acting("yamada"))
    assert restoring.drill(site.catalogue, taken.id, how).faults == []
    assert site.catalogue.get(taken.id).health is Health.PROVEN


def test_a_restored_home_whose_trail_was_altered_is_no_proof(store: MediaStore, tmp_path: Path) -> None:
    site = store.site
    site.sealer.seal()
    taken = site.catalogue.take(site.order("sekisho", actor="system", terminal=""))
    how = opening(site, taken, read_identity_file(store.identity_file), store.acting("yamada"))
    restoring.restore(site.catalogue, taken.id, tmp_path / "new", how)
    with closing(sqlite3.connect(tmp_path / "new" / "files" / "sekisho.sqlite3")) as database:
        database.execute("DROP TRIGGER trail_entry_unchanged")
        database.execute("UPDATE trail_entry SET body = CAST(replace(body, '2026', '2025') AS BLOB) WHERE seq = 3")
        database.commit()
    faults = examine_home(site, tmp_path / "new")
    assert "first at entry 3" in str(faults[0])
    (tmp_path / "new" / "files" / "keys" / "trail").unlink()
    assert examine_home(site, tmp_path / "new") != []


def test_a_restored_home_is_a_whole_console(store: MediaStore, tmp_path: Path) -> None:
    store.take()
    site = store.site
    taken = site.catalogue.take(site.order("sekisho", actor="system", terminal=""))
    how = opening(site, taken, read_identity_file(store.identity_file), store.acting("yamada"))
    found = restoring.restore(site.catalogue, taken.id, tmp_path / "new", how)
    assert found.good, found.faults

    again = open_site(tmp_path / "new" / "files", store.clock)
    try:
        assert [each.login for each in operators.every(again.store)] == [
            each.login for each in operators.every(site.store)
        ]
        assert 0 < entries.size(again.store) <= entries.size(site.store)
        assert again.catalogue.get("B-00001").sealed_sha256 == site.catalogue.get("B-00001").sealed_sha256
        assert again.signer.public_key == site.signer.public_key
        session = sign_in.sign_in(
            again.store,
            again.policy,
            login="sato",
            password=Secret(PASSWORD),
            code=Secret(store.code("sato")),
            terminal=present_fact(),
        )
        assert session.operator.login == "sato"
        assert verification.verify(again.store, log=again.log_verifier).ok
    finally:
        again.store.close()
