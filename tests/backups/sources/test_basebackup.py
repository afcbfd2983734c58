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
from backups.sources.basebackup import KIND, BaseBackupRestorer, BaseBackupSource
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
def taken(source: BaseBackupSource, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cluster as it was taken; one copy serves every damage."""
    path = tmp_path_factory.mktemp("cluster") / "plain"
    source.take(path, silent)
    return path


@pytest.mark.parametrize("damage", ["change", "remove", "add"])
def test_a_changed_missing_or_added_file_is_found(
    taken: Path, restorer: BaseBackupRestorer, tmp_path: Path, damage: str
) -> None:
    (tmp_path / "one").mkdir()
    tree.restore(taken, tmp_path / "one")
    victim = tmp_path / "one" / "files" / "global" / "1262"
    if damage == "change":
        victim.write_bytes(victim.read_bytes()[:-1] + b"\x01")
    elif damage == "remove":
        victim.unlink()
    else:
        (victim.parent / "99999999").write_bytes(b"x")
    tree.TreeSource("again", tmp_path / "one" / "files").take(tmp_path / "again", silent)
    (tmp_path / "two").mkdir()
    assert restorer(tmp_path / "again", tmp_path / "two").faults


def test_a_cluster_that_cannot_be_reached_is_named(source: BaseBackupSource, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="cannot be copied"):
        replace(source, conninfo="host=/nowhere").take(tmp_path / "plain", silent)
    assert list(tmp_path.iterdir()) == []
