"""The store of media at a glance: nine lists, turned by the arrows, with the same letters for the same acts in each."""

from collections.abc import Awaitable, Iterable, Mapping
from typing import Any, ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType

from accesscontrol.messages import N_
from accesscontrol.people.roles import ROLE_TITLES, Role
from accesscontrol.refusals import Refusal
from backups import forms
from backups.custody import Custody
from backups.forms import Batch
from backups.media import periods
from backups.media.scanning import Seen
from backups.media.sightings import Sighting
from console.locker import KEEPERS, Kept, Where
from console.screens.media import media_lists, store_lists
from console.screens.media.acts import MediaActs
from console.screens.media.medium_facts import Look
from console.screens.media.store_acts import StoreActs
from console.screens.media.store_lists import Counted, Key
from console.screens.views import View, ViewsScreen
from console.seat import Seat
from console.translation import _

_MEDIA, _PLUGGED, _UNKNOWN, _MOVES, _ENDS, _COUNT, _KEYS, _FORMS, _CUSTODY = range(9)
_NEW = {_MEDIA, _PLUGGED, _COUNT, _KEYS, _FORMS, _CUSTODY}
_ENTER = {_MEDIA, _UNKNOWN, _COUNT, _KEYS, _FORMS, _CUSTODY}
_END = {_MEDIA, _CUSTODY}
_VERIFY = {_MEDIA, _PLUGGED}
_LISTS: Final[Mapping[str, set[int]]] = {
    "new": _NEW,
    "enter": _ENTER,
    "close": {_COUNT},
    "end": _END,
    "verify": _VERIFY,
    "extend": {_MEDIA},
}
"""In which lists each act is."""


