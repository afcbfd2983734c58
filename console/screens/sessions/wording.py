"""What is said of a session and its recording, in words and with its marks."""

import re
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from textual.content import Content

from accesscontrol.messages import N_
from accesscontrol.sessions import hosts
from accesscontrol.sessions.ledger import STATE_TITLES, SessionRow, State
from accesscontrol.sessions.replaying import Event
from accesscontrol.sessions.transport import Known
from accesscontrol.sessions.verifying import Verdict
from accesscontrol.store import Store
from console.retelling import retold
from console.screens.people_words import name_of
from console.session_words import clock, verdict_words
from console.text import fit, safe_text
from console.translation import _, ngettext
from console.widgets.details import Fact, Section
from console.widgets.plain import joined, styled
from console.widgets.rows import Cell

_STATEMENT: Final = re.compile(r"sql \[(?P<rows>\d+) rows\] (?P<sql>.*)", re.DOTALL)  # as a recording writes it
_LOUD = {State.INTERRUPTED: "high", State.FAILED: "high", State.CUT: "high", State.STOPPED: "medium"}
_TUNNEL: Final = N_("none: the tunnel alone")
_STATEMENTS: Final = N_("none: statements of its task alone")
_KNOWN = {
    Known.NOT_BEGUN: N_("nothing was begun on the host"),
    Known.UNKNOWN: N_("what the host did is not known"),
    Known.RUNNING: N_("it may still run on the host"),
    Known.ENDED: N_("it has ended on the host"),
}


def state_cell(row: SessionRow) -> Cell:
    """Return the state of a session as a cell."""
    tone = _LOUD.get(row.state, "low" if row.state is State.RUNNING else "")
    mark = "● " if row.state is State.RUNNING else "! " if row.state in _LOUD else ""
    return Cell(mark + _(STATE_TITLES[row.state]), tone)  # type: ignore[arg-type]  # each is a Tone


def when(instant: datetime | None, zone: ZoneInfo) -> str:
    """Return an instant in the site's zone."""
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M:%S}" if instant else "-"


def explain(store: Store, row: SessionRow, zone: ZoneInfo, verdict: Verdict | None) -> list[Section]:
    """Return everything about one session."""
    facts = [
        Fact(_("State"), _(STATE_TITLES[row.state])),
        Fact(_("What"), _(row.title)),
        Fact(_("Request"), row.request),
        Fact(_("Host"), f"{row.host}  {row.target}"),
        Fact(_("Executor"), f"{name_of(store, row.executor)}  {row.terminal}"),
        Fact(_("Second person"), _("must be present") if row.moderated else _("may watch")),
        Fact(_("Began"), when(row.opened_at, zone)),
        Fact(_("Window ends"), when(row.until, zone)),
        *_certificate(store, row, zone),
    ]
    sections = [Section(facts=facts)]
    if row.ended_at is not None:
        ended = [
            Fact(_("Ended"), when(row.ended_at, zone)),
            Fact(_("Ended by"), name_of(store, row.ended_by)),
            Fact(_("Reason"), retold(row.reason) or "-"),
        ]
        known = _KNOWN.get(Known(row.known)) if row.known else None
        sections.append(Section(_("The end"), ended, [_(known)] if known else []))
    sections.append(Section(_("Commands"), sentences=row.commands or [_(_TUNNEL if row.tunnel else _STATEMENTS)]))
    recording = [Fact(_("File"), row.recording), Fact("SHA-256", row.recording_sha256 or "-")]
    sections.append(Section(_("Recording"), recording, verdict_words(verdict) if verdict else []))
    return sections


def _certificate(store: Store, row: SessionRow, zone: ZoneInfo) -> list[Fact]:
    """Say what became of the certificate of a session that reached another host."""
    if row.host not in {host.name for host in hosts.listed(store)}:
        return []
    number = _("no. {serial}").format(serial=row.serial)
    told = _("revoked {when}").format(when=when(row.revoked_at, zone)) if row.revoked_at else ""
    return [Fact(_("Certificate"), "  ".join(filter(None, (number, told))))]


def step_words(label: str) -> str:
    """Return a step's label; how a session was broken off, and how many rows a statement has, in the reader's words."""
    if statement := _STATEMENT.fullmatch(label):
        rows = ngettext("{rows} row", "{rows} rows", int(statement["rows"])).format(rows=f"{int(statement['rows']):,}")
        return f"SQL [{rows}] {statement['sql']}"
    told, _space, state = label.partition(" ")
    known = told == "session" and state in frozenset(State)
    return _("The session is over: {state}.").format(state=_(STATE_TITLES[State(state)])) if known else label


def time_bar(at: float, duration: float, markers: list[Event], width: int) -> Content:
    """Return the time line: what has passed, what is to come, and where the steps are."""
    if width < 1:
        return Content("")
    passed = min(width, int(width * at / duration)) if duration else width
    steps = {min(width - 1, int(width * each.at / duration)) for each in markers} if duration else set()
    cells = ("│" if place in steps else "█" if place < passed else "░" for place in range(width))
    return joined(
        *(styled(mark, "bold $secondary" if mark == "│" else "$accent" if mark == "█" else "$border") for mark in cells)
    )


def raw_line(event: Event, width: int) -> Content:
    """Return one event as it was written, every character that a terminal would obey as a mark."""
    head = f"{clock(event.at)}.{int(event.at * 10) % 10} {event.code} "
    return joined(styled(head, "$secondary"), fit(safe_text(event.data), max(1, width - len(head))))
