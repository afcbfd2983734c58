"""What a person does to backups at the screen: take one, verify one, prove one by restoring it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups import restoring, verification
from backups.records import Backup
from backups.restoring import Restoration
from backups.sealing.keys import Identity, read_identity_file
from backups.verification import Verification
from console.frame.dialogs import MessageDialog
from console.frame.forms import Field, FormDialog
from console.frame.progress import Cancelled, Outcome, Progress, ProgressDialog
from console.frame.screen import BaseScreen
from console.proof import opening
from console.screens.backups.words import SOURCE_TITLES, fault_words, in_groups, size_words
from console.seat import Seat
from console.translation import _, ngettext
from console.widgets.choices import Choice

_MOST_FAULTS = 8
STOPPED = N_("The person who took it stopped it.")


class Acts:
    """The acts, each run from a worker of ``screen``; each says what came of it."""

    def __init__(self, screen: BaseScreen, seat: Seat) -> None:
        self._screen, self._seat = screen, seat

    async def take(self) -> Backup | None:
        """Ask what to back up, take it and return it; stopping leaves nothing."""
        site = self._seat.site
        recipients = len(site.settings.backups.recipients)
        fields = (
            Field(
                name="source",
                label=_("Data"),
                kind="choice",
                choices=[Choice(f"{name}  {_(SOURCE_TITLES.get(name, ''))}".rstrip(), name) for name in site.sources],
            ),
            Field(
                name="entry_record",
                label=_("Entry book"),
                required=False,
                hint=_("Your number in the entry book of the server room (BK-BAK-01)."),
            ),
        )
        words = ngettext(
            "It is sealed to {number} recipient and read back from the disk.",
            "It is sealed to {number} recipients and read back from the disk.",
            recipients,
        ).format(number=recipients)
        chosen = await self._screen.app.ask(FormDialog(_("Take a backup now"), fields, text=words, act=N_("Back up")))
        if chosen is None:
            return None

        def job(progress: Progress) -> Backup:
            acting = self._seat.acting
            progress.report(0, 0, _("Copying the source…"))
            order = site.order(chosen["source"], actor=acting.staff_number, terminal=acting.terminal)
            order = replace(order, entry_record=chosen["entry_record"])
            return site.catalogue.take(order, told(progress, _("Sealing…")))

        outcome = await self._run(_("Backup of {source}").format(source=chosen["source"]), job)
        taken: Backup | None = outcome.value
        if taken is not None:
            title = _("{id} is taken").format(id=taken.id)
            lines = [
                _("Sealed, read back from the disk, and listed: {size}.").format(size=size_words(taken.sealed_size)),
                "SHA-256",
                *_hash_lines(taken.sealed_sha256),
                "",
                _("d proves by restoring it that it can be used."),
            ]
            await self._say(title, lines, _("{id} is taken and read back.").format(id=taken.id))
        return taken

    async def verify(self, backup: Backup) -> None:
        """Hash the sealed file again, and check manifest and signature."""
        site = self._seat.site

        def job(progress: Progress) -> Verification:
            acting = self._seat.acting
            return verification.verify(
                site.catalogue,
                backup.id,
                actor=acting.staff_number,
                terminal=acting.terminal,
                progress=told(progress, _("Hashing…")),
            )

        outcome = await self._run(_("Verify {id}").format(id=backup.id), job)
        if outcome.value is not None:
            found: Verification = outcome.value
            verdict = (
                _("Unchanged: hash, manifest and signature fit.")
                if found.good
                else _("DAMAGED. Do not rely on it; take a new one with n.")
            )
            lines = [verdict, *_faults(found.faults), "SHA-256", *_hash_lines(found.sha256)]
            await self._say(_("Verify {id}").format(id=backup.id), lines, f"{backup.id}  {verdict}")

    async def drill(self, backup: Backup) -> None:
        """Ask for the identity file, restore into the scratch place, compare, and remove what was restored."""
        demo = self._demo_identity()
        field = Field(
            name="identity",
            label=_("Identity file"),
            initial=demo,
            hint=_("DEMO: this key lies in the demo's own folder.") if demo else _("The key custodian brings it."),
        )
        words = _(
            "{id} is opened into a scratch place, compared with its manifest, and removed again. "
            "The identity file is read, not kept."
        ).format(id=backup.id)
        identities: Sequence[Identity] | None = await self._screen.app.ask(
            FormDialog(
                _("Restore drill of {id}").format(id=backup.id),
                (field,),
                text=words,
                act=N_("Drill"),
                submit=lambda values: identities_in(values["identity"]),
            )
        )
        if identities is None:
            return

        def job(progress: Progress) -> Restoration:
            acting = self._seat.acting
            how = opening(self._seat.site, backup, identities, acting)
            return restoring.drill(self._seat.site.catalogue, backup.id, how, told(progress, _("Opening…")))

        outcome = await self._run(_("Restore drill of {id}").format(id=backup.id), job)
        if outcome.value is not None:
            lines = drill_words(outcome.value)
            await self._say(_("Restore drill of {id}").format(id=backup.id), lines, f"{backup.id}  {lines[0]}")

    def _demo_identity(self) -> str:
        from console.demo.building import ESCROW

        path = self._seat.home / "keys" / ESCROW
        return str(path) if self._seat.site.settings.site.demo and path.exists() else ""

    async def _run(self, title: str, job: Callable[[Progress], Any]) -> Outcome:
        outcome: Outcome = await self._screen.app.ask(ProgressDialog(title, job, sizes=True))
        if outcome.error is not None:
            self._screen.why(outcome.error)
        elif outcome.cancelled:
            self._screen.done(_("Stopped. Nothing was kept."))
        return outcome

    async def _say(self, title: str, lines: Sequence[str], line: str) -> None:
        """Show the whole result in a dialog, and leave ``line`` of it on the status line."""
        await self._screen.app.ask(MessageDialog(title, list(lines)))
        self._screen.done(line)


def identities_in(path: str) -> Sequence[Identity]:
    """Return the identities in the file that a person named; refuses what cannot be read."""
    try:
        return read_identity_file(Path(path).expanduser())
    except OSError as error:
        raise Refusal(N_("{path} cannot be read: {reason}"), path=path, reason=error.strerror or "?") from None


def told(progress: Progress, step: str) -> Callable[[int, int], None]:
    """Return ``progress`` for the work of backups; a stop leaves its reason in the list and the trail."""

    def tell(done: int, total: int) -> None:
        try:
            progress.report(done, total, step)
        except Cancelled:
            raise Cancelled(STOPPED) from None

    return tell


def drill_words(found: Restoration) -> list[str]:
    """Return what a drill or a restore found."""
    if not found.good:
        return [_("DIFFERENT from what was taken. Do not rely on it; take a new one."), *_faults(found.faults)]
    number, count = len(found.parts), sum(part.count for part in found.parts)
    words = ngettext(
        "Restored and equal: {number} part, {count} rows or bytes in it.",
        "Restored and equal: {number} parts, {count} rows or bytes in them.",
        number,
    )
    return [words.format(number=f"{number:,}", count=f"{count:,}"), "SHA-256", *_hash_lines(found.plain_sha256)]


def _faults(faults: Sequence[Any]) -> list[str]:
    lines = [f"[!!] {words}" for words in fault_words(faults)[:_MOST_FAULTS]]
    more = len(faults) - _MOST_FAULTS
    return [*lines, _("and {number} more").format(number=more)] if more > 0 else lines


def _hash_lines(sha256: str) -> list[str]:
    """Return a hash on two lines, which fit a dialog."""
    half = len(sha256) // 2
    return [f"  {in_groups(sha256[:half])}", f"  {in_groups(sha256[half:])}"] if sha256 else ["  -"]
