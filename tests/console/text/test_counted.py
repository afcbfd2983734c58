"""English words agree with a count of one wherever a sentence is filled."""

import pytest

from console import translation
from console.text.counted import agreeing

SENTENCES = [
    ("{account} used {system} {count} times at {terminals}.", "{account} used {system} {count} time at {terminals}."),
    ("{count} remedies are not verified yet.", "{count} remedy is not verified yet."),
    ("{count} IDs have no answer yet.", "{count} ID has no answer yet."),
    ("{count} expired records remain.", "{count} expired record remains."),
    ("{count} new findings", "{count} new finding"),
    ("{count} findings of this period are not judged.", "{count} finding of this period is not judged."),
    ("{count} IDs ({accounts}) were seen.", "{count} ID ({accounts}) was seen."),
    ("{count} workers of {company} have an ID.", "{count} worker of {company} has an ID."),
]
UNTOUCHED = [
    "Item {count} is at its end already.",
    "Batch {count} holds from a later day on.",
    "{count} of its sectors",
]


@pytest.mark.parametrize(("many", "one"), SENTENCES)
def test_a_noun_and_its_verb_agree_with_a_count_of_one(many: str, one: str) -> None:
    assert agreeing(many, {"count": "1"}) == one
    assert agreeing(many, {"count": "11"}) == many
    assert agreeing(many, {"account": "1", "count": "0"}) == many


@pytest.mark.parametrize("words", UNTOUCHED)
def test_what_names_a_thing_by_its_number_stays(words: str) -> None:
    assert agreeing(words, {"count": "1"}) == words


def test_each_of_several_counts_agrees_for_itself() -> None:
    translation.choose("en")
    counts = {"events": 2_000, "rules": 1, "raised": 1}
    said = translation.filled("{events} events, {rules} rules: {raised} new findings.", counts)
    assert said == "2000 events, 1 rule: 1 new finding."