class MediaScreen(ViewsScreen):
    """Where each medium is, and everything that its keepers enter."""

    place_title = N_("6 Media")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", N_("New"), id="media.new", tooltip=N_("Register, begin, or enter a new one")),
        Binding("i", "enter", N_("Record"), id="media.enter", tooltip=N_("Enter what happened to the row")),
        Binding("v", "verify", N_("Verify"), id="media.verify", tooltip=N_("Hash what is on it again")),
        Binding("c", "close", N_("Close"), id="media.close", tooltip=N_("Close the stocktaking")),
        Binding("e", "extend", N_("Extend"), id="media.extend", tooltip=N_("Ask for a later last day")),
        Binding("z", "end", N_("End"), id="media.end", tooltip=N_("Enter its end")),
    ]
    help_title = N_("Media")
    help_text = N_(
        "Nine lists, turned by the arrows left and right: the media, what is plugged in, unknown ones, moves, ends,\n"
        "the count sheet, keys of the store, printed forms, and the custody of the escrow key.\n"
        "A medium is known by serial, UUID and the label that we signed; only when all three agree is it written to.\n"
        "n registers, begins or enters a new one. i enters what happened: a move, a medium seen, a key lent or back,\n"
        "the next step of forms. z enters an end. v hashes again what the ledger says is on a medium.\n"
        "e asks that a medium is kept until a later day; the business owner approves it.\n"
        "/ searches, also by the number of a medium."
    )

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._look = Look()
        super().__init__()
        self._media, self._store = MediaActs(self, seat), StoreActs(self, seat)

    def views(self) -> Iterable[View[Any]]:
        """Return the nine lists."""
        site = self._seat.site
        return (
            media_lists.media_view(site, self._look),
            media_lists.plugged_view(site, self._look),
            media_lists.unknown_view(site),
            media_lists.moves_view(site),
            media_lists.ends_view(site),
            store_lists.count_view(site),
            store_lists.keys_view(site),
            store_lists.forms_view(site),
            store_lists.custody_view(site),
        )

    def conceal(self) -> None:
        """Forget what was plugged in, too."""
        super().conceal()
        self._look.seen = ()

    def advise(self, row: Any) -> None:
        """Say first what is wrong with the row."""
        if isinstance(row, Kept) and row.where is Where.OVERDUE:
            self.why(_("{medium} should be back by now; i enters that it came.").format(medium=row.medium.id))
        elif isinstance(row, Kept) and row.where is Where.EXPIRED:
            self.next_step(_("The storage period of {medium} is over; z enters its end.").format(medium=row.medium.id))
        elif isinstance(row, Seen) and not row.known:
            self.why(_("It is no registered medium in every fact; nothing is written to it."))
        else:
            super().advise(row)

    # -- which act goes where -------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show no key that this list does not have."""
        if self._at not in _LISTS.get(action, {self._at}):
            return False
        return super().check_action(action, parameters)

    def why_not(self, action: str) -> str:
        """Say why an act is off for the person, or for the row under the cursor."""
        if action not in _LISTS or not self.is_attached:
            return ""
        needed = frozenset({Role.SECURITY_OFFICER}) if self._at == _CUSTODY else KEEPERS
        if action == "extend":
            needed = self._seat.site.desk.kind(periods.KIND).requesters
        if not needed & self._seat.roles:
            names = ", ".join(_(ROLE_TITLES[role]) for role in sorted(needed))
            return _("This needs one of these roles: {roles}.").format(roles=names)
        row = self.row
        if action == "new":
            return ""
        if row is None:
            return _("There is nothing under the cursor.")
        if action == "verify":
            return self._why_unverified(row)
        return self._wrong_row(row)

    def _why_unverified(self, row: Any) -> str:
        if self._plugged(row):
            return ""
        if isinstance(row, Seen) and row.observed and row.observed.mounted:
            return _("It is no medium of the register, so that there is nothing to compare it with.")
        return _("It is not plugged in and mounted; → looks, and r looks again.")

    def _plugged(self, row: Any) -> Seen | None:
        """Return what was seen of the row's medium, if it can be read here."""
        seen = row if isinstance(row, Seen) else self._look.of(row.medium) if isinstance(row, Kept) else None
        return seen if seen and seen.observed and seen.observed.mounted and seen.observed.medium else None

    def _wrong_row(self, row: Any) -> str:
        if isinstance(row, Kept) and row.medium.state != "registered":
            return _("{medium} is not in use any more.").format(medium=row.medium.id)
        if isinstance(row, Counted) and not row.running:
            return _("Stocktaking No. {number} is closed; n begins another.").format(number=row.number)
        if isinstance(row, Batch) and not forms.next_state(row):
            return _("Batch No. {number} has come to its end.").format(number=row.number)
        return ""

    async def _done(self, act: Awaitable[str]) -> None:
        """Run one act, read the list anew, and say what came of it."""
        try:
            words = await act
        except Refusal as refusal:
            self.why(refusal)
            return
        if words:
            self.split.table.reload()
            self.done(words)

    @work(exclusive=True, group="act")
    async def action_new(self) -> None:
        """Register, begin or enter a new one, by the list that is shown."""
        row, media, store = self.row, self._media, self._store
        if self._at in {_MEDIA, _PLUGGED}:
            await self._done(media.register(row if isinstance(row, Seen) else None))
            return
        new = {_COUNT: store.begin_count, _KEYS: store.add_key, _FORMS: store.issue_forms, _CUSTODY: store.entrust}
        await self._done(new[self._at]())

    @work(exclusive=True, group="act")
    async def action_enter(self) -> None:
        """Enter what happened to the row under the cursor."""
        match self.row:
            case Kept() as kept:
                await self._done(self._media.move(kept))
            case Sighting() as seen:
                await self._done(self._media.explain(seen))
            case Counted() as counted:
                await self._done(self._store.count(counted))
            case Key() as key:
                await self._done(self._store.lend_or_take_back(key))
            case Batch() as batch:
                await self._done(self._store.advance_forms(batch))
            case Custody() as held:
                await self._done(self._store.open_key(held))

    @work(exclusive=True, group="act")
    async def action_verify(self) -> None:
        """Hash what should be on the medium under the cursor, from the medium itself."""
        if seen := self._plugged(self.row):
            await self._done(self._media.verify(seen))

    @work(exclusive=True, group="act")
    async def action_close(self) -> None:
        """Close the stocktaking that is under way."""
        if isinstance(self.row, Counted):
            await self._done(self._store.close_count(self.row))

    @work(exclusive=True, group="act")
    async def action_extend(self) -> None:
        """Ask that the medium under the cursor is kept until a later day."""
        if isinstance(self.row, Kept):
            await self._done(self._media.extend(self.row.medium))

    @work(exclusive=True, group="act")
    async def action_end(self) -> None:
        """Enter the end of the medium or key under the cursor."""
        match self.row:
            case Kept() as kept:
                await self._done(self._media.dispose(kept.medium))
            case Custody() as held:
                await self._done(self._store.destroy_key(held))
