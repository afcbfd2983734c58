"""Taking the events of the browser out: sealed at once, and then a request like every other taking out."""

from accesscontrol.messages import N_
from backups.records import Backup
from console import event_extracts
from console.frame.forms import Field, FormDialog
from console.frame.progress import Outcome, Progress, ProgressDialog
from console.frame.screen import BaseScreen
from console.screens.backups.acts import told
from console.seat import Seat
from console.translation import _, ngettext


async def seal(screen: BaseScreen, seat: Seat, expression: str, count: int) -> Backup | None:
    """Ask whether the events of ``expression`` are meant, seal them, and return what is to leave, or nothing."""
    title = _("Export of events")
    number = ngettext("{number} event", "{number} events", count).format(number=f"{count:,}")
    lines = [
        f"{number}: {expression or _('all')}",
        _("They are sealed at once. Nothing leaves before the security officer has approved it."),
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
