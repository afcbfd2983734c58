"""The other lists of this place: the terminals, and the accounts of the register system itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from accesscontrol.messages import N_
from accesscontrol.people import outings, terminals
from accesscontrol.people.terminals import PLACE_TITLES, TERMINAL_STATE_TITLES, Terminal, TerminalState
from console.dates import brief_instant, era_date
from console.evidence import register_accounts
from console.evidence.register_accounts import DOUBT_TITLES, PROFILE_TITLES, Doubt
from console.screens.views import Part, View
from console.text import mask
from console.translation import _
from console.widgets.details import Fact, Section
from console.widgets.rows import Cell, Column
from console.wiring import Installation
from registry.accounts import RegistryAccount

_TERMINAL_TONES: dict[TerminalState, Literal["", "medium", "faint"]] = {
    TerminalState.REGISTERED: "",
    TerminalState.OUT: "medium",
    TerminalState.REMOVED: "faint",
}
_LOUD = frozenset({Doubt.ENDED, Doubt.NOBODY})


def terminals_view(site: Installation, here: str) -> View[Terminal]:
    """Return the list of registered terminals; ``here`` is what the host observes of this one."""

    def name(terminal: Terminal) -> str:
        return terminal.name + (" " + _("(here)") if terminal.fact == here else "")

    def explain(terminal: Terminal) -> list[Section]:
        facts = [
            Fact(_("Place"), _(PLACE_TITLES[terminal.place])),
            Fact(_("State"), _(TERMINAL_STATE_TITLES[terminal.state])),
            Fact(_("Known by"), terminal.fact),
            Fact(_("Restricted"), _("yes") if terminal.restricted else _("no")),
        ]
        return [
            Section(name(terminal), facts),
            *_outings(site, terminal),
            Section(
                sentences=[
                    _("A restricted terminal reaches no internet, no e-mail and no media, as temporary staff need."),
                    _("A terminal that is out or removed opens no session."),
                    _("One is taken out by a request that the information security manager approves (place 5, n)."),
                ]
            ),
        ]

    return View(
        title=N_("Terminals"),
        columns=(
            Column(title=N_("Terminal"), show=name, width=22, grow=2, sort="name"),
            Column(title=N_("Place"), show=lambda each: _(PLACE_TITLES[each.place]), width=12, sort="place"),
            Column(title=N_("State"), show=_terminal_state, width=10, sort="state"),
            Column(title=N_("Known by"), show=lambda each: each.fact, width=18, grow=2),
            Column(title=N_("Restricted"), show=lambda each: _("yes") if each.restricted else "", width=10),
        ),
        read=lambda: terminals.every(site.store),
        key=lambda each: each.name,
        words=lambda each: f"{each.name} {each.fact} {_(PLACE_TITLES[each.place])}",
        explain=explain,
        parts=(
            Part(N_("taken out"), lambda each: each.state is TerminalState.OUT),
            Part(N_("removed"), lambda each: each.state is TerminalState.REMOVED),
        ),
        order={"name": lambda each: each.name, "place": lambda each: each.place, "state": lambda each: each.state},
        hint=N_("Registered with sekisho people register-terminal, back with terminal-back"),
    )


def _outings(site: Installation, terminal: Terminal) -> Iterator[Section]:
    """Yield who took the terminal out and why, and until when or when it was back, the newest first."""
    at = site.clock.now()
    for each in outings.every(site.store):
        if each.terminal == terminal.name:
            until = era_date((each.due - datetime.resolution).astimezone(site.zone).date())
            back = f"{each.back_at.astimezone(site.zone):%Y-%m-%d %H:%M}" if each.back_at else _("not yet")
            yield Section(
                _("Taken out"),
                [
                    Fact(_("Staff number"), each.staff_number),
                    Fact(_("Why it must leave"), each.purpose),
                    Fact(_("Since"), f"{each.out_at.astimezone(site.zone):%Y-%m-%d %H:%M}  {each.request}"),
                    Fact(_("Last day"), until, "bold $error" if each.late(at) else ""),
                    Fact(_("Back"), back),
                ],
            )


def _terminal_state(terminal: Terminal) -> Cell:
    return Cell(_(TERMINAL_STATE_TITLES[terminal.state]), _TERMINAL_TONES[terminal.state])


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account of the register system with what speaks against it, judged when it was read."""

    account: RegistryAccount
    doubts: tuple[Doubt, ...]
    at: datetime


def _read(site: Installation) -> Iterator[AccountRow]:
    at = site.clock.now()
    today = at.astimezone(site.zone).date()
    for account in register_accounts.read(site):
        yield AccountRow(account, register_accounts.doubts(account, at, today), at)


