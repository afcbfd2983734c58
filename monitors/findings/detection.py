# ruff: noqa: S608 - every name in these statements is our own
"""Running the rules over events and raising findings; the same evidence never raises two."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from accesscontrol.canonical import JSON
from accesscontrol.clock import to_text
from accesscontrol.store import Store
from monitors.events import habits, ledger, segments
from monitors.events.engine import DETECTION_MEMORY, Connection, fetch
from monitors.events.enrichment import VIEW, enrich
from monitors.events.ledger import Numbered, Segment
from monitors.events.times import instant_of, milliseconds
from monitors.facts import Facts
from monitors.findings import clusters as clustering
from monitors.findings.absences import absent, unanswered_since
from monitors.findings.clusters import COLUMNS, Cluster, clusters
from monitors.findings.log_breaks import Looked, broken
from monitors.findings.matches import Match
from monitors.findings.raising import raise_findings
from monitors.rules.catalogue import Rule

FactsOver = Callable[[datetime, datetime], Facts]

_FETCHED: Final = 10_000
_REMEMBERED: Final = 400 * 86_400_000  # how far back an account's own habits are known
_DAY: Final = timedelta(days=1)
_DAY_MS: Final = 86_400_000
_PORTION: Final = 5_000_000  # events that are looked at together; more of them would not fit into the memory


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionReport:
    """What a run of detection did: events looked at, rules run, findings newly raised, and how long it took."""

    events: int
    rules: int
    raised: int
    by_rule: dict[str, int]
    seconds: float

    def as_json(self) -> dict[str, JSON]:
        """Return the report as ``findings detect --json`` prints it."""
        return {
            "events": self.events,
            "rules": self.rules,
            "raised": self.raised,
            "by_rule": {**self.by_rule},
            "seconds": self.seconds,
        }


@dataclass(frozen=True, slots=True)
class _Scope:
    """Which events a run looks at: files, the time (milliseconds, inclusive) that it judges, and what was before.

    ``numbered`` are the files that count their lines with running numbers.
    """

    files: tuple[Segment, ...]
    first: int
    last: int
    history: tuple[Segment, ...] = ()
    numbered: tuple[Numbered, ...] = ()


def detect(
    store: Store,
    home: Path,
    rules: Sequence[Rule],
    facts: FactsOver,
    *,
    actor: str,
    since: datetime | None = None,
    until: datetime | None = None,
    everything: bool = False,
) -> DetectionReport:
    """Run ``rules`` and raise what they find.

    Without a time it looks at what came in since the last run, and around it as far as any rule reaches; with other
    rules than last time, or ``everything``, at all events. ``facts`` is asked once for what holds over that time.
    """
    began = time.perf_counter()
    reach = max((rule.span + rule.waits for rule in rules), default=0)
    digest = rules_digest(rules)
    scope = _scope(store, digest, reach, since, until, everything=everything)
    events, raised = 0, dict[str, int]()
    if scope.files:  # a run with nothing to look at changes nothing and leaves no trace
        events, found = _run(store, home, rules, facts, scope)
        outcome = raise_findings(store, found, actor=actor)
        raised = _by_rule(store, outcome.new)
        _mark(store, scope, digest, rules=len(rules), events=events, raised=sum(raised.values()), actor=actor)
    return DetectionReport(
        events=events,
        rules=len(rules),
        raised=sum(raised.values()),
        by_rule=dict(sorted(raised.items())),
        seconds=round(time.perf_counter() - began, 3),
    )


def rules_digest(rules: Sequence[Rule]) -> str:
    """Return what a set of rules is known by: with another set everything is looked at again."""
    return hashlib.sha256("\n".join(sorted(rule.sha256 for rule in rules)).encode()).hexdigest()


def _scope(
    store: Store, digest: str, reach: int, since: datetime | None, until: datetime | None, *, everything: bool
) -> _Scope:
    last_run = store.row("SELECT * FROM detection_run ORDER BY number DESC LIMIT 1")
    if since is not None or until is not None:
        first = milliseconds(since) if since else 0
        last = milliseconds(until) if until else 1 << 62
    elif everything or last_run is None or last_run["rules"] != digest:
        first, last = 0, 1 << 62
    else:
        new = [each for each in ledger.segments(store) if each.number > last_run["segment"]]
        if not new:
            return _Scope((), 0, 0)
        # A late event can complete a window together with later ones that are here already.
        first, last = min(each.first for each in new), max(each.last for each in new) + reach
    files = ledger.segments(store, first=first - reach, last=last)
    if files:
        first, last = max(first, files[0].first), min(last, max(each.last for each in files))
    history = ledger.segments(store, first=first - _REMEMBERED, last=last) if files else []
    return _Scope(tuple(files), first, last, tuple(history), tuple(ledger.numbered(store)))


def _run(store: Store, home: Path, rules: Sequence[Rule], facts: FactsOver, scope: _Scope) -> tuple[int, list[Match]]:
    reach = max((rule.span + rule.waits for rule in rules), default=0)
    asked = min(scope.first - reach, unanswered_since(scope.history, scope.first))
    known = facts(instant_of(max(asked, 0)) - _DAY, instant_of(scope.last) + _DAY)
    seen = 0
    with segments.reading(home, memory=DETECTION_MEMORY) as connection:
        ask = partial(fetch, connection)
        found = list(absent(ask, home, scope.history, known, first=scope.first, last=scope.last))
        looked = Looked(scope.history, scope.files, scope.first, scope.last)
        found += broken(ask, home, looked, scope.numbered, known.calendar)
        for portion in _portions(scope, reach):
            seen += _enrich(connection, store, home, rules, known, portion, reach)
            found += [match for rule in rules for match in _matches(connection, rule, portion)]
    return seen, found


def _portions(scope: _Scope, reach: int) -> Iterator[_Scope]:
    """Cut what is looked at into times of not too many events, so that memory doesn't grow with the archive.

    Each portion sees the events before it as far as any rule reaches; what goes on from one to the next becomes one
    finding, as it does from day to day.
    """
    a_day = Counter[int]()
    for each in scope.files:
        days = range(each.first_day, each.last_day + 1)
        a_day.update(dict.fromkeys(days, -(-each.events // len(days))))
    first, held = scope.first, 0
    for day in sorted(a_day):
        begins = day * _DAY_MS
        if held and held + a_day[day] > _PORTION and first < begins <= scope.last:
            yield _between(scope, first, begins - 1, reach)
            first, held = begins, 0
        held += a_day[day]
    yield _between(scope, first, scope.last, reach)


def _between(scope: _Scope, first: int, last: int, reach: int) -> _Scope:
    files = tuple(each for each in scope.files if each.first <= last and each.last >= first - reach)
    history = tuple(each for each in scope.history if each.first <= last and each.last >= first - _REMEMBERED)
    return replace(scope, files=files, first=first, last=last, history=history)


def _enrich(
    connection: Connection,
    store: Store,
    home: Path,
    rules: Sequence[Rule],
    known: Facts,
    scope: _Scope,
    reach: int,
) -> int:
    """Make the view that rules ask over the events of ``scope``, and return how many are judged."""
    reads = frozenset(COLUMNS).union(*(rule.reads for rule in rules))
    sums = habits.recalled(connection, store, home, scope.history, last=scope.last)
    files = ledger.paths(home, scope.files)
    enrich(connection, files, known, first=scope.first - reach, last=scope.last, sums=sums, reads=reads)
    (seen,) = fetch(connection, f"SELECT count(*) AS n FROM {VIEW} WHERE ts >= {scope.first}")
    return int(seen["n"])


def _matches(connection: Connection, rule: Rule, scope: _Scope) -> Iterator[Match]:
    """Yield what ``rule`` finds in the view and ``scope`` judges."""
    columns = ", ".join((*rule.by, *COLUMNS))
    order = ", ".join((*rule.by, "ts", "event_id"))
    cursor = connection.execute(f"SELECT {columns} FROM ({rule.sql}) AS found ORDER BY {order}")
    for case in clusters(_rows(cursor), len(rule.by), rule.merge):
        if any(hit >= scope.first - rule.waits for hit in case.hits):
            yield _match(rule, case, scope)


def _rows(cursor: Any) -> Iterator[Sequence[Any]]:
    while rows := cursor.fetchmany(_FETCHED):
        yield from rows


def _match(rule: Rule, cluster: Cluster, scope: _Scope) -> Match:
    seen, events = cluster.seen, cluster.events
    return Match(
        rule=rule.name,
        rule_version=rule.version,
        title=rule.title,
        severity=rule.severity,
        controls=rule.controls,
        explanation=rule.explanation,
        system=clustering.only(seen["systems"]),
        account=clustering.only(seen["accounts"]),
        source=clustering.source(seen),
        group="; ".join(f"{name}={value}" for name, value in zip(rule.by, cluster.group, strict=True)),
        first=instant_of(cluster.first),
        last=instant_of(cluster.last),
        count=len(events),
        event_ids=[event.event_id for event in events],
        segments=[each.sha256 for each in scope.files if each.first <= cluster.last and each.last >= cluster.first],
        timespan_seconds=rule.merge // 1000,
        facts={
            **clustering.fields(seen, count=len(events), subjects=sum(event.subjects for event in events)),
            "rule_sha256": rule.sha256,
        },
    )


def _by_rule(store: Store, numbers: Sequence[int]) -> dict[str, int]:
    marks = ",".join("?" * len(numbers))
    rows = store.rows(f"SELECT rule, count(*) AS n FROM finding WHERE id IN ({marks}) GROUP BY rule", numbers)
    return {row["rule"]: row["n"] for row in rows}


def _mark(store: Store, scope: _Scope, digest: str, *, rules: int, events: int, raised: int, actor: str) -> None:
    """Keep up to which segment detection has seen, so that the next run begins there."""
    with store.transaction() as tx:
        before = tx.row("SELECT coalesce(max(segment), 0) AS segment FROM detection_run")
        newest = max([segment.number for segment in scope.files] + [before["segment"] if before else 0])
        tx.execute(
            "INSERT INTO detection_run (at, rules, segment, events, raised) VALUES (?, ?, ?, ?, ?)",
            (to_text(tx.at), digest, newest, events, raised),
        )
        tx.record("findings.detected", actor=actor, events=events, rules=rules, rules_sha256=digest, raised=raised)
