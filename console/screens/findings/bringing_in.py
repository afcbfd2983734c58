"""Bringing log files in and running the rules over them, with progress, at the screen."""

from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from accesscontrol.messages import N_
from console import detection, event_words
from console.frame.dialogs import ConfirmDialog
from console.frame.forms import Field, FormDialog
from console.frame.progress import Outcome, Progress, ProgressDialog
from console.frame.screen import BaseScreen
from console.seat import Seat
from console.translation import _, filled, ngettext
from monitors.events import imports, ledger
from monitors.events.imports import Preview
from monitors.events.plans import Wish
from monitors.events.readers.formats import NAMES

_SHOWN: Final = ("ts", "user_id", "terminal", "action", "outcome")
_MOST_SHOWN: Final = 5


async def import_file(screen: BaseScreen, seat: Seat) -> str:
    """Ask for a log file, show how it is understood, import it, run the rules, and say what came of it, or nothing."""
    known = ledger.systems(seat.site.store)
    fields = (
        Field(name="file", label=_("File")),
        Field(name="system", label=_("System"), hint=_("so far: {names}").format(names=", ".join(known) or "-")),
        Field(
            name="format",
            label=_("Format"),
            required=False,
            hint=_("Found out if left empty; else one of {names}.").format(names=", ".join(NAMES)),
        ),
    )
    values = await screen.app.ask(FormDialog(_("Import a log file"), fields, act=N_("Go on")))
    if values is None:
        return ""
    wish = Wish(system=values["system"], format=values["format"])
    path = Path(values["file"])
    if not await _is_meant(screen, seat, path, wish, is_new=wish.system not in known):
        return ""

    def run(progress: Progress) -> Any:
        progress.report(0, 0, _("Reading every line…"))
        actor = seat.acting
        report = seat.site.archive.import_file(
            path.expanduser(), wish, actor=actor.staff_number, terminal=actor.terminal
        )
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
    counts = {name: getattr(report, name) for name in ("read", "imported", "duplicate", "quarantined")}
    counts["raised"] = found["raised"]
    return filled(words, {name: f"{count:,}" for name, count in counts.items()})


async def _is_meant(screen: BaseScreen, seat: Seat, path: Path, wish: Wish, *, is_new: bool) -> bool:
    """Show how the first lines are understood, and ask whether that is meant; nothing is imported yet.

    A name that no event has had so far is asked about, too: what is imported keeps it for good.
    """
    site = seat.site

    def look(progress: Progress) -> Preview:
        progress.report(0, 0, _("Looking at the first lines…"))
        return imports.preview(path.expanduser(), wish, home=site.home.path, zone=site.zone, store=site.store)

    outcome: Outcome = await screen.app.ask(ProgressDialog(_("Import"), look, only_looks=True))
    if outcome.error is not None:
        screen.why(outcome.error)
        return False
    if outcome.cancelled:
        return False
    words = _("No event of “{name}” is here yet. What is imported keeps this name for good.")
    notice = [words.format(name=wish.system)] if is_new else []
    lines = [*notice, *_understood(outcome.value, site.zone)]
    return bool(await screen.app.ask(ConfirmDialog(_("Import a log file"), lines, act=N_("Import"))))


def _understood(found: Preview, zone: ZoneInfo) -> list[str]:
    """Return in lines how a file would be read."""
    rows = [
        "  ".join(event_words.shown_value(row, column, zone) or "-" for column in _SHOWN)
        for row in found.rows[:_MOST_SHOWN]
    ]
    bad = _("Line {number} would be quarantined: {reason}")
    return [
        event_words.read_as(found),
        *rows,
        *(bad.format(number=number, reason=_(reason)) for number, reason in found.quarantined[:_MOST_SHOWN]),
    ]


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
