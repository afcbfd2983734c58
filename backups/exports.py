"""Taking a backup out of the house: asked for by hash, approved by the security officer, written once (BK-BAK-02)."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from accesscontrol.canonical import JSON
from accesscontrol.clock import end_of_day, to_text
from accesscontrol.messages import N_
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import reading
from accesscontrol.requests.kinds import Execution, Kind, Place, Slot
from accesscontrol.requests.reading import Request
from backups import ledger
from backups.catalogue import Catalogue
from backups.ledger import NewOutput
from backups.media import writing
from backups.media.destinations import Destination, Destinations, FolderDestinations
from backups.media.writing import Held
from backups.records import Backup
from backups.sealing.digests import Digest, Progress, digest_of
from backups.verification import checkable, read_manifest

KIND: Final = "backup-export"
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class BackupExport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What leaves, on what, in whose hands, where to, why, and until when."""

    backup: Line
    sealed_sha256: Hash
    medium: Annotated[str, msgspec.Meta(max_length=200)]
    folder: Line
    carrier: Line
    destination: Line
    purpose: Line
    ending: Literal["return", "destroy"]
    due: date


def backup_export_kind(
    catalogue: Catalogue, *, zone: ZoneInfo, destinations: Destinations | None = None, witness: bool = True
) -> Kind:
    """Return the kind of request by which a backup of ``catalogue`` leaves the house (BK-BAK-02, BK-MED-05)."""
    export = _Export(catalogue, zone, destinations or FolderDestinations())
    able = frozenset({Role.SYSTEM_ADMIN, Role.RESIDENT_OPERATOR})
    return Kind(
        name=KIND,
        title=N_("Backup export"),
        controls=("BK-BAK-01", "BK-BAK-02", "BK-MED-05", "BK-MED-06"),
        parameters=BackupExport,
        requesters=able,
        executors=able,
        slots=(
            Slot(
                name="security-officer",
                title=N_("Approval of the security officer"),
                roles=frozenset({Role.SECURITY_OFFICER}),
            ),
        ),
        execute=export.execute,
        describe=export.describe,
        artefacts=export.artefacts,
        touches=lambda parameters: (("medium", parameters.medium),) if parameters.medium else (),
        witness=witness,
        place=Place.SERVER_ROOM,
    )


