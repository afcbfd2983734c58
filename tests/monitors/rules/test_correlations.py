"""Windows are what we say they are: against a brute-force oracle, and alike on every engine."""

import random
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from monitors.events import engine
from monitors.events.enrichment import VIEW, VIEW_COLUMNS
from monitors.rules import catalogue

SPAN = 5 * 60_000

BASE = """
title: {title}
name: {title}
logsource: {{product: sekisho}}
detection:
  sel:
    action: {action}
  condition: sel
---
"""
CORRELATION = """
title: correlation
correlation:
  type: {type}
  rules: [{rules}]
  group-by: [user_id]
  timespan: 5m
{condition}
"""


@dataclass(frozen=True)
class Event:
    id: int
    ts: int
    user: str
    terminal: str
    action: str
    subjects: int


def rule(type_: str, rules: str, condition: str = "") -> str:
    text = BASE.format(title="a", action="login") + BASE.format(title="b", action="view")
    text += BASE.format(title="c", action="print")
    text += CORRELATION.format(type=type_, rules=rules, condition=condition)
    return catalogue.compile_rule("test", text.encode()).sql


def condition(count: int, field: str = "") -> str:
    named = f"    field: {field}\n" if field else ""
    return f"  condition:\n{named}    gte: {count}\n"


def window(events: Sequence[Event], at: Event) -> list[Event]:
    return [each for each in events if each.user == at.user and at.ts - SPAN <= each.ts <= at.ts]


def counted(events: Sequence[Event]) -> set[int]:
    events = [each for each in events if each.action == "login"]
    return {each.id for each in events if len(window(events, each)) >= 3}


def summed(events: Sequence[Event]) -> set[int]:
    events = [each for each in events if each.action == "login"]
    return {each.id for each in events if sum(other.subjects for other in window(events, each)) >= 10}


def valued(events: Sequence[Event]) -> set[int]:
    events = [each for each in events if each.action == "login"]
    return {each.id for each in events if len({other.terminal for other in window(events, each)}) >= 3}


def changed(events: Sequence[Event]) -> set[int]:
    """Return the events at which the value differs from that of the event before, within the span."""
    found = set()
    logins = sorted((each for each in events if each.action == "login"), key=lambda each: (each.ts, each.id))
    for user in {each.user for each in logins}:
        own = [each for each in logins if each.user == user]
        found |= {
            now.id for before, now in pairwise(own)
            if now.terminal != before.terminal and now.ts - before.ts <= SPAN
        }  # fmt: skip
    return found


def together(events: Sequence[Event]) -> set[int]:
    events = [each for each in events if each.action in {"login", "view"}]
    return {each.id for each in events if {other.action for other in window(events, each)} == {"login", "view"}}


def in_order(events: Sequence[Event]) -> set[int]:
    def chained(at: Event) -> bool:
        near = window(events, at)
        return any(
            first.ts <= middle.ts <= at.ts
            for first in near if first.action == "login"
            for middle in near if middle.action == "view"
        )  # fmt: skip

    return {each.id for each in events if each.action == "print" and chained(each)}


CASES: list[tuple[str, str, Callable[[Sequence[Event]], set[int]]]] = [
    ("event_count", rule("event_count", "a", condition(3)), counted),
    ("value_sum", rule("value_sum", "a", condition(10, "target_count")), summed),
    ("value_count of three", rule("value_count", "a", condition(3, "terminal")), valued),
    ("value_count of two", rule("value_count", "a", condition(2, "terminal")), changed),
    ("temporal", rule("temporal", "a, b"), together),
    ("temporal_ordered", rule("temporal_ordered", "a, b, c"), in_order),
]

EVENTS = st.lists(
    st.tuples(
        st.integers(0, 20), st.sampled_from("uv"), st.sampled_from("xyz"), st.sampled_from(["login", "view", "print"]),
        st.integers(0, 5),
    ),
    max_size=14,
)  # fmt: skip


def events_of(drawn: Sequence[tuple[int, str, str, str, int]]) -> list[Event]:
    return [Event(number, minute * 60_000, *rest) for number, (minute, *rest) in enumerate(drawn, start=1)]  # type: ignore[arg-type]  # a wider type in a test


def table(events: Sequence[Event]) -> list[list[Any]]:
    told = [
        {
            "event_id": each.id,
            "ts": each.ts,
            "user_id": each.user,
            "terminal": each.terminal,
            "action": each.action,
            "target_count": each.subjects,
        }
        for each in events
    ]
    return [[each.get(column.name, column.empty) for column in VIEW_COLUMNS] for each in told]


def hits(sql: str) -> str:
    return f"SELECT event_id FROM ({sql}) AS found WHERE hit = 1"


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch")


@given(drawn=EVENTS)
@settings(max_examples=25, deadline=None, phases=[Phase.generate])
def test_every_window_is_what_the_oracle_says_on_duckdb_and_on_sqlite(scratch: Path, drawn: Any) -> None:
    events = events_of(drawn)
    columns = ", ".join(f"{column.name} {column.type}" for column in VIEW_COLUMNS)
    lite = sqlite3.connect(":memory:")
    lite.execute(f"CREATE TABLE {VIEW} ({columns})")
    lite.executemany(f"INSERT INTO {VIEW} VALUES ({', '.join('?' * len(VIEW_COLUMNS))})", table(events))
    with engine.connect(scratch) as duck:
        duck.execute(f"CREATE TEMP TABLE {VIEW} ({columns})")
        engine.fill(duck, VIEW, table(events))
        for name, sql, oracle in CASES:
            expected = oracle(events)
            assert {row[0] for row in duck.execute(hits(sql)).fetchall()} == expected, name
            assert {row[0] for row in lite.execute(hits(sql))} == expected, name
    lite.close()


def test_evidence_is_every_event_of_a_completed_window_and_no_other(scratch: Path) -> None:
    minutes = [0, 8, 10, 12, 30]
    events = [Event(number, minute * 60_000, "u", "x", "login", 0) for number, minute in enumerate(minutes, start=1)]
    columns = ", ".join(f"{column.name} {column.type}" for column in VIEW_COLUMNS)
    with engine.connect(scratch) as duck:
        duck.execute(f"CREATE TEMP TABLE {VIEW} ({columns})")
        engine.fill(duck, VIEW, table(events))
        found = duck.execute(f"SELECT event_id, hit FROM ({CASES[0][1]}) AS found ORDER BY ts").fetchall()
    assert found == [(2, 0), (3, 0), (4, 1)]


def test_postgresql_answers_alike(postgresql_database: str) -> None:
    chance = random.Random(7)
    drawn = [
        (
            chance.randrange(120),
            chance.choice("uv"),
            chance.choice("xyz"),
            chance.choice(["login", "view", "print"]),
            chance.randrange(6),
        )
        for _ in range(200)
    ]
    events = events_of(drawn)
    columns = ", ".join(f"{column.name} {column.type}" for column in VIEW_COLUMNS).replace("TINYINT", "SMALLINT")
    with psycopg.connect(postgresql_database) as connection:
        connection.execute(f"CREATE TEMP TABLE {VIEW} ({columns})")
        marks = ", ".join(["%s"] * len(VIEW_COLUMNS))
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {VIEW} VALUES ({marks})", table(events))
        for name, sql, oracle in CASES:
            found = connection.execute(hits(sql)).fetchall()
            assert {row[0] for row in found} == oracle(events) != set(), name
