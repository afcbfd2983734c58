"""Findings are found by the words that stand in them and by those that a reader has for states and titles."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accesscontrol.store import Store
from monitors.findings import searching
from monitors.findings.matches import Match
from monitors.findings.raising import raise_findings
from monitors.findings.searching import Word
from monitors.findings.states import OPEN, State


@pytest.fixture
def numbers(store: Store, match: Match) -> list[int]:
    others = [
        replace(
            match, account="m.ito", group="a", event_ids=(11,), severity="high", last=match.last + timedelta(days=1)
        ),
        replace(match, rule="closed-day", title="Access on a closed day", group="b", event_ids=(12,), severity="low"),
    ]
    return list(raise_findings(store, [match, *others]).new)


def found(store: Store, *words: Word, **how: object) -> list[int]:
    return [each for batch in searching.index(store, words, **how) for each in batch]  # type: ignore[arg-type]  # of any type in a test


def test_the_newest_stand_first(store: Store, numbers: list[int]) -> None:
    assert found(store)[0] == max(numbers, key=lambda each: _last(store, each))
    assert sorted(found(store)) == sorted(numbers)


def test_every_word_must_be_there(store: Store, numbers: list[int]) -> None:
    assert len(found(store, Word(text="JUKI"))) == len(numbers)
    assert len(found(store, Word(text="juki"), Word(text="m.ito"))) == 1
    assert found(store, Word(text="juki"), Word(text="nobody")) == []
    assert found(store, Word(text="f-00001")) == [1]


def test_a_word_may_mean_a_state_a_severity_or_a_title(store: Store, numbers: list[int]) -> None:
    assert len(found(store, Word(text="未判定", states=[State.NEW]))) == len(numbers)
    assert len(found(store, Word(text="高", severities=["high"]))) == 1
    assert len(found(store, Word(text="閉庁日", titles=["Access on a closed day"]))) == 1
    assert found(store, Word(text="未判定")) == []


def test_states_narrow_and_severity_sorts(store: Store, numbers: list[int]) -> None:
    assert found(store, states=[State.INCIDENT]) == []
    assert len(found(store, states=sorted(OPEN))) == len(numbers)
    upward = found(store, order="severity", descending=False)
    assert upward == list(reversed(found(store, order="severity", descending=True)))
    assert [_severity(store, each) for each in upward] == ["low", "medium", "high"]


@pytest.mark.parametrize("text", ["'; DROP TABLE finding; --", "%", "_", "\\", '"'])
def test_hostile_words_are_only_looked_for(store: Store, numbers: list[int], text: str) -> None:
    assert numbers
    assert found(store, Word(text=text, titles=[text])) == []


def test_the_titles_in_use_are_told_once(store: Store, numbers: list[int]) -> None:
    assert numbers
    assert searching.titles(store) == ["Access on a closed day", "Burst of failed sign-ins"]


def _last(store: Store, number: int) -> str:
    row = store.row("SELECT last FROM finding WHERE id = ?", (number,))
    return str(row["last"]) if row else ""


def _severity(store: Store, number: int) -> str:
    row = store.row("SELECT severity FROM finding WHERE id = ?", (number,))
    return str(row["severity"]) if row else ""
