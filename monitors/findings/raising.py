"""Raising findings: the same evidence never twice, and what goes on belongs to the finding that it began."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from sqlite3 import Row

from accesscontrol.canonical import JSON, canonical, digest
from accesscontrol.clock import from_text, to_text
from accesscontrol.store import Store, Transaction
from monitors.findings import suppressions
from monitors.findings.matches import Match
from monitors.findings.states import OPEN, State


@dataclass(frozen=True, slots=True)
class Raised:
    """What became of the matches: new findings, findings that went on, evidence known already, and suppressed ones."""

    new: Sequence[int]
    continued: Sequence[int]
    known: int
    suppressed: Sequence[int]


def raise_findings(store: Store, matches: Iterable[Match], *, actor: str = "system") -> Raised:
    """Turn matches into findings, all in one transaction with their entries (MO-ANM-01 to MO-ANM-04)."""
    new: list[int] = []
    continued: list[int] = []
    suppressed: list[int] = []
    known = 0
    with store.transaction() as tx:
        for match in sorted(matches, key=lambda each: (each.first, each.rule, each.group)):
            evidence = evidence_digest(match)
            if tx.row("SELECT 1 FROM finding_evidence WHERE digest = ?", (evidence,)):
                known += 1
                continue
            fresh = _unseen(tx, match)
            if match.event_ids and not fresh:  # what is missing has no events
                known += 1
                continue
            open_one = _open_neighbour(tx, match)
            if open_one is not None:
                _continue(tx, open_one, match, fresh, evidence, actor)
                continued.append(open_one["id"])
            else:
                state = State.SUPPRESSED if _is_suppressed(tx, match) else State.NEW
                number = _insert(tx, match, state, evidence, actor)
                (suppressed if state is State.SUPPRESSED else new).append(number)
    return Raised(new, continued, known, suppressed)


def evidence_digest(match: Match) -> str:
    """Return what makes evidence the same: the rule, its group, and the very events."""
    return digest({"rule": match.rule, "group": match.group, "events": sorted(match.event_ids)})


def _unseen(tx: Transaction, match: Match) -> list[int]:
    """Return the events of ``match`` that no finding of the same rule and group holds already."""
    rows = tx.rows(
        "SELECT e.event FROM json_each(?) j JOIN finding_event e ON e.event = j.value"
        " JOIN finding f ON f.id = e.finding WHERE f.rule = ? AND f.grouping = ?",
        (json.dumps(list(match.event_ids)), match.rule, match.group),
    )
    seen = {row["event"] for row in rows}
    return [event for event in match.event_ids if event not in seen]


def _open_neighbour(tx: Transaction, match: Match) -> Row | None:
    """Return the unjudged finding that ``match`` goes on from: same rule and group, no longer apart than the window."""
    gap = timedelta(seconds=match.timespan_seconds)
    marks = ",".join("?" * len(OPEN))
    return tx.row(
        f"SELECT * FROM finding WHERE rule = ? AND grouping = ? AND state IN ({marks})"  # noqa: S608 - question marks
        " AND last >= ? AND first <= ? ORDER BY last DESC LIMIT 1",
        (match.rule, match.group, *sorted(OPEN), to_text(match.first - gap), to_text(match.last + gap)),
    )


def _is_suppressed(tx: Transaction, match: Match) -> bool:
    return any(each.in_force(match.last) for each in suppressions.of(tx, match.rule, match.group))


def _insert(tx: Transaction, match: Match, state: State, evidence: str, actor: str) -> int:
    cursor = tx.execute(
        "INSERT INTO finding (rule, rule_version, title, severity, state, system, account, source, grouping, first,"
        " last, count, explanation, facts, controls, raised_at, changed_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            match.rule,
            match.rule_version,
            match.title,
            match.severity,
            state,
            match.system,
            match.account,
            match.source,
            match.group,
            to_text(match.first),
            to_text(match.last),
            match.count,
            match.explanation,
            canonical(dict(match.facts)).decode(),
            json.dumps(list(match.controls)),
            to_text(tx.at),
            to_text(tx.at),
        ),
    )
    number = int(cursor.lastrowid or 0)
    _keep_evidence(tx, number, match, match.event_ids, evidence)
    tx.record(
        "finding.raised",
        actor=actor,
        subject=finding_name(number),
        outcome=state,
        rule=match.rule,
        rule_version=match.rule_version,
        severity=match.severity,
        system=match.system,
        account=match.account,
        count=match.count,
        evidence=evidence,
        segments=list(match.segments),
    )
    return number


def _continue(tx: Transaction, row: Row, match: Match, fresh: Sequence[int], evidence: str, actor: str) -> None:
    tx.execute(
        "UPDATE finding SET first = ?, last = ?, count = count + ?, facts = ?, changed_at = ? WHERE id = ?",
        (
            to_text(min(from_text(row["first"]), match.first)),
            to_text(max(from_text(row["last"]), match.last)),
            len(fresh),
            canonical(_joined(json.loads(row["facts"]), match.facts)).decode(),
            to_text(tx.at),
            row["id"],
        ),
    )
    _keep_evidence(tx, row["id"], match, fresh, evidence)
    tx.record(
        "finding.continued",
        actor=actor,
        subject=finding_name(row["id"]),
        rule=match.rule,
        count=len(fresh),
        evidence=evidence,
        segments=list(match.segments),
    )


def _joined(before: Mapping[str, JSON], now: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the facts as they are now; lists (whom it is about) keep what they held before."""
    # lists of JSON
    lists = {name: [*value, *before.get(name, ())] for name, value in now.items() if isinstance(value, list)}  # type: ignore[misc]
    return {**now, **{name: sorted({*values}) for name, values in lists.items()}}


def _keep_evidence(tx: Transaction, number: int, match: Match, events: Sequence[int], evidence: str) -> None:
    tx.execute("INSERT INTO finding_evidence (digest, finding) VALUES (?, ?)", (evidence, number))
    tx.execute(
        "INSERT OR IGNORE INTO finding_event (finding, event) SELECT ?, value FROM json_each(?)",
        (number, json.dumps(list(events))),
    )
    for sha256 in match.segments:
        tx.execute("INSERT OR IGNORE INTO finding_segment (finding, sha256) VALUES (?, ?)", (number, sha256))


def finding_name(number: int) -> str:
    """Return how a finding is called everywhere: ``F-00012``."""
    return f"F-{number:05d}"
