"""What a person asks for about user IDs, and what is done at their systems, at the screen."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from accesscontrol.accounts.model import Purpose
from accesscontrol.messages import N_
from console import accounts
from console.custody import require_custodian
from console.frame.dialogs import ChoiceDialog, ConfirmDialog
from console.frame.progress import Outcome, Progress, ProgressDialog
from console.frame.screen import BaseScreen
from console.screens.accounts.menu import Entry
from console.screens.accounts.picture import AccountRow
from console.screens.requests.writing import write_request_of
from console.seat import Seat
from console.system_titles import title_of
from console.translation import _, ngettext
from console.widgets.choices import Choice

_ALL = ""


class Acts:
    """The acts of this place, run from a worker of ``screen``; each returns what was done in words, or nothing."""

    def __init__(self, screen: BaseScreen, seat: Seat) -> None:
        self._screen, self._seat = screen, seat

    # -- requests -------------------------------------------------------------------------------------

    async def request_new(self, system: str, many: Entry) -> str:
        """Request a new ID: its system first, then whose it is and until when; or ``many`` at once."""
        choices: list[Choice] = [Choice(name, name) for name in accounts.systems(self._seat.site)]
        choices.append(Choice(many.title, many, many.help))
        dialog = ChoiceDialog(_("On which system?"), choices, chosen=system)
        chosen = await self._screen.app.ask(dialog)
        if chosen is None:
            return ""
        return await (many.do() if chosen is many else self._request("account-issue", {"system": chosen}))

    def entries(self, row: AccountRow) -> Iterator[Entry]:
        """Yield what can be asked for about an ID of the ledger, for the menu and the palette."""
        if row.account is None or row.account.purpose is Purpose.BREAK_GLASS:
            return
        given = {"system": row.line.system, "user_id": row.line.user_id}
        for title, kind, words in (
            (_("Another last day"), "account-extend", _("a request: an extension")),
            (_("Other rights"), "account-change", _("a request")),
            (_("The end of this ID"), "account-revoke", _("a request: with its sessions, keys and rights")),
        ):
            yield Entry(title, partial(self._request, kind, given), words)

    async def _request(self, kind: str, given: dict[str, Any]) -> str:
        made = await write_request_of(self._screen, self._seat, self._seat.site.kinds[kind], given)
        return _("{id} waits for approval.").format(id=made) if made else ""

    # -- the systems ----------------------------------------------------------------------------------

    async def read(self, system: str) -> str:
        """Read one system or all, one after the other, and say how it went."""
        chosen = await self._which(_("Which system is read now?"), system)
        if chosen is None:
            return ""
        site, actor = self._seat.site, self._seat.acting.staff_number
        names = [chosen] if chosen else list(accounts.systems(site))

        def run(progress: Progress) -> tuple[int, list[str]]:
            read, silent = 0, []
            for done, name in enumerate(names):
                progress.report(done, len(names), title_of(site, name))
                for found in accounts.sync(site, [name], actor=actor):
                    read += 0 if found.trouble else found.accounts
                    silent += [title_of(site, found.system)] if found.trouble else []
            return read, silent

        outcome = await self._run(_("Reading the systems"), run)
        if outcome is None:
            return ""
        read, silent = outcome
        words = ngettext("{number} ID was read.", "{number} IDs were read.", read).format(number=f"{read:,}")
        return words + (" " + _("Unreadable: {systems}").format(systems=", ".join(silent)) if silent else "")

    async def carry_out(self, system: str) -> str:
        """Do at one system or at all what is due, retrying what is in trouble, and say what was verified."""
        site, acting = self._seat.site, self._seat.acting
        require_custodian(site, acting)
        chosen = await self._which(_("Where is done what is due?"), system)
        if chosen is None:
            return ""
        sure = ConfirmDialog(
            _("Do now what is due?"),
            [_("IDs whose period is over lapse, approved changes go to their systems. Each is read again.")],
            act=N_("Run"),
        )
        if not await self._screen.app.ask(sure):
            return ""

        def run(progress: Progress) -> dict[str, Any]:
            progress.report(0, 0, chosen or _("all systems"))
            return accounts.carry_out(site, actor=acting.staff_number, system=chosen)

        done = await self._run(_("Carrying out"), run)
        if done is None:
            return ""
        words = _("Lapsed: {lapsed}, changed: {changed}, not verified: {open}")
        return words.format(lapsed=len(done["lapsed"]), changed=len(done["changed"]), open=len(done["open"]))

    async def _which(self, title: str, system: str) -> str | None:
        choices = [Choice(_("All systems"), _ALL)]
        if system:
            choices.insert(0, Choice(system, system))
        found: str | None = await self._screen.app.ask(ChoiceDialog(title, choices))
        return found

    async def _run(self, title: str, task: Callable[[Progress], Any]) -> Any:
        outcome: Outcome = await self._screen.app.ask(ProgressDialog(title, task))
        if outcome.error is not None:
            self._screen.why(outcome.error)
        elif outcome.cancelled:
            self._screen.why(_("Stopped. What was read until then is kept."))
        return outcome.value
