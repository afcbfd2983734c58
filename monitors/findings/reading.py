"""Findings as people and lists read them."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from accesscontrol import rows
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.reading import Reader
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from monitors.findings import suppressions
from monitors.findings.raising import finding_name
from monitors.findings.states import OPEN, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody wrote about a finding."""

    at: datetime
    author: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding. ``title`` and ``explanation`` are msgids; ``facts`` fill the explanation's placeholders.

    Among the facts are the finding's own ``first``, ``last`` and ``count``, which grow while it goes on.
    """

    number: int
    rule: str
    rule_version: int
    title: str
    severity: str
    state: State
    system: str
    account: str
    source: str
    group: str
    first: datetime
    last: datetime
    count: int
    explanation: str
    facts: Mapping[str, Any]
    controls: Sequence[str]
    raised_at: datetime
    assignee: str
    disposed_by: str
    disposed_at: datetime | None
    reason: str
    application: str
    suppressed_until: datetime | None

    @property
    def id(self) -> str:
        """The name under which people know it."""
        return finding_name(self.number)

    @property
    def is_open(self) -> bool:
        """Whether it still waits for a judgement."""
        return self.state in OPEN


def number_of(name: str) -> int:
    """Return the number in a name such as ``F-00012``; Refusal when it is none."""
    head, _, digits = name.partition("-")
    if head != "F" or not (digits.isascii() and digits.isdecimal()):
        raise Refusal(N_("{name} is not the name of a finding (F-00001)."), name=name[:40])
    return int(digits)


def get(reader: Reader, number: int) -> Finding:
    """Return one finding; Refusal when there is none of that number."""
    row = reader.row("SELECT * FROM finding WHERE id = ?", (number,))
    if row is None:
        raise Refusal(N_("There is no finding {finding}."), finding=finding_name(number))
    return _finding(row)


def numbered(reader: Reader, numbers: Sequence[int]) -> list[Finding | None]:
    """Return these findings in the same order, None for one that is not there."""
    marks = ",".join("?" * len(numbers))
    there = reader.rows(f"SELECT * FROM finding WHERE id IN ({marks})", numbers)  # noqa: S608 - question marks
    found = {each.number: each for each in rows.values(there, _finding, reader.note_damage)}
    return [found.get(number) for number in numbers]


def listed(reader: Reader, *, states: Sequence[State] = (), limit: int = 1000) -> list[Finding]:
    """Return the newest findings, those in ``states`` only if any are given."""
    marks = ",".join("?" * len(states))
    where = f"WHERE state IN ({marks})" if states else ""
    found = reader.rows(
        f"SELECT * FROM finding {where} ORDER BY last DESC, id DESC LIMIT ?",  # noqa: S608 - question marks
        (*states, limit),
    )
    return rows.values(found, _finding, reader.note_damage)


def note_unlisted(store: Store) -> None:
    """Note the findings that no list shows, because their state is no word of ours."""
    rows.note_unlisted(store, _stored, State)


def open_count(reader: Reader, *, raised_before: datetime | None = None) -> int:
    """Return how many findings wait for a judgement, those raised before an instant only if one is given."""
    marks = ",".join("?" * len(OPEN))
    row = reader.row(
        # only question marks
        f"SELECT count(*) AS n FROM finding WHERE state IN ({marks}) AND (? = '' OR raised_at < ?)",  # noqa: S608
        (*sorted(OPEN), *(2 * [to_text(raised_before) if raised_before else ""])),
    )
    return int(row["n"]) if row else 0


def oldest_open(reader: Reader, *, raised_from: datetime | None = None) -> datetime | None:
    """Return when the longest waiting finding was raised, of those raised from an instant on if one is given."""
    marks = ",".join("?" * len(OPEN))
    row = reader.row(
        # only question marks
        f"SELECT * FROM finding WHERE state IN ({marks}) AND raised_at >= ? ORDER BY raised_at LIMIT 1",  # noqa: S608
        (*sorted(OPEN), to_text(raised_from) if raised_from else ""),
    )
    return _stored(row).raised_at if row else None


PROPOSED: Final = "SELECT finding FROM suppression WHERE confirmed_at IS NULL AND until > ? AND proposed_by <> ?"
"""The judged findings of which somebody else proposed that their like stays quiet, and nobody has confirmed it yet."""


def proposed_suppressions(reader: Reader, at: datetime, *, besides: str = "") -> list[datetime]:
    """Return until when each suppression is proposed that a second person has still to confirm, the first end first.

    Those that ``besides`` (a staff number) proposed are left out.
    """
    return [
        each.until
        for each in suppressions.every(reader)
        if each.confirmed_at is None and at < each.until and each.proposed_by != besides
    ]


def is_proposed(reader: Reader, number: int, at: datetime, *, to: str) -> bool:
    """Tell whether somebody proposed ``to`` another person (a staff number) that the like of a finding stays quiet."""
    return reader.row(f"{PROPOSED} AND finding = ?", (to_text(at), to, number)) is not None


def events_of(reader: Reader, number: int) -> list[int]:
    """Return the events that are the evidence of a finding."""
    found = reader.rows("SELECT event FROM finding_event WHERE finding = ? ORDER BY event", (number,))
    return [row["event"] for row in found]


def segments_of(reader: Reader, number: int) -> list[str]:
    """Return the SHA-256 of the segments that hold the evidence."""
    found = reader.rows("SELECT sha256 FROM finding_segment WHERE finding = ? ORDER BY sha256", (number,))
    return [row["sha256"] for row in found]


def comments_on(reader: Reader, number: int) -> list[Comment]:
    """Return what people wrote about a finding, oldest first."""
    found = reader.rows("SELECT * FROM finding_comment WHERE finding = ? ORDER BY id", (number,))
    return rows.values(found, _comment, reader.note_damage)


_comment: Final = rows.Mapper(Comment, "finding_comment", "id")


def alike(reader: Reader, finding: Finding) -> list[Finding]:
    """Return the other open findings of the same rule on the same system."""
    marks = ",".join("?" * len(OPEN))
    found = reader.rows(
        # only question marks
        f"SELECT * FROM finding WHERE rule = ? AND system = ? AND id <> ? AND state IN ({marks}) ORDER BY last DESC",  # noqa: S608
        (finding.rule, finding.system, finding.number, *sorted(OPEN)),
    )
    return rows.values(found, _finding, reader.note_damage)


def of_account(reader: Reader, finding: Finding) -> list[Finding]:
    """Return the other open findings of the same account on the same system, whatever rule raised them."""
    marks = ",".join("?" * len(OPEN))
    found = reader.rows(
        # only question marks
        f"SELECT * FROM finding WHERE account = ? AND account <> '' AND system = ? AND id <> ? AND state IN ({marks})"  # noqa: S608
        " ORDER BY last DESC",
        (finding.account, finding.system, finding.number, *sorted(OPEN)),
    )
    return rows.values(found, _finding, reader.note_damage)


_stored: Final = rows.Mapper(Finding, "finding", "id", number="id", group="grouping")


def _finding(row: sqlite3.Row) -> Finding:
    found = _stored(row)
    return replace(found, facts={**found.facts, "first": found.first, "last": found.last, "count": found.count})
