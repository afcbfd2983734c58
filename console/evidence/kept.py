"""What is kept as evidence of a control in a period: counted in the book, never estimated.

Entries of the trail by their acts, requests done of the kinds that carry the control, runs of the tasks that carry
it, findings that name it, and what people stated about it.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Row
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol.accounts.fiscal_year import bounds, fiscal_year_of
from accesscontrol.clock import from_text, to_text
from accesscontrol.messages import N_
from accesscontrol.store import Store
from accesscontrol.trail.entries import Entry
from console.evidence.controls import Control
from console.evidence.statements import STATED, Statement, of_entry
from console.trail_words import title_of
from console.wiring import Installation
from monitors.findings.raising import finding_name
from monitors.findings.states import OPEN
from registry.tasks.catalogue import CATALOGUE
from registry.tasks.due import RAN

SEALED: Final = "trail.sealed"


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """The year from 1 April of ``number``, in the site's zone."""

    number: int
    zone: ZoneInfo

    @classmethod
    def of(cls, at: datetime, zone: ZoneInfo) -> "FiscalYear":
        """Return the fiscal year in which ``at`` lies."""
        return cls(fiscal_year_of(at, zone), zone)

    @property
    def begin(self) -> datetime:
        """The first instant (UTC)."""
        return bounds(self.number, self.zone)[0]

    @property
    def end(self) -> datetime:
        """The first instant after it (UTC)."""
        return bounds(self.number, self.zone)[1]


@dataclass(frozen=True, slots=True)
class Span:
    """How many pieces there are, and when the first and the last were kept (UTC)."""

    count: int = 0
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """One sort of evidence: ``sort`` and ``title`` are msgids."""

    sort: str
    title: str
    span: Span


@dataclass(frozen=True, slots=True)
class OpenFinding:
    """A finding that nobody has judged yet, from whatever year."""

    name: str
    title: str
    severity: str
    raised_at: datetime


ENTRY: Final = N_("Entry")
REQUEST: Final = N_("Request done")
TASK: Final = N_("Task run")
FINDING: Final = N_("Findings raised")


@dataclass(frozen=True, slots=True)
class Book:
    """All that was kept in one fiscal year, read once. ``unreadable`` counts entries that somebody damaged."""

    year: FiscalYear
    acts: Mapping[str, Span]
    tasks: Mapping[str, Span]
    requests: Mapping[str, Span]
    findings: Mapping[str, Span]
    open: Mapping[str, tuple[OpenFinding, ...]]
    statements: Mapping[str, tuple[Statement, ...]]
    unreadable: int

    def pieces(self, site: Installation, control: Control) -> Iterator[Piece]:
        """Yield each sort of evidence of ``control``, also those of which nothing was kept."""
        for act in control.guard.acts:
            yield Piece(ENTRY, N_("Trail sealed") if act == SEALED else title_of(act), self.acts.get(act, Span()))
        for kind in site.kinds.values():
            if control.id in kind.controls:
                yield Piece(REQUEST, kind.title, self.requests.get(kind.name, Span()))
        for task in CATALOGUE.values():
            if control.id in task.controls:
                yield Piece(TASK, task.title, self.tasks.get(task.name, Span()))
        if control.id in self.findings:
            yield Piece(FINDING, FINDING, self.findings[control.id])


def read(site: Installation, year: FiscalYear) -> Book:
    """Return what was kept in ``year``."""
    store, period = site.store, (to_text(year.begin), to_text(year.end))
    acts, tasks, unreadable = _trail(store, period)
    raised, still_open = _findings(store, period)
    return Book(
        year=year,
        acts=acts,
        tasks=tasks,
        requests=_requests(store, period),
        findings=raised,
        open=still_open,
        statements=_statements(store, period),
        unreadable=unreadable,
    )


