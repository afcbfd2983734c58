"""Every rule that ships fires on its own examples, and stays silent where it must."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import yaml
from babel.messages.pofile import read_po

from monitors.events.enrichment import VIEW, VIEW_COLUMNS, VIEW_NAMES
from monitors.findings.clusters import SETS, fields
from monitors.rules import catalogue, trial
from monitors.rules.catalogue import Rule
from monitors.rules.words import WORDS

RULES = catalogue.shipped()
START = datetime(2026, 11, 24, tzinfo=UTC)
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_fires_where_it_must_and_is_silent_where_it_must(rule: Rule, tmp_path: Path) -> None:
    assert rule.tests.fires
    assert rule.tests.silent
    assert trial.failures(rule, tmp_path) == []


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.span], ids=lambda rule: rule.name)
def test_a_rule_about_several_events_is_silent_when_the_same_ones_lie_a_span_apart(rule: Rule, tmp_path: Path) -> None:
    apart = timedelta(milliseconds=rule.span + 1)
    for example in rule.tests.fires:
        single = [{**event, "repeat": 1} for event in example for _ in range(event.get("repeat", 1))]
        spread = [{**event, "time": START + number * apart} for number, event in enumerate(single)]
        assert len(spread) > 1
        assert trial.hits(rule, [spread], tmp_path) == [0]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_speaks_both_languages_and_names_only_known_fields(rule: Rule) -> None:
    known = {**fields({name: [] for name in SETS}, count=1, subjects=0), "first": "", "last": ""}
    for text in (rule.explanation, rule.explanation_ja):
        assert text.format_map(known) != text
    assert rule.title_ja != rule.title
    assert len(rule.falsepositives) == len(rule.falsepositives_ja) >= 1
    assert rule.controls
    assert set(rule.by) <= set(VIEW_NAMES)


def test_no_two_rules_share_an_identity() -> None:
    ids = [
        document["id"]
        for path in (Path(catalogue.__file__).parent / "shipped").glob("*.yml")
        for document in yaml.safe_load_all(path.read_text("utf-8"))
    ]
    assert len(ids) == len(set(ids))


def test_the_words_marked_for_translation_are_those_of_the_rules() -> None:
    said = {word for rule in RULES for word in (rule.title, rule.explanation, *rule.falsepositives)}
    assert said == set(WORDS)


def test_the_japanese_of_the_rule_files_is_what_the_catalogue_says() -> None:
    with (ROOT / "console/locales/ja/LC_MESSAGES/monitors.po").open("rb") as file:
        catalogue_ja = read_po(file, locale="ja")
    for rule in RULES:
        pairs = [(rule.title, rule.title_ja), (rule.explanation, rule.explanation_ja)]
        pairs += zip(rule.falsepositives, rule.falsepositives_ja, strict=True)
        for english, japanese in pairs:
            message = catalogue_ja.get(english)
            assert message is not None
            assert message.string == japanese


def test_every_example_has_the_same_hits_on_sqlite_and_postgresql(postgresql_database: str, tmp_path: Path) -> None:
    columns = ", ".join(f"{column.name} {column.type}" for column in VIEW_COLUMNS).replace("TINYINT", "SMALLINT")
    lite = sqlite3.connect(":memory:")
    lite.execute(f"CREATE TABLE {VIEW} ({columns})")
    with psycopg.connect(postgresql_database) as connection:
        connection.execute(f"CREATE TEMP TABLE {VIEW} ({columns})")
        for rule in RULES:
            count = f"SELECT count(*) FROM ({rule.sql}) AS found WHERE hit = 1"
            examples = [*rule.tests.fires, *rule.tests.silent]
            for example, expected in zip(examples, trial.hits(rule, examples, tmp_path), strict=True):
                rows = [[number, *row[1:]] for number, row in enumerate(trial.rows(example), start=1)]
                lite.execute(f"DELETE FROM {VIEW}")
                lite.executemany(f"INSERT INTO {VIEW} VALUES ({', '.join('?' * len(VIEW_COLUMNS))})", rows)
                assert lite.execute(count).fetchone() == (expected,), rule.name
                connection.execute(f"TRUNCATE {VIEW}")
                with connection.cursor() as cursor, cursor.copy(f"COPY {VIEW} FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
                assert connection.execute(count).fetchone() == (expected,), rule.name
    lite.close()
