"""The list of backups with ages and health at a glance; every act on one is one letter."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, ClassVar

from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from accesscontrol.messages import N_
from accesscontrol.people.roles import ROLE_TITLES
from accesscontrol.refusals import Refusal
from backups import records, status
from backups.ledger import Output
from backups.records import Backup, Health
from backups.status import Standing
from console import extracts
from console.dates import clock_time
from console.frame.commands import Command
from console.frame.screen import BaseScreen
from console.locker import WRITING
from console.nightly import targets
from console.screens.backups.acts import Acts
from console.screens.backups.ages import ages_picture, newest_words
from console.screens.backups.export import ExportScreen, recognised
from console.screens.backups.facts import Group, facts_of, outputs_by_content
from console.screens.backups.further import Further
from console.screens.backups.ledger import LedgerScreen
from console.screens.backups.words import STYLES, brief_age, health_words, size_words
from console.screens.media.listing import MediaScreen
from console.screens.people_words import person
from console.seat import Seat
from console.translation import _
from console.widgets.details import Fact, Section
from console.widgets.list_and_details import ListAndDetails
from console.widgets.paged_table import PagedTable
from console.widgets.plain import Plain
from console.widgets.rows import Cell, Column, Query
from console.wiring import Installation

_PAGE = 200
_LOOK_SECONDS = 3.0  # for a look at what is plugged in
_PICTURE_WIDTH = 76
_AROUND_PICTURE = 4  # its own head and rule, and the lines of the screen below it
_WORKABLE = {Health.UNPROVEN, Health.PROVEN, Health.DAMAGED}


class BackupSource:
    """The backups, newest first; the filter also finds one by the medium on which it left."""

    def __init__(self, site: Installation) -> None:
        self._site = site

    def index(self, query: Query) -> Iterator[Sequence[int]]:
        """Yield the numbers of the backups that contain the filter's text."""
        wanted = query.text.casefold()
        outputs = outputs_by_content(self._site) if wanted else {}
        if query.sort:
            found = [each for page in self._pages() for each in page if self._matches(each, wanted, outputs)]
            found.sort(key=_SORTS[query.sort], reverse=query.descending)
            yield [each.number for each in found]
            return
        for page in self._pages():
            yield [each.number for each in page if self._matches(each, wanted, outputs)]

    def rows(self, ids: Sequence[int]) -> Sequence[Backup | None]:
        """Return these backups."""
        return [records.find(self._site.store, number) for number in ids]

    def _pages(self) -> Iterator[Sequence[Backup]]:
        before: int | None = None
        while page := self._site.catalogue.page(before=before, limit=_PAGE):
            yield page
            before = page[-1].number

    def _matches(self, backup: Backup, wanted: str, outputs: Mapping[str, Sequence[Output]]) -> bool:
        if not wanted:
            return True
        words = [backup.id, backup.source, health_words(backup.health)[0], backup.actor, backup.sealed_sha256]
        for each in outputs.get(backup.id, ()):
            words += [each.medium, each.destination, each.carrier, each.request]
        return wanted in " ".join(words).casefold()


_SORTS: dict[str, Callable[[Backup], tuple[Any, ...]]] = {
    "source": lambda each: (each.source, -each.number),
    "taken": lambda each: (each.number,),
    "size": lambda each: (each.sealed_size, each.number),
}


