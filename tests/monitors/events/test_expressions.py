"""What people type becomes a condition, and nothing that they type becomes SQL."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accesscontrol.refusals import Refusal
from monitors.events import expressions
from monitors.events.expressions import Condition, Vocabulary, both, read
from monitors.events.schema import COLUMNS, NAMES

TOKYO = ZoneInfo("Asia/Tokyo")
SPOKEN = Vocabulary(
    names=("操作",),
    fields={"操作": "act", "人数": "persons"},
    values={"act": {"検索": "search"}, "outcome": {"成功": "success"}},
)
EVENTS: list[dict[str, Any]] = [
    {"user_id": "s0015", "action": "search", "outcome": "success", "target_count": 1, "office": "大里行政センター"},
    {"user_id": "s0015", "action": "view", "outcome": "failure", "target_count": 12, "reason": "wrong password"},
    {"user_id": "k.tanaka", "action": "print", "outcome": "success", "target_count": 100, "detail": "ｼﾞｭｳﾐﾝ票 の写し"},
    {"user_id": "s0099", "action": "media", "outcome": "error", "target_count": 320, "terminal": "t015"},
]
KNOWN_WORDS = {
    *NAMES,
    "AND",
    "OR",
    "NOT",
    "IN",
    "BETWEEN",
    "regexp_matches",
    "regexp_full_match",
    "true",
    "concat_ws",
    "chr",
}


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    engine = duckdb.connect()
    engine.execute(f"CREATE TABLE event ({', '.join(f'{each.name} {each.type}' for each in COLUMNS)})")
    for number, event in enumerate(EVENTS):
        row = {column.name: column.empty for column in COLUMNS} | event | {"event_id": number}
        engine.execute(f"INSERT INTO event VALUES ({', '.join('?' * len(row))})", list(row.values()))
    yield engine
    engine.close()


def numbers(engine: duckdb.DuckDBPyConnection, condition: Condition) -> list[int]:
    sql = f"SELECT event_id FROM event WHERE {condition.sql} ORDER BY event_id"
    return [row[0] for row in engine.cursor().execute(sql, list(condition.parameters)).fetchall()]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", [0, 1, 2, 3]),
        ("account:s0015", [0, 1]),
        ("account:Ｓ００１５", [0, 1]),
        ("user_id:s0015", [0, 1]),
        ("account:s00*", [0, 1, 3]),
        ('account:"s00*"', []),
        ("account:s0099,k.tanaka", [2, 3]),
        ("-account:s0015", [2, 3]),
        ("account:s0015 act:view", [1]),
        ("act:search,view -outcome:success", [1]),
        ("persons:>=100", [2, 3]),
        ("persons:<12", [0]),
        ("persons:10..100", [1, 2]),
        ("persons:320", [3]),
        ("office:大里", [0]),
        ("reason:password", [1]),
        ('reason:"wrong password"', [1]),
        ("じゅうみん票", [2]),
        ('"票 の"', [2]),
        ("tanaka", [2]),
        ("-tanaka", [0, 1, 3]),
        ("T015", [3]),
        ("k.tanaka*print", []),
        ("大*センター", [0]),
        ("操作:検索", [0]),
        ("検索", [0]),
        ("人数:>100 結果", []),
    ],
)
def test_what_is_typed_finds_what_is_meant(engine: duckdb.DuckDBPyConnection, text: str, wanted: list[int]) -> None:
    assert numbers(engine, read(text, TOKYO, SPOKEN)) == wanted


def day(text: str) -> int:
    return expressions.moment(text, TOKYO)[0]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("time:2026-11-24", day("2026-11-24"), day("2026-11-25") - 1),
        ("time:R8.11.24", day("2026-11-24"), day("2026-11-25") - 1),
        ("time:2026-11-24T09:30", day("2026-11-24") + 34_200_000, day("2026-11-24") + 34_259_999),
        ('time:"2026-11-24 09:30:01"', day("2026-11-24") + 34_201_000, day("2026-11-24") + 34_201_999),
        ("time:2026-11-24T00:30:00Z", day("2026-11-24") + 34_200_000, day("2026-11-24") + 34_200_999),
        ("time:2026-11-20..2026-11-23", day("2026-11-20"), day("2026-11-24") - 1),
        ("time:2026-11-20..", day("2026-11-20"), None),
        ("time:..2026-11-20", None, day("2026-11-21") - 1),
        ("time:>=2026-11-20", day("2026-11-20"), None),
        ("time:>2026-11-20", day("2026-11-21"), None),
        ("time:<2026-11-20", None, day("2026-11-20") - 1),
        ("time:<=2026-11-20", None, day("2026-11-21") - 1),
        ("time:>=2026-11-20 time:<=2026-11-23", day("2026-11-20"), day("2026-11-24") - 1),
    ],
)
def test_a_time_gives_the_bound(text: str, first: int | None, last: int | None) -> None:
    condition = read(text, TOKYO)
    assert (condition.sql, condition.first, condition.last) == ("true", first, last)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colour:red", "no field colour"),
        ('account:"s0015', "not closed"),
        ("account:", "after account:"),
        ("persons:many", "no number"),
        ("time:yesterday", "no time"),
        ("time:2026-13-40", "no time"),
        ("-time:2026-11-24", "can't be denied"),
        ("x" * 1001, "1000 characters"),
        ("a " * 41, "40 terms"),
        ("account:" + ",".join("a" * 41), "40 values"),
    ],
)
def test_what_cannot_be_understood_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        read(text, TOKYO)


def test_two_conditions_hold_together_within_the_narrower_bound(engine: duckdb.DuckDBPyConnection) -> None:
    one = read("account:s0015 time:>=2026-11-20", TOKYO)
    condition = both(one, read("act:view time:2026-11-21..2026-11-30", TOKYO))
    assert condition.first == day("2026-11-21")
    assert condition.last == day("2026-12-01") - 1
    assert numbers(engine, condition) == [1]


HOSTILE = (
    "'; DROP TABLE event; --", "account:x' OR '1'='1", "account:') OR true --", "act:\\", "detail:%", "_", "*", "((((",
    "account:a\\' UNION SELECT 1", "persons:1;DELETE", "\x00", "\x1b[2J", "\u202e", "office:[", "(?i)x", "\\d+", "-",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_searched_for_or_refused(engine: duckdb.DuckDBPyConnection, text: str) -> None:
    harmless(engine, text)


PIECES = st.sampled_from(["account:", "act:", "persons:", "time:", "-", ",", '"', "*", "'", ";", "..", ">=", " ", "("])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=12).map("".join))
def test_nothing_that_is_typed_becomes_sql(engine: duckdb.DuckDBPyConnection, text: str) -> None:
    harmless(engine, text)


def harmless(engine: duckdb.DuckDBPyConnection, text: str) -> None:
    try:
        condition = read(text, TOKYO, SPOKEN)
    except Refusal:
        return
    assert condition.sql.count("?") == len(condition.parameters)
    assert set(re.findall(r"[A-Za-z_]+", condition.sql)) <= KNOWN_WORDS
    assert set(condition.sql) <= set("?() ,<>='31") | set("".join(KNOWN_WORDS))
    numbers(engine, condition)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.sampled_from(["s0015", "k.tanaka", "s0099", "nobody"]), min_size=1, max_size=3),
    st.integers(0, 400),
    st.booleans(),
)
def test_conditions_agree_with_a_plain_reading(
    engine: duckdb.DuckDBPyConnection,
    accounts: Sequence[str],
    least: int,
    deny: bool,  # noqa: FBT001 - a case of a table
) -> None:
    text = f"{'-' if deny else ''}account:{','.join(accounts)} persons:>={least}"
    wanted = [
        number
        for number, event in enumerate(EVENTS)
        if (event["user_id"] in accounts) is not deny and event["target_count"] >= least
    ]
    assert numbers(engine, read(text, TOKYO)) == wanted
