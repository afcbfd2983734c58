"""The list of all user IDs: the unreadable systems first and loud, what is left over marked, quick parts of it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from accesscontrol.accounts.model import PERSON_KIND_TITLES, SITUATION_TITLES, AccountState, Situation
from accesscontrol.messages import N_
from console.account_words import last_day, state_words
from console.dates import brief_instant
from console.screens.accounts.picture import AccountRow
from console.screens.views import Part, View
from console.system_titles import title_of
from console.text import mask
from console.translation import _
from console.widgets.details import Section
from console.widgets.rows import Cell, Column
from console.wiring import Installation

LEFTOVER: Final = N_("leftover")
UNKNOWN: Final = N_("not known")
UNREADABLE: Final = N_("unreadable")
EXPIRING: Final = N_("30 days")
CONTRACTOR: Final = N_("contract")

PARTS: Final[Sequence[Part[AccountRow]]] = (
    Part(LEFTOVER, lambda row: row.leftover),
    Part(UNKNOWN, lambda row: row.unknown),
    Part(UNREADABLE, lambda row: row.unreadable),
    Part(EXPIRING, lambda row: row.expiring),
    Part(CONTRACTOR, lambda row: row.contractor),
)
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_ODD: Final = frozenset({Situation.DISPUTED, Situation.DELETED, Situation.UNLINKED, Situation.UNMATCHED})


def view(
    site: Installation,
    read: Callable[[], Iterable[AccountRow]],
    explain: Callable[[AccountRow], Sequence[Section]],
) -> View[AccountRow]:
    """Return the list."""

    def last(row: AccountRow) -> str:
        use = row.line.last_use
        if use is not None:
            return brief_instant(use, site.zone, row.at)
        return _("never") if row.line.user_id and row.line.enabled is not None else ""

    def situation(row: AccountRow) -> Cell:
        return situation_cell(site, row)

    def until(row: AccountRow) -> Cell:
        return Cell(last_day(row.line.valid_to, site.zone), "medium" if row.expiring else "")

    return View(
        title=N_("User IDs"),
        columns=(
            Column(
                title=N_("System"), show=lambda row: title_of(site, row.line.system), width=9, grow=1, sort="system"
            ),
            Column(title=N_("User ID"), show=lambda row: row.line.user_id, width=9, grow=1, sort="id"),
            Column(title=N_("Person"), show=person_cell, width=8),
            Column(title=N_("Situation"), show=situation, width=17, grow=2, sort="situation"),
            Column(title=N_("Last day"), show=until, width=10, sort="until"),
            Column(title=N_("State"), show=_state, width=6),
            Column(title=N_("Last use"), show=last, width=11, sort="last"),
        ),
        read=read,
        key=lambda row: row.key,
        words=lambda row: f"{title_of(site, row.line.system)} {_words(row)}",
        explain=explain,
        parts=PARTS,
        order={
            "system": lambda row: (title_of(site, row.line.system), row.key),
            "id": lambda row: (row.line.user_id, row.line.system),
            "situation": lambda row: (_rank(row), row.key),
            "until": lambda row: (row.line.valid_to is None, row.line.valid_to or _NEVER, row.key),
            "last": lambda row: (row.line.last_use or _NEVER, row.key),
        },
        empty=(
            N_("No user ID here. F2 to F6 and / choose others, n asks for a new one.")
            if site.settings.systems
            else N_("The settings name no system, so no user ID is known: enter the systems in site.toml.")
        ),
        hint=N_("Enter shows why an ID stands here. n, e and the calendar k ask for what comes next."),
        markable=True,
    )


def person_cell(row: AccountRow) -> Cell:
    """Return the masked name of whose ID it is."""
    if row.line.person:
        return Cell(mask(row.line.person_name) or row.line.person)
    return Cell(_("break-glass") if row.break_glass else "-", "faint")


def situation_cell(site: Installation, row: AccountRow) -> Cell:
    """Return how the target and the ledger stand to each other, loud where somebody has to act."""
    if row.unknown:
        read_at = row.last.read_at if row.last else None
        if read_at is None:
            return Cell("!! " + _("never read"), "high")
        words = _("unreadable {time}") if row.unreadable else _("too old {time}")
        return Cell("!! " + words.format(time=brief_instant(read_at, site.zone, row.at)), "high")
    if row.leftover:
        named = SITUATION_TITLES[row.line.situation] if row.line.situation in _ODD else N_("still usable")
        return Cell("!! " + _(named), "high")
    if row.line.exempt:
        return Cell(_("the system's own"), "faint")
    if row.job is not None and row.job.trouble is not None:
        return Cell("! " + _("act in trouble"), "medium")
    words = _(SITUATION_TITLES[row.line.situation])
    return Cell(f"! {words}", "medium") if row.line.situation in _ODD else Cell(words)


def _state(row: AccountRow) -> Cell:
    return Cell(
        state_words(row.line) if row.line.user_id else "", "" if row.line.state == AccountState.LIVE else "faint"
    )


def _rank(row: AccountRow) -> int:
    return (not row.unknown) + (not row.unknown and not row.leftover)


def _words(row: AccountRow) -> str:
    """Return what the filter searches."""
    line = row.line
    kind = _(PERSON_KIND_TITLES[line.person_kind]) if line.person_kind else ""
    person = (line.person, mask(line.person_name), line.office, kind)
    marks = [_(part.title) for part in PARTS if part.holds(row)]
    return " ".join((line.system, line.user_id, *person, state_words(line), *line.entitlements, *marks))
