"""What the handbook tells an operator to type for opening a backup without this program works as it stands there."""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from accesscontrol.refusals import Refusal
from backups.records import Backup
from console.commands import backups as commands
from console.commands.backups_signer import signer
from console.commands.media import group as media
from registry.synthetic import create_city
from tests.architecture import ROOT
from tests.backups.conftest import Tool, tool
from tests.backups.media.conftest import Disk, disks
from tests.console.commands.media_store import STORES, MediaStore
from tests.console.screens.backups_site import NOON
from tests.services.availability import require_programs
from tests.services.postgresql import PostgresqlServer

__all__ = ["disks", "tool"]

SAID = ("--kind", "solid-state", "--place", STORES[0], "--purpose", "月次", "--virus-check", "11-24 済")
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
RESIDENTS = 300


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MediaStore]:
    require_programs("age", "ssh-keygen", "sha256sum", "sqlite3", "pg_restore", "createdb")
    store = MediaStore(tmp_path)
    yield store
    store.site.store.close()


def block(kind: str) -> str:
    """Return the commands of the handbook under one heading of a code block; the first block has none."""
    text = (ROOT / "docs" / "handbook.ja.md").read_text("utf-8")
    found = re.search(rf"^```sh{' ' if kind else ''}{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def type_in(store: MediaStore, backup: Backup, place: Path, folder: Path, *kinds: str, **names: str) -> str:
    """Type the handbook's commands in an empty folder, with the names of this place instead of the examples."""
    folder.mkdir(exist_ok=True)
    (folder / "allowed_signers").write_text(store.say(signer))
    lines = block("") + "".join(block(kind) for kind in kinds)
    lines = lines.replace("/mnt/媒体", str(place)).replace("B-00001", backup.id)
    lines = lines.replace("鍵ファイル", str(store.identity_file))
    done = subprocess.run(
        ["sh", "-eux", "-c", lines],
        cwd=folder,
        env={**os.environ, **names},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refusal(done.stderr.replace("{", "").replace("}", ""))
    return done.stdout


def dump(path: Path) -> list[str]:
    """Return all that a database holds."""
    with closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())


def test_the_embedded_register_is_opened_with_public_tools(store: MediaStore, tmp_path: Path) -> None:
    backup = store.take()
    said = type_in(store, backup, store.site.home.backups, tmp_path / "work", "sqlite")
    assert 'Good "sekisho-backup" signature' in said
    assert said.count(": OK") == 2
    assert said.splitlines()[-2] == "ok"
    assert dump(tmp_path / "work" / "opened") == dump(store.site.home.registry)


def test_the_consoles_own_records_are_opened_with_public_tools(store: MediaStore, tmp_path: Path) -> None:
    backup = store.site.catalogue.take(store.site.order("sekisho", actor="system", terminal=""))
    type_in(store, backup, store.site.home.backups, tmp_path / "work", "tree")
    assert list((tmp_path / "work" / "restored").rglob("site.toml"))


@pytest.mark.parametrize("suffix", [".age", ".manifest.jsonl", ".manifest.jsonl.sig"])
def test_a_changed_byte_in_any_of_the_three_files_stops_the_operator(
    store: MediaStore, tmp_path: Path, suffix: str
) -> None:
    backup = store.take()
    place = tmp_path / "medium"
    shutil.copytree(store.site.home.backups, place)
    file = place / f"{backup.id}{suffix}"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.chmod(0o600)
    file.write_bytes(data)
    with pytest.raises(Refusal):
        type_in(store, backup, place, tmp_path / "work")
    assert not (tmp_path / "work" / "opened").exists()


@pytest.mark.parametrize(
    ("kind", "setting"),
    [("postgresql", "postgresql"), ("postgresql-directory", "postgresql_directories")],
)
def test_a_postgresql_register_is_taken_exported_to_a_medium_and_restored_by_public_tools_alone(
    store: MediaStore,
    disks: Callable[..., Disk],
    postgresql_server: PostgresqlServer,
    postgresql_database: str,
    tmp_path: Path,
    kind: str,
    setting: str,
) -> None:
    create_city(postgresql_database, residents=RESIDENTS, seed=7, today=NOON.date())
    store.with_backups(**{setting: (f"jumin={postgresql_database}",)}, scratch=postgresql_server.dsn())
    taken = store.json("yamada", commands.take, "jumin")
    assert (taken["kind"], taken["number"], len(taken["sha256"])) == (kind, 1, 64)
    assert store.json("yamada", commands.verify, taken["id"])["ok"]
    drilled = store.json("yamada", commands.drill, taken["id"], "--identity", store.identity_file)
    assert (drilled["ok"], drilled["identity"]["source"]) == (True, taken["identity"]["source"])

    disk = disks(512 << 20)  # sparse
    store.json("yamada", media, "register", disk.folder, *SAID)
    backup = store.site.catalogue.get(taken["id"])
    request = store.approved_export(backup, "M-0001", disk.folder)
    assert store.json("takahashi", media, "write", request.id)["sha256"] == backup.sealed_sha256
    disk.unmount()
    disk.mount("ro")

    names = {"PGHOST": str(postgresql_server.socket_directory), "PGPORT": str(postgresql_server.port)}
    said = type_in(store, backup, disk.folder, tmp_path / "work", kind, **names, PGUSER="postgres")
    try:
        assert contents(postgresql_database) == contents(postgresql_server.dsn("restored"))
    finally:
        postgresql_server.query("DROP DATABASE restored WITH (FORCE)")
    assert int(said.splitlines()[-1]) >= RESIDENTS


def test_a_whole_cluster_is_opened_and_verified_with_public_tools(
    store: MediaStore, postgresql_server: PostgresqlServer, tool: Tool, tmp_path: Path
) -> None:
    conninfo = f"host={postgresql_server.socket_directory} port={postgresql_server.port} user=postgres"
    store.with_backups(clusters=(f"cluster={conninfo}",))
    backup = store.site.catalogue.take(store.site.order("cluster", actor="system", terminal=""))
    programs = f"{Path(tool('pg_verifybackup')).parent}{os.pathsep}{os.environ['PATH']}"
    place = store.site.home.backups
    type_in(store, backup, place, tmp_path / "work", "postgresql-cluster", PATH=programs)
    assert (tmp_path / "work" / "data" / "PG_VERSION").is_file()


def contents(conninfo: str) -> dict[str, tuple[int, str]]:
    """Return the number of rows and a hash of all rows of each table, as the server itself computes them."""
    found = {}
    with psycopg.connect(conninfo) as connection:
        for (table,) in connection.execute(TABLES).fetchall():
            row = connection.execute(
                f"SELECT count(*), md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) FROM {table} AS t"
            ).fetchone()
            assert row is not None
            found[table] = row
    return found
