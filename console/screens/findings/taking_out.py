"""Events on their way out: sealed and asked for like every other output, or erased after their period."""

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups.media.log_output import KIND
from backups.records import Backup
from console import event_extracts, log_retention
from console.frame.dialogs import ReasonDialog
from console.frame.forms import Field, FormDialog
from console.frame.progress import Outcome, Progress, ProgressDialog
from console.frame.screen import BaseScreen
from console.screens.backups.acts import told
from console.screens.backups.export import approvers
from console.seat import Seat
from console.translation import _, filled, ngettext


async def seal(screen: BaseScreen, seat: Seat, expression: str, count: int) -> Backup | None:
    """Ask whether the events of ``expression`` are meant, seal them, and return what is to leave, or nothing."""
    title = _("Export of events")
    number = ngettext("{number} event", "{number} events", count).format(number=f"{count:,}")
    lines = [
        f"{number}: {expression or _('all')}",
        _("They are sealed at once. Nothing leaves before the security officer has approved it."),
        _("To approve: {people}").format(people=approvers(seat, KIND)),
    ]
    hint = _("Your number in the entry book of the server room (BK-BAK-01).")
    fields = (Field(name="entry_record", label=_("Entry book"), required=False, hint=hint),)
    chosen = await screen.app.ask(FormDialog(title, fields, text=lines, act=N_("Seal")))
    if chosen is None:
        return None

    def run(progress: Progress) -> Backup:
        progress.report(0, 0, _("Reading every event…"))
        record: str = chosen["entry_record"]
        report = told(progress, _("Sealing…"))
        return event_extracts.prepare(seat.site, expression, seat.acting, entry_record=record, progress=report)

    outcome: Outcome = await screen.app.ask(ProgressDialog(title, run))
    if outcome.error is not None:
        screen.why(outcome.error)
    sealed: Backup | None = outcome.value
    return sealed


async def erase(screen: BaseScreen, seat: Seat) -> str:
    """Ask that the events whose period of keeping is over are erased, and return what came of it in words."""
    site = seat.site
    due = log_retention.due(site)
    if not due:
        years = site.settings.events.keep_years
        return filled(N_("Every event must still be kept: the settings say {years} years."), {"years": years})
    events = sum(each.events for each in due)
    count = ngettext("{number} event before {day}", "{number} events before {day}", events)
    lines = [
        count.format(number=f"{events:,}", day=log_retention.limit(site).date().isoformat()),
        _("The security officer approves it. Files are removed; the disk itself is not sanitized."),
    ]
    reason = await screen.app.ask(ReasonDialog(_("Erasure of events"), lines, act=N_("Hand in")))
    if reason is None:
        return ""
    try:
        request = log_retention.ask_for_erasure(site, due, seat.acting, reason=reason)
    except Refusal as refusal:
        screen.why(refusal)
        return ""
    return _("{id} waits for approval.").format(id=request.id)
