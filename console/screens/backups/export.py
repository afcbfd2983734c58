"""Asking for a backup to leave: what will leave, where to, in whose hands, until when, and who must say yes."""

from collections.abc import Iterable
from typing import Any

from textual import events, on, work
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Button

from accesscontrol.messages import N_
from accesscontrol.people.operators import holders
from accesscontrol.requests import submission
from accesscontrol.requests.kinds import Kind
from accesscontrol.requests.reading import Request
from backups.media.output import BULK_KIND, EXTRACT, BulkOutput
from backups.media.register import FACT_TITLES
from backups.media.scanning import Seen
from backups.records import Backup
from backups.verification import read_manifest
from console import extracts
from console.dates import age, date_and_time
from console.frame.dialogs import MessageDialog
from console.frame.forms import Field, Form
from console.frame.progress import Outcome, Progress, ProgressDialog
from console.frame.screen import BaseScreen
from console.nightly import look_around
from console.screens.backups.facts import held_words
from console.screens.backups.words import ENDING_TITLES, STYLES, fault_words, health_words, in_groups, size_words
from console.seat import Seat
from console.text import mask
from console.translation import _
from console.widgets.choices import Choice
from console.widgets.details import Fact, Section, laid_out
from console.widgets.plain import Plain
from console.widgets.push_button import PushButton
from console.wiring import Installation


class ExportScreen(BaseScreen):
    """Shows what will leave, asks the rest, and hands the request in."""

    DEFAULT_CSS = """
    ExportScreen #sheet { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    ExportScreen #sheet > #leaves { margin-bottom: 1; }
    ExportScreen #error { padding: 0 1; max-height: 3; }
    ExportScreen #buttons { height: 1; align-horizontal: center; }
    """
    help_title = N_("Export of a backup")
    help_text = N_(
        "Above stands what will leave. The request is bound to its hash: another file is another request.\n"
        "Tab and Enter go to the next field. Nothing leaves by handing in: the security officer decides,\n"
        "and a witness sits there when it is written. Esc goes back."
    )

    def __init__(self, seat: Seat, backup: Backup, medium: Seen | None = None) -> None:
        super().__init__()
        self._seat, self._backup = seat, backup
        self._handed_in = False
        self._kind, self._given = extracts.kind_of(seat.site, backup)
        self._form = Form(_fields(backup, medium))
        self._leaves: list[Section] = []

    def body(self) -> Iterable[Widget]:
        """Show what leaves, the questions, and the answers."""
        with VerticalScroll(id="sheet", can_focus=False):
            yield Plain(id="leaves")
            yield self._form
        yield Plain(id="error", classes="error")
        with Horizontal(id="buttons"):
            yield PushButton(N_("Back"), id="safe")
            yield PushButton(N_("Hand in"), id="act")

    def load(self) -> None:
        """Read what will leave."""
        self.head(_("6 Backups and media"), _("Export of {id}").format(id=self._backup.id))
        self._leaves = [what_leaves(self._seat.site, self._backup)]
        self._lay_out()
        self._say_who()

    def _say_who(self) -> None:
        self.next_step(_("hand it in; to approve: {people}").format(people=approvers(self._seat, self._kind)))

    def on_resize(self, event: events.Resize) -> None:
        """Lay the facts out for the new width."""
        del event
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.query_one("#sheet").scrollable_content_region.width
        if width > 0:
            self.query_one("#leaves", Plain).say(list(laid_out(self._leaves, width)))

    def conceal(self) -> None:
        """Drop the facts; what was typed stays."""
        super().conceal()
        self._leaves = []
        self._lay_out()

    def unsaved(self) -> bool:
        """Say whether something was typed that was not handed in."""
        return self._form.is_touched and not self._handed_in

    def on_mount(self) -> None:
        """Take no room for an error that is not there."""
        self._complain("")

    def _complain(self, words: str) -> None:
        error = self.query_one("#error", Plain)
        error.display = bool(words)
        error.say(words)

    @on(Form.Submitted)
    def _to_the_button(self) -> None:
        self.query_one("#act").focus()

    @on(Button.Pressed, "#safe")
    async def _back(self) -> None:
        await self.app.back()

    @on(Button.Pressed, "#act")
    @work(exclusive=True, group="act")
    async def _hand_in(self) -> None:
        values = self._form.read()
        if values is None:
            self.why(_("Something is missing or wrong above."))
            return
        reason = values.pop("reason")
        backup = self._backup

        def job(progress: Progress) -> Request:
            progress.report(0, 0, _("Hashing what will leave…"))
            parameters = {**self._given, **values}
            return submission.submit(self._seat.site.desk, self._kind, parameters, self._seat.acting, reason=reason)

        title = _("Export of {id}").format(id=backup.id)
        outcome: Outcome = await self.app.ask(ProgressDialog(title, job, cancellable=False))
        if outcome.error is not None:
            self._refused(outcome.error)
            return
        self._complain("")
        self._handed_in = True
        await self.app.ask(MessageDialog(title, _handed_in_words(self._seat, outcome.value)))
        if self.is_current:
            self.app.pop_screen()

    def _refused(self, error: Exception) -> None:
        """Say why it was not handed in; what adds up to bulk output can be handed in as such (BK-MED-07)."""
        words = self.app.words_for(error)
        if isinstance(error, BulkOutput) and self._kind != BULK_KIND:
            self._kind = BULK_KIND
            self._say_who()
            words += "  " + _("The next handing in asks for that.")
        else:
            self.why(_("The request was not handed in."))
        self._complain(f"! {words}")