def accounts_view(site: Installation, shown_name: Callable[[str, str], str]) -> View[AccountRow]:
    """Return the list of the register system's own accounts, as they were read from it."""

    def last(row: AccountRow) -> str:
        use = row.account.last_sign_in_at
        return brief_instant(use, site.zone, row.at) if use else _("never")

    def has(doubt: Doubt) -> Callable[[AccountRow], bool]:
        return lambda row: doubt in row.doubts

    return View(
        title=N_("Register system"),
        columns=(
            Column(title=N_("User ID"), show=lambda row: row.account.login, width=8, sort="login"),
            Column(title=N_("Name"), show=lambda row: mask(row.account.display_name), width=10),
            Column(title=N_("Rights"), show=_profile, width=8, sort="profile"),
            Column(title=N_("Worth a look"), show=_doubt, width=20, grow=2, sort="doubt"),
            Column(title=N_("Last use"), show=last, width=11, sort="last"),
            Column(title=N_("Valid until"), show=_until, width=11, sort="until"),
            Column(title=N_("Office"), show=lambda row: row.account.office, width=12, grow=1, from_width=90),
        ),
        read=lambda: _read(site),
        key=lambda row: row.account.login,
        words=_words,
        explain=lambda row: _explain(site, row, shown_name),
        parts=(
            Part(N_("left over"), lambda row: bool(row.doubts) and row.doubts != (Doubt.ENDS_SOON,)),
            *(Part(DOUBT_TITLES[doubt], has(doubt)) for doubt in Doubt),
            Part(N_("disabled"), lambda row: not row.account.enabled),
        ),
        order={
            "login": lambda row: row.account.login,
            "profile": lambda row: row.account.profile,
            "doubt": lambda row: list(Doubt).index(row.doubts[0]) if row.doubts else len(Doubt),
            "last": lambda row: row.account.last_sign_in_at.timestamp() if row.account.last_sign_in_at else 0,
            "until": lambda row: row.account.valid_until or date.max,
        },
        empty=N_("The register holds no account here."),
        hint=N_("f shows what is left over. These accounts are read from the register, not changed here."),
    )


def _profile(row: AccountRow) -> str:
    return _(PROFILE_TITLES.get(row.account.profile, row.account.profile))


def _doubt(row: AccountRow) -> Cell:
    if not row.account.enabled:
        return Cell(_("disabled"), "faint")
    if not row.doubts:
        return Cell("")
    first = row.doubts[0]
    more = f" +{len(row.doubts) - 1}" if len(row.doubts) > 1 else ""
    return Cell(f"{_(DOUBT_TITLES[first])}{more}", "high" if first in _LOUD else "medium")


def _until(row: AccountRow) -> str:
    return f"{row.account.valid_until:%Y-%m-%d}" if row.account.valid_until else ""


def _words(row: AccountRow) -> str:
    account = row.account
    doubts = [_(DOUBT_TITLES[doubt]) for doubt in row.doubts]
    facts = (account.login, account.staff_number, mask(account.display_name), account.office, _profile(row))
    return " ".join((*facts, *doubts))


def _explain(site: Installation, row: AccountRow, shown_name: Callable[[str, str], str]) -> list[Section]:
    account = row.account
    read_at = f"{row.at.astimezone(site.zone):%Y-%m-%d %H:%M}"
    facts = [
        Fact(_("Name"), shown_name(subject_of(account), account.display_name)),
        Fact(_("Staff number"), account.staff_number or _("none")),
        Fact(_("Office"), account.office),
        Fact(_("Rights"), _profile(row)),
        Fact(_("State"), _("enabled") if account.enabled else _("disabled")),
        Fact(_("Valid until"), era_date(account.valid_until) if account.valid_until else _("without end")),
        Fact(_("Made"), era_date(account.created_at.astimezone(site.zone).date())),
        Fact(_("Last use"), _last_use(site, account)),
        Fact(_("Read at"), read_at),
    ]
    sections = [Section(account.login, facts)]
    if row.doubts:
        sections.append(Section(_("Worth a look"), sentences=[f"- {_(DOUBT_TITLES[doubt])}" for doubt in row.doubts]))
    note = _("Whether the person still works here can't be told from the register alone.")
    return [*sections, Section(sentences=[note])]


def _last_use(site: Installation, account: RegistryAccount) -> str:
    if account.last_sign_in_at is None:
        return _("never")
    return f"{account.last_sign_in_at.astimezone(site.zone):%Y-%m-%d %H:%M}"


def subject_of(account: RegistryAccount) -> str:
    """Return how the trail names an account of the register system."""
    return f"register:{account.login}"
