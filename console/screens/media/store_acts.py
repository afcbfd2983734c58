"""What a keeper enters about the store: the count, keys, forms; and the security officer about the escrow key."""

from datetime import datetime, time, timedelta
from typing import Any

from accesscontrol.clock import local_day
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from backups import custody, forms
from backups.custody import Custody
from backups.forms import METHOD_TITLES, STATE_TITLES, Batch, Step
from backups.media import stocktaking, storage_keys
from backups.sealing.keys import Recipient
from console import locker
from console.frame.dialogs import ConfirmDialog
from console.frame.forms import Field
from console.screens.media.acts import Asking
from console.screens.media.store_lists import Counted, Key
from console.translation import _
from console.widgets.choices import Choice

_FORMS_KEPT = timedelta(days=365)


class StoreActs(Asking):
    """The acts on the store; each returns the words of what was done, or nothing."""

    # -- the count ------------------------------------------------------------------------------------

    async def begin_count(self) -> str:
        """Begin a stocktaking of everything that should be in the stores."""
        site = self._seat.site
        places = ", ".join(sorted(locker.stores(site)))
        words = [_("Every medium that should be in the stores is looked for: {places}").format(places=places)]
        if not await self._screen.app.ask(ConfirmDialog(_("Begin a stocktaking?"), words, act=N_("Begin"))):
            return ""
        acting = self._seat.acting
        locker.require_keeper(site, acting)
        number = stocktaking.begin(site.store, locker.stores(site), actor=acting.staff_number, terminal=acting.terminal)
        return _("Stocktaking No. {number} is begun; i enters each medium that is seen.").format(number=number)

    async def count(self, row: Counted) -> str:
        """Enter that a medium was seen, and where."""
        fields = (
            Field(name="found", label=_("Seen at"), initial=row.line.expected),
            Field(name="note", label=_("Note"), required=False),
        )

        def enter(acting: Acting, values: dict[str, Any]) -> str:
            stocktaking.count(
                self._seat.site.store,
                row.number,
                row.line.medium,
                actor=acting.staff_number,
                terminal=acting.terminal,
                **values,
            )
            return _("{medium} is counted.").format(medium=row.line.medium)

        title = _("{medium} was seen").format(medium=row.line.medium)
        words = _("Compare the serial on the medium: {serial}").format(serial=row.line.serial or "-")
        return await self.ask(title, fields, words, N_("Enter it"), enter)

    async def close_count(self, row: Counted) -> str:
        """Close the stocktaking; what was not seen is named as a gap."""
        site = self._seat.site
        gaps = [line.medium for line in stocktaking.sheet(site.store, row.number) if line.gap]
        words = [_("Not seen, or elsewhere: {names}").format(names=", ".join(gaps)) if gaps else _("All were seen.")]
        title = _("Close stocktaking No. {number}?").format(number=row.number)
        if not await self._screen.app.ask(ConfirmDialog(title, words, act=N_("Close"))):
            return ""
        acting = self._seat.acting
        locker.require_keeper(site, acting)
        stocktaking.close(site.store, row.number, actor=acting.staff_number, terminal=acting.terminal)
        return _("Stocktaking No. {number} is closed, gaps: {count}.").format(number=row.number, count=len(gaps))

    # -- keys -----------------------------------------------------------------------------------------

    async def add_key(self) -> str:
        """Enter a key of a store."""
        fields = (Field(name="name", label=_("Key")), Field(name="place", label=_("Opens")))

        def enter(acting: Acting, values: dict[str, Any]) -> str:
            storage_keys.add(self._seat.site.store, **values, actor=acting.staff_number, terminal=acting.terminal)
            return _("The key {key} is entered.").format(key=values["name"])

        return await self.ask(_("A key of the store"), fields, "", N_("Enter it"), enter)

    async def lend_or_take_back(self, key: Key) -> str:
        """Lend the key, or take it back from whoever holds it."""
        if key.loan is not None:
            return await self._take_back(key)
        fields = (
            Field(name="holder", label=_("To")),
            Field(name="purpose", label=_("Purpose")),
            Field(name="until", label=_("Back by"), initial="17:15", hint=_("A time of today.")),
        )

        def enter(acting: Acting, values: dict[str, Any]) -> str:
            loan = storage_keys.lend(
                self._seat.site.store,
                key.name,
                holder=values["holder"],
                purpose=values["purpose"],
                due=self._time(values["until"]),
                lent_by=acting.staff_number,
                terminal=acting.terminal,
            )
            return _("Lending No. {number} is entered.").format(number=loan.number)

        return await self.ask(_("Lend {key}").format(key=key.name), fields, "", N_("Enter it"), enter)

    async def _take_back(self, key: Key) -> str:
        holder = key.loan.holder if key.loan else ""
        words = [_("{holder} gives it back into your hands.").format(holder=holder)]
        title = _("Take back {key}?").format(key=key.name)
        if not await self._screen.app.ask(ConfirmDialog(title, words, act=N_("Take back"))):
            return ""
        acting = self._seat.acting
        locker.require_keeper(self._seat.site, acting)
        loan = storage_keys.give_back(
            self._seat.site.store, key.name, received_by=acting.staff_number, terminal=acting.terminal
        )
        return _("Lending No. {number} has ended.").format(number=loan.number)

    def _time(self, text: str) -> datetime:
        site = self._seat.site
        try:
            at = time.fromisoformat(text)
        except ValueError:
            raise Refusal(N_("{text} is no time of the day; write it like 17:15."), text=text) from None
        return datetime.combine(local_day(site.clock.now(), site.zone), at, tzinfo=site.zone)

    # -- forms ----------------------------------------------------------------------------------------

    async def issue_forms(self) -> str:
        """Enter a batch of forms that was printed."""
        fields = (
            Field(name="form", label=_("Form")),
            Field(name="sheets", label=_("Sheets"), check=_not_a_number),
            Field(name="place", label=_("Location")),
            Field(name="keep_until", label=_("Keep until"), kind="date", initial=self.today() + _FORMS_KEPT),
        )

        def enter(acting: Acting, values: dict[str, Any]) -> str:
            batch = forms.issue(
                self._seat.site.store,
                values["form"],
                int(values["sheets"]),
                values["keep_until"],
                place=values["place"],
                actor=acting.staff_number,
                terminal=acting.terminal,
            )
            return _("Batch No. {number} is entered.").format(number=batch.number)

        return await self.ask(_("Forms that were printed"), fields, "", N_("Enter it"), enter)

    async def advance_forms(self, batch: Batch) -> str:
        """Enter the next step of a batch."""
        following = forms.next_state(batch)
        fields = [
            Field(name="partner", label=_("Other person")),
            Field(name="place", label=_("Location"), initial=batch.place),
        ]
        if following == "disposed":
            choices = [Choice(_(title), name) for name, title in METHOD_TITLES.items()]
            fields.append(Field(name="method", label=_("Method"), kind="choice", choices=choices))

        def enter(acting: Acting, values: dict[str, Any]) -> str:
            forms.advance(
                self._seat.site.store,
                batch.number,
                Step(state=following, **values),
                actor=acting.staff_number,
                terminal=acting.terminal,
            )
            return _("Batch No. {number} is now: {state}").format(number=batch.number, state=_(STATE_TITLES[following]))

        title = _("Batch No. {number}: {state}").format(number=batch.number, state=_(STATE_TITLES[following]))
        return await self.ask(title, fields, batch.form, N_("Enter it"), enter)

    # -- custody --------------------------------------------------------------------------------------

    async def entrust(self) -> str:
        """Enter that holders took shares, each in their own hands."""
        recipients = self._seat.site.settings.backups.recipients
        fields = (
            Field(name="recipient", label=_("Public key"), initial=next(iter(recipients), "")),
            Field(name="threshold", label=_("Open with"), initial="2", check=_not_a_number),
            Field(name="holders", label=_("Holders"), hint=_("Staff numbers, separated by blanks.")),
        )

        def enter(acting: Acting, values: dict[str, Any]) -> str:
            locker.require_key_officer(self._seat.site, acting)
            entered = custody.entrust(
                self._seat.site.store,
                Recipient.parse(values["recipient"]),
                int(values["threshold"]),
                values["holders"].split(),
                actor=acting.staff_number,
                terminal=acting.terminal,
            )
            return _("Custody No. {number} is entered.").format(number=entered.number)

        words = _("The shares themselves are on paper and are made by: sekisho custody split")
        return await self.ask(_("Shares of a key"), fields, words, N_("Enter it"), enter)

    async def open_key(self, held: Custody) -> str:
        """Enter that holders put the key together."""
        fields = (
            Field(name="participants", label=_("Present"), initial=" ".join(held.holders[: held.threshold])),
            Field(name="purpose", label=_("Purpose")),
        )

        def enter(acting: Acting, values: dict[str, Any]) -> str:
            locker.require_key_officer(self._seat.site, acting)
            number = custody.open_with(
                self._seat.site.store,
                held.number,
                values["participants"].split(),
                purpose=values["purpose"],
                actor=acting.staff_number,
                terminal=acting.terminal,
            )
            return _("Opening No. {number} is entered.").format(number=number)

        words = _("{threshold} of {holders} are needed.").format(
            threshold=held.threshold, holders=" ".join(held.holders)
        )
        return await self.ask(_("The key was put together"), fields, words, N_("Enter it"), enter)

    async def destroy_key(self, held: Custody) -> str:
        """Enter the statement of two persons that no copy of the key remains."""
        fields = (
            Field(name="performer", label=_("Performed by")),
            Field(name="witness", label=_("Seen by")),
            Field(name="statement", label=_("Statement"), hint=_("How every share and copy was destroyed.")),
        )

        def enter(acting: Acting, values: dict[str, Any]) -> str:
            locker.require_key_officer(self._seat.site, acting)
            erased = custody.destroy(
                self._seat.site.store,
                Recipient.parse(held.recipient),
                actor=acting.staff_number,
                terminal=acting.terminal,
                **values,
            )
            names = ", ".join(erased) or "-"
            return _("The key is entered as destroyed. By that nobody can open: {names}").format(names=names)

        words = _("What this key alone opens is erased by that, on every medium. Nobody can bring it back.")
        return await self.ask(_("End of a key"), fields, words, N_("Enter it"), enter)


def _not_a_number(text: str) -> str:
    return "" if text.isascii() and text.isdecimal() and int(text) > 0 else _("Write a whole number.")
