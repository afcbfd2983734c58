# ruff: noqa: S608 - names are our own
"""Running a rule over its own examples: what must fire and what must stay silent."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from monitors.events import engine
from monitors.events.enrichment import VIEW, VIEW_COLUMNS
from monitors.events.times import milliseconds
from monitors.rules.catalogue import Rule

_COMMAND = frozenset({"time", "repeat", "every"})


def failures(rule: Rule, scratch: Path) -> list[str]:
    """Return which of the rule's own examples went wrong, as ``fires 1`` or ``silent 2``; none is good."""
    fired, stayed = (hits(rule, examples, scratch) for examples in (rule.tests.fires, rule.tests.silent))
    wrong = [f"fires {number}" for number, count in enumerate(fired, 1) if not count]
    return wrong + [f"silent {number}" for number, count in enumerate(stayed, 1) if count]


def hits(rule: Rule, examples: Sequence[Sequence[Mapping[str, Any]]], scratch: Path) -> list[int]:
    """Return how many windows the events of each example complete.

    An example event has columns of the view and ``time``; with ``repeat`` and ``every`` (seconds) it stands for many.
    """
    columns = ", ".join(f"{column.name} {column.type} NOT NULL" for column in VIEW_COLUMNS)
    counted = []
    with engine.connect(scratch) as connection:
        for events in examples:
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {VIEW} ({columns})")
            engine.fill(connection, VIEW, [[number, *row[1:]] for number, row in enumerate(rows(events), start=1)])
            (found,) = engine.fetch(connection, f"SELECT count(*) AS hits FROM ({rule.sql}) AS found WHERE hit = 1")
            counted.append(int(found["hits"]))
    return counted


def rows(events: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """Return ``events`` as rows of the view, with what they don't tell left empty; a time without a zone is UTC."""
    known = {column.name for column in VIEW_COLUMNS} | _COMMAND
    made = []
    for event in events:
        if unknown := set(event) - known:
            raise ValueError(", ".join(sorted(unknown)))
        start = milliseconds(_instant(event["time"]))
        for number in range(event.get("repeat", 1)):
            told = {**event, "ts": start + number * event.get("every", 0) * 1000}
            made.append([told.get(column.name, column.empty) for column in VIEW_COLUMNS])
    return made


def _instant(told: Any) -> datetime:
    if isinstance(told, datetime):
        return told if told.tzinfo else told.replace(tzinfo=UTC)
    if isinstance(told, date):
        return datetime(told.year, told.month, told.day, tzinfo=UTC)
    return _instant(datetime.fromisoformat(str(told)))
