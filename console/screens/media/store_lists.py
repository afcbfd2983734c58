"""The lists about the store: the count sheet, its keys, the printed forms, and the custody of the escrow key."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from accesscontrol.messages import N_
from backups import custody, forms
from backups.custody import Custody, Opened
from backups.forms import METHOD_TITLES, STATE_TITLES, Batch
from backups.media import stocktaking, storage_keys
from backups.media.stocktaking import Line
from backups.media.storage_keys import Loan
from console.dates import date_and_time, era_date
from console.screens.people_words import person
from console.screens.views import Part, View
from console.translation import _
from console.widgets.details import Fact, Section
from console.widgets.rows import Cell, Column
from console.wiring import Installation


def _by(site: Installation, at: datetime, staff_number: str) -> str:
    return f"{date_and_time(at, site.zone)}  {person(site.store, staff_number)}"


@dataclass(frozen=True, slots=True)
class Counted:
    """One line of the newest count sheet, and whether that stocktaking is still under way."""

    number: int
    running: bool
    line: Line


def count_view(site: Installation) -> View[Counted]:
    """Return the count sheet of the newest stocktaking."""

    def read() -> Iterator[Counted]:
        number = stocktaking.newest(site.store)
        if number is not None:
            running = stocktaking.running(site.store) == number
            for line in stocktaking.sheet(site.store, number):
                yield Counted(number, running, line)

    def standing(row: Counted) -> Cell:
        if not row.line.gap:
            return Cell("[ok] " + _("seen"), "good")
        if row.line.found is not None:
            return Cell("[!!] " + _("elsewhere"), "high")
        return Cell("[  ] " + _("not yet seen"), "") if row.running else Cell("[!!] " + _("not seen"), "high")

    def explain(row: Counted) -> list[Section]:
        line = row.line
        seen = (
            f"{date_and_time(line.seen_at, site.zone)}  {person(site.store, line.seen_by)}"
            if line.seen_at
            else _("never")
        )
        facts = [
            Fact(_("Standing"), standing(row).text),
            Fact(_("Serial"), line.serial or "-"),
            Fact(_("Should be at"), line.expected),
            Fact(_("Seen at"), line.found if line.found is not None else "-"),
            Fact(_("Seen"), seen),
            *([Fact(_("Note"), line.note)] if line.note else []),
        ]
        state = _("under way") if row.running else _("closed")
        title = _("Stocktaking No. {number}, {state}").format(number=row.number, state=state)
        return [Section(f"{line.medium}", facts), Section(sentences=[title])]

    return View(
        title=N_("Tally"),
        columns=(
            Column(title=N_("Medium"), show=lambda each: each.line.medium, width=7, sort="medium"),
            Column(title=N_("Standing"), show=standing, width=18),
            Column(title=N_("Should be at"), show=lambda each: each.line.expected, width=14, grow=1, sort="place"),
            Column(title=N_("Seen at"), show=lambda each: each.line.found or "-", width=14, grow=1),
            Column(title=N_("Serial"), show=lambda each: each.line.serial or "-", width=15, grow=1, from_width=76),
        ),
        read=read,
        key=lambda each: (each.number, each.line.medium),
        words=lambda each: f"{each.line.medium} {each.line.serial} {each.line.expected} {each.line.found or ''}",
        explain=explain,
        parts=(Part(N_("gaps"), lambda each: each.line.gap),),
        order={"medium": lambda each: each.line.medium, "place": lambda each: each.line.expected},
        empty=N_("No stocktaking was begun yet; n begins one."),
        hint=N_("n begins a stocktaking, i enters that a medium was seen, c closes it."),
    )


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a store, and in whose hands it is."""

    name: str
    place: str
    loan: Loan | None
    late: bool


def keys_view(site: Installation) -> View[Key]:
    """Return the keys of the stores, and who holds which."""

    def read() -> Iterator[Key]:
        now = site.clock.now()
        for name, place, loan in storage_keys.every(site.store):
            yield Key(name, place, loan, loan is not None and loan.due <= now)

    def standing(key: Key) -> Cell:
        if key.late:
            return Cell("[!!] " + _("overdue"), "high")
        return Cell("[->] " + _("lent"), "medium") if key.loan else Cell("[ok] " + _("in place"), "good")

    def explain(key: Key) -> list[Section]:
        lines = []
        for loan in storage_keys.history(site.store, key.name)[:20]:
            back = date_and_time(loan.returned_at, site.zone) if loan.returned_at else _("not back")
            words = _("{when}  {holder}, for {purpose}, until {due}: {back}")
            lines.append(
                words.format(
                    when=date_and_time(loan.lent_at, site.zone),
                    holder=loan.holder,
                    purpose=loan.purpose,
                    due=date_and_time(loan.due, site.zone),
                    back=back,
                )
            )
        facts = [Fact(_("Opens"), key.place), Fact(_("Standing"), standing(key).text)]
        return [Section(key.name, facts), Section(_("Lendings"), sentences=lines or [_("None.")])]

    return View(
        title=N_("Keys"),
        columns=(
            Column(title=N_("Key"), show=lambda each: each.name, width=14, grow=1),
            Column(title=N_("Standing"), show=standing, width=16),
            Column(title=N_("Lent to"), show=lambda each: each.loan.holder if each.loan else "-", width=14, grow=1),
            Column(
                title=N_("Due"),
                show=lambda each: date_and_time(each.loan.due, site.zone) if each.loan else "-",
                width=16,
            ),
            Column(title=N_("Opens"), show=lambda each: each.place, width=14, grow=1, from_width=76),
        ),
        read=read,
        key=lambda each: each.name,
        words=lambda each: f"{each.name} {each.place} {each.loan.holder if each.loan else ''}",
        explain=explain,
        empty=N_("No key is in the ledger; n enters one."),
        hint=N_("i lends the key under the cursor, or takes it back."),
    )


