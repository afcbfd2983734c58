"""Checking of a listed backup on the disk: hashes, manifest and signature, and naming of what differs."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from accesscontrol.canonical import JSON
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups import manifest as manifests
from backups import records
from backups.catalogue import Catalogue
from backups.manifest import NAMESPACE, Manifest
from backups.records import Backup, Health
from backups.sealing.digests import Progress, digest_of, silent
from backups.sources import Fault

_CHECKABLE = {Health.DAMAGED, Health.UNPROVEN, Health.PROVEN}


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check saw. ``sha256`` is of the sealed file as it is now, empty when it is gone."""

    backup: str
    number: int
    at: datetime
    sha256: str
    faults: Sequence[Fault]

    @property
    def good(self) -> bool:
        """Say whether nothing differed."""
        return not self.faults

    def to_json(self) -> dict[str, JSON]:
        """Return the result as plain values for ``--json``."""
        return {
            "id": self.backup,
            "number": self.number,
            "at": to_text(self.at),
            "ok": self.good,
            "sha256": self.sha256,
            "faults": [str(fault) for fault in self.faults],
        }


def verify(
    catalogue: Catalogue, name: str, *, actor: str, terminal: str = "", progress: Progress = silent
) -> Verification:
    """Hash the sealed file again from the device, check manifest and signature, and keep the result (BK-BAK-03)."""
    backup = checkable(catalogue, name)
    sha256, faults = read_sealed(backup, progress)
    _, more = read_manifest(backup)
    faults += more
    with catalogue.store.transaction() as tx:
        number = records.note_check(tx, backup, "verify", faults, actor=actor, terminal=terminal, sealed_sha256=sha256)
        return Verification(backup.id, number, tx.at, sha256, faults)


def checkable(catalogue: Catalogue, name: str) -> Backup:
    """Return the backup of that name; Refusal unless it was taken and not erased."""
    backup = catalogue.get(name)
    if backup.health not in _CHECKABLE:
        raise Refusal(
            N_("{backup} is no backup to work with: {health}."),
            backup=backup.id,
            health=records.HEALTH_TITLES[backup.health],
        )
    return backup


def read_sealed(backup: Backup, progress: Progress) -> tuple[str, list[Fault]]:
    """Return the SHA-256 of the sealed file as the device has it now (empty when it is gone), and every fault."""
    fields = {"file": backup.sealed.name}
    try:
        found = digest_of(backup.sealed, progress, fresh=True)
    except FileNotFoundError:
        return "", [Fault(N_("{file} is missing."), fields)]
    except OSError as error:
        return "", [Fault(N_("{file} cannot be read: {reason}"), {**fields, "reason": error.strerror or "?"})]
    if found.size != backup.sealed_size:
        sizes: dict[str, str | int] = {**fields, "expected": backup.sealed_size, "found": found.size}
        return found.sha256, [Fault(N_("{file} has {found} bytes instead of {expected}."), sizes)]
    if found.sha256 != backup.sealed_sha256:
        return found.sha256, [Fault(N_("{file} was changed: its SHA-256 differs."), fields)]
    return found.sha256, []


def read_manifest(backup: Backup) -> tuple[Manifest | None, list[Fault]]:
    """Return the manifest if it is the one that was listed and signed, and every fault of it."""
    from backups.sealing import sshsig

    faults = list[Fault]()
    data, signature = (_small(path, faults) for path in (backup.manifest, backup.signature))
    if data is None or signature is None:
        return None, faults
    if hashlib.sha256(data).hexdigest() != backup.manifest_sha256:
        faults.append(Fault(N_("{file} was changed: its SHA-256 differs."), {"file": backup.manifest.name}))
    try:
        if sshsig.verify(data, signature.decode("ascii", "replace"), NAMESPACE) != backup.signer_key:
            faults.append(Fault(N_("{file} was made by another key."), {"file": backup.signature.name}))
        known = manifests.decode(data)
    except Refusal as refusal:
        faults.append(Fault(refusal.message, refusal.fields))
        return None, faults
    if (known.head.backup, known.sealed.sha256) != (backup.id, backup.sealed_sha256):
        faults.append(Fault(N_("{file} speaks of another backup."), {"file": backup.manifest.name}))
    return (None if faults else known), faults


def _small(path: Path, faults: list[Fault]) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        faults.append(Fault(N_("{file} is missing."), {"file": path.name}))
    except OSError as error:
        fields = {"file": path.name, "reason": error.strerror or "?"}
        faults.append(Fault(N_("{file} cannot be read: {reason}"), fields))
    return None
