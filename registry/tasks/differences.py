"""Reports of differences that people work off line by line; a line names places and items, never what they hold."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Final

from accesscontrol import rows
from accesscontrol.canonical import JSON, digest
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store, Transaction

_LONGEST_NOTE: Final = 2000


class LineState(StrEnum):
    """Where a difference is on its way; ``pending`` ones are still being transferred and need nobody yet."""

    open = "open"
    pending = "pending"
    explained = "explained"
    handled = "handled"
    escalated = "escalated"


STATE_TITLES: Final[Mapping[LineState, str]] = {
    LineState.open: N_("open"),
    LineState.pending: N_("on its way"),
    LineState.explained: N_("explained"),
    LineState.handled: N_("handled"),
    LineState.escalated: N_("escalated"),
}
KIND_TITLES: Final[Mapping[str, str]] = {
    "missing_in_cs": N_("missing in the municipal CS"),
    "missing_in_register": N_("missing in the register"),
    "missing_here": N_("missing here"),
    "missing_there": N_("missing on the other side"),
    "differing": N_("differing"),
    "not_notified": N_("not notified, or not acknowledged"),
    "notified_twice": N_("notified more than once"),
    "notified_unknown": N_("notification of an unknown change"),
}
UNSETTLED: Final = frozenset({LineState.open, LineState.escalated})
_AFTER: Final[Mapping[LineState, frozenset[LineState]]] = {
    LineState.open: frozenset({LineState.explained, LineState.handled, LineState.escalated}),
    LineState.pending: frozenset({LineState.open, LineState.explained, LineState.handled}),
    LineState.escalated: frozenset({LineState.explained, LineState.handled}),
    LineState.explained: frozenset({LineState.open}),
    LineState.handled: frozenset({LineState.open}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One difference: its kind, the surrogate keys by table, the item numbers, and who last decided what."""

    number: int = 0
    kind: str
    place: Mapping[str, int]
    items: tuple[int, ...] = ()
    state: LineState = LineState.open
    note: str = ""
    actor: str = ""
    at: datetime | None = None

    def to_json(self) -> dict[str, JSON]:
        """Return the line as scripts read it."""
        return {
            "line": self.number,
            "kind": self.kind,
            "place": dict(self.place),
            "items": list(self.items),
            "state": self.state.value,
            "note": self.note,
            "actor": self.actor,
            "at": to_text(self.at) if self.at else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The head of a report: which task made it, when (UTC), the exact counts by kind, and its lines by state."""

    number: int
    task: str
    made_at: datetime
    actor: str
    counts: Mapping[str, int]
    sha256: str
    states: Mapping[LineState, int] = field(default_factory=dict)

    @property
    def unsettled(self) -> int:
        """Return how many lines still need somebody."""
        return sum(self.states.get(state, 0) for state in UNSETTLED)


def keep(
    tx: Transaction, task: str, lines: Iterable[Line], counts: Mapping[str, int], *, actor: str, terminal: str = ""
) -> int:
    """Write a report with its lines (act ``difference.reported``) and return its number."""
    kept = [(each.kind, json.dumps(dict(each.place)), json.dumps(list(each.items)), each.state) for each in lines]
    sha256 = digest([list(each) for each in kept])
    cursor = tx.execute(
        "INSERT INTO difference_report (task, made_at, actor, counts, sha256) VALUES (?, ?, ?, ?, ?)",
        (task, to_text(tx.at), actor, json.dumps(dict(counts)), sha256),
    )
    number = int(cursor.lastrowid or 0)
    for line, each in enumerate(kept, start=1):
        tx.execute(
            "INSERT INTO difference_line (report, line, kind, place, items, state) VALUES (?, ?, ?, ?, ?, ?)",
            (number, line, *each),
        )
    tx.record(
        "difference.reported",
        actor=actor,
        subject=str(number),
        outcome="differs" if kept else "agrees",
        terminal=terminal,
        task=task,
        counts=dict(counts),
        lines=len(kept),
        sha256=sha256,
    )
    return number


def decide(
    store: Store, report: int, line: int, state: LineState, *, note: str, actor: str, terminal: str = ""
) -> Line:
    """Move one line on, with a word why (act ``difference.decided``); :class:`Refusal` for a step that isn't there.

    A note may not hold digits in a row as long as a number of a person.
    """
    note = note.strip()
    if not note or len(note) > _LONGEST_NOTE:
        raise Refusal(N_("Say what was found out, in at most {most} characters."), most=_LONGEST_NOTE)
    if _holds_a_number(note):
        raise Refusal(N_("A note holds no number of a person. Name the record by its line."), control="MO-LOG-01")
    with store.transaction() as tx:
        row = tx.row("SELECT * FROM difference_line WHERE report = ? AND line = ?", (report, line))
        if row is None:
            raise Refusal(N_("Report {report} has no line {line}."), report=report, line=line)
        before = LineState(row["state"])
        if state not in _AFTER[before]:
            raise Refusal(
                N_("A line that is {before} can't become {after}."),
                before=STATE_TITLES[before],
                after=STATE_TITLES[state],
            )
        tx.execute(
            "UPDATE difference_line SET state = ?, note = ?, actor = ?, at = ? WHERE report = ? AND line = ?",
            (state, note, actor, to_text(tx.at), report, line),
        )
        tx.record(
            "difference.decided",
            actor=actor,
            subject=f"{report}/{line}",
            outcome=state,
            terminal=terminal,
            before=before,
            note=note,
        )
    return lines_of(store, report, only=line)[0]


def _holds_a_number(note: str) -> bool:
    run = 0
    for character in note:
        run = run + 1 if character.isdigit() else run * (character in " -")
        if run >= 11:  # noqa: PLR2004 - a resident code has 11 digits, an individual number 12
            return True
    return False


def reports(store: Store, task: str = "", *, limit: int = 50) -> list[Report]:
    """Return reports, newest first, of one task or of all."""
    found = store.rows(
        "SELECT * FROM difference_report WHERE ? IN ('', task) ORDER BY number DESC LIMIT ?", (task, limit)
    )
    return rows.values(found, partial(_report, store), store.note_damage)


def report(store: Store, number: int) -> Report:
    """Return one report; :class:`Refusal` when there is none with this number."""
    row = store.row("SELECT * FROM difference_report WHERE number = ?", (number,))
    if row is None:
        raise Refusal(N_("There is no report {number}; `sekisho tasks report` lists them."), number=number)
    return _report(store, row)


_head: Final = rows.Mapper(Report, "difference_report", "number")
_line: Final = rows.Mapper(Line, "difference_line", "report", "line", number="line")


def _report(store: Store, row: sqlite3.Row) -> Report:
    states = store.rows(
        "SELECT state, count(*) AS n FROM difference_line WHERE report = ? GROUP BY state", (row["number"],)
    )
    return _head(row, states={LineState(each["state"]): each["n"] for each in states})


def lines_of(store: Store, report: int, *, after: int = 0, limit: int = 1000, only: int = 0) -> list[Line]:
    """Return the lines of a report in order, after line ``after``, or the one line ``only``."""
    found = store.rows(
        "SELECT * FROM difference_line WHERE report = ? AND line > ? AND ? IN (0, line) ORDER BY line LIMIT ?",
        (report, after, only, limit),
    )
    return rows.values(found, _line, None if only else store.note_damage)
