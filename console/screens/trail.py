"""Place 9: the book, newest first, and its proof."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from accesscontrol.messages import N_
from accesscontrol.store import Store
from accesscontrol.trail import entries, verification
from accesscontrol.trail.entries import Entry
from accesscontrol.trail.verification import Verification
from console.frame.dialogs import MessageDialog
from console.frame.progress import Outcome, Progress, ProgressDialog
from console.frame.screen import BaseScreen
from console.seat import Seat
from console.trail_field_words import field_title
from console.trail_words import outcome_of, title_of
from console.translation import _, filled, ngettext, shown, trouble_of
from console.widgets.details import Fact, Section
from console.widgets.list_and_details import ListAndDetails
from console.widgets.paged_table import PagedTable
from console.widgets.rows import Cell, Column, Query

_BATCH = 20_000
_FIRST_BATCH = 200
_REFUSED = ("refused", "failed", "unknown", "backwards", "forwards")
_SHOWN_FAULTS = 12


class TrailSource:
    """The entries as a long list, newest first."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def index(self, query: Query) -> Iterator[Sequence[int]]:
        """Yield entry numbers in descending order; a filter searches the whole text of an entry."""
        if not query.text:
            numbers = range(entries.size(self._store), 0, -1)
            yield numbers[:_FIRST_BATCH]
            for start in range(_FIRST_BATCH, len(numbers), _BATCH):
                yield numbers[start : start + _BATCH]
            return
        before: int | None = None
        limit = _FIRST_BATCH
        while found := entries.page(self._store, before=before, limit=limit, contains=query.text):
            yield [each.number for each in found]
            before, limit = found[-1].number, _BATCH

    def rows(self, ids: Sequence[int]) -> Sequence[Entry | None]:
        """Return these entries."""
        found = {each.number: each for each in entries.numbered(self._store, ids)}
        return [found.get(number) for number in ids]


class TrailScreen(BaseScreen):
    """Shows what was done, by whom, and proves that nothing of it was changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "verify", N_("Verify"), id="trail.verify"),
        Binding("c", "checkpoint", N_("Seal"), id="trail.checkpoint"),
    ]
    help_title = N_("Trail")
    help_text = N_(
        "Every act stands here, newest first, and can't be changed without being found.\n"
        "v checks every entry, every checkpoint and the second place. c seals what was written so far.\n"
        "/ searches the whole text of the entries."
    )

    def __init__(self, seat: Seat) -> None:
        super().__init__()
        self._seat = seat
        zone = seat.site.zone
        self._table: PagedTable[Entry] = PagedTable(
            (
                Column(title=N_("No."), show=lambda each: f"{each.number:,}", width=8, align="right"),
                Column(title=N_("When"), show=lambda each: f"{each.at.astimezone(zone):%m-%d %H:%M:%S}", width=14),
                Column(title=N_("Who"), show=lambda each: each.actor, width=8, grow=1),
                Column(title=N_("Act"), show=_act, width=22, grow=2),
                Column(title=N_("About"), show=lambda each: each.subject, width=14, grow=2),
            )
        )
        self._split = ListAndDetails(self._table, self._explain)

    def body(self) -> Iterable[Widget]:
        """Show list and details."""
        yield self._split

    def load(self) -> None:
        """Read the book."""
        self.head(_("9 Trail"))
        self._table.show(TrailSource(self._seat.site.store))
        self.next_step(_("v proves that nothing was changed."))
        self._table.focus()

    def _explain(self, entry: Entry) -> list[Section]:
        at = entry.at.astimezone(self._seat.site.zone)
        facts = [
            Fact(_("Entry"), f"{entry.number:,}"),
            Fact(_("When"), f"{at:%Y-%m-%d %H:%M:%S.%f %Z}"),
            Fact(_("Who"), entry.actor),
            Fact(_("Terminal"), entry.terminal or "-"),
            Fact(_("Act"), f"{_(title_of(entry.act))}  ({entry.act})"),
            Fact(_("About"), entry.subject or "-"),
            Fact(_("Outcome"), _(outcome_of(entry.outcome))),
        ]
        more = [Fact(_(field_title(name)), _value(value) or "-") for name, value in entry.details.items()]
        return [Section(facts=facts), Section(_("Details"), more)] if more else [Section(facts=facts)]

    @on(PagedTable.Moved)
    @on(PagedTable.Counted)
    def _place(self) -> None:
        self.position(self._table.position)

    @on(PagedTable.Failed)
    def _failed(self, event: PagedTable.Failed) -> None:
        self.why(event.reason)

    @work(exclusive=True, group="verify")
    async def action_verify(self) -> None:
        """Check everything, with progress, and say the verdict."""
        site = self._seat.site

        def check(progress: Progress) -> Verification:
            progress.report(0, 0, _("Checking every entry…"))
            return verification.verify(site.store, log=site.log_verifier, witness=site.witness)

        outcome: Outcome = await self.app.ask(ProgressDialog(_("Verify"), check, only_looks=True))
        if outcome.error is not None:
            self.why(outcome.error)
        if outcome.value is None:
            return
        await self.app.ask(MessageDialog(_("Verify"), self._verdict(outcome.value)))

    def _verdict(self, found: Verification) -> list[str]:
        words = N_("{entries} entries and {checkpoints} checkpoints: {verdict}")
        verdict = _("nothing was changed.") if found.ok else _("THE TRAIL WAS TAMPERED WITH.")
        fields = {"entries": f"{found.entries:,}", "checkpoints": found.checkpoints, "verdict": verdict}
        lines = [filled(words, fields)]
        lines += [_("Root: {root}").format(root=found.root.hex()[:32])]
        for each in found.faults[:_SHOWN_FAULTS]:
            lines.append(_("Entry {entry}: {fault}").format(entry=each.entry, fault=_(each.fault)))
        if self._seat.site.witness is None:
            lines += ["", _("No second place is set up, so a trail put back as a whole would not be found.")]
        return lines

    @work(thread=True, exclusive=True, group="seal")
    def action_checkpoint(self) -> None:
        """Seal what was written so far."""
        sealed = self._seat.site.sealer.seal()
        self.app.call_from_thread(
            self._sealed, sealed.checkpoint.size if sealed else 0, trouble_of(sealed) if sealed else ""
        )

    def _sealed(self, size: int, trouble: str) -> None:
        if trouble:
            self.why(_("The second place did not confirm: {reason}").format(reason=trouble))
        else:
            words = ngettext("{entries} entry is sealed.", "{entries} entries are sealed.", size)
            self.done(words.format(entries=f"{size:,}"))


def _act(entry: Entry) -> Cell:
    return Cell(_(title_of(entry.act)), "medium" if entry.outcome in _REFUSED else "")


def _value(value: object) -> str:
    return shown(value) if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)