# Read from the bytes, not from the table's computed columns: bytes that are no JSON any more must not stop the count.
_COUNTED: Final = """
    WITH entry AS (
        SELECT CASE WHEN json_valid(text) THEN json_extract(text, '$.act') END AS act,
            CASE WHEN json_valid(text) THEN json_extract(text, '$.at') END AS at,
            CASE WHEN json_valid(text) THEN json_extract(text, '$.subject') END AS subject
        FROM (SELECT CAST(body AS TEXT) AS text FROM trail_entry)
    )
    SELECT act, CASE WHEN act = ? THEN subject ELSE '' END AS task, count(*) AS n, min(at) AS first, max(at) AS last
    FROM entry WHERE act IS NULL OR (at >= ? AND at < ?) GROUP BY 1, 2
"""
_STATED: Final = """
    SELECT seq, body FROM (SELECT seq, body, CAST(body AS TEXT) AS text FROM trail_entry)
    WHERE CASE WHEN json_valid(text) THEN json_extract(text, '$.act') = ? AND json_extract(text, '$.at') >= ?
        AND json_extract(text, '$.at') < ? ELSE 0 END ORDER BY seq
"""


def _trail(store: Store, period: tuple[str, str]) -> tuple[dict[str, Span], dict[str, Span], int]:
    rows = store.rows(_COUNTED, (RAN, *period))
    acts = {row["act"]: _span(row) for row in rows if row["act"] and row["act"] != RAN}
    runs = {row["task"].removeprefix("task:"): _span(row) for row in rows if row["act"] == RAN}
    acts[RAN] = _sum(list(runs.values()))
    sealed = store.row(
        "SELECT count(*) AS n, min(at) AS first, max(at) AS last FROM trail_checkpoint WHERE at >= ? AND at < ?", period
    )
    if sealed is not None:
        acts[SEALED] = _span(sealed)
    return acts, runs, sum(row["n"] for row in rows if row["act"] is None)


def _requests(store: Store, period: tuple[str, str]) -> dict[str, Span]:
    rows = store.rows(
        "SELECT r.kind, count(*) AS n, min(e.ended_at) AS first, max(e.ended_at) AS last FROM request_execution AS e"
        " JOIN request AS r ON r.id = e.request"
        " WHERE e.outcome = 'done' AND e.ended_at >= ? AND e.ended_at < ? GROUP BY r.kind",
        period,
    )
    return {row["kind"]: _span(row) for row in rows}


def _findings(store: Store, period: tuple[str, str]) -> tuple[dict[str, Span], dict[str, tuple[OpenFinding, ...]]]:
    spans: dict[str, list[Span]] = defaultdict(list)
    still: dict[str, list[OpenFinding]] = defaultdict(list)
    for row in store.rows("SELECT id, title, severity, state, raised_at, controls FROM finding ORDER BY id"):
        at = from_text(row["raised_at"])
        for control in json.loads(row["controls"]):
            if period[0] <= row["raised_at"] < period[1]:
                spans[control].append(Span(1, at, at))
            if row["state"] in OPEN:
                still[control].append(OpenFinding(finding_name(row["id"]), row["title"], row["severity"], at))
    return {control: _sum(each) for control, each in spans.items()}, {key: tuple(each) for key, each in still.items()}


def _statements(store: Store, period: tuple[str, str]) -> dict[str, tuple[Statement, ...]]:
    found: dict[str, list[Statement]] = defaultdict(list)
    for entry in map(Entry.from_row, store.rows(_STATED, (STATED, *period))):
        found[entry.subject].append(of_entry(entry))
    return {control: tuple(each) for control, each in found.items()}


def _span(row: Row) -> Span:
    first, last = row["first"], row["last"]
    return Span(int(row["n"] or 0), from_text(str(first)) if first else None, from_text(str(last)) if last else None)


def _sum(spans: list[Span]) -> Span:
    firsts = [each.first for each in spans if each.first]
    lasts = [each.last for each in spans if each.last]
    return Span(sum(each.count for each in spans), min(firsts, default=None), max(lasts, default=None))
