"""What a person does about user IDs at the screen: requests, readings, and what is handed over at the desk."""

import hashlib
from collections.abc import Callable
from typing import Any

from accesscontrol.accounts import desired
from accesscontrol.messages import N_
from accesscontrol.people.secret import Secret
from accesscontrol.requests.desk import Acting
from console import account_desk, accounts
from console.custody import require_custodian
from console.frame.dialogs import ChoiceDialog, ConfirmDialog
from console.frame.forms import Field, FormDialog
from console.frame.progress import Outcome, Progress, ProgressDialog
from console.frame.screen import BaseScreen
from console.screens.accounts.picture import AccountRow
from console.screens.factors import factor_fields
from console.screens.once import OnceDialog
from console.screens.requests.writing import write_request_of
from console.seat import Seat
from console.translation import _
from console.widgets.choices import Choice

_ALL = ""
_HOURS = (1, 2, 4, 8, 24, 72)


class Acts:
    """The acts of this place, run from a worker of ``screen``; each returns what was done in words, or nothing."""

    def __init__(self, screen: BaseScreen, seat: Seat) -> None:
        self._screen, self._seat = screen, seat

    # -- requests -------------------------------------------------------------------------------------

    async def request_new(self, system: str) -> str:
        """Request a new ID: its system first, then whose it is and until when."""
        site = self._seat.site
        choices = [Choice(name, name) for name in accounts.systems(site)]
        dialog = ChoiceDialog(_("On which system?"), choices, chosen=system)
        chosen = await self._screen.app.ask(dialog)
        return "" if chosen is None else await self._request("account-issue", {"system": chosen})

    async def request_change(self, row: AccountRow) -> str:
        """Request an extension, other rights, or the end of an ID."""
        choices = (
            Choice(_("Another last day"), "account-extend", _("an extension")),
            Choice(_("Other rights"), "account-change"),
            Choice(_("The end of this ID"), "account-revoke", _("with its sessions, keys and rights")),
        )
        what = await self._screen.app.ask(ChoiceDialog(_("What changes for {id}?").format(id=row.subject), choices))
        if what is None:
            return ""
        return await self._request(what, {"system": row.line.system, "user_id": row.line.user_id})

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
                progress.report(done, len(names), name)
                for found in accounts.sync(site, [name], actor=actor):
                    read += 0 if found.trouble else found.accounts
                    silent += [found.system] if found.trouble else []
            return read, silent

        outcome = await self._run(_("Reading the systems"), run)
        if outcome is None:
            return ""
        read, silent = outcome
        words = _("{number} IDs were read.").format(number=f"{read:,}")
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
            act=N_("Carry out"),
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

    # -- at the desk ----------------------------------------------------------------------------------

    async def take_over(self, row: AccountRow) -> str:
        """Give an ID that was read from a system its one owner."""
        line, site = row.line, self._seat.site
        fields = (
            Field(
                name="staff_number",
                label=_("Staff number"),
                initial=line.candidates[0] if len(line.candidates) == 1 else "",
                hint=_("May belong to: {numbers}").format(numbers=", ".join(line.candidates))
                if line.candidates
                else "",
            ),
            Field(name="last_day", label=_("Last day"), kind="date", required=False),
            Field(name="rule", label=_("By which paper"), hint=_("The paper or rule by which it is this person's.")),
        )

        def submit(values: dict[str, Any], acting: Acting) -> str:
            number = values["staff_number"]
            account_desk.take_over(site, acting, line.system, line.user_id, number, values["last_day"], values["rule"])
            words = _("{user_id} on {system} belongs to {staff_number}.")
            return words.format(system=line.system, user_id=line.user_id, staff_number=number)

        title = _("Take over {id}").format(id=row.subject)
        words = [_("One person owns it from now on. It keeps the rights that were read, up to its end.")]
        return str(await self._prove(title, words, fields, N_("Take over"), submit) or "")

    async def hand_over(self, row: AccountRow) -> str:
        """Hand over a first password, shown once, or confirm that the person chose an own one."""
        line, site = row.line, self._seat.site
        choices = (
            Choice(_("First password"), "issue", _("one use, 24 hours, shown once")),
            Choice(_("The person chose one"), "confirm", _("the ID's real end holds again")),
        )
        what = await self._screen.app.ask(ChoiceDialog(_("Password of {id}").format(id=row.subject), choices))
        if what == "confirm":

            def confirm(_values: dict[str, Any], acting: Acting) -> str:
                account_desk.confirm_password(site, acting, line.system, line.user_id)
                said = _("{system} shows the real end of {user_id} again.")
                return said.format(system=line.system, user_id=line.user_id)

            title = _("Confirm the password of {id}").format(id=row.subject)
            return str(await self._prove(title, [], (), N_("Confirm"), confirm) or "")
        if what is None:
            return ""

        def hand_over(_values: dict[str, Any], acting: Acting) -> Secret:
            return account_desk.hand_over_password(site, acting, line.system, line.user_id)

        title = _("Hand over to {login}").format(login=row.subject)
        words = [_("It is shown once, to the person who stands beside you.")]
        secret = await self._prove(title, words, (), N_("Show"), hand_over)
        if secret is None:
            return ""
        await self._screen.app.ask(OnceDialog(row.subject, secret))
        return _("Handed over to {login}. It can't be shown again.").format(login=row.subject)

    async def break_glass(self, row: AccountRow) -> str:
        """Hand an emergency ID to one person for some hours, or take it back."""
        site = self._seat.site
        if desired.entry(site.store, *row.key).in_force(site.clock.now()):
            return await self._check_in(row)
        line = row.line
        hours = [Choice(str(number), number) for number in _HOURS]
        fields = (
            Field(name="staff_number", label=_("Staff number")),
            Field(name="hours", label=_("Hours"), kind="choice", choices=hours, initial=4),
            Field(name="rights", label=_("Rights"), required=False, hint=_("Separated by commas.")),
            Field(name="reason", label=_("Reason"), hint=_("What happened.")),
        )

        def submit(values: dict[str, Any], acting: Acting) -> str:
            rights = [each.strip() for each in values["rights"].split(",") if each.strip()]
            number = values["staff_number"]
            account_desk.check_out(
                site, acting, line.system, line.user_id, number,
                hours=values["hours"], rights=rights, reason=values["reason"],
            )  # fmt: skip
            accounts.carry_out(site, actor=acting.staff_number, system=line.system)
            words = _("{user_id} on {system} is in the hands of {staff_number}.")
            return words.format(system=line.system, user_id=line.user_id, staff_number=number)

        title = _("Hand out {id}").format(id=row.subject)
        words = [_("In one person's hands, and over by itself after these hours.")]
        return str(await self._prove(title, words, fields, N_("Hand out"), submit) or "")

    async def _check_in(self, row: AccountRow) -> str:
        site, line = self._seat.site, row.line

        def submit(_values: dict[str, Any], acting: Acting) -> str:
            account_desk.check_in(site, acting, line.system, line.user_id)
            accounts.carry_out(site, actor=acting.staff_number, system=line.system)
            return _("{user_id} on {system} is back.").format(system=line.system, user_id=line.user_id)

        title = _("Take back {id}").format(id=row.subject)
        return str(await self._prove(title, [_("It lapses at once.")], (), N_("Take back"), submit) or "")

    async def _prove(
        self,
        title: str,
        words: list[str],
        fields: tuple[Field, ...],
        act: str,
        submit: Callable[[dict[str, Any], Acting], Any],
    ) -> Any:
        """Ask for the fields and both factors once more, and do it as the person who proved them."""

        def proven(values: dict[str, Any]) -> Any:
            statement = hashlib.sha256(title.encode()).digest()
            self._seat.step_up(values["password"], values["code"])(statement)
            return submit(values, self._seat.acting)

        dialog = FormDialog(title, (*fields, *factor_fields(self._seat)), text=words, act=act, submit=proven)
        return await self._screen.app.ask(dialog)
