"""The console itself comes back from a backup of its home, and goes on where it was: people, book, ledgers, keys."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from accesscontrol.people import operators, sign_in
from accesscontrol.people.secret import Secret
from accesscontrol.people.terminals import present_fact
from accesscontrol.trail import entries, verification
from backups import restoring
from backups.sealing.keys import read_identity_file
from console.proof import opening
from console.wiring import open_site
from tests.console.commands.media_store import MediaStore
from tests.console.screens.backups_site import PASSWORD


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MediaStore]:
    store = MediaStore(tmp_path)
    yield store
    store.site.store.close()


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