class BackupsScreen(BaseScreen):
    """Place 6."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", N_("Back up"), id="backups.take", tooltip=N_("Take a backup now")),
        Binding("v", "verify", N_("Verify"), id="backups.verify", tooltip=N_("Hash it again from the disk")),
        Binding("d", "drill", N_("Drill"), id="backups.drill", tooltip=N_("Prove it by restoring it")),
        Binding("e", "export", N_("Take out"), id="backups.export", tooltip=N_("Ask to take it out of the house")),
        Binding("l", "ledger", N_("Ledger"), id="backups.ledger", tooltip=N_("What left on media, and until when")),
        Binding("m", "media", N_("Media"), id="backups.media", tooltip=N_("The store of media, keys, forms, custody")),
        Binding("p", "picture", N_("Ages"), id="backups.picture", tooltip=N_("Show the ages against their limits")),
    ]
    DEFAULT_CSS = """
    BackupsScreen Details { scrollbar-gutter: stable; }
    BackupsScreen #ages { height: auto; display: none; padding: 0 1; border-top: solid $border; }
    BackupsScreen.-widest #ages, BackupsScreen.-pictured #ages { display: block; }
    """
    help_title = N_("Backups and media")
    help_text = N_(
        "A backup counts only when it was read back, and is proven only when it was restored and found equal.\n"
        "n takes one now, v hashes one again from the disk, d restores one into a scratch place and compares it.\n"
        "e asks for the approval to take one out of the house; l shows what is out, and what should be back.\n"
        "m opens the store of media: where each is, moves, the count, keys, ends, forms and custody.\n"
        "p shows the ages against their limits. / searches, also by the number of a medium."
    )

    def __init__(self, seat: Seat) -> None:
        super().__init__()
        self._seat = seat
        self._outputs: Mapping[str, Sequence[Output]] = {}
        self._may_ask: frozenset[str] = WRITING  # the kinds of request that this person may hand in, once they are read
        self._quiet = False  # what an act said stays until the next key
        site = seat.site
        self._source = BackupSource(site)
        zone, clock = site.zone, site.clock
        self._table: PagedTable[Backup] = PagedTable(
            (
                Column(title=N_("No."), show=lambda each: each.id, width=7, sort="taken"),
                Column(title=N_("Data"), show=lambda each: each.source, width=8, grow=1, sort="source"),
                Column(
                    title=N_("Taken"),
                    show=lambda each: f"{(each.taken_at or each.planned_at).astimezone(zone):%m-%d %H:%M}",
                    width=11,
                ),
                Column(
                    title=N_("Age"),
                    show=lambda each: brief_age(clock.now() - (each.taken_at or each.planned_at)),
                    width=6,
                    align="right",
                    from_width=60,
                ),
                Column(title=N_("Size"), show=_size, width=6, align="right", sort="size", from_width=60),
                Column(title=N_("Health"), show=_health, width=17, grow=3),
                Column(title=N_("Checked"), show=lambda each: self._since(each.verified_at), width=7, from_width=77),
                Column(title=N_("Restored"), show=lambda each: self._since(each.restored_at), width=8, from_width=77),
            ),
            self._source,
            empty=N_("No backup yet; n takes one."),
        )
        self._split = ListAndDetails(self._table, self._explain)
        self._acts = Acts(self, seat)
        self._further = Further(self, seat)

    def body(self) -> Iterable[Widget]:
        """Show list and details, and the ages below them."""
        yield self._split
        yield Plain(id="ages")

    def load(self) -> None:
        """Read the list, and in a thread what stands around it."""
        self.head(_("6 Backups and media"))
        self._table.reload()
        self._read()

    @work(thread=True, exclusive=True, group="read")
    def _read(self) -> None:
        site = self._seat.site
        try:
            found = standings(site)
            outputs = outputs_by_content(site)
            able = frozenset(kind for kind in WRITING if site.desk.kind(kind).requesters & self._seat.roles)
        except Exception as error:  # noqa: BLE001 - said on the status line, with a trace kept
            self.app.call_from_thread(self.why, error)
            return
        self.app.call_from_thread(self._show, found, outputs, able)

    def _show(self, found: Sequence[Standing], outputs: Mapping[str, Sequence[Output]], able: frozenset[str]) -> None:
        self._outputs, self._may_ask = outputs, able
        if (backup := self._table.row) is not None:  # its ledger lines may have come after it
            self._split.details.show(self._explain(backup), from_top=False)
        self.head(_("6 Backups and media"), aside=newest_words(found))
        site = self._seat.site
        self.query_one("#ages", Plain).say(
            ages_picture(
                found,
                clock_time(site.clock.now(), site.zone),
                width=min(self.size.width - 2, _PICTURE_WIDTH),
                most=max(3, self.size.height // 2 - _AROUND_PICTURE),
            )
        )
        self.refresh_bindings()

    def conceal(self) -> None:
        """Drop what was read."""
        super().conceal()
        self._outputs = {}
        self.query_one("#ages", Plain).say("")

    def _since(self, instant: datetime | None) -> str:
        return brief_age(self._seat.site.clock.now() - instant) if instant else "-"

    def _explain(self, backup: Backup) -> list[Section]:
        site = self._seat.site
        groups = facts_of(site, backup, self._outputs.get(backup.id, ()), lambda number: person(site.store, number))
        return [_section(group) for group in groups]

    # -- the status line ------------------------------------------------------------------------------

    @on(PagedTable.Counted)
    def _counted(self) -> None:
        self.position(self._table.position)

    @on(ListAndDetails.Explained)
    def _moved(self, event: ListAndDetails.Explained) -> None:
        self.position(self._table.position)
        self.refresh_bindings()
        if event.row is not None and not self._quiet:
            self._advise(event.row)

    def on_key(self, event: events.Key) -> None:
        """Let the advice for the row return with the next key."""
        self._quiet = False
        super().on_key(event)

    def _advise(self, backup: Backup) -> None:
        if backup.health is Health.DAMAGED:
            self.why(_("{id} is damaged; n takes a new one.").format(id=backup.id))
        elif backup.health is Health.UNPROVEN:
            self.next_step(_("d proves by restoring it that {id} can be used.").format(id=backup.id))
        elif backup.health is Health.PROVEN:
            self.next_step(_("e asks for the approval to take {id} out.").format(id=backup.id))
        else:
            self.next_step(_("n takes a backup now."))

    @on(PagedTable.Failed)
    def _failed(self, event: PagedTable.Failed) -> None:
        self.why(event.reason)

    def why_not(self, action: str) -> str:
        """Say why an act is off for the backup under the cursor, or for the person."""
        if action not in {"verify", "drill", "export"} or not self.is_attached:
            return ""
        backup = self._table.row
        if backup is None:
            return _("There is no backup under the cursor.")
        if backup.health not in _WORKABLE:
            return _("{id} has no file: {health}.").format(id=backup.id, health=health_words(backup.health)[0])
        kind = extracts.kind_by_content(backup)
        if action == "export" and kind not in self._may_ask:
            able = sorted(self._seat.site.desk.kind(kind).requesters)
            return _("An export is asked for by: {roles}.").format(
                roles=", ".join(_(ROLE_TITLES[each]) for each in able)
            )
        return ""

    def commands(self) -> Iterable[Command]:
        """Offer what is done now and then by its name."""
        yield Command(_("Ask for the erasure of old backups"), self.action_erase)
        yield Command(_("Prepare an extract of the register for media output"), self.action_extract)

    # -- the acts -------------------------------------------------------------------------------------

    @work(exclusive=True, group="act")
    async def action_new(self) -> None:
        """Take a backup now."""
        taken = await self._acts.take()
        self._quiet = True
        if taken is not None:  # the next key is for the new one, which stands first
            self._table.show(self._source)
            self._table.cursor = 0
        self.load()

    @work(exclusive=True, group="act")
    async def action_verify(self) -> None:
        """Check the backup under the cursor."""
        if backup := self._table.row:
            await self._acts.verify(backup)
            self._quiet = True
            self.load()

    @work(exclusive=True, group="act")
    async def action_drill(self) -> None:
        """Prove the backup under the cursor."""
        if backup := self._table.row:
            await self._acts.drill(backup)
            self._quiet = True
            self.load()

    @work(exclusive=True, group="act")
    async def action_export(self) -> None:
        """Write the request for an export of the backup under the cursor, onto the medium that is plugged in."""
        if backup := self._table.row:
            medium = None
            with suppress(TimeoutError, OSError, Refusal):  # a device that doesn't answer holds nobody up
                looking = asyncio.to_thread(recognised, self._seat.site)
                medium = await asyncio.wait_for(looking, _LOOK_SECONDS)
            if self.is_current:
                self.app.push_screen(ExportScreen(self._seat, backup, medium))

    def action_ledger(self) -> None:
        """Show what left."""
        self.app.push_screen(LedgerScreen(self._seat))

    @work(exclusive=True, group="act")
    async def action_erase(self) -> None:
        """Ask that what no generation keeps is erased."""
        try:
            words = await self._further.erase()
        except Refusal as refusal:
            self.why(refusal)
            return
        self._quiet = True
        if words:
            self.done(words)

    @work(exclusive=True, group="act")
    async def action_extract(self) -> None:
        """Prepare an extract of the register, which then stands first in the list."""
        taken = await self._further.extract()
        self._quiet = True
        if taken is not None:
            self._table.show(self._source)
            self._table.cursor = 0
            self.load()
            self.done(_("{id} is taken; e asks for its output.").format(id=taken.id))

    def action_media(self) -> None:
        """Show the store of media."""
        self.app.push_screen(MediaScreen(self._seat))

    def action_picture(self) -> None:
        """Show or hide the ages."""
        self.toggle_class("-pictured")


def standings(site: Installation) -> list[Standing]:
    """Return where each source of the site stands against the targets of its settings."""
    return status.standings(site.store, site.sources, site.clock.now(), targets(site))


def _section(group: Group) -> Section:
    facts = [Fact(line.label, line.value, STYLES[line.tone]) for line in group.lines]
    return Section(group.title, facts, group.sentences)


def _size(backup: Backup) -> str:
    return size_words(backup.sealed_size) if backup.sealed_size else "-"


def _health(backup: Backup) -> Cell:
    words, tone = health_words(backup.health)
    return Cell(words, tone)
