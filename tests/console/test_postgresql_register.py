"""A register in PostgreSQL: judged where it is dumped, taken out on a medium, and brought back by public tools alone."""

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from accesscontrol.people.operators import SYSTEM
from accesscontrol.refusals import Refusal
from accesscontrol.requests import gate
from backups import restoring
from backups.manifest import NAMESPACE
from backups.records import Backup
from backups.sealing import sshsig
from backups.sealing.keys import read_identity_file
from backups.verification import read_manifest
from console.commands.media import group
from console.proof import opening
from console.register_source import CHECKS
from registry.databases.interface import TABLES
from registry.synthetic import create_city
from tests.backups.conftest import Tool, tool
from tests.backups.media.conftest import Disk, disks
from tests.console.commands.media_store import STORES, MediaStore, only_below
from tests.services.postgresql import PostgresqlServer

__all__ = ["disks", "tool"]

FORMATS = ("postgresql", "postgresql_directories")
SAID = ("--kind", "solid-state", "--place", STORES[0], "--purpose", "月次", "--virus-check", "11-24 済")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MediaStore]:
    only_below(tmp_path, monkeypatch)
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
    how = opening(store.site, taken, read_identity_file(store.identity_file), store.acting("yamada"))
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
    store.clock.advance(timedelta(days=400))
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


@pytest.mark.parametrize("form", FORMATS)
def test_public_tools_alone_bring_it_back_from_the_medium(
    store: MediaStore,
    register: str,
    postgresql_server: PostgresqlServer,
    disks: Callable[..., Disk],
    tool: Tool,
    tmp_path: Path,
    form: str,
) -> None:
    settle(store, form, register, postgresql_server)
    disk = carried_out(store, store.take(), disks())
    plain = opened_by_public_tools(store, disk.folder, tool, tmp_path)
    if form == "postgresql_directories":
        (tmp_path / "unpacked").mkdir()
        subprocess.run(["tar", "-xf", plain, "-C", tmp_path / "unpacked"], check=True)
        plain = tmp_path / "unpacked"
    name = f"from_medium_{form}"
    postgresql_server.query(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        command = [tool("pg_restore"), "--exit-on-error", f"--dbname={postgresql_server.dsn(name)}", str(plain)]
        subprocess.run(command, check=True)
        source = psycopg.conninfo.conninfo_to_dict(register)["dbname"]
        for table in TABLES:
            sums = f"SELECT count(*), md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM {table} t"
            assert postgresql_server.query(sums, name) == postgresql_server.query(sums, str(source)), table
    finally:
        postgresql_server.query(f"DROP DATABASE {name} WITH (FORCE)")


def test_public_tools_alone_bring_a_cluster_back_from_the_medium(
    store: MediaStore, postgresql_server: PostgresqlServer, disks: Callable[..., Disk], tool: Tool, tmp_path: Path
) -> None:
    conninfo = f"host={postgresql_server.socket_directory} port={postgresql_server.port} user=postgres"
    store.with_backups(clusters=(f"cluster={conninfo}",))
    taken = store.site.catalogue.take(store.site.order("cluster", actor=SYSTEM, terminal=""))
    disk = carried_out(store, taken, disks(256 << 20))
    plain = opened_by_public_tools(store, disk.folder, tool, tmp_path)
    (tmp_path / "data").mkdir(mode=0o700)
    subprocess.run(["tar", "-xf", plain, "-C", tmp_path / "data"], check=True)
    subprocess.run([tool("pg_verifybackup"), "--no-parse-wal", tmp_path / "data"], check=True, capture_output=True)


def carried_out(store: MediaStore, taken: Backup, disk: Disk) -> Disk:
    """Register the medium, have the backup approved and written to it, and put it in anew, read-only."""
    store.json("yamada", group, "register", disk.folder, *SAID)
    request = store.approved_export(taken, "M-0001", disk.folder)
    gate.execute(store.site.desk, request.id, store.acting("takahashi"))
    disk.detach()
    disk.attach()
    return disk


def opened_by_public_tools(store: MediaStore, medium: Path, tool: Tool, tmp_path: Path) -> Path:
    """Check the signature, the hash and the seal of what is on the medium, without this program."""
    signer = store.site.signer
    (tmp_path / "allowed").write_text(sshsig.allowed_signer(signer.name, signer.public_key, NAMESPACE))
    check = [tool("ssh-keygen"), "-Y", "verify", "-f", str(tmp_path / "allowed"), "-I", signer.name, "-n", NAMESPACE]
    manifest = (medium / "B-00001.manifest.jsonl").read_bytes()
    subprocess.run([*check, "-s", medium / "B-00001.manifest.jsonl.sig"], input=manifest, check=True)
    lines = [json.loads(line) for line in manifest.splitlines()]
    (sealed,) = [line for line in lines if line.get("name") == "B-00001.age"]
    sums = f"{sealed['sha256']}  B-00001.age\n".encode()
    subprocess.run(["sha256sum", "--check", "--status"], input=sums, cwd=medium, check=True)
    plain = tmp_path / "plain"
    command = [tool("age"), "-d", "-i", str(store.identity_file), "-o", str(plain)]
    subprocess.run([*command, str(medium / "B-00001.age")], check=True)
    return plain
