"""Bringing a backup back into a scratch place, and the proof that what came back is what was taken."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from accesscontrol.canonical import JSON
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups import duty, folders, openings, records
from backups.catalogue import Catalogue
from backups.duty import COPYING
from backups.manifest import Manifest
from backups.newfile import explained
from backups.openings import OPENED
from backups.records import Backup
from backups.sealing.digests import Progress, silent
from backups.sealing.keys import Identity
from backups.sources import Fault, Part, SourceState, differences, sqlite, tree
from backups.verification import checkable, read_manifest

Restorer = Callable[[Path, Path], SourceState]
"""Puts an opened backup (first) into a folder (second) and says what it found there."""

Examiner = Callable[[Path], Sequence[Fault]]
"""Looks at a restored folder with the eyes of its trade, for example the registry's own checks."""

RESTORERS: Final[Mapping[str, Restorer]] = MappingProxyType({sqlite.KIND: sqlite.restore, tree.KIND: tree.restore})


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoration:
    """What came back, and every difference from what was taken."""

    backup: str
    number: int
    at: datetime
    folder: Path
    plain_sha256: str
    parts: Sequence[Part]
    faults: Sequence[Fault]

    @property
    def good(self) -> bool:
        """Say whether all came back and nothing differed."""
        return not self.faults

    def to_json(self) -> dict[str, JSON]:
        """Return the result as plain values for ``--json``."""
        return {
            "id": self.backup,
            "number": self.number,
            "at": to_text(self.at),
            "ok": self.good,
            "folder": str(self.folder),
            "sha256": self.plain_sha256,
            "parts": [{"name": part.name, "count": part.count, "sha256": part.sha256} for part in self.parts],
            "faults": [str(fault) for fault in self.faults],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Who opens a backup, with which identities, where they sit, and who else examines the result."""

    identities: Sequence[Identity]
    actor: str
    terminal: str = ""
    restorers: Mapping[str, Restorer] = field(default_factory=lambda: RESTORERS)
    examiners: Mapping[str, Examiner] = field(default_factory=dict)


def restore(catalogue: Catalogue, name: str, to: Path, opening: Opening, progress: Progress = silent) -> Restoration:
    """Open the backup into the new or empty folder ``to`` and compare it with its manifest (BK-BAK-04).

    Differences are returned and kept, not raised; Refusal when it must not or cannot be opened at all.
    """
    duty.require(catalogue.store, COPYING, actor=opening.actor, terminal=opening.terminal)
    backup = checkable(catalogue, name)
    with explained(to):
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(to.iterdir()):
            raise Refusal(N_("{folder} is not empty; restore into a new folder."), folder=to)
    who = {"actor": opening.actor, "terminal": opening.terminal}
    with openings.entered(catalogue.store, backup, to, **who) as number:
        return _restore(catalogue, backup, to, opening, "restore", progress, number)


def drill(catalogue: Catalogue, name: str, opening: Opening, progress: Progress = silent) -> Restoration:
    """Restore into the scratch folder, compare, keep the result and remove what was restored."""
    duty.require(catalogue.store, COPYING, actor=opening.actor, terminal=opening.terminal)
    backup = checkable(catalogue, name)
    with folders.held(catalogue.folder) as scratch:
        return _restore(catalogue, backup, scratch, opening, "drill", progress)


def _restore(
    catalogue: Catalogue, backup: Backup, to: Path, opening: Opening, kind: str, progress: Progress, entered: int = 0
) -> Restoration:
    began = catalogue.store.clock.now()
    known, faults = read_manifest(backup)
    found = SourceState(backup.kind, "", {}, ())
    sha256 = ""
    if known is not None:
        sha256, found, more = _open(backup, known, to, opening, progress)
        faults = [*more, *found.faults]
    with catalogue.store.transaction() as tx:
        openings.end(tx, entered)
        number = records.note_check(
            tx,
            backup,
            kind,
            faults,
            actor=opening.actor,
            terminal=opening.terminal,
            sealed_sha256=backup.sealed_sha256,
            began=began,
        )
        return Restoration(
            backup=backup.id,
            number=number,
            at=tx.at,
            folder=to,
            plain_sha256=sha256,
            parts=found.parts,
            faults=faults,
        )


def _open(
    backup: Backup, known: Manifest, to: Path, opening: Opening, progress: Progress
) -> tuple[str, SourceState, list[Fault]]:
    """Open the sealed file, unpack it and return content hash, state found and differences."""
    from backups.sealing import age
    from backups.sealing.header import BrokenSeal

    nothing = SourceState(backup.kind, "", {}, ())
    restorer = opening.restorers.get(backup.kind)
    if restorer is None:
        raise Refusal(N_("This program cannot restore a backup of the kind {kind}."), kind=backup.kind)
    plain = to / OPENED
    try:
        done = age.unseal(backup.sealed, plain, opening.identities, progress)
    except BrokenSeal as broken:
        return "", nothing, [Fault(broken.message, broken.fields)]
    except FileNotFoundError:
        return "", nothing, [Fault(N_("{file} is missing."), {"file": backup.sealed.name})]
    if (done.plain.sha256, done.sealed.sha256) != (known.content.sha256, known.sealed.sha256):
        plain.unlink()
        return done.plain.sha256, nothing, [Fault(N_("The opened content is not what the manifest names."), {})]
    found = restorer(plain, to)
    plain.unlink(missing_ok=True)
    expected = [Part(part.name, part.count, part.sha256) for part in known.parts]
    faults = differences(expected, found.parts)
    examiner = opening.examiners.get(backup.source)
    if examiner is not None and not faults:
        faults += examiner(to)
    return done.plain.sha256, found, faults
