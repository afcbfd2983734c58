"""What a person does to one request at the screen: each act asks for what it needs and says what came of it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from accesscontrol.messages import N_
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import decisions, gate, reading, reports, submission
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import TITLES, State
from console import corrections
from console.frame.dialogs import ChoiceDialog, ConfirmDialog, ReasonDialog
from console.frame.forms import Field, FormDialog
from console.frame.progress import Outcome, Progress, ProgressDialog
from console.frame.screen import BaseScreen
from console.locker import WRITING
from console.retelling import retold
from console.screens.factors import factor_fields, second_person_fields
from console.screens.requests.passing import PassingDialog
from console.screens.tasks import acts as tasks
from console.seat import Seat
from console.translation import _
from console.widgets.choices import Choice


class Acts:
    """The acts on one request, run from a worker of ``screen``; each says what was done, or nothing."""

    def __init__(self, screen: BaseScreen, seat: Seat) -> None:
        self._screen, self._seat = screen, seat

    async def _ask(self, title: str, text: Any, fields: tuple[Field, ...], act: str, submit: Callable[..., Any]) -> str:
        dialog = FormDialog(title, fields, text=text, act=act, submit=submit)
        return str(await self._screen.app.ask(dialog) or "")

    async def approve(self, request: Request) -> str:
        """Sign a yes with one's own factors."""

        def submit(values: dict[str, Any]) -> str:
            sign = self._seat.step_up(values["password"], values["code"])
            desk = self._seat.site.desk
            return _approved(decisions.approve(desk, request.id, self._seat.acting, seen=request.digest, sign=sign))

        return await self._ask(
            _("Approve {id}").format(id=request.id),
            _approval_words(request),
            factor_fields(self._seat),
            N_("Approve"),
            submit,
        )

    async def values(self, request: Request) -> str:
        """Show before and after of a correction for a while; nothing of it stays."""
        try:
            found = corrections.reveal(self._seat.site, request, self._seat.acting)
        except Refusal as refusal:
            self._screen.why(refusal)
            return ""
        seconds = self._seat.site.policy.unmasked.total_seconds()
        await self._screen.app.ask(PassingDialog(_("Values of {id}").format(id=request.id), found, seconds))
        return _("The trail says that you have seen the values of {id}.").format(id=request.id)

    async def approve_in_place(self, request: Request) -> str:
        """Let a second person sign a yes at this screen."""

        def submit(values: dict[str, Any]) -> str:
            actor, sign = self._seat.second_person(values["login"], values["password"], values["code"])
            return _approved(decisions.approve(self._seat.site.desk, request.id, actor, seen=request.digest, sign=sign))

        return await self._ask(
            _("Another person approves {id}").format(id=request.id),
            _approval_words(request),
            second_person_fields(self._seat, _still_needed(request)),
            N_("Approve"),
            submit,
        )

    async def attest(self, request: Request) -> str:
        """Let the witness sign what was seen, at this screen."""
        phase = decisions.BEFORE if request.state is State.APPROVED else decisions.AFTER
        words = {
            decisions.BEFORE: N_("The witness is present and has seen what will be done."),
            decisions.AFTER: N_("The witness was present to the end and has seen what was done."),
        }[phase]
        mine = Role.WITNESS in self._seat.roles
        fields = factor_fields(self._seat) if mine else second_person_fields(self._seat, {Role.WITNESS})
        statement = Field(name="statement", label=_("Statement"), initial=_(words))

        def submit(values: dict[str, Any]) -> str:
            if mine:
                actor, sign = self._seat.acting, self._seat.step_up(values["password"], values["code"])
            else:
                actor, sign = self._seat.second_person(values["login"], values["password"], values["code"])
            decisions.attest(
                self._seat.site.desk, request.id, actor, phase=phase, statement=values["statement"], sign=sign
            )
            return _("The witness of {id} has signed.").format(id=request.id)

        title = _("Witness to {id}").format(id=request.id)
        return await self._ask(title, _(words), (*fields, statement), N_("Sign"), submit)

    async def _with_reason(
        self, request: Request, title: str, text: str, act: str, do: Callable[[str], object], label: str = N_("Reason")
    ) -> str:
        reason = await self._screen.app.ask(ReasonDialog(title, text, act=act, label=label))
        if reason is None:
            return ""
        try:
            do(reason)
        except Refusal as refusal:
            self._screen.why(refusal)
            return ""
        now = reading.get(self._seat.site.store, request.id)
        return _("{id} is {state}.").format(id=now.id, state=_(TITLES[now.state]))

    async def reject(self, request: Request) -> str:
        """Say no, with a reason."""
        return await self._with_reason(
            request,
            _("Reject {id}").format(id=request.id),
            _("The requester reads this reason. A rejection is final."),
            N_("Reject"),
            lambda reason: decisions.reject(self._seat.site.desk, request.id, self._seat.acting, reason=reason),
        )

    async def revoke(self, request: Request) -> str:
        """Take one's own yes back."""
        return await self._with_reason(
            request,
            _("Take back the approval of {id}").format(id=request.id),
            _("The request ends; it must be submitted again."),
            N_("Take back"),
            lambda reason: decisions.revoke(self._seat.site.desk, request.id, self._seat.acting, reason=reason),
        )

    async def withdraw(self, request: Request) -> str:
        """Take one's own request back."""
        return await self._with_reason(
            request,
            _("Withdraw {id}").format(id=request.id),
            _("Nothing will be done."),
            N_("Withdraw"),
            lambda reason: submission.withdraw(self._seat.site.desk, request.id, self._seat.acting, reason=reason),
        )

    async def report(self, request: Request) -> str:
        """Say what was done."""
        return await self._with_reason(
            request,
            _("Report on {id}").format(id=request.id),
            _("What was done, and what came of it?"),
            N_("Report"),
            lambda text: reports.report(self._seat.site.desk, request.id, self._seat.acting, text=text),
            N_("Report"),
        )

    async def close(self, request: Request) -> str:
        """Accept the report."""
        report = request.performance.report if request.performance else ""
        return await self._with_reason(
            request,
            _("Accept the report on {id}").format(id=request.id),
            report or "",
            N_("Accept"),
            lambda comment: reports.close(self._seat.site.desk, request.id, self._seat.acting, comment=comment),
            N_("Comment"),
        )

    async def settle(self, request: Request) -> str:
        """Decide what an interrupted act came to."""
        choices = (Choice(_("It was done"), State.DONE), Choice(_("It failed"), State.FAILED))
        outcome = await self._screen.app.ask(ChoiceDialog(_("What came of {id}?").format(id=request.id), choices))
        if outcome is None:
            return ""
        return await self._with_reason(
            request,
            _("Settle {id}").format(id=request.id),
            _("How was the result found out?"),
            N_("Settle"),
            partial(self._settle, request, outcome),
            N_("Statement"),
        )

    def _settle(self, request: Request, outcome: State, statement: str) -> None:
        gate.settle(self._seat.site.desk, request.id, self._seat.acting, outcome=outcome, statement=statement)

    async def execute(self, request: Request) -> str:
        """Run it, once, with progress; a task of the register before one's eyes, in its session."""
        if tasks.is_maintenance(request.kind):
            return await tasks.execute(self._screen, self._seat, request)
        question = ConfirmDialog(
            _("Execute {id}?").format(id=request.id),
            [_("It runs once. What was approved is checked again first.")],
            act=N_("Execute"),
        )
        if not await self._screen.app.ask(question):
            return ""

        writes = request.kind in WRITING

        def run(progress: Progress) -> Request:
            progress.report(0, 0, _("Checking what was approved…"))
            step = _("Writing, then reading back from the medium…") if writes else ""
            return gate.execute(
                self._seat.site.desk,
                request.id,
                self._seat.acting,
                progress=lambda done, total: progress.report(done, total, step),
            )

        dialog = ProgressDialog(_("Execute {id}").format(id=request.id), run, sizes=writes)
        outcome: Outcome = await self._screen.app.ask(dialog)
        if outcome.error is not None:
            self._screen.why(outcome.error)
            return ""
        if outcome.cancelled:
            return _("Stopped before it began. Nothing was done.")
        finished: Request = outcome.value
        if finished.state is State.FAILED:
            evidence = finished.performance.evidence if finished.performance else None
            return _("The act failed: {reason}").format(reason=retold(str((evidence or {}).get("reason", "?"))))
        return _("{id} is done.").format(id=request.id)


def _still_needed(request: Request) -> frozenset[Role]:
    filled = {approval.slot for approval in request.in_force()}
    return frozenset().union(*(slot.roles for slot in request.rule.slots if slot.name not in filled))


def _approved(request: Request) -> str:
    if request.state is State.APPROVED:
        return _("{id} is approved.").format(id=request.id)
    return _("{id} has your approval; others are still needed.").format(id=request.id)


def _approval_words(request: Request) -> list[str]:
    return [
        _("Your signature is bound to everything that you have read, and valid once, until the window ends."),
        f"SHA-256 {request.digest[:32]}",
        f"        {request.digest[32:]}",
    ]