def forms_view(site: Installation) -> View[Batch]:
    """Return the ledger of printed forms, newest first (BK-DSP-03)."""

    def past(batch: Batch) -> bool:
        late = forms.past_period(site.store, site.clock.now(), site.zone)
        return batch.number in {each.number for each in late}

    def explain(batch: Batch) -> list[Section]:
        facts = [
            Fact(_("State"), _(STATE_TITLES[batch.state])),
            Fact(_("Sheets"), f"{batch.sheets:,}"),
            Fact(_("Location"), batch.place),
            Fact(_("Keep until"), era_date(batch.keep_until)),
        ]
        steps = []
        for each in forms.steps(site.store, batch.number):
            how = f"  {_(METHOD_TITLES[each.method])}" if each.method else ""
            who = person(site.store, each.actor) + (f" / {each.partner}" if each.partner else "")
            when = date_and_time(each.at, site.zone)
            steps.append(f"{when}  {_(STATE_TITLES[each.state])}{how}  {who}  {each.place}")
        return [Section(f"{batch.number}  {batch.form}", facts), Section(_("Steps"), sentences=steps)]

    return View(
        title=N_("Forms"),
        columns=(
            Column(title=N_("No."), show=lambda each: str(each.number), width=4, align="right"),
            Column(title=N_("Form"), show=lambda each: each.form, width=18, grow=2),
            Column(title=N_("Sheets"), show=lambda each: f"{each.sheets:,}", width=7, align="right"),
            Column(title=N_("State"), show=lambda each: _(STATE_TITLES[each.state]), width=12),
            Column(title=N_("Location"), show=lambda each: each.place, width=14, grow=1),
            Column(title=N_("Keep until"), show=lambda each: each.keep_until.isoformat(), width=11),
        ),
        read=lambda: forms.page(site.store, limit=10_000),
        key=lambda each: each.number,
        words=lambda each: f"{each.form} {each.place} {_(STATE_TITLES[each.state])}",
        explain=explain,
        parts=(
            Part(N_("past their period"), past),
            *(Part(title, _stands_at(state)) for state, title in STATE_TITLES.items()),
        ),
        empty=N_("No printed forms are in the ledger; n enters a batch."),
        hint=N_("i enters the next step of the batch under the cursor."),
    )


def custody_view(site: Installation) -> View[Custody]:
    """Return who holds the shares of which key, when it was put together, and whether it is destroyed."""

    def standing(each: Custody) -> Cell:
        gone = each.recipient in custody.destroyed(site.store)
        return Cell("[  ] " + _("destroyed"), "faint") if gone else Cell("[ok] " + _("in force"), "good")

    def explain(each: Custody) -> list[Section]:
        facts = [
            Fact(_("Public key"), each.recipient),
            Fact(
                _("Opens with"),
                _("{threshold} of {count} shares").format(threshold=each.threshold, count=len(each.holders)),
            ),
            Fact(_("Entrusted"), f"{date_and_time(each.at, site.zone)}  {person(site.store, each.actor)}"),
            Fact(_("State"), standing(each).text),
        ]
        holders = [person(site.store, holder) for holder in each.holders]
        opened = [_opened_words(site, one) for one in custody.openings(site.store, each.number)]
        return [
            Section(_("Custody No. {number}").format(number=each.number), facts),
            Section(_("Holders"), sentences=holders),
            Section(_("Put together"), sentences=opened or [_("never")]),
        ]

    return View(
        title=N_("Custody"),
        columns=(
            Column(title=N_("No."), show=lambda each: str(each.number), width=4, align="right"),
            Column(title=N_("State"), show=standing, width=14),
            Column(title=N_("M of N"), show=lambda each: f"{each.threshold} / {len(each.holders)}", width=7),
            Column(title=N_("Holders"), show=lambda each: ", ".join(each.holders), width=20, grow=1),
            Column(title=N_("Public key"), show=lambda each: each.recipient, width=20, grow=2),
        ),
        read=lambda: custody.every(site.store),
        key=lambda each: each.number,
        words=lambda each: f"{each.recipient} {' '.join(each.holders)}",
        explain=explain,
        empty=N_("No key is in custody; sekisho custody split shares one at a terminal."),
        hint=N_("i enters that holders put the key together, z that it is destroyed."),
    )


def _opened_words(site: Installation, opened: Opened) -> str:
    people = ", ".join(person(site.store, each) for each in opened.participants)
    return f"{date_and_time(opened.at, site.zone)}  {people}: {opened.purpose}"


def _stands_at(state: str) -> Callable[[Batch], bool]:
    return lambda batch: batch.state == state
