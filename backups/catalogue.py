"""The catalogue of backups: take, seal, read back, list; and clean up after a process that was killed.

A row is planned before the first byte is written and turns to taken after the last one is on the disk
and was read back. So a crash leaves either a planned row, which the next run clears away with its
files, or a whole backup that is listed: never an unlisted copy, never a listed phantom.
"""

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from backups import duty, folders, records
from backups.duty import COPYING, Duty
from backups.manifest import FORMAT, NAMESPACE, Content, Head, Manifest, PartLine, SealedFile
from backups.newfile import PART, write_new
from backups.records import Backup, Health
from backups.sealing.digests import Progress, digest_of, silent
from backups.sealing.keys import Recipient
from backups.sealing.sshsig import Signer
from backups.sources import Source

_FILES = "B-*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A backup to be taken: of what, for whom to open, signed by whom, ordered by whom and where.

    ``terminal`` is the registered terminal of the person, empty for scheduled work of this host.
    ``entry_record`` is the number in the server room's entry book. ``checkpoint`` is the trail's newest
    signed checkpoint, which the manifest carries out of the house. ``duty`` says whose work it is by hand.
    """

    source: Source
    recipients: Sequence[Recipient]
    signer: Signer
    actor: str
    terminal: str = ""
    entry_record: str = ""
    checkpoint: str = ""
    duty: Duty = COPYING


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The backups that ``store`` lists and ``folder`` holds."""

    store: Store
    folder: Path

    def take(self, order: Order, progress: Progress = silent) -> Backup:
        """Take, seal, read back and list one backup (BK-BAK-01, BK-BAK-04, AC-PRM-05).

        Refused to whoever has not the duty, outside the server room, on a full or read-only disk, and while
        another one is taken; then nothing is left on disk and the row says why.
        """
        duty.require(self.store, order.duty, actor=order.actor, terminal=order.terminal)
        with folders.held(self.folder) as scratch:
            self._clear_away()
            planned = self._plan(order)
            try:
                self._write(planned, order, scratch, progress)
                return self._list(planned, order)
            except BaseException as error:
                with suppress(Refusal):  # a store that cannot be written either: the next run clears away
                    self._discard(planned, str(error) or type(error).__name__)
                raise

    def get(self, name: str) -> Backup:
        """Return the backup of that name (``B-00001``)."""
        return records.find(self.store, records.backup_number(name))

    def page(self, *, before: int | None = None, limit: int = 100) -> list[Backup]:
        """Return backups, newest first, a page at a time."""
        return records.page(self.store, before=before, limit=limit)

    def sweep(self) -> int:
        """Clear away after killed processes and return how many backups were given up; Busy when one is at work."""
        with folders.held(self.folder):
            return self._clear_away()

    def strays(self) -> list[Path]:
        """Return files in the folder that no listed backup owns: copies that nobody answers for."""
        listed = {path.name for state in ("taken", "planned") for each in self._in_state(state) for path in each.files}
        return sorted(path for path in self.folder.glob(_FILES) if path.name not in listed)

    @property
    def _folder_name(self) -> str:
        return records.folder_name(self.folder, self.store.path)

    def _in_state(self, state: str) -> Sequence[Backup]:
        return records.in_state(self.store, state, self._folder_name)

    def _plan(self, order: Order) -> Backup:
        with self.store.transaction() as tx:
            number = tx.execute(
                "INSERT INTO backup (source, kind, folder, state, planned_at, actor, terminal, entry_record)"
                " VALUES (?, ?, ?, 'planned', ?, ?, ?, ?)",
                (
                    order.source.name,
                    order.source.kind,
                    self._folder_name,
                    to_text(tx.at),
                    order.actor,
                    order.terminal,
                    order.entry_record,
                ),
            ).lastrowid
            backup = records.find(tx, int(number or 0))
            tx.record(
                "backup.planned",
                actor=order.actor,
                terminal=order.terminal,
                subject=backup.id,
                source=order.source.name,
                entry_record=order.entry_record,
            )
        return backup

    def _write(self, backup: Backup, order: Order, scratch: Path, progress: Progress) -> None:
        """Put sealed file, manifest and signature on the disk."""
        from backups.sealing import age, sshsig

        plain = scratch / "plain"
        state = order.source.take(plain, silent)
        done = age.seal(plain, backup.sealed, order.recipients, progress)
        plain.unlink()
        if digest_of(backup.sealed, fresh=True) != done.sealed:
            raise Refusal(N_("What was written does not read back the same; replace the disk."), control="BK-BAK-04")
        data = Manifest(
            head=Head(
                format=FORMAT,
                backup=backup.id,
                source=order.source.name,
                kind=state.kind,
                identity=state.identity,
                taken_at=to_text(backup.planned_at),
                tools=dict(state.tools),
            ),
            content=Content(size=done.plain.size, sha256=done.plain.sha256),
            sealed=SealedFile(name=backup.sealed.name, size=done.sealed.size, sha256=done.sealed.sha256),
            recipients=tuple(str(recipient) for recipient in order.recipients),
            parts=tuple(PartLine(name=part.name, count=part.count, sha256=part.sha256) for part in state.parts),
            checkpoint=order.checkpoint,
        ).encode()
        write_new(backup.manifest, data)
        write_new(backup.signature, sshsig.sign(data, order.signer, NAMESPACE).encode())

    def _list(self, backup: Backup, order: Order) -> Backup:
        """Turn the planned row to taken, from what stands in the manifest on disk."""
        from backups import manifest

        data = backup.manifest.read_bytes()
        known = manifest.decode(data)
        manifest_sha256 = hashlib.sha256(data).hexdigest()
        with self.store.transaction() as tx:
            tx.execute(
                "UPDATE backup SET state = 'taken', taken_at = ?, plain_size = ?, plain_sha256 = ?, sealed_size = ?,"
                " sealed_sha256 = ?, manifest_sha256 = ?, signer = ?, signer_key = ?, recipients = ? WHERE number = ?",
                (
                    to_text(tx.at),
                    known.content.size,
                    known.content.sha256,
                    known.sealed.size,
                    known.sealed.sha256,
                    manifest_sha256,
                    order.signer.name,
                    order.signer.public_key,
                    json.dumps(known.recipients),
                    backup.number,
                ),
            )
            tx.record(
                "backup.taken",
                actor=order.actor,
                terminal=order.terminal,
                subject=backup.id,
                source=order.source.name,
                entry_record=order.entry_record,
                plain_sha256=known.content.sha256,
                sealed_sha256=known.sealed.sha256,
                manifest_sha256=manifest_sha256,
                recipients=list(known.recipients),
            )
            taken = records.find(tx, backup.number)
            records.note_check(
                tx, taken, "verify", (), actor=order.actor, terminal=order.terminal, sealed_sha256=taken.sealed_sha256
            )
            return records.find(tx, backup.number)

    def _clear_away(self) -> int:
        """Give up what killed processes left planned, and remove what outlived its erasure."""
        planned = self._in_state("planned")
        for backup in planned:
            self._discard(backup, N_("The process was stopped while it was taken."))
        for path in self.strays():
            if self._erased(path):
                path.unlink()
        return len(planned)

    def _erased(self, path: Path) -> bool:
        try:
            return self.get(path.name.partition(".")[0]).health is Health.ERASED
        except Refusal:  # not a backup of ours: left for a person to look at
            return False

    def _discard(self, backup: Backup, reason: str) -> None:
        """Remove the files of a backup that is still planned, and only then say so in the list."""
        if records.find(self.store, backup.number).health is not Health.PLANNED:
            return
        folders.remove(backup.files, PART)
        with self.store.transaction() as tx:
            tx.execute("UPDATE backup SET state = 'failed', failure = ? WHERE number = ?", (reason, backup.number))
            tx.record(
                "backup.given-up",
                actor=backup.actor,
                terminal=backup.terminal,
                subject=backup.id,
                outcome="failed",
                reason=reason,
            )