def recognised(site: Installation) -> Seen | None:
    """Return the one registered medium that is plugged in and may be written to; None when none or several are."""
    here = [each for each in look_around(site) if each.known and each.observed and each.observed.mounted]
    return here[0] if len(here) == 1 else None


def _fields(backup: Backup, medium: Seen | None) -> tuple[Field, ...]:
    known = medium.observed.medium if medium and medium.observed else None
    hint = _("Recognised: it is plugged in, and {facts} agree.").format(facts=_agreed(medium)) if known else ""
    handed_over = backup.kind == EXTRACT and backup.source == "file3"  # BK-MED-10: the city does not keep that one
    endings = ("hand-over",) if handed_over else ("return", "destroy")
    return (
        Field(
            name="medium",
            label=_("Medium"),
            required=False,
            initial=known.id if known else "",
            hint=hint or _("Its number, for example M-0031."),
        ),
        Field(name="folder", label=_("Mounted at"), initial=str(medium.folder) if medium and known else ""),
        Field(name="carrier", label=_("Carrier")),
        Field(name="destination", label=_("Destination")),
        Field(name="purpose", label=_("Purpose")),
        Field(
            name="ending",
            label=_("In the end it"),
            kind="choice",
            choices=[Choice(_(ENDING_TITLES[name]), name) for name in endings],
            initial=endings[0],
        ),
        Field(name="due", label=_("Due"), kind="date", hint=_("2026-12-24 or R8.12.24")),
        Field(name="reason", label=_("Reason"), hint=_("Kept with the request; the approver reads it.")),
    )


def _agreed(seen: Seen | None) -> str:
    """Return the names of the facts by which a medium was recognised."""
    agreed = seen.observed.agreed if seen and seen.observed else {}
    return ", ".join(_(FACT_TITLES[name]) for name, agrees in agreed.items() if agrees)


def what_leaves(site: Installation, backup: Backup) -> Section:
    """Return what a person must know before asking that ``backup`` leaves; reads its manifest from the disk."""
    known, faults = read_manifest(backup)
    words, tone = health_words(backup.health)
    restored = age(backup.restored_at, site.clock.now()) if backup.restored_at else _("never")
    taken = date_and_time(backup.taken_at, site.zone) if backup.taken_at else "-"
    facts = [
        Fact(_("What leaves"), f"{backup.id}  {backup.source}  {taken}"),
        Fact(_("Size"), f"{size_words(backup.sealed_size)}  ({backup.sealed_size:,} B)"),
    ]
    if known is not None:
        facts.append(Fact(_("Holds"), held_words(known)))
    facts += [
        Fact(_("Health"), words + "  " + _("last restored: {age}").format(age=restored), STYLES[tone]),
        Fact("SHA-256", in_groups(backup.sealed_sha256)),
    ]
    return Section(facts=facts, sentences=fault_words(faults))


def approvers(seat: Seat, kind_name: str) -> str:
    """Return who may approve what this person hands in: the slot, and the people who can fill it now."""
    site = seat.site
    kind: Kind = site.desk.kind(kind_name)
    now, me = site.clock.now(), seat.session.operator.staff_number
    said = []
    for slot in kind.slots:
        people = {each.staff_number: each for role in slot.roles for each in holders(site.store, role, now)}
        names = ", ".join(mask(each.name) for number, each in sorted(people.items()) if number != me)
        said.append(f"{_(slot.title)} ({names or _('nobody now')})")
    return "; ".join(said)


def _handed_in_words(seat: Seat, request: Request) -> list[Any]:
    lines = [
        _("{id} waits for approval. Nothing leaves before.").format(id=request.id),
        approvers(seat, request.kind),
    ]
    if request.rule.witness:
        lines.append(_("A witness must sign before and after it is written."))
    half = len(request.digest) // 2
    return [
        *lines,
        _("Open until {time}.").format(time=date_and_time(request.not_after, seat.site.zone)),
        "",
        _("What is approved (SHA-256)"),
        f"  {in_groups(request.digest[:half])}",
        f"  {in_groups(request.digest[half:])}",
    ]
