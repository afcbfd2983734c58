"""What every taking out shares: what is named, what is hashed now, and how it is written and entered."""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import msgspec

from accesscontrol.canonical import JSON
from accesscontrol.clock import end_of_day
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import reading
from accesscontrol.requests.kinds import Execution
from accesscontrol.requests.reading import Request
from accesscontrol.store import Transaction
from backups import ledger
from backups.catalogue import Catalogue
from backups.ledger import NewOutput
from backups.lines import is_line
from backups.manifest import Manifest
from backups.media import writing
from backups.media.destinations import Destination, Destinations
from backups.media.writing import Held
from backups.records import Backup
from backups.sealing.digests import Digest, Progress, digest_of
from backups.verification import checkable, read_manifest

Line = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class Leaving(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What leaves (a sealed backup or extract, by name and hash), on what, in whose hands, where to, why, how long."""

    backup: Line
    sealed_sha256: Hash
    medium: Annotated[str, msgspec.Meta(max_length=200)]
    folder: Line
    carrier: Line
    destination: Line
    purpose: Line
    due: date


LABELS: Final = MappingProxyType(
    {
        "backup": N_("Backup"),
        "sealed_sha256": N_("SHA-256"),
        "medium": N_("Medium"),
        "folder": N_("Written to"),
        "carrier": N_("Carrier"),
        "destination": N_("Destination"),
        "purpose": N_("Purpose"),
        "due": N_("Last day"),
        "ending": N_("Ending"),
    }
)
"""The parameters of a taking out, as a form names them."""


@dataclass(frozen=True, slots=True)
class Exit:
    """One way out of the house for what ``catalogue`` holds."""

    kind: str
    catalogue: Catalogue
    zone: ZoneInfo
    destinations: Destinations

    def describe(self, parameters: Leaving) -> dict[str, object]:
        """Return what requester and approver see."""
        backup = self.catalogue.get(parameters.backup)
        return {
            N_("What leaves"): f"{backup.id} {backup.source}",
            N_("Taken at"): backup.taken_at or "",
            N_("Bytes"): f"{backup.sealed_size:,}",
            N_("SHA-256"): parameters.sealed_sha256,
            N_("Restored at"): backup.restored_at or N_("never restored"),
            N_("Medium"): parameters.medium,
            N_("Written to"): parameters.folder,
            N_("Destination"): parameters.destination,
            N_("Carrier"): parameters.carrier,
            N_("Purpose"): parameters.purpose,
            N_("Last day"): parameters.due,
        }

    def hashed(self, parameters: Leaving) -> tuple[Manifest, dict[str, str]]:
        """Hash what is on the disk at this moment; Refusal when it is not what was named, or can't go there."""
        self._require_sensible(parameters)
        backup = checkable(self.catalogue, parameters.backup)
        known, _ = read_manifest(backup)
        try:
            found = digest_of(backup.sealed, fresh=True).sha256
        except OSError:
            found = ""
        if known is None or found != parameters.sealed_sha256 or found != backup.sealed_sha256:
            raise Refusal(
                N_("{backup} on the disk is not the one with this SHA-256; verify it to see what differs."),
                control="BK-BAK-02",
                backup=backup.id,
            )
        return known, {
            "backup": found,
            "manifest": hashlib.sha256(known.encode()).hexdigest(),
            "destination": self.destinations.identify(parameters),
        }

    def carry_out(
        self,
        execution: Execution,
        *,
        ending: str,
        persons: int = 0,
        also: Callable[[Transaction, Request], None] | None = None,
    ) -> Mapping[str, JSON]:
        """Write sealed file, manifest and signature, read them back from the device, and enter the ledger.

        ``also`` is a last rule, checked in the transaction that opens the ledger's line.
        """
        parameters: Leaving = execution.parameters
        backup = checkable(self.catalogue, parameters.backup)
        request = reading.get(execution.store, execution.request_id)
        with self.destinations.opened(parameters) as destination:
            require_approved(request, destination)
            destination.require_size(backup.sealed_size)
            line = self._line(execution, request, backup, ending, persons)
            number = ledger.begin(execution.store, line, also=lambda tx: also(tx, request) if also else None)
            written: list[str] = []
            try:
                _write(destination.held, backup, written, execution.progress)
                destination.require_same()
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
            "persons": persons,
            "manifest_sha256": backup.manifest_sha256,
            "files": list(output.files),
            "medium": parameters.medium,
            "identity": destination.identity,
            "folder": parameters.folder,
            "read_back": True,
            "due": parameters.due.isoformat(),
        }

    def _line(self, execution: Execution, request: Request, backup: Backup, ending: str, persons: int) -> NewOutput:
        parameters: Leaving = execution.parameters
        return NewOutput(
            request=request.id,
            requester=request.requester,
            kind=self.kind,
            content=backup.id,
            persons=persons,
            sha256=backup.sealed_sha256,
            size=backup.sealed_size,
            files=tuple(path.name for path in backup.files),
            medium=parameters.medium,
            folder=parameters.folder,
            carrier=parameters.carrier,
            destination=parameters.destination,
            purpose=parameters.purpose,
            ending=ending,
            due=parameters.due,
            actor=execution.staff_number,
            terminal=execution.terminal,
        )

    def _require_sensible(self, parameters: Leaving) -> None:
        texts = (parameters.carrier, parameters.destination, parameters.purpose, parameters.medium)
        if not all(is_line(text) for text in texts):
            raise Refusal(N_("Carrier, destination, purpose and medium are plain text on one line."))
        if self.catalogue.store.clock.now() >= end_of_day(parameters.due, self.zone):
            raise Refusal(
                N_("The last day {day} has passed; choose a later one."), control="BK-BAK-02", day=parameters.due
            )


def touches(parameters: Leaving) -> tuple[tuple[str, str], ...]:
    """Return the locks that concern a taking out."""
    return (("medium", parameters.medium),) if parameters.medium else ()


def require_approved(request: Request, destination: Destination) -> None:
    """Refuse to write when what is held is not what the approval is bound to: swapped after the gate looked."""
    if destination.identity != request.artefacts["destination"]:
        raise Refusal(
            N_("The medium under {folder} is not the one that was approved."),
            control="BK-MED-03",
            folder=destination.held.path,
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
