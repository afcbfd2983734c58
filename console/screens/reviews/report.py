"""The report of a review: what came of it, item by item, who signed it, and whether all of that still holds."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from accesscontrol.messages import N_
from accesscontrol.reviews import reading
from accesscontrol.reviews.model import KIND_TITLES, STATE_TITLES, Item, Review, State, Verdict, by_item, outcome
from console import review_words
from console.evidence import review_report, tables
from console.frame.forms import Field, FormDialog
from console.frame.screen import BaseScreen
from console.screens.people_words import person
from console.screens.reviews.campaigns import signature_facts, withdrawal_facts
from console.screens.reviews.files import file_name
from console.seat import Seat
from console.translation import _
from console.widgets.details import Details, Fact, Section

_DIGEST = 16


class ReportScreen(BaseScreen):
    """One review as its report tells it; before the end, as it would tell it now."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("c", "table", N_("Table"), id="report.table")]
    help_title = N_("Report")
    help_text = N_(
        "What came of the review: counts, what was not certified, changes and revocations with their remedies, and\n"
        "the signatures, checked anew each time. c writes it as a table (CSV) into the site's own folder."
    )

    def __init__(self, seat: Seat, number: int) -> None:
        super().__init__()
        self._seat, self._number = seat, number
        self._details = Details()

    def body(self) -> Iterable[Widget]:
        """Show the report as one text."""
        yield self._details

    def load(self) -> None:
        """Read it in a thread."""
        review = reading.get(self._seat.site.store, self._number)
        self.head(_("3 Reviews"), review.name, _("Report"), aside=_(STATE_TITLES[review.state]))
        if review.state is State.CLOSED:
            self.next_step(_("c writes the report as a table"))
        elif review.state is State.WITHDRAWN:
            self.next_step(_("it was withdrawn, and leads to nothing"))
        else:
            self.next_step(_("not closed yet: this is how it stands now"))
        self._details.focus()
        self._read()

    @work(thread=True, exclusive=True, group="read")
    def _read(self) -> None:
        try:
            sections = list(self._sections())
        except Exception as error:  # noqa: BLE001 - said on the status line, with a trace kept
            self.app.call_from_thread(self.why, error)
            return
        self.app.call_from_thread(self._details.show, sections)

    def _sections(self) -> Iterator[Section]:
        site = self._seat.site
        store, zone = site.store, site.zone
        review = reading.get(store, self._number)
        yield Section(
            _(KIND_TITLES[review.kind]),
            [
                Fact(_("Instruction"), review.instruction),
                Fact(_("Ordered by"), f"{person(store, review.ordered_by)}"),
                Fact(_("Snapshot"), review_words.moment(review.ordered_at, zone)),
                Fact(_("Answers until"), review_words.deadline(review, zone)),
                Fact(_("Items"), f"{review.items:,}"),
                Fact(_("Outcome"), review_words.count_words(review_words.counts(store, review))),
                *withdrawal_facts(site, review),
            ],
        )
        yield Section(_("Signatures"), list(signature_facts(site, review)))
        yield from self._lists(review)

    def _lists(self, review: Review) -> Iterator[Section]:
        site = self._seat.site
        given = by_item(reading.decisions(site.store, review.number))
        remedies = {each.item: each for each in reading.remedies(site.store, review.number)}
        groups: dict[Verdict | None, list[str]] = {None: [], Verdict.REVOKE: [], Verdict.CHANGE: []}
        for item in reading.items(site.store, review):
            answer = outcome(given.get(item.number, ()))
            verdict = answer.verdict if answer else None
            if verdict in groups:
                remedy = remedies.get(item.number)
                state = review_words.remedy_words(remedy) if remedy else ""
                what = review_words.answer_words(answer, site.zone) if answer else ""
                groups[verdict].append("  ".join(filter(None, (_named(item), what, state))))
                groups[verdict] += [f"    {answer.comment}"] if answer and answer.comment else []
        for title, verdict in (
            (_("Not certified"), None),
            (_("Revoked"), Verdict.REVOKE),
            (_("Changed"), Verdict.CHANGE),
        ):
            if groups[verdict]:
                yield Section(title, sentences=groups[verdict])

    @work(exclusive=True, group="act")
    async def action_table(self) -> None:
        """Write the report as a table, beside it the signed text when there is one."""
        site = self._seat.site
        local = site.clock.now().astimezone(site.zone)
        name = reading.get(site.store, self._number).name
        file = Field(
            name="file",
            label=_("File"),
            initial=f"review-{name}-{local:%Y%m%d-%H%M%S}.csv",
            hint=str(site.home.path / tables.FOLDER),
            check=file_name,
        )

        def submit(values: dict[str, Any]) -> tuple[int, str]:
            return review_report.write(site, self._number, tables.folder(site) / values["file"], self._seat.acting)

        title, text = _("Write the report as a table"), _("The trail keeps the fingerprint of the file.")
        written = await self.app.ask(FormDialog(title, [file], text=text, act=N_("Write the file"), submit=submit))
        if written is not None:
            rows, digest = written
            self.done(tables.written(rows, digest[:_DIGEST]))


def _named(item: Item) -> str:
    return f"- {item.number}  {item.line.system} / {item.line.user_id}  {item.line.staff_number or _('nobody')}"
