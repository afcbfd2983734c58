"""The regular checks of abnormal access: which periods were signed by whom, and signing the next one (MO-ANM-04)."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from accesscontrol.messages import N_
from console import detection
from console.frame.forms import Field, FormDialog
from console.frame.screen import BaseScreen
from console.screens.factors import factor_fields
from console.screens.news import News
from console.screens.people_words import person
from console.seat import Seat
from console.translation import _, ngettext
from console.widgets.details import Fact, Section
from console.widgets.list_and_details import ListAndDetails
from console.widgets.paged_table import PagedTable
from console.widgets.rows import Cell, Column, ListSource
from monitors.findings import reviews
from monitors.findings.reviews import Period, Review, Summary
from monitors.findings.states import TITLES, State

_SHOWN = 6


class ChecksScreen(BaseScreen):
    """The signed periods, the newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("n", "sign", N_("Sign"), id="checks.sign")]
    help_title = N_("Regular checks")
    help_text = N_(
        "Each check closes a period: every finding in it was judged, and a person signed that with both factors.\n"
        "n signs the next period, up to yesterday at the most. It can't be signed while a finding of it is open.\n"
        "The signature holds how each finding ended; when one changes afterwards, the check says so."
    )

    def __init__(self, seat: Seat) -> None:
        super().__init__()
        self._seat = seat
        self._reviews = detection.reviews(seat.site)
        self._table: PagedTable[Review] = PagedTable(
            (
                Column(title=N_("Period"), show=lambda each: _days(each.period), width=23),
                Column(title=N_("Count"), show=lambda each: f"{each.findings:,}", width=8, align="right"),
                Column(title=N_("Signed"), show=self._when, width=16),
                Column(
                    title=N_("Signed by"), show=lambda each: person(seat.site.store, each.reviewer), width=14, grow=1
                ),
            ),
            empty=N_("No period was signed yet. n signs the first."),
        )
        self._split = ListAndDetails(self._table, self._explain)
        self._news = News(self, self._table)

    def _when(self, review: Review) -> Cell:
        return Cell(f"{review.at.astimezone(self._seat.site.zone):%Y-%m-%d %H:%M}", "good")

    def body(self) -> Iterable[Widget]:
        """Show list and details."""
        yield self._split

    def load(self) -> None:
        """Read the signed periods, and say which is next."""
        due = self._reviews.next_period()
        aside = _("next: {period}").format(period=_days(due)) if due else _("nothing is due")
        self.head(_("4 Findings"), _("Regular checks"), aside=aside)
        found = reviews.listed(self._seat.site.store)
        source: ListSource[Review] = ListSource(found, lambda each: f"{each.period} {each.reviewer} {each.comment}")
        self._table.show(source)
        self._table.focus()
        self._news.advise(self._advice(due))

    def why(self, reason: str | Exception) -> None:
        """Say why something does not go, until the cursor goes on."""
        super().why(reason)
        self._news.hold()

    def _advice(self, due: Period | None) -> str:
        if due is None:
            return _("Every day up to yesterday is checked.")
        still_open = len(self._reviews.summary(due).open)
        if still_open:
            words = ngettext(
                "{number} finding of the next period waits for a judgement.",
                "{number} findings of the next period wait for a judgement.",
                still_open,
            )
            return words.format(number=f"{still_open:,}")
        return _("n signs the next period.")

    def _explain(self, review: Review) -> list[Section]:
        zone = self._seat.site.zone
        faults = self._reviews.faults(review)
        whole = _("the signature fits, nothing changed since")
        facts = [
            Fact(_("Period"), _days(review.period)),
            Fact(_("Findings"), f"{review.findings:,}  {_counts(review.counts)}"),
            Fact(_("Comment"), review.comment),
            Fact(_("Signed by"), person(self._seat.site.store, review.reviewer)),
            Fact(_("When"), f"{review.at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"),
            Fact(_("Terminal"), review.terminal),
            Fact(_("Checked"), " ".join(map(_, faults)) or whole, "bold $error" if faults else "$success"),
            Fact(_("Digest"), review.digest),
            Fact(_("Key"), review.key_id),
        ]
        return [Section(_("Regular check"), facts)]

    @on(PagedTable.Moved)
    @on(PagedTable.Counted)
    def _moved(self) -> None:
        self._news.counted()
        self.position(self._table.position)

    @on(PagedTable.Failed)
    def _failed(self, event: PagedTable.Failed) -> None:
        self.why(event.reason)

    @work(exclusive=True, group="act")
    async def action_sign(self) -> None:
        """Choose the last day, read what the period holds, and sign it."""
        due = self._reviews.next_period()
        if due is None:
            self.why(_("Every day up to yesterday is checked."))
            return
        fields = (Field(name="last", label=_("Last day"), kind="date", initial=due.last),)
        text = _("The period begins on {day}, the day after the last one.").format(day=due.first.isoformat())
        values = await self.app.ask(FormDialog(_("Regular check"), fields, text=text, act=N_("Go on")))
        if values is None:
            return
        found = self._reviews.summary(Period(due.first, values["last"]))
        if found.open:
            names = ", ".join(found.open[:_SHOWN]) + ("…" if len(found.open) > _SHOWN else "")
            self.why(_("Not judged yet in this period: {names}").format(names=names))
            return
        if await self.app.ask(self._signing(found)):
            self._news.tell(_("{period} is signed.").format(period=_days(found.period)))
            self.load()

    def _signing(self, found: Summary) -> FormDialog:
        def submit(values: dict[str, Any]) -> bool:
            self._reviews.sign(
                found.period.last,
                self._seat.acting,
                seen=found.digest,
                comment=values["comment"],
                sign=self._seat.step_up(values["password"], values["code"]),
            )
            return True

        count = ngettext("{number} finding: {counts}", "{number} findings: {counts}", found.findings)
        lines = [
            _days(found.period),
            count.format(number=f"{found.findings:,}", counts=_counts(found.counts) or "-"),
        ]
        fields = (Field(name="comment", label=_("Comment")), *factor_fields(self._seat))
        return FormDialog(_("Sign the check"), fields, text=lines, act=N_("Sign"), submit=submit)


def _days(period: Period) -> str:
    return f"{period.first.isoformat()} – {period.last.isoformat()}"


def _counts(counts: Mapping[State, int]) -> str:
    return ", ".join(f"{_(TITLES[state])} {counts[state]}" for state in State if counts.get(state))
