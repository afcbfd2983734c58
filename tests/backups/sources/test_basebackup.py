"""A whole cluster: copied while it runs, verified by PostgreSQL itself, and started again from the backup."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from accesscontrol.refusals import Refusal
from backups.catalogue import Catalogue, Order
from backups.restoring import RESTORERS, Opening, restore
from backups.sealing.digests import silent
from backups.sources import tree
from backups.sources.basebackup import KIND, BaseBackupRestorer, BaseBackupSource, verify
from tests.backups.conftest import Tool
from tests.services.postgresql import PostgresqlServer, server_account


@pytest.fixture(scope="module")
def source(postgresql_server: PostgresqlServer, tool: Tool) -> BaseBackupSource:
    conninfo = f"host={postgresql_server.socket_directory} port={postgresql_server.port} user=postgres"
    return BaseBackupSource("cluster", conninfo, tool("pg_basebackup"), tool("pg_verifybackup"))


@pytest.fixture(scope="module")
def restorer(tool: Tool) -> BaseBackupRestorer:
    return BaseBackupRestorer(tool("pg_verifybackup"))


def test_a_server_started_on_the_restored_folder_has_every_row(
    source: BaseBackupSource,
    restorer: BaseBackupRestorer,
    postgresql_database: str,
    catalogue: Catalogue,
    order: Order,
    opening: Opening,
    tool: Tool,
    tmp_path: Path,
) -> None:
    with psycopg.connect(postgresql_database) as connection:
        connection.execute("CREATE TABLE resident AS SELECT i FROM generate_series(1, 500) i")
        name = connection.info.dbname
    backup = catalogue.take(replace(order, source=source))
    with_clusters = replace(opening, restorers={**RESTORERS, KIND: restorer})
    assert restore(catalogue, backup.id, tmp_path / "to", with_clusters).good
    assert _rows(tmp_path / "to" / "files", name, tool) == 500


def _rows(data: Path, name: str, tool: Tool) -> int:
    """Start a server of its own on a copy of ``data`` in single-user mode and count."""
    account = server_account()
    folder = Path(tempfile.mkdtemp(prefix="sekisho-pg-"))
    try:
        shutil.copytree(data, folder / "data")
        for path in [folder, *folder.rglob("*")]:
            if account:
                os.chown(path, account.pw_uid, account.pw_gid)
        (folder / "data").chmod(0o700)
        run = subprocess.run(
            [tool("postgres"), "--single", "-D", str(folder / "data"), name],
            input="SELECT count(*) AS n FROM resident\n",
            user=account.pw_uid if account else None,
            capture_output=True,
            text=True,
            cwd="/",
            check=True,
        )
        return int(run.stdout.split('n = "')[1].split('"')[0])
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def copied(source: BaseBackupSource, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the files of a cluster as it was taken; one copy serves every damage, which is undone again."""
    folder = tmp_path_factory.mktemp("cluster")
    source.take(folder / "plain", silent)
    tree.restore(folder / "plain", folder)
    return folder / "files"


@pytest.mark.parametrize("damage", ["change", "remove", "add"])
def test_a_changed_missing_or_added_file_is_found(copied: Path, restorer: BaseBackupRestorer, damage: str) -> None:
    victim, added = copied / "global" / "1262", copied / "global" / "99999999"
    whole = victim.read_bytes()
    if damage == "change":
        victim.write_bytes(whole[:-1] + b"\x01")
    elif damage == "remove":
        victim.unlink()
    else:
        added.write_bytes(b"x")
    assert verify(copied, restorer.pg_verifybackup)
    victim.write_bytes(whole)
    added.unlink(missing_ok=True)
    assert verify(copied, restorer.pg_verifybackup) is None


def test_the_restorer_lets_postgresql_look_at_what_came_back(
    copied: Path, restorer: BaseBackupRestorer, tmp_path: Path
) -> None:
    victim = copied / "global" / "1262"
    whole = victim.read_bytes()
    victim.write_bytes(whole[:-1] + b"\x01")
    tree.TreeSource("again", copied).take(tmp_path / "again", silent)
    victim.write_bytes(whole)
    (tmp_path / "to").mkdir()
    assert any("not sound" in str(fault) for fault in restorer(tmp_path / "again", tmp_path / "to").faults)


def test_a_cluster_that_cannot_be_reached_is_named(source: BaseBackupSource, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="cannot be copied"):
        replace(source, conninfo="host=/nowhere").take(tmp_path / "plain", silent)
    assert list(tmp_path.iterdir()) == []