@dataclass(frozen=True, slots=True)
class _Export:
    catalogue: Catalogue
    zone: ZoneInfo
    destinations: Destinations

    def describe(self, parameters: BackupExport) -> Mapping[str, str]:
        """Return what requester and approver see."""
        backup = self.catalogue.get(parameters.backup)
        return {
            N_("What leaves"): f"{backup.id} {backup.source}",
            N_("Taken at"): to_text(backup.taken_at) if backup.taken_at else "",
            N_("Bytes"): f"{backup.sealed_size:,}",
            N_("SHA-256"): parameters.sealed_sha256,
            N_("Restored at"): to_text(backup.restored_at) if backup.restored_at else "",
            N_("Medium"): parameters.medium,
            N_("Written to"): parameters.folder,
            N_("Destination"): parameters.destination,
            N_("Carrier"): parameters.carrier,
            N_("Purpose"): parameters.purpose,
            N_("Ending"): parameters.ending,
            N_("Last day"): parameters.due.isoformat(),
        }

    def artefacts(self, parameters: BackupExport) -> Mapping[str, str]:
        """Hash the backup on the disk as it is at this moment; Refusal when it is not the one that was named."""
        self._require_sensible(parameters)
        backup = checkable(self.catalogue, parameters.backup)
        known, faults = read_manifest(backup)
        try:
            found = digest_of(backup.sealed, fresh=True).sha256
        except OSError:
            found = ""
        if known is None or found != parameters.sealed_sha256 or found != backup.sealed_sha256:
            raise Refusal(
                N_("{backup} on the disk is not the one with this SHA-256. Verify it first. {faults}"),
                control="BK-BAK-02",
                backup=backup.id,
                faults=" ".join(str(fault) for fault in faults),
            )
        return {
            "backup": found,
            "manifest": hashlib.sha256(known.encode()).hexdigest(),
            "destination": self.destinations.identify(parameters),
        }

    def execute(self, execution: Execution) -> Mapping[str, JSON]:
        """Write sealed file, manifest and signature, read them back, and enter the ledger."""
        parameters: BackupExport = execution.parameters
        backup = checkable(self.catalogue, parameters.backup)
        request = reading.get(execution.store, execution.request_id)
        with self.destinations.opened(parameters) as destination:
            require_approved(request, destination)
            number = ledger.begin(execution.store, _line(execution, request, backup))
            written: list[str] = []
            try:
                _write(destination.held, backup, written, execution.progress)
                output = ledger.close_writing(execution.store, number)
            except BaseException as error:
                writing.remove(destination.held, *written)
                with suppress(Refusal):  # the line then stays open, and is shown as broken off
                    ledger.close_writing(execution.store, number, failure=str(error) or type(error).__name__)
                raise
        return {
            "output": number,
            "backup": backup.id,
            "sha256": output.sha256,
            "size": output.size,
            "manifest_sha256": backup.manifest_sha256,
            "files": [path.name for path in backup.files],
            "medium": parameters.medium,
            "identity": destination.identity,
            "folder": parameters.folder,
            "read_back": True,
            "due": parameters.due.isoformat(),
        }

    def _require_sensible(self, parameters: BackupExport) -> None:
        texts = (parameters.carrier, parameters.destination, parameters.purpose, parameters.medium)
        if not all(text.isprintable() for text in texts):
            raise Refusal(N_("Carrier, destination, purpose and medium are plain text on one line."))
        if self.catalogue.store.clock.now() >= end_of_day(parameters.due, self.zone):
            raise Refusal(
                N_("The last day {day} has passed; choose a later one."), control="BK-BAK-02", day=parameters.due
            )


def require_approved(request: Request, destination: Destination) -> None:
    """Refuse to write when what is held is not what the approval is bound to: swapped after the gate looked."""
    if destination.identity != request.artefacts["destination"]:
        raise Refusal(
            N_("The medium under {folder} is not the one that was approved."),
            control="BK-MED-03",
            folder=destination.held.path,
        )


def _line(execution: Execution, request: Request, backup: Backup) -> NewOutput:
    parameters: BackupExport = execution.parameters
    return NewOutput(
        request=request.id,
        requester=request.requester,
        kind=KIND,
        content=backup.id,
        sha256=backup.sealed_sha256,
        size=backup.sealed_size,
        files=tuple(path.name for path in backup.files),
        medium=parameters.medium,
        folder=parameters.folder,
        carrier=parameters.carrier,
        destination=parameters.destination,
        purpose=parameters.purpose,
        ending=parameters.ending,
        due=parameters.due,
        actor=execution.staff_number,
        terminal=execution.terminal,
    )


def _write(held: Held, backup: Backup, written: list[str], progress: Progress) -> None:
    """Write the three files, the sealed one last: it never stands on a medium without its papers."""
    papers = [(path, digest_of(path)) for path in (backup.manifest, backup.signature)]
    if papers[0][1].sha256 != backup.manifest_sha256:
        raise Refusal(N_("{file} was changed: its SHA-256 differs."), file=backup.manifest.name)
    files = [*papers, (backup.sealed, Digest(backup.sealed_size, backup.sealed_sha256))]
    writing.require_room(held, sum(digest.size for _, digest in files))
    total, done = 2 * sum(digest.size for _, digest in files), 0
    for path, digest in files:
        writing.write(held, path, path.name, digest, _shifted(progress, done, total))
        written.append(path.name)
        done += 2 * digest.size


def _shifted(progress: Progress, before: int, total: int) -> Progress:
    """Return a progress of one file that is told as progress of all."""
    return lambda done, _: progress(before + done, total)
