"""An export that an earlier program wrote is still opened and checked by this one, and by public tools."""

import sqlite3
from contextlib import closing
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backups import manifest
from backups.manifest import NAMESPACE
from backups.sealing import age, sshsig
from backups.sealing.keys import Identity
from backups.sources import Part, differences, sqlite

DATA = Path(__file__).parent / "data"


def test_an_export_of_the_first_format_is_opened_checked_and_restored(tmp_path: Path) -> None:
    signed = (DATA / "B-00001.manifest.jsonl").read_bytes()
    key = sshsig.verify(signed, (DATA / "B-00001.manifest.jsonl.sig").read_text(), NAMESPACE)
    assert key == Ed25519PrivateKey.from_private_bytes(b"\x07" * 32).public_key().public_bytes_raw()
    known = manifest.decode(signed)
    done = age.unseal(DATA / known.sealed.name, tmp_path / "plain", [Identity(b"\x42" * 32)])
    assert (done.plain.sha256, done.sealed.sha256) == (known.content.sha256, known.sealed.sha256)
    (tmp_path / "to").mkdir()
    back = sqlite.restore(tmp_path / "plain", tmp_path / "to")
    assert differences([Part(part.name, part.count, part.sha256) for part in known.parts], back.parts) == []
    with closing(sqlite3.connect(tmp_path / "to" / "database.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM resident").fetchone() == (3,)
