"""Restoring and drills: only what came back equal counts as proven; public tools alone can open it too."""

import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from accesscontrol.refusals import Refusal
from backups.catalogue import Catalogue, Order
from backups.manifest import NAMESPACE, decode
from backups.records import Health
from backups.restoring import Opening, drill, restore
from backups.sealing import sshsig
from backups.sealing.header import NoMatchingIdentity
from backups.sealing.keys import Identity, write_identity_file
from backups.sources import Fault, Part
from backups.sources.tree import TreeSource
from tests.backups.conftest import Tool


def test_a_restored_database_is_equal_and_then_the_backup_is_proven(
    catalogue: Catalogue, order: Order, opening: Opening, tmp_path: Path
) -> None:
    catalogue.take(order)
    result = restore(catalogue, "B-00001", tmp_path / "scratch", opening)
    assert result.good
    assert result.parts == [Part("resident", 100)]
    with closing(sqlite3.connect(tmp_path / "scratch" / "database.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM resident").fetchone() == (100,)
    assert catalogue.get("B-00001").health is Health.PROVEN
    assert catalogue.get("B-00001").restored_at == result.at
    assert result.to_json()["number"] == 2


def test_a_drill_proves_the_backup_and_leaves_nothing_open(
    catalogue: Catalogue, order: Order, opening: Opening, tmp_path: Path
) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a").write_text("content")
    backup = catalogue.take(replace(order, source=TreeSource("files", tmp_path / "files")))
    assert drill(catalogue, backup.id, opening).good
    assert catalogue.get(backup.id).health is Health.PROVEN
    assert {path.name for path in catalogue.folder.iterdir()} == {".lock", *(path.name for path in backup.files)}


def test_a_damaged_backup_is_not_restored_and_is_shown_as_damaged(
    catalogue: Catalogue, order: Order, opening: Opening, tmp_path: Path
) -> None:
    backup = catalogue.take(order)
    drill(catalogue, backup.id, opening)
    data = bytearray(backup.sealed.read_bytes())
    data[-1] ^= 1
    backup.sealed.write_bytes(data)
    result = restore(catalogue, backup.id, tmp_path / "scratch", opening)
    assert [str(fault) for fault in result.faults] == ["The sealed file was cut short or changed."]
    assert list((tmp_path / "scratch").iterdir()) == []
    assert catalogue.get(backup.id).health is Health.DAMAGED


def test_a_backup_with_a_changed_manifest_is_not_opened(
    catalogue: Catalogue, order: Order, opening: Opening, tmp_path: Path
) -> None:
    backup = catalogue.take(order)
    backup.manifest.write_bytes(backup.manifest.read_bytes().replace(b'"count":100', b'"count":101'))
    result = restore(catalogue, backup.id, tmp_path / "scratch", opening)
    assert not result.good
    assert list((tmp_path / "scratch").iterdir()) == []


def test_another_identity_cannot_restore(
    catalogue: Catalogue, order: Order, opening: Opening, other_identity: Identity, tmp_path: Path
) -> None:
    catalogue.take(order)
    with pytest.raises(NoMatchingIdentity):
        restore(catalogue, "B-00001", tmp_path / "scratch", replace(opening, identities=[other_identity]))
    assert catalogue.get("B-00001").health is Health.UNPROVEN


def test_nothing_is_opened_outside_the_server_room(
    catalogue: Catalogue, order: Order, opening: Opening, tmp_path: Path
) -> None:
    catalogue.take(order)
    for terminal in ("OZ-03", ""):
        with pytest.raises(Refusal) as refused:
            restore(catalogue, "B-00001", tmp_path / "scratch", replace(opening, terminal=terminal))
        assert refused.value.control == "BK-BAK-01"
    assert not (tmp_path / "scratch").exists()


def test_nothing_is_restored_over_something(
    catalogue: Catalogue, order: Order, opening: Opening, tmp_path: Path
) -> None:
    catalogue.take(order)
    with pytest.raises(Refusal, match="not empty"):
        restore(catalogue, "B-00001", tmp_path, opening)


def test_the_trade_examines_what_came_back(catalogue: Catalogue, order: Order, opening: Opening) -> None:
    catalogue.take(order)
    seen: list[Path] = []

    def examine(folder: Path) -> list[Fault]:
        seen.append(folder / "database.sqlite3")
        assert seen[-1].is_file()
        return [Fault("A household has no head.", {})]

    result = drill(catalogue, "B-00001", replace(opening, examiners={"registry": examine}))
    assert [str(fault) for fault in result.faults] == ["A household has no head."]
    assert catalogue.get("B-00001").health is Health.DAMAGED


def test_an_unknown_kind_is_refused(catalogue: Catalogue, order: Order, opening: Opening) -> None:
    catalogue.take(order)
    with pytest.raises(Refusal, match="cannot restore"):
        drill(catalogue, "B-00001", replace(opening, restorers={}))


def test_public_tools_alone_check_and_open_it(
    catalogue: Catalogue, order: Order, identity: Identity, tool: Tool, tmp_path: Path
) -> None:
    backup = catalogue.take(order)
    write_identity_file(tmp_path / "escrow", identity)
    signer = order.signer
    (tmp_path / "allowed").write_text(sshsig.allowed_signer(signer.name, signer.public_key, NAMESPACE))
    check = [tool("ssh-keygen"), "-Y", "verify", "-f", str(tmp_path / "allowed"), "-I", signer.name]
    check += ["-n", NAMESPACE, "-s", str(backup.signature)]
    subprocess.run(check, input=backup.manifest.read_bytes(), check=True, capture_output=True)
    summed = subprocess.run(["sha256sum", str(backup.sealed)], check=True, capture_output=True, text=True)
    assert summed.stdout.split()[0] == decode(backup.manifest.read_bytes()).sealed.sha256
    opened = [tool("age"), "-d", "-i", str(tmp_path / "escrow"), "-o", str(tmp_path / "plain"), str(backup.sealed)]
    subprocess.run(opened, check=True)
    with closing(sqlite3.connect(tmp_path / "plain")) as database:
        assert database.execute("SELECT count(*) FROM resident").fetchone() == (100,)
