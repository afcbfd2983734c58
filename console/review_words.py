"""Reviews in words: what stands where, for screens and commands alike."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from accesscontrol.people.reading import Reader
from accesscontrol.reviews import reading
from accesscontrol.reviews.lines import DRIFT_TITLES, TRAIT_TITLES, Drift, Trait
from accesscontrol.reviews.model import (
    REMEDY_TITLES,
    VERDICT_TITLES,
    Answer,
    Remedy,
    Review,
    Verdict,
    by_item,
    outcome,
)
from console.evidence.rights_table import last_day
from console.translation import _


def deadline(review: Review, zone: ZoneInfo) -> str:
    """Return the last day for answers."""
    return last_day(review.due, zone)


def progress(review: Review) -> str:
    """Return how many items have an answer."""
    return f"{review.answered:,}/{review.items:,}"


def answer_words(answer: Answer | None, zone: ZoneInfo) -> str:
    """Return an answer with what it changes."""
    if answer is None:
        return _("not certified")
    words = [_(VERDICT_TITLES[answer.verdict])]
    if answer.remove:
        words.append(_("without {rights}").format(rights=", ".join(answer.remove)))
    if answer.until is not None:
        words.append(_("until {day}").format(day=last_day(answer.until, zone)))
    return " ".join(words)


def remedy_words(remedy: Remedy) -> str:
    """Return how far a remedy has come, with what the last reading still showed."""
    words = _(REMEDY_TITLES[remedy.state])
    return f"{words} ({_(remedy.seen)})" if remedy.seen else words


def trait_words(traits: Sequence[Trait]) -> str:
    """Return what deserves a look, the gravest first."""
    return ", ".join(_(TRAIT_TITLES[trait]) for trait in traits)


def drift_words(drifts: Sequence[Drift]) -> str:
    """Return how an ID changed since the snapshot."""
    return ", ".join(_(DRIFT_TITLES[each]) for each in drifts)


def counts(reader: Reader, review: Review) -> dict[Verdict | None, int]:
    """Return how many items came to which verdict; None counts those that nobody answered."""
    found: dict[Verdict | None, int] = dict.fromkeys((*Verdict, None), 0)
    given = by_item(reading.decisions(reader, review.number))
    for decisions in given.values():
        answer = outcome(decisions)
        found[answer.verdict if answer else None] += 1
    found[None] += review.items - len(given)
    return found


def count_words(found: dict[Verdict | None, int]) -> str:
    """Return the counts of verdicts as one line."""
    words = [f"{_(VERDICT_TITLES[verdict])} {found[verdict]:,}" for verdict in Verdict]
    return ", ".join([*words, f"{_('not certified')} {found[None]:,}"])


def moment(instant: datetime | None, zone: ZoneInfo) -> str:
    """Return an instant to the minute, or that there was none."""
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}" if instant else _("never")
