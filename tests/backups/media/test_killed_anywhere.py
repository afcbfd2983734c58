"""Killed at any moment, over many runs: a whole output that is listed, or none, and what was broken off is told."""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.requests import gate, reading
from accesscontrol.requests.states import State
from accesscontrol.store import Store
from backups import ledger
from backups.catalogue import Catalogue, Order
from backups.exports import KIND, backup_export_kind
from backups.media.destinations import MediaDestinations
from backups.media.register import Register
from backups.sealing.digests import digest_of
from backups.sealing.sshsig import KeySigner
from backups.sources.tree import TreeSource
from tests.backups.media.conftest import SAID, Disk, Sysfs
from tests.backups.office import ZONE, Office

RUNS = 24
SIZE = 6 << 20


@pytest.fixture
def medium(disks: Callable[..., Disk], sysfs: Sysfs, register: Register, signer: KeySigner) -> Disk:
    disk = disks(512 << 20)  # sparse
    sysfs.show(disk, "S5R9")
    register.register(disk.folder, SAID, signer, actor="S-ito", terminal="SR-01")
    return disk


def kind_on(store: Store, catalogue: Catalogue, register: Register) -> Any:
    own = MediaDestinations(replace(register, store=store))
    return backup_export_kind(Catalogue(store, catalogue.folder), zone=ZONE, destinations=own, witness=False)


def test_no_moment_leaves_a_phantom_in_the_ledger_or_a_copy_that_nobody_listed(
    medium: Disk, register: Register, catalogue: Catalogue, order: Order, tmp_path: Path
) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "content").write_bytes(os.urandom(SIZE))
    tree = replace(order, source=TreeSource("files", tmp_path / "files"))
    office = Office(catalogue.store, kind_on(catalogue.store, catalogue, register))
    chance = random.Random(9)
    took = 0.0
    ends = set[str]()
    for run in range(RUNS):
        backup = catalogue.take(tree)
        request = _approved(office, backup.id, backup.sealed_sha256, medium)
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            _execute(office, catalogue, register, request)
        if run:  # the first one runs to its end and tells how long that is
            time.sleep(chance.uniform(0, took))  # the moment of the kill
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        took = took or time.monotonic() - began
        gate.recover(office.desk)
        ends.add(_judged(office, request, medium, backup.sealed))
    assert {"done", "broken off"} <= ends


def _approved(office: Office, backup: str, sha256: str, medium: Disk) -> str:
    parameters = {
        "backup": backup,
        "sealed_sha256": sha256,
        "medium": "M-0001",
        "folder": str(medium.folder),
        "carrier": "山田",
        "destination": "倉庫",
        "purpose": "月次",
        "ending": "return",
        "due": "2026-12-24",
    }
    return office.approve(office.submit(KIND, parameters)).id


def _execute(office: Office, catalogue: Catalogue, register: Register, request: str) -> None:
    """Run the gate in this (forked) process, with a store of its own."""
    own = Store(catalogue.store.path, catalogue.store.clock)
    desk = replace(office.desk, store=own, kinds={KIND: kind_on(own, catalogue, register)})
    with suppress(Exception):
        gate.execute(desk, request, office.acting("ogawa"))
    os._exit(0)


def _judged(office: Office, request: str, medium: Disk, sealed: Path) -> str:
    """Compare book, ledger and medium, settle what a person would, and return how the run ended."""
    state = reading.get(office.store, request).state
    lines = [line for line in ledger.page(office.store, limit=1000) if line.request == request]
    on_it = [name for name in medium.names() if name.startswith(sealed.stem)]
    whole = f"{sealed.stem}.age" in on_it and digest_of(medium.folder / sealed.name) == digest_of(sealed)
    if not lines:  # killed before the ledger's line: then not one byte is on the medium
        assert on_it == []
        return "before"
    (line,) = lines
    if line.state == "out":
        assert whole
        return "done" if state is State.DONE else "unsettled"
    assert line in ledger.broken_off(office.store)
    if f"{sealed.stem}.age" in on_it:  # a file under its own name is always whole
        assert whole
    for name in on_it:
        (medium.folder / name).unlink()
    note = "what was left of it was removed"
    ledger.settle(office.store, line.number, out=False, note=note, actor="S-sato", terminal="SR-01")
    return "broken off"
