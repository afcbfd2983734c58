"""What the backup tests share: where real outside programs are, and key pairs."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accesscontrol.clock import FixedClock
from accesscontrol.people import operators, terminals
from accesscontrol.people.migrations import migrations as people_migrations
from accesscontrol.people.operators import Operator
from accesscontrol.people.roles import Role
from accesscontrol.people.terminals import Terminal, TerminalPlace
from accesscontrol.requests.migrations import migrations as requests_migrations
from accesscontrol.store import Store
from backups.catalogue import Catalogue, Order
from backups.migrations import migrations
from backups.restoring import Opening
from backups.sealing.keys import Identity
from backups.sealing.sshsig import KeySigner
from backups.sources.sqlite import SQLiteSource
from tests.services.availability import require_programs

Tool = Callable[[str], str]


@pytest.fixture(scope="session")
def tool() -> Tool:
    """Return a function that finds a real program, or skips the test where it is missing."""
    return lambda name: str(require_programs(name)[0])


@pytest.fixture(scope="session")
def identity() -> Identity:
    return Identity.generate()


@pytest.fixture(scope="session")
def other_identity() -> Identity:
    return Identity.generate()


NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
ADMINISTRATOR = Operator(
    staff_number="S1001",
    login="tanaka",
    name="架空 花子",
    name_kana="カクウ ハナコ",
    office="情報政策課",
    roles=frozenset({Role.SYSTEM_ADMIN}),
    valid_from=datetime(2026, 4, 1, tzinfo=UTC),
)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture(scope="session")
def built_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store file that knows an administrator, a terminal in the server room and one in an office."""
    path = tmp_path_factory.mktemp("store") / "sekisho.sqlite3"
    store = Store(path, FixedClock(NOW))
    store.migrate(people_migrations, requests_migrations, migrations)
    with store.transaction() as tx:
        for name, place in (("SR-01", TerminalPlace.SERVER_ROOM), ("OZ-03", TerminalPlace.OFFICE)):
            terminals.register(tx, Terminal(name=name, place=place, fact=f"host:{name}"), actor="S1001")
        operators.add(tx, ADMINISTRATOR, actor="system")
    store.close()
    return path


@pytest.fixture
def store(tmp_path: Path, clock: FixedClock, built_store: Path) -> Iterator[Store]:
    """Return a store of its own for each test."""
    shutil.copyfile(built_store, tmp_path / "sekisho.sqlite3")
    store = Store(tmp_path / "sekisho.sqlite3", clock)
    yield store
    store.close()


@pytest.fixture
def catalogue(store: Store, tmp_path: Path) -> Catalogue:
    return Catalogue(store, tmp_path / "backups")


@pytest.fixture(scope="session")
def signer() -> KeySigner:
    return KeySigner("S1001", Ed25519PrivateKey.generate())


@pytest.fixture
def registry_path(tmp_path: Path) -> Path:
    """Return a small registry."""
    path = tmp_path / "registry.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE resident (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
        database.executemany("INSERT INTO resident (name) VALUES (?)", [(f"name {i}",) for i in range(100)])
        database.commit()
    return path


@pytest.fixture
def order(registry_path: Path, identity: Identity, signer: KeySigner) -> Order:
    return Order(
        source=SQLiteSource("registry", registry_path),
        recipients=[identity.recipient],
        signer=signer,
        actor="S1001",
        terminal="SR-01",
        entry_record="2026-11-24/7",
        checkpoint="sekisho.example\n1\nAAAA\n",
    )


@pytest.fixture
def opening(identity: Identity) -> Opening:
    return Opening(identities=[identity], actor="S1001", terminal="SR-01")


@pytest.fixture
def small_disk(tmp_path: Path, tool: Tool) -> Iterator[Callable[[str], Path]]:
    """Return a function that mounts a memory disk of the given size; only root can."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    mounted: list[Path] = []

    def mount(size: str) -> Path:
        folder = tmp_path / f"disk{len(mounted)}"
        folder.mkdir()
        subprocess.run([tool("mount"), "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def parameters(catalogue: Catalogue, order: Order, tmp_path: Path) -> dict[str, Any]:
    """Return what an export of the first backup asks for."""
    (tmp_path / "medium").mkdir()
    return {
        "backup": "B-00001",
        "sealed_sha256": catalogue.take(order).sealed_sha256,
        "medium": "M-0031",
        "folder": str(tmp_path / "medium"),
        "carrier": "山田",
        "destination": "〇〇倉庫",
        "purpose": "災害対策の遠隔地保管",
        "ending": "return",
        "due": "2026-12-24",
    }
