"""``sekisho custody`` and ``sekisho forms``: shares on paper that no pipe ever carries, and forms that skip no step."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backups import custody as ledger
from backups.sealing.keys import Identity, read_identity_file, write_identity_file
from backups.sealing.shamir import split
from console.commands.custody import group as custody
from console.commands.forms import group as forms
from tests.console.commands.media_store import MediaStore

HOLDERS = ("--holder", "S0101", "--holder", "S0103", "--holder", "S0104")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MediaStore]:
    store = MediaStore(tmp_path)
    yield store
    store.site.store.close()


def test_shares_are_entrusted_opened_by_enough_holders_and_listed(store: MediaStore) -> None:
    recipient = store.site.settings.backups.recipients[0]
    entered = store.json("sato", custody, "entrust", "--recipient", recipient, "--threshold", 2, *HOLDERS)
    assert (entered["number"], entered["threshold"], len(entered["holders"])) == (1, 2, 3)
    alone = store.run("sato", custody, "open", 1, "--participant", "S0101", "--purpose", "drill")
    assert alone.exit_code == 1
    both = ("--participant", "S0101", "--participant", "S0104", "--purpose", "drill")
    assert store.json("sato", custody, "open", 1, *both)["opening"] == 1
    (listed,) = store.look(custody, "list")
    assert [each["participants"] for each in listed["openings"]] == [["S0101", "S0104"]]


def test_the_key_is_put_together_from_shares_that_the_holders_type_in(store: MediaStore, tmp_path: Path) -> None:
    (key,) = read_identity_file(store.identity_file)
    shares = split(key, 2, 3)
    store.json("sato", custody, "entrust", "--recipient", str(key.recipient), "--threshold", 2, *HOLDERS)
    file = tmp_path / "opened.txt"
    typed = "\n".join([shares[0].export(), shares[2].export()]) + "\n"
    words = ("open", 1, "--participant", "S0101", "--participant", "S0104", "--purpose", "drill", "--to", file)
    done = store.run("sato", custody, *words, typed=typed)
    assert done.exit_code == 0, done.stderr
    assert str(read_identity_file(file)[0].recipient) == str(key.recipient)
    assert shares[0].export() not in done.output


def test_shares_of_another_key_open_nothing_and_leave_no_file(store: MediaStore, tmp_path: Path) -> None:
    recipient = store.site.settings.backups.recipients[0]
    store.json("sato", custody, "entrust", "--recipient", recipient, "--threshold", 2, *HOLDERS)
    shares = split(Identity.generate(), 2, 3)
    file = tmp_path / "opened.txt"
    words = ("open", 1, "--participant", "S0101", "--participant", "S0104", "--purpose", "drill", "--to", file)
    done = store.run("sato", custody, *words, typed=f"{shares[0].export()}\n{shares[1].export()}\n")
    assert (done.exit_code, file.exists(), ledger.openings(store.site.store, 1)) == (1, False, [])


def test_shares_are_never_piped(store: MediaStore, tmp_path: Path) -> None:
    write_identity_file(tmp_path / "key", Identity.generate())
    assert not sys.stdout.isatty()
    words = ("split", "--identity", tmp_path / "key", "--threshold", 2, *HOLDERS)
    done = store.run("sato", custody, *words)
    assert (done.exit_code, "SEKISHO-SHARE" in done.output) == (1, False)


def test_only_the_security_officer_has_custody(store: MediaStore) -> None:
    recipient = store.site.settings.backups.recipients[0]
    done = store.run("yamada", custody, "entrust", "--recipient", recipient, "--threshold", 2, *HOLDERS)
    assert (done.exit_code, "BK-BAK-04" in done.stderr) == (1, True)


def test_the_last_key_of_the_newest_backup_cannot_be_entered_as_destroyed(store: MediaStore) -> None:
    store.take()
    recipient = store.site.settings.backups.recipients[0]
    said = ("--performer", "佐藤", "--witness", "鈴木", "--statement", "紙片を裁断した")
    done = store.run("sato", custody, "destroy", "--recipient", recipient, *said)
    assert (done.exit_code, "B-00001" in done.stderr) == (1, True)
    another = store.json("sato", custody, "destroy", "--recipient", str(Identity.generate().recipient), *said)
    assert another["erased"] == []


def test_a_batch_of_forms_goes_every_step_with_another_person(store: MediaStore) -> None:
    store.json("yamada", forms, "issue", "住民票", "--sheets", 20, "--place", "書庫", "--keep-until", "R9.3.31")
    skipped = store.run("yamada", forms, "advance", 1, "--state", "disposed", "--partner", "高橋", "--place", "-")
    assert (skipped.exit_code, "BK-DSP-03" in skipped.stderr) == (1, True)
    for state in ("handed-over", "stored"):
        store.json("yamada", forms, "advance", 1, "--state", state, "--partner", "高橋", "--place", "書庫")
    end = ("--state", "disposed", "--partner", "高橋", "--place", "溶解場", "--method", "dissolving")
    assert store.json("yamada", forms, "advance", 1, *end)["state"] == "disposed"
    assert [each["state"] for each in store.look(forms, "show", 1)["steps"]] == [
        *("issued", "handed-over", "stored", "disposed"),
    ]
    assert json.dumps(store.look(forms, "list")).count("disposed") == 1
