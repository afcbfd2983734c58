"""The dialogs in which people judge, comment, confirm, reopen and lock."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from accesscontrol.clock import end_of_day
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks
from console.frame.dialogs import ChoiceDialog, ReasonDialog
from console.frame.forms import Field, FormDialog
from console.frame.screen import BaseScreen
from console.seat import Seat
from console.system_titles import title_of
from console.text import mask
from console.translation import _, ngettext
from console.widgets.choices import Choice
from monitors.findings import reading
from monitors.findings.judging import Judgement
from monitors.findings.reading import Finding
from monitors.findings.states import TITLES, State

_CHOICES = (State.LEGITIMATE, State.INCIDENT, State.FALSE_ALARM)


class Judging:
    """The acts on findings, each run from a worker of ``screen``; each returns whether something was done."""

    def __init__(self, screen: BaseScreen, seat: Seat) -> None:
        self._screen, self._seat = screen, seat

    async def judge(self, findings: Sequence[Finding]) -> bool:
        """Judge one finding, or several alike at once."""
        # as many are shown
        names = ", ".join(each.id for each in findings[:4]) + ("…" if len(findings) > 4 else "")  # noqa: PLR2004
        count = ngettext("Judge {names}", "Judge {number} findings: {names}", len(findings))
        fields: tuple[Field, ...] = (
            Field(
                name="state",
                label=_("Judgement"),
                kind="choice",
                choices=[Choice(_(TITLES[state]), state) for state in _CHOICES],
            ),
            Field(name="reason", label=_("Reason")),
            Field(
                name="application",
                label=_("Application no."),
                required=False,
                hint=self._applications(findings),
            ),
        )
        quiet = Field(
            name="until",
            label=_("Quiet until"),
            kind="date",
            required=False,
            hint=_("False alarm only; takes force when a second person confirms it with f."),
        )
        if self._seat.site.judges.confirmers(self._seat.acting):
            fields = (*fields, quiet)

        def submit(values: dict[str, Any]) -> bool:
            until: date | None = values.get("until")
            judgement = Judgement(
                state=values["state"],
                reason=values["reason"],
                application=values["application"],
                suppress_until=end_of_day(until, self._seat.site.zone) if until else None,
            )
            self._seat.site.judges.judge([each.number for each in findings], self._seat.acting, judgement)
            return True

        title = count.format(names=names, number=len(findings))
        return bool(await self._screen.app.ask(FormDialog(title, fields, act=N_("Judge"), submit=submit)))

    async def together(self, finding: Finding) -> Sequence[Finding]:
        """Return ``finding`` with those to be judged along with it; asks which, where there are two kinds of them."""
        store = self._seat.site.store
        alike, same = reading.alike(store, finding), reading.of_account(store, finding)
        if not same or {each.number for each in same} <= {each.number for each in alike}:
            return (finding, *alike)
        groups, system = {"rule": alike, "account": same}, title_of(self._seat.site, finding.system)
        titles = {"rule": _("This rule on {system}: {number}"), "account": _("{account} on {system}: {number}")}
        choices = [
            Choice(titles[by].format(number=len(others) + 1, account=finding.account, system=system), by)
            for by, others in sorted(groups.items(), key=lambda group: -len(group[1]))
        ]
        picked = await self._screen.app.ask(ChoiceDialog(_("Judge together"), choices))
        return (finding, *groups[picked]) if picked in groups else ()

    def _applications(self, findings: Sequence[Finding]) -> str:
        """Say which approved application covers the time, where it is one finding and there is one (MO-ANM-06)."""
        first = findings[0]
        matching = self._seat.site.facts.matching(first.system, first.account, first.first, first.last)
        if len(findings) == 1 and matching:
            names = ", ".join(dict.fromkeys(each.reference for each in matching))
            return _("Needed where the access was legitimate. Approved for that time: {names}").format(names=names)
        return _("Needed where the access was legitimate, for example R-2026-0012.")

    async def comment(self, finding: Finding) -> bool:
        """Write to a finding."""
        text = await self._reason(_("Comment on {id}").format(id=finding.id), "", N_("Write"))
        return text is not None and self._did(
            lambda: self._seat.site.judges.comment(finding.number, self._seat.acting, text=text)
        )

    async def reopen(self, finding: Finding) -> bool:
        """Open a judged finding again."""
        words = _("A suppression that came of it ends.")
        reason = await self._reason(_("Reopen {id}").format(id=finding.id), words, N_("Reopen"))
        return reason is not None and self._did(
            lambda: self._seat.site.judges.reopen(finding.number, self._seat.acting, reason=reason)
        )

    async def confirm(self, finding: Finding) -> bool:
        """Confirm that the like of it stays quiet."""
        return self._did(lambda: self._seat.site.judges.confirm_suppression(finding.number, self._seat.acting))

    async def take(self, finding: Finding) -> bool:
        """Take a finding into one's own hands."""
        actor = self._seat.acting
        return self._did(lambda: self._seat.site.judges.assign(finding.number, actor, to=actor.staff_number))

    async def give(self, finding: Finding) -> bool:
        """Give a finding to a colleague who judges."""
        judges, actor = self._seat.site.judges, self._seat.acting
        people = [
            Choice(f"{mask(each.name)}  {each.staff_number}", each.staff_number) for each in judges.colleagues(actor)
        ]
        to = await self._screen.app.ask(ChoiceDialog(_("Give {id} to").format(id=finding.id), people))
        return isinstance(to, str) and self._did(lambda: judges.assign(finding.number, actor, to=to))

    async def lock(self, finding: Finding) -> bool:
        """Lock the account, and its person if one is known, until somebody lifts the locks."""
        site = self._seat.site
        owner = site.judges.owner_of(finding.system, finding.account)
        words = _("Nothing that this person or account is part of will run until the lock is lifted.")
        reason = await self._reason(_("Lock {account}").format(account=finding.account), words, N_("Lock"))
        if reason is None:
            return False

        def place() -> None:
            actor = self._seat.acting
            targets = [("account", f"{finding.system}/{finding.account}"), *([("person", owner)] if owner else [])]
            for type_, name in targets:
                locks.place(
                    site.store,
                    type_,
                    name,
                    reason=f"{finding.id} {reason}",
                    actor=actor.staff_number,
                    terminal=actor.terminal,
                )

        return self._did(place)

    async def _reason(self, title: str, text: str, act: str) -> str | None:
        answer: str | None = await self._screen.app.ask(ReasonDialog(title, text, act=act))
        return answer

    def _did(self, do: Any) -> bool:
        try:
            do()
        except Refusal as refusal:
            self._screen.why(refusal)
            return False
        return True
