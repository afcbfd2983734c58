"""Bringing log files in and running the rules over them, with progress, at the screen."""

from pathlib import Path
from typing import Any

from accesscontrol.messages import N_
from console import detection
from console.frame.dialogs import ConfirmDialog
from console.frame.forms import Field, FormDialog
from console.frame.progress import Outcome, Progress, ProgressDialog
from console.frame.screen import BaseScreen
from console.seat import Seat
from console.translation import _, ngettext
from monitors.events import ledger
from monitors.events.plans import Wish


async def import_file(screen: BaseScreen, seat: Seat) -> str:
    """Ask for a log file, import it, run the rules, and return what came of it in words, or nothing."""
    known = ledger.systems(seat.site.store)
    fields = (
        Field(name="file", label=_("File")),
        Field(name="system", label=_("System"), hint=_("so far: {names}").format(names=", ".join(known) or "-")),
        Field(
            name="format",
            label=_("Format"),
            required=False,
            hint=_("csv, tsv, jsonl or syslog; found out if left empty."),
        ),
    )
    values = await screen.app.ask(FormDialog(_("Import a log file"), fields, act=N_("Import")))
    if values is None or not (values["system"] in known or await _is_new(screen, values["system"])):
        return ""

    def run(progress: Progress) -> Any:
        progress.report(0, 0, _("Reading every line…"))
        actor = seat.acting
        wish = Wish(system=values["system"], format=values["format"])
        path = Path(values["file"]).expanduser()
        report = seat.site.archive.import_file(path, wish, actor=actor.staff_number, terminal=actor.terminal)
        progress.report(0, 0, _("Running the rules…"))
        return report, detection.detect(seat.site, actor=actor.staff_number)

    outcome: Outcome = await screen.app.ask(ProgressDialog(_("Import"), run, cancellable=False))
    if outcome.error is not None:
        screen.why(outcome.error)
        return ""
    report, found = outcome.value
    if not report.read:
        return _("The file held no event: nothing was imported.")
    words = N_("{read} lines: {imported} imported, {duplicate} known, {quarantined} quarantined; {raised} new findings")
    return _(words).format(
        read=f"{report.read:,}",
        imported=f"{report.imported:,}",
        duplicate=f"{report.duplicate:,}",
        quarantined=f"{report.quarantined:,}",
        raised=found["raised"],
    )


async def _is_new(screen: BaseScreen, system: str) -> bool:
    """Ask whether a name that no event has had so far is meant: what is imported keeps it for good."""
    asked = ConfirmDialog(
        _("A system without events so far"),
        _("No event of “{name}” is here yet. What is imported keeps this name for good.").format(name=system),
        act=N_("Import"),
    )
    return bool(await screen.app.ask(asked))


async def detect(screen: BaseScreen, seat: Seat) -> str:
    """Run the rules over what came in since the last time, and return what came of it in words, or nothing."""

    def run(progress: Progress) -> dict[str, Any]:
        progress.report(0, 0, _("Running the rules…"))
        return detection.detect(seat.site, actor=seat.acting.staff_number)

    outcome: Outcome = await screen.app.ask(ProgressDialog(_("Detect"), run, cancellable=False))
    if outcome.error is not None:
        screen.why(outcome.error)
        return ""
    raised: int = outcome.value["raised"]
    return ngettext("{raised} new finding", "{raised} new findings", raised).format(raised=raised)
