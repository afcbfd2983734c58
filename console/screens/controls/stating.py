"""Signing a statement about a control at place 0: what was done by hand, and where the record of it is kept."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from accesscontrol.accounts.papers import PAPER_TITLES, RULES
from accesscontrol.clock import local_day
from accesscontrol.messages import N_
from console import missing_papers
from console.dates import era_date
from console.evidence import statements
from console.evidence.controls import Control
from console.evidence.duties import Duty
from console.evidence.guards.model import PERIOD_TITLES
from console.frame.forms import Field, FormDialog
from console.screens.factors import factor_fields
from console.seat import Seat
from console.translation import _, language
from console.widgets.details import Fact, Section
from console.widgets.rows import Cell
from console.wiring import Installation

_SHOWN: Final = 20


def dialog(seat: Seat, control: Control) -> FormDialog:
    """Return the form that signs what was done by hand for ``control``; its answer is the statement."""

    def submit(values: dict[str, Any]) -> statements.Statement:
        sign = seat.step_up(values["password"], values["code"])
        return statements.enter(
            seat.site.store, control.id, values["words"], values["reference"], seat.acting, sign=sign
        )

    fields = (
        Field(name="words", label=_("Statement"), hint=_("What was done and what it showed, in one line.")),
        Field(
            name="reference", label=_("Reference"), hint=_("Where the record is kept: a document number or a place.")
        ),
        *factor_fields(seat),
    )
    lines = [control.title(language()), *([_(control.guard.by_hand)] if control.guard.by_hand else [])]
    return FormDialog(
        _("State {control}").format(control=control.id), fields, text=lines, act=N_("Sign"), submit=submit
    )


def due_cell(duty: Duty | None, at: datetime, zone: ZoneInfo) -> Cell:
    """Return the last day on which the next statement is in time, loud when it has passed."""
    if duty is None:
        return Cell("")
    if duty.overdue(at):
        return Cell(_("overdue"), "high")
    return Cell(f"{_last_day(duty, zone):%Y-%m-%d}", "medium" if duty.waits(at) else "faint")


def section(duty: Duty, at: datetime, zone: ZoneInfo) -> Section:
    """Return who stated the control last and when, and until when it is stated next."""
    last = duty.last
    stated = _("never")
    if last is not None:
        stated = f"{era_date(local_day(last.at, zone))}  {last.staff_number}"
    words = _("{day}, overdue") if duty.overdue(at) else _("until {day}")
    return Section(
        _("Statement by hand"),
        facts=[
            Fact(_("How often"), _(PERIOD_TITLES[duty.period])),
            Fact(_("Last stated"), stated),
            Fact(
                _("Next"),
                words.format(day=era_date(_last_day(duty, zone))),
                "bold $error" if duty.overdue(at) else "$warning" if duty.waits(at) else "",
            ),
        ],
    )


def papers(site: Installation, control: Control) -> Iterator[Section]:
    """Yield for each paper that belongs to ``control`` of whom it is missing, the longest overdue first."""
    at = site.clock.now()
    for paper, rule in RULES.items():
        if rule.control != control.id:
            continue
        found = missing_papers.owing(site, paper)
        late = sum(each.late(at) for each in found)
        words = _("missing {missing}, overdue {late}").format(missing=len(found), late=late)
        names = ", ".join(each.subject for each in found[:_SHOWN]) + ("…" if len(found) > _SHOWN else "")
        yield Section(_(PAPER_TITLES[paper]), sentences=[words, *([names] if names else [])])


def _last_day(duty: Duty, zone: ZoneInfo) -> date:
    return local_day(duty.due - timedelta(microseconds=1), zone)
