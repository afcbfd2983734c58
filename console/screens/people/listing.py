"""User IDs: the lists, and what a custodian does with one of them."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from accesscontrol.messages import N_
from accesscontrol.people.operators import State
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal
from accesscontrol.requests import submission
from accesscontrol.requests.desk import Acting
from console import custody
from console.account_words import last_day
from console.frame.dialogs import ChoiceDialog, ReasonDialog
from console.frame.forms import Field, FormDialog
from console.screens.factors import factor_fields
from console.screens.once import OnceDialog
from console.screens.people import operators, others
from console.screens.people.operators import OperatorRow
from console.screens.people.others import AccountRow, subject_of
from console.screens.people.roles import RolesDialog
from console.screens.requests.writing import write_request_of
from console.screens.revealing import RevealingScreen
from console.screens.views import View
from console.translation import _
from console.widgets.choices import Choice

_OPERATOR_ACTS = frozenset({"new", "edit", "unlock", "issue"})


class PeopleScreen(RevealingScreen):
    """Place 2."""

    place_title = N_("2 User IDs")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", N_("New"), id="people.new"),
        Binding("e", "edit", N_("Change"), id="people.edit"),
        Binding("u", "unlock", N_("Unlock"), id="people.unlock"),
        Binding("p", "issue", N_("Hand over"), id="people.issue"),
        Binding("m", "reveal", N_("Name"), id="people.reveal"),
    ]
    help_title = N_("User IDs")
    help_text = N_(
        "Three lists, turned by the arrows left and right: who may use this console, from which terminals, and the\n"
        "accounts of the register system itself. f shows a part, / searches.\n"
        "n and e hand in a request: nobody gets or changes rights alone. u opens a login that failures have locked,\n"
        "p hands over a temporary password or a new code seed, in front of the person, shown once; both ask for your\n"
        "two factors. m shows a full name for a minute, after writing it into the trail."
    )

    def views(self) -> Iterable[View[Any]]:
        """Return operators, terminals, and the register system's accounts."""
        site = self._seat.site
        return (
            operators.view(site, self._shown_name),
            others.terminals_view(site, self._seat.fact),
            others.accounts_view(site, self._shown_name),
        )

    def aside(self) -> str:
        """Say when this was read."""
        return _("read at {time}").format(time=f"{self._seat.site.clock.now().astimezone(self._seat.site.zone):%H:%M}")

    def subject_of(self, row: Any) -> str:
        """Return how the trail names the person of ``row``."""
        if isinstance(row, OperatorRow):
            return row.name
        return subject_of(row.account) if isinstance(row, AccountRow) else ""

    # -- which keys work ------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the custodian's keys on operators only."""
        if action in _OPERATOR_ACTS and self._at:
            return False
        return super().check_action(action, parameters)

    def why_not(self, action: str) -> str:
        """Say why an act is off for the login under the cursor."""
        if action not in _OPERATOR_ACTS - {"new"} or not self.is_attached:
            return ""
        row = self.row
        if not isinstance(row, OperatorRow):
            return _("No login stands under the cursor.")
        if row.login.operator.staff_number == self._seat.session.operator.staff_number:
            return _("Nobody does this for a login of their own. Ask a second person.")
        if action == "unlock" and row.login.operator.state is not State.LOCKED:
            return _("This login is not locked.")
        return ""

    def advise(self, row: Any) -> None:
        """Say what to do next."""
        if isinstance(row, OperatorRow) and row.login.operator.state is State.LOCKED:
            self.next_step(_("u opens this login, after the person has said what happened"))
        else:
            super().advise(row)

    # -- acts -----------------------------------------------------------------------------------------

    @work(exclusive=True, group="act")
    async def action_new(self) -> None:
        """Request a new operator: the roles first, then who it is and until when."""
        roles = await self.app.ask(RolesDialog(_("Roles of the new operator")))
        if roles:
            kind = self._seat.site.kinds["operator-add"]
            self._handed_in(await write_request_of(self, self._seat, kind, {"roles": roles}))

    @work(exclusive=True, group="act")
    async def action_edit(self) -> None:
        """Request other roles, another last day, or the end, of the login under the cursor."""
        row = self.row
        if not isinstance(row, OperatorRow):
            return
        choices = (
            Choice(_("Other roles"), "roles"),
            Choice(_("Another last day"), "day", _("now {day}").format(day=self._last_day(row))),
            Choice(_("The end of the access"), "end", _("sessions end as well")),
        )
        title = _("What changes for {login}?").format(login=row.name)
        what = await self.app.ask(ChoiceDialog(title, choices))
        if what == "roles":
            await self._change_roles(row)
        elif what == "day":
            kind = self._seat.site.kinds["operator-last-day"]
            self._handed_in(await write_request_of(self, self._seat, kind, {"login": row.name}))
        elif what == "end":
            await self._end(row)

    def _last_day(self, row: OperatorRow) -> str:
        return last_day(row.login.operator.valid_until, self._seat.site.zone)

    async def _change_roles(self, row: OperatorRow) -> None:
        title = _("Roles of {login}").format(login=row.name)
        roles = await self.app.ask(RolesDialog(title, row.login.operator.roles))
        if roles:
            kind = self._seat.site.kinds["operator-change"]
            given = {"login": row.name, "roles": roles, "disable": False}
            self._handed_in(await write_request_of(self, self._seat, kind, given))

    async def _end(self, row: OperatorRow) -> None:
        title = _("End the access of {login}").format(login=row.name)
        words = _("The security officer approves this first. The login is never given out again.")
        reason = await self.app.ask(ReasonDialog(title, words, act=N_("Hand in")))
        if reason is None:
            return
        parameters = {"login": row.name, "disable": True}
        desk = self._seat.site.desk
        try:
            request = submission.submit(desk, "operator-change", parameters, self._seat.acting, reason=reason)
        except Refusal as refusal:
            self.why(refusal)
        else:
            self._handed_in(request.id)

    def _handed_in(self, request: str) -> None:
        if request:
            self.done(_("{id} waits for approval.").format(id=request))

    @work(exclusive=True, group="act")
    async def action_unlock(self) -> None:
        """Open the locked login under the cursor, with one's own two factors."""
        row = self.row
        if not isinstance(row, OperatorRow):
            return
        login = row.name
        reason = Field(name="reason", label=_("Reason"), hint=_("What happened, in the person's own words."))

        def open_it(values: dict[str, Any]) -> bool:
            custody.unlock(self._seat.site, login, self._proven(values, f"unlock {login}"), reason=values["reason"])
            return True

        title = _("Open {login}").format(login=login)
        words = [_("Failures have locked this login. Open it only when you know whose they were.")]
        if await self._ask(title, words, (reason,), N_("Open"), open_it):
            self.split.table.reload()
            self.done(_("{login} is open again.").format(login=login))

    @work(exclusive=True, group="act")
    async def action_issue(self) -> None:
        """Hand over a temporary password or a new seed for the login under the cursor, and show it once."""
        row = self.row
        if not isinstance(row, OperatorRow):
            return
        login = row.name
        choices = (
            Choice(_("Temporary password"), "password", _("for one use, to be changed at once")),
            Choice(_("New code seed"), "seed", _("for the authenticator; earlier ones stop working")),
        )
        what = await self.app.ask(ChoiceDialog(_("What do you hand to {login}?").format(login=login), choices))
        if what is None:
            return
        issue = custody.issue_password if what == "password" else custody.issue_seed

        def hand_over(values: dict[str, Any]) -> Secret:
            return issue(self._seat.site, login, self._proven(values, f"issue {what} {login}"))

        words = [_("It is shown once, to the person who stands beside you.")]
        if what == "password":
            words.append(_("Open sessions of this login end, and its signing key is retired."))
        title = _("Hand over to {login}").format(login=login)
        secret = await self._ask(title, words, (), N_("Show"), hand_over)
        if secret is not None:
            await self.app.ask(OnceDialog(login, secret))
            self.split.table.reload()
            self.done(_("Handed over to {login}. It can't be shown again.").format(login=login))

    def _proven(self, values: dict[str, Any], act: str) -> Acting:
        """Return the person, after both factors were proven once more for this act."""
        self._seat.step_up(values["password"], values["code"])(hashlib.sha256(act.encode()).digest())
        return self._seat.acting

    async def _ask(
        self,
        title: str,
        words: str | list[str],
        fields: tuple[Field, ...],
        act: str,
        submit: Callable[[dict[str, Any]], Any],
    ) -> Any:
        dialog = FormDialog(title, (*fields, *factor_fields(self._seat)), text=words, act=act, submit=submit)
        return await self.app.ask(dialog)
