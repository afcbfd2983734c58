"""What is done to backups now and then, by name from the palette: erasing old ones, and extracts of the register."""

from pathlib import Path
from typing import Any

from accesscontrol.messages import N_
from backups.catalogue import Order
from backups.media.output import EXTRACTING
from backups.records import Backup
from console import extracts, generations
from console.extracts import FILES_BY_NAME
from console.frame.dialogs import ReasonDialog
from console.frame.forms import Field, FormDialog
from console.frame.progress import Outcome, ProgressDialog
from console.frame.screen import BaseScreen
from console.screens.backups.acts import told
from console.screens.backups.words import size_words
from console.seat import Seat
from console.translation import _, language, ngettext
from console.widgets.choices import Choice

_SHOWN = 8


class Further:
    """The rarer acts, each run from a worker of ``screen``; each returns the words of what was done, or nothing."""

    def __init__(self, screen: BaseScreen, seat: Seat) -> None:
        self._screen, self._seat = screen, seat

    async def erase(self) -> str:
        """Ask that the backups which no generation keeps are erased."""
        site = self._seat.site
        due = generations.due(site)
        if not due:
            return _("Every backup stands for a generation; nothing is to be erased.")
        words = ngettext(
            "{number} backup, {size}, stands for no generation any more:",
            "{number} backups, {size}, stand for no generation any more:",
            len(due),
        ).format(number=f"{len(due):,}", size=size_words(sum(each.sealed_size for each in due)))
        names = ", ".join(each.id for each in due[:_SHOWN]) + (" …" if len(due) > _SHOWN else "")
        lines = [
            words,
            names,
            _("The business owner approves it. Files are removed; the disk itself is not sanitized."),
        ]
        title = _("Erasure of old backups")
        reason = await self._screen.app.ask(ReasonDialog(title, lines, act=N_("Hand in")))
        if reason is None:
            return ""
        request = generations.ask_for_erasure(site, due, self._seat.acting, reason=reason)
        return _("{id} waits for approval.").format(id=request.id)

    async def extract(self) -> Backup | None:
        """Prepare a sealed extract of register data, which leaves only by an approved media output."""
        titles = [(name, file.name_ja if language() == "ja" else file.name_en) for name, file in FILES_BY_NAME.items()]
        fields = (
            Field(
                name="file",
                label=_("File"),
                kind="choice",
                choices=[Choice(title, name) for name, title in titles],
            ),
            Field(
                name="items",
                label=_("Record items"),
                required=False,
                hint=_("Printed names, with blanks or commas between them; empty for all."),
            ),
            Field(
                name="residents",
                label=_("Residents"),
                required=False,
                hint=_("A file with resident codes, one a line; empty for all."),
            ),
            Field(name="entry_record", label=_("Entry book"), required=False),
        )
        words = _("It is sealed at once. e then asks for its output; many persons need the output manager (BK-MED-07).")
        title = _("Extract of the register")
        dialog = FormDialog(title, fields, text=words, act=N_("Prepare"), submit=self._ordered)
        order: Order | None = await self._screen.app.ask(dialog)
        if order is None:
            return None
        catalogue = self._seat.site.catalogue
        progress_dialog = ProgressDialog(title, lambda progress: catalogue.take(order, told(progress, _("Sealing…"))))
        outcome: Outcome = await self._screen.app.ask(progress_dialog)
        if outcome.error is not None:
            self._screen.why(outcome.error)
        taken: Backup | None = outcome.value
        return taken

    def _ordered(self, chosen: dict[str, Any]) -> Order:
        """Return the order for what was chosen; a refusal leaves the form as it is, to be mended."""
        site, acting = self._seat.site, self._seat.acting
        named = chosen["residents"]
        codes = extracts.residents_in(Path(named).expanduser()) if named else frozenset[str]()
        source = extracts.extract(site, chosen["file"], extracts.items_in(chosen["items"]), codes)
        return site.order_of(
            source, acting.staff_number, acting.terminal, entry_record=chosen["entry_record"], duty=EXTRACTING
        )
