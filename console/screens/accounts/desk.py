"""What is done about one user ID at the desk, without a request: each act proven once more by both factors."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from accesscontrol.accounts import desired
from accesscontrol.accounts.model import DISABLE_REASON_TITLES, AccountState, DisableReason
from accesscontrol.messages import N_
from accesscontrol.people.secret import Secret
from accesscontrol.requests.desk import Acting
from console import account_desk, accounts
from console.frame.dialogs import ChoiceDialog
from console.frame.forms import Field
from console.frame.screen import BaseScreen
from console.screens.accounts.menu import Entry
from console.screens.accounts.picture import AccountRow
from console.screens.accounts.proving import prove
from console.screens.once import OnceDialog
from console.seat import Seat
from console.system_titles import title_of
from console.translation import _
from console.widgets.choices import Choice

_HOURS = (1, 2, 4, 8, 24, 72)


class Desk:
    """The acts at the desk, run from a worker of ``screen``; each returns what was done in words, or nothing."""

    def __init__(self, screen: BaseScreen, seat: Seat) -> None:
        self._screen, self._seat = screen, seat
        self._prove = partial(prove, screen, seat)

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
            return words.format(system=title_of(site, line.system), user_id=line.user_id, staff_number=number)

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
                return said.format(system=title_of(site, line.system), user_id=line.user_id)

            title = _("Confirm the password of {id}").format(id=row.subject)
            return str(await self._prove(title, [], (), N_("Confirm"), confirm) or "")
        if what is None:
            return ""

        def hand_over(_values: dict[str, Any], acting: Acting) -> Secret | str:
            given = account_desk.hand_over_password(site, acting, line.system, line.user_id)
            set_there = _(account_desk.SET_THERE).format(system=title_of(site, line.system), user_id=line.user_id)
            return set_there if given is None else given

        title = _("Hand over to {login}").format(login=row.subject)
        words = [_("It is shown once, to the person who stands beside you.")]
        given = await self._prove(title, words, (), N_("Show"), hand_over)
        if not isinstance(given, Secret):
            return str(given or "")
        await self._screen.app.ask(OnceDialog(row.subject, given))
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
            return words.format(system=title_of(site, line.system), user_id=line.user_id, staff_number=number)

        title = _("Hand out {id}").format(id=row.subject)
        words = [_("In one person's hands, and over by itself after these hours.")]
        return str(await self._prove(title, words, fields, N_("Hand out"), submit) or "")

    async def _check_in(self, row: AccountRow) -> str:
        site, line = self._seat.site, row.line

        def submit(_values: dict[str, Any], acting: Acting) -> str:
            account_desk.check_in(site, acting, line.system, line.user_id)
            accounts.carry_out(site, actor=acting.staff_number, system=line.system)
            return _("{user_id} on {system} is back.").format(system=title_of(site, line.system), user_id=line.user_id)

        title = _("Take back {id}").format(id=row.subject)
        return str(await self._prove(title, [_("It lapses at once.")], (), N_("Take back"), submit) or "")

    # -- now and then ---------------------------------------------------------------------------------

    def entries(self, row: AccountRow) -> Iterator[Entry]:
        """Yield what can be done with an ID at the desk, for the menu and the palette."""
        if row.account is None:
            yield Entry(_("Give it its one owner"), lambda: self.take_over(row), _("at once, by a custodian"))
            words = _("at once, by the security officer")
            yield Entry(_("Let it stand without a person"), lambda: self.excuse(row), words)
        elif desired.entry(self._seat.site.store, *row.key).suspension is not None:
            yield Entry(_("Enable it again"), lambda: self.enable(row), _("at once, by a custodian"))
        elif row.line.state == AccountState.LIVE:
            yield Entry(_("Disable it"), lambda: self.disable(row), _("at once, by a custodian"))
        elif row.line.state == AccountState.LAPSED:
            yield Entry(_("Discard it for ever"), lambda: self.discard(row), _("at once, by a custodian"))

    async def disable(self, row: AccountRow) -> str:
        """Disable an ID at once, until somebody enables it."""
        site, line = self._seat.site, row.line
        reasons = [Choice(_(DISABLE_REASON_TITLES[each]), each) for each in account_desk.DISABLING]
        fields = (
            Field(name="ground", label=_("Because of"), kind="choice", choices=reasons, initial=DisableReason.INCIDENT),
            Field(name="note", label=_("Reason"), hint=_("What happened.")),
        )

        def submit(values: dict[str, Any], acting: Acting) -> str:
            account_desk.disable(site, acting, line.system, line.user_id, values["ground"], note=values["note"])
            said = _("{user_id} on {system} is disabled.").format(
                system=title_of(site, line.system), user_id=line.user_id
            )
            return said + self._carried_out(row, acting)

        title = _("Disable {id}").format(id=row.subject)
        words = [_("At once, with its sessions, keys and rights, until somebody enables it again.")]
        return str(await self._prove(title, words, fields, N_("Disable"), submit) or "")

    async def enable(self, row: AccountRow) -> str:
        """Enable an ID that was disabled."""
        site, line = self._seat.site, row.line

        def submit(values: dict[str, Any], acting: Acting) -> str:
            account_desk.enable(site, acting, line.system, line.user_id, note=values["note"])
            said = _("{user_id} on {system} is enabled again.").format(
                system=title_of(site, line.system), user_id=line.user_id
            )
            return said + self._carried_out(row, acting)

        title = _("Enable {id}").format(id=row.subject)
        words = [_("It gets back what it held. An end that has come meanwhile outranks every hand (AC-USR-03).")]
        fields = (Field(name="note", label=_("Reason"), hint=_("Why it may be used again.")),)
        return str(await self._prove(title, words, fields, N_("Enable"), submit) or "")

    async def excuse(self, row: AccountRow) -> str:
        """Let an ID stand without a person up to a day."""
        site, line = self._seat.site, row.line

        def submit(values: dict[str, Any], acting: Acting) -> str:
            day, reason = values["last_day"], values["reason"]
            account_desk.excuse(site, acting, line.system, line.user_id, day, reason=reason)
            said = _("{user_id} on {system} may stand without a person up to {day}.")
            return said.format(system=title_of(site, line.system), user_id=line.user_id, day=f"{day:%Y-%m-%d}")

        title = _("Exception for {id}").format(id=row.subject)
        words = [_("For an ID that a machine uses, for example. It counts as left over again after its last day.")]
        fields = (
            Field(name="last_day", label=_("Last day"), kind="date"),
            Field(name="reason", label=_("Reason"), hint=_("Why it may stand without a person.")),
        )
        return str(await self._prove(title, words, fields, N_("Allow"), submit) or "")

    async def discard(self, row: AccountRow) -> str:
        """Close a lapsed ID for ever."""
        site, line = self._seat.site, row.line

        def submit(_values: dict[str, Any], acting: Acting) -> str:
            account_desk.discard(site, acting, line.system, line.user_id)
            return _("{user_id} on {system} is discarded.").format(
                system=title_of(site, line.system), user_id=line.user_id
            )

        title = _("Discard {id}").format(id=row.subject)
        words = [_("For ever: its name is never given out again, to nobody, and this can't be taken back.")]
        return str(await self._prove(title, words, (), N_("Discard"), submit) or "")

    async def name_break_glass(self, system: str) -> str:
        """Name an ID for emergencies on a system."""
        site = self._seat.site
        fields = (Field(name="user_id", label=_("User ID"), hint=_("One that is made for this, and nobody's own.")),)

        def submit(values: dict[str, Any], acting: Acting) -> str:
            account_desk.name_break_glass(site, acting, system, values["user_id"])
            said = _("{user_id} on {system} is a break-glass ID.")
            return said.format(system=system, user_id=values["user_id"])

        title = _("An ID for emergencies on {system}").format(system=title_of(site, system))
        words = [_("Nobody may use it until it is handed out (b), to one person, for some hours.")]
        return str(await self._prove(title, words, fields, N_("Name it"), submit) or "")

    def _carried_out(self, row: AccountRow, acting: Acting) -> str:
        """Bring the system into line, and return what to add when no reading has shown it yet."""
        done = accounts.carry_out(self._seat.site, actor=acting.staff_number, system=row.line.system)
        open_still = row.subject in done["open"]
        return " " + _("The system doesn't show it yet; it is tried again.") if open_still else ""
