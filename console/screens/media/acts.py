"""What a keeper enters about media at the screen: registration, moves, ends, and what became of unknown ones."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from accesscontrol.clock import local_day
from accesscontrol.messages import N_
from accesscontrol.requests import submission
from accesscontrol.requests.desk import Acting
from backups.media import checking, disposal, movements, periods, sightings
from backups.media.checking import Check
from backups.media.disposal import METHOD_TITLES, Statement
from backups.media.movements import Move
from backups.media.register import KIND_TITLES, Medium, Registration
from backups.media.scanning import Seen
from backups.media.sightings import Sighting
from console import locker
from console.dates import era_date
from console.frame.dialogs import MessageDialog
from console.frame.forms import Field, FormDialog
from console.frame.progress import Outcome, Progress, ProgressDialog
from console.frame.screen import BaseScreen
from console.locker import Kept
from console.screens.backups.words import fault_words
from console.seat import Seat
from console.translation import _, ngettext
from console.widgets.choices import Choice


class Asking:
    """Asks the questions of one entry as the keeper who sits here; a refusal is shown and the form can be mended."""

    def __init__(self, screen: BaseScreen, seat: Seat) -> None:
        self._screen, self._seat = screen, seat

    @property
    def site(self) -> Any:
        """The site."""
        return self._seat.site

    async def ask(
        self, title: str, fields: Sequence[Field], text: str, act: str, enter: Callable[[Acting, dict[str, Any]], str]
    ) -> str:
        """Return what ``enter`` says was done, or nothing."""

        def submit(values: dict[str, Any]) -> str:
            acting = self._seat.acting
            locker.require_keeper(self._seat.site, acting)
            return enter(acting, values)

        return str(await self._screen.app.ask(FormDialog(title, fields, text=text, act=act, submit=submit)) or "")

    def today(self) -> date:
        """Return the site's present day."""
        return local_day(self._seat.site.clock.now(), self._seat.site.zone)


