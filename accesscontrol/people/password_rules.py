"""What a new password must be on its own: length, classes, variety, and no leaning on words or on the person."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Final

from accesscontrol.messages import N_
from accesscontrol.people.operators import Operator
from accesscontrol.people.policy import PasswordPolicy
from accesscontrol.people.roles import Role
from accesscontrol.people.sealing import normalised
from accesscontrol.people.secret import Secret, concealed
from accesscontrol.people.similarity import fold, undo_play
from accesscontrol.refusals import Refusal

_SHORTEST_WORD: Final = 4
_SHORTEST_JAPANESE: Final = 2  # a kanji or kana says as much as two letters
_LONGEST_RUN: Final = 4
_DISTINCT: Final = 6


@concealed
def check_form(password: Secret, operator: Operator, policy: PasswordPolicy) -> None:
    """Refuse a password below the length or classes of ``policy`` (AC-PWD-03), naming the rule that failed.

    Contractor operators need ``contractor_classes`` (III-4). Length counts characters after normalisation.
    """
    text = normalised(password).text()
    if len(text) < policy.minimum_length:
        raise Refusal(
            N_("The password needs at least {minimum} characters."),
            control="AC-PWD-03",
            minimum=policy.minimum_length,
        )
    if len(text) > policy.maximum_length:
        raise Refusal(
            N_("The password may have at most {maximum} characters."),
            control="AC-PWD-03",
            maximum=policy.maximum_length,
        )
    if not text.isprintable():
        raise Refusal(N_("The password may not contain control characters."), control="AC-PWD-03")
    contractor = Role.CONTRACTOR_OPERATOR in operator.roles
    needed = policy.contractor_classes if contractor else policy.required_classes
    if len({_class_of(character) for character in text}) < needed:
        raise Refusal(
            N_("The password needs characters of {needed} kinds: capitals, small letters, digits, others."),
            control="AC-PWD-03",
            needed=needed,
        )


@concealed
def check_content(password: Secret, operator: Operator, policy: PasswordPolicy) -> None:
    """Refuse a password that is mostly a common word, a sequence, a repetition, or the person's own facts."""
    text = fold(normalised(password).text())
    if len(set(text)) < _DISTINCT:
        raise Refusal(N_("The password repeats too few different characters."), control="AC-PWD-03")
    if any(fact in text or fact in undo_play(text) for fact in _facts(operator)):
        raise Refusal(N_("The password contains your login, staff number, name or office."), control="AC-PWD-03")
    words = common_words() | {fold(word) for word in policy.city_words}
    varied = _without_runs(text)
    if min(len(_without(words, form)) for form in (varied, undo_play(varied))) < policy.minimum_length // 2:
        raise Refusal(
            N_("The password is mostly common words or sequences. Add words that don't belong together."),
            control="AC-PWD-03",
        )


def _class_of(character: str) -> str:
    if character.isascii() and character.isalpha():
        return "capital" if character.isupper() else "small"
    return "digit" if unicodedata.category(character) == "Nd" else "other"


def _facts(operator: Operator) -> Iterator[str]:
    whole = (operator.login, operator.staff_number, operator.office)
    for fact in (*whole, *operator.name.split(), *operator.name_kana.split(), *operator.login.split(".")):
        folded = fold(unicodedata.normalize("NFKC", fact))
        if len(folded) >= _SHORTEST_WORD or not folded.isascii():
            yield folded


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Return the words that ship with the product: Japanese in romaji and its own script, names, places, keyboards."""
    lines = files("accesscontrol.people").joinpath("common_words.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _without(words: frozenset[str], text: str) -> str:
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= (_SHORTEST_WORD if word.isascii() else _SHORTEST_JAPANESE):
            text = text.replace(word, "")
    return text


def _without_runs(text: str) -> str:
    """Return ``text`` without runs of four or more equal, rising or falling characters (aaaa, 1234, dcba)."""
    kept: list[str] = []
    start = 0
    while start < len(text):
        length = max(_run_length(text, start, step) for step in (-1, 0, 1))
        if length < _LONGEST_RUN:
            length = 1
            kept.append(text[start])
        start += length
    return "".join(kept)


def _run_length(text: str, start: int, step: int) -> int:
    end = start + 1
    while end < len(text) and ord(text[end]) - ord(text[end - 1]) == step:
        end += 1
    return end - start
