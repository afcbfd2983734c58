"""Erasing backups that no generation keeps: by approved list only (RG-RET-04), and the words that are true of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from accesscontrol.canonical import JSON, digest
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import slots
from accesscontrol.requests.kinds import Execution, Kind, Place
from backups import folders
from backups.catalogue import Catalogue
from backups.newfile import PART
from backups.records import Backup, Health, find
from backups.verification import checkable

KIND: Final = "backup-erasure"


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One backup to erase, by name and hash."""

    backup: Annotated[str, msgspec.Meta(max_length=20)]
    sealed_sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class BackupErasure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The very list that is erased."""

    backups: Annotated[tuple[Named, ...], msgspec.Meta(min_length=1, max_length=1000)]


def backup_erasure_kind(catalogue: Catalogue) -> Kind:
    """Return the kind of request by which backups past their storage period are erased."""
    erasure = _Erasure(catalogue)
    able = frozenset({Role.SYSTEM_ADMIN, Role.RESIDENT_OPERATOR})
    return Kind(
        name=KIND,
        title=N_("Erasure of backups"),
        controls=("RG-RET-04", "BK-DSP-01"),
        parameters=BackupErasure,
        requesters=able,
        executors=able,
        slots=(slots.BUSINESS_OWNER,),
        execute=erasure.execute,
        describe=erasure.describe,
        artefacts=erasure.artefacts,
        labels={"backups": N_("Backups")},
        place=Place.SERVER_ROOM,
    )


@dataclass(frozen=True, slots=True)
class _Erasure:
    catalogue: Catalogue

    def describe(self, parameters: BackupErasure) -> Mapping[str, object]:
        """Return what requester and approver see."""
        backups = [self.catalogue.get(named.backup) for named in parameters.backups]
        return {
            N_("Backups"): len(backups),
            N_("Bytes"): sum(backup.sealed_size for backup in backups),
            N_("List"): ", ".join(_line(backup) for backup in backups),
        }

    def artefacts(self, parameters: BackupErasure) -> Mapping[str, str]:
        """Return the hash of the list; Refusal when it would leave a source without a good backup."""
        backups = [self._named(named) for named in parameters.backups]
        if len({backup.number for backup in backups}) != len(backups):
            raise Refusal(N_("The list names a backup twice."), control="RG-RET-04")
        gone = {backup.number for backup in backups}
        for source in sorted({backup.source for backup in backups}):
            self._require_another(source, gone)
        return {"list": digest([[backup.id, backup.sealed_sha256] for backup in backups])}

    def execute(self, execution: Execution) -> Mapping[str, JSON]:
        """Remove the files and say what is true: the files were removed, which is not physical destruction."""
        parameters: BackupErasure = execution.parameters
        erased = []
        for done, named in enumerate(parameters.backups):
            execution.progress(done, len(parameters.backups))
            backup = self._named(named)
            with folders.held(backup.folder):
                # The line first: a copy that outlives a crash here is found by its line and swept away,
                # while a line without its copy would be a backup that isn't there.
                with execution.store.transaction() as tx:
                    tx.execute("UPDATE backup SET state = 'erased' WHERE number = ?", (backup.number,))
                    tx.record(
                        "backup.erased",
                        actor=execution.staff_number,
                        terminal=execution.terminal,
                        subject=backup.id,
                        request=execution.request_id,
                        sealed_sha256=backup.sealed_sha256,
                    )
                folders.remove(backup.files, PART)
            erased.append(backup.id)
        return {"erased": erased, "technique": N_("files removed; the medium itself was not sanitized")}

    def _named(self, named: Named) -> Backup:
        backup = checkable(self.catalogue, named.backup)
        if backup.sealed_sha256 != named.sealed_sha256:
            raise Refusal(
                N_("{backup} was listed with another SHA-256. Ask again with the present one."),
                control="RG-RET-04",
                backup=backup.id,
            )
        return backup

    def _require_another(self, source: str, gone: set[int]) -> None:
        store = self.catalogue.store
        left = store.rows("SELECT number FROM backup WHERE source = ? AND state = 'taken'", (source,))
        good = [row["number"] for row in left if find(store, row["number"]).health is not Health.DAMAGED]
        if not set(good) - gone:
            raise Refusal(
                N_("This would leave {source} without a good backup; take one first."),
                control="BK-BAK-03",
                source=source,
            )


def _line(backup: Backup) -> str:
    return f"{backup.id} {backup.source} {to_text(backup.taken_at)[:10] if backup.taken_at else ''}"