class MediaActs(Asking):
    """The acts on media; each returns the words of what was done, or nothing."""

    async def register(self, seen: Seen | None) -> str:
        """Register an empty medium: that under the cursor, or one that is named."""
        places = sorted(self._seat.site.settings.media.stores)
        allowed = self._seat.site.media.allowed
        fields = (
            Field(name="folder", label=_("Mounted at"), initial=str(seen.folder) if seen else ""),
            Field(
                name="kind",
                label=_("Kind"),
                kind="choice",
                choices=[Choice(_(title), name) for name, title in KIND_TITLES.items() if name in allowed],
            ),
            Field(name="place", label=_("Kept at"), kind="choice", choices=[Choice(place, place) for place in places])
            if places
            else Field(name="place", label=_("Kept at")),
            Field(name="purpose", label=_("Purpose")),
            Field(name="virus_check", label=_("Virus check"), hint=_("The entry of its check.")),
            Field(name="keep_until", label=_("Keep until"), kind="date", required=False),
        )

        def enter(acting: Acting, values: dict[str, Any]) -> str:
            folder = Path(values.pop("folder"))
            site = self._seat.site
            medium = site.media.register(
                folder, Registration(**values), site.signer, actor=acting.staff_number, terminal=acting.terminal
            )
            return _("{medium} is registered; write this number on it.").format(medium=medium.id)

        words = _("The medium must be empty. A label that this console signs is written to it.")
        return await self.ask(_("Register a medium"), fields, words, N_("Register it"), enter)

    async def verify(self, seen: Seen) -> str:
        """Hash everything that the ledger says is on a medium, and show what differs."""
        site, acting = self._seat.site, self._seat.acting
        locker.require_keeper(site, acting)

        def job(progress: Progress) -> Check:
            progress.report(0, 0, _("Hashing…"))
            return checking.check(
                site.media,
                seen.folder,
                actor=acting.staff_number,
                terminal=acting.terminal,
                progress=lambda done, total: progress.report(done, total, _("Hashing…")),
            )

        title = _("Verify {id}").format(id=seen.folder)
        outcome: Outcome = await self._screen.app.ask(ProgressDialog(title, job, sizes=True))
        if outcome.error is not None:
            self._screen.why(outcome.error)
        if outcome.value is None:
            return ""
        found: Check = outcome.value
        number = len(found.outputs)
        if found.good:
            words = ngettext(
                "{medium} is unchanged: {number} output, label and identity fit.",
                "{medium} is unchanged: {number} outputs, label and identity fit.",
                number,
            )
            return words.format(medium=found.medium.id, number=number)
        lines = [f"[!!] {words}" for words in fault_words(found.faults)]
        await self._screen.app.ask(MessageDialog(_("{medium} DIFFERS").format(medium=found.medium.id), lines))
        return _("{medium} differs from what was written; do not rely on it.").format(medium=found.medium.id)

    async def move(self, kept: Kept) -> str:
        """Enter that a medium was taken out, brought in or moved."""
        stores = sorted(self._seat.site.settings.media.stores)
        leaving = kept.medium.place in stores  # else it comes back, and what its taking out said is of no use
        out = kept.on_it[0] if kept.on_it and leaving else None
        fields = (
            Field(
                name="to_place",
                label=_("To"),
                initial=out.destination if out else next(iter(stores), ""),
                hint=_("A locked place, or where it goes: {places}").format(places=", ".join(stores)),
            ),
            Field(name="rule", label=_("Rule")),
            Field(name="giver", label=_("Handed over by")),
            Field(name="receiver", label=_("Received by"), initial=out.carrier if out else ""),
            Field(
                name="permission",
                label=_("Permission"),
                required=False,
                initial=out.request if out else "",
                hint=_("For a taking out: the executed request for what is on it."),
            ),
            Field(name="due", label=_("Due"), kind="date", required=False, initial=out.due if out else ""),
            Field(name="note", label=_("Note"), required=False),
        )

        def enter(acting: Acting, values: dict[str, Any]) -> str:
            moved = movements.move(
                self._seat.site.store,
                locker.stores(self._seat.site),
                Move(medium=kept.medium.id, **values),
                actor=acting.staff_number,
                terminal=acting.terminal,
            )
            return _("Move No. {number} is entered.").format(number=moved.number)

        title = _("Move of {medium}").format(medium=kept.medium.id)
        words = _("It is at {place}. One that comes back ends the outputs on it that were to be returned.")
        return await self.ask(title, fields, words.format(place=kept.medium.place), N_("Enter it"), enter)

    async def extend(self, medium: Medium) -> str:
        """Hand in the request that a medium is kept until a later day."""
        now = era_date(medium.keep_until) if medium.keep_until else _("no end given")
        fields = (
            Field(name="keep_until", label=_("Keep until"), kind="date", hint=_("Now: {day}").format(day=now)),
            Field(name="reason", label=_("Reason")),
        )

        def submit(values: dict[str, Any]) -> str:
            asked = {"medium": medium.id, "keep_until": values["keep_until"]}
            desk, acting = self._seat.site.desk, self._seat.acting
            request = submission.submit(desk, periods.KIND, asked, acting, reason=values["reason"])
            return _("{id} waits for approval.").format(id=request.id)

        words = _("A storage period is only lengthened. The business owner approves it; place 5 then executes it.")
        title = _("Longer storage of {medium}").format(medium=medium.id)
        form = FormDialog(title, fields, text=words, act=N_("Hand in"), submit=submit)
        return str(await self._screen.app.ask(form) or "")

    async def dispose(self, medium: Medium) -> str:
        """Enter the statement of two persons about the end of a medium."""
        fields = (
            Field(
                name="method",
                label=_("Method"),
                kind="choice",
                choices=[Choice(_(title), name) for name, title in METHOD_TITLES.items()],
                hint="".join(
                    _("{method}: {meaning}. ").format(method=_(title), meaning=_(_MEANINGS[name]))
                    for name, title in METHOD_TITLES.items()
                ),
            ),
            Field(name="technique", label=_("Technique")),
            Field(name="tool", label=_("Tool"), hint=_("With its version.")),
            Field(name="verification", label=_("Checked how")),
            Field(name="place", label=_("Location")),
            Field(name="performer", label=_("Performed by")),
            Field(name="witness", label=_("Seen by")),
            Field(name="day", label=_("Day"), kind="date", initial=self.today()),
            Field(name="certificate", label=_("Certificate"), required=False, hint=_("Needed for a destruction.")),
            Field(
                name="evidence",
                label=_("Evidence"),
                required=False,
                hint=_("SHA-256 of the photograph or certificate; needed for a destruction."),
            ),
        )

        def enter(acting: Acting, values: dict[str, Any]) -> str:
            line = disposal.dispose(
                self._seat.site.store,
                Statement(medium=medium.id, **values),
                zone=self._seat.site.zone,
                actor=acting.staff_number,
                terminal=acting.terminal,
            )
            return _("Disposal No. {number} is entered.").format(number=line.number)

        title = _("End of {medium}").format(medium=medium.id)
        words = _(
            "NIST SP 800-88 Rev. 2. That nothing can be recovered is the statement of these two persons, never of this"
            " console. {medium} takes no output from then on."
        )
        return await self.ask(title, fields, words.format(medium=medium.id), N_("Enter it"), enter)

    async def explain(self, seen: Sighting) -> str:
        """Enter whose an unregistered medium was, and what was done with it."""

        def enter(acting: Acting, values: dict[str, Any]) -> str:
            sightings.close(
                self._seat.site.store,
                seen.number,
                note=values["note"],
                actor=acting.staff_number,
                terminal=acting.terminal,
            )
            return _("Sighting {number} is explained.").format(number=seen.number)

        title = _("Sighting {number}").format(number=seen.number)
        field = Field(name="note", label=_("What it was"), hint=_("Whose medium it was, and what was done with it."))
        return await self.ask(title, (field,), f"{seen.node}  {seen.serial}", N_("Enter it"), enter)


_MEANINGS = {
    "clear": N_("overwritten where a user can address it"),
    "purge": N_("the device's own sanitizing, or the keys of what was only ever encrypted"),
    "destroy": N_("the medium itself is gone"),
}
