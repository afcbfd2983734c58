"""Finding a text however it was written: letters of any width and case, either kana, kanji that stand for one another.

The archive keeps what the logs wrote, so it is the searched text that is unfolded: :func:`pattern` returns a regular
expression (RE2) that matches every way of writing it. The expression is made of code points alone, so that nothing
typed has a meaning of its own in it.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

ANY: Final = "*"
SEPARATOR: Final = 0x1F  # what stands between the columns that are searched together
_RUN: Final = rf"[^\x{{{SEPARATOR:X}}}]*"
_LONGEST: Final = 6  # letters for which one sign stands
_HIRAGANA: Final = range(0x3041, 0x3097)
_TO_KATAKANA: Final = 0x60
_SELECTORS: Final = frozenset({*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)})
_SELECTOR_CLASS: Final = r"[\x{FE00}-\x{FE0F}\x{E0100}-\x{E01EF}]?"
_DASHES: Final = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\uff0d\uff70"
_BLANKS: Final = "\t \xa0\u3000"
_SPACES: Final = re.compile(" +")
_SPACE: Final = r"[\x{9}\x{20}\x{A0}\x{3000}]+"
_HALF_KANA: Final = range(0xFF66, 0xFF9E)
_KANA: Final = range(0x3041, 0x30FF)
_MARKS: Final = "\u3099\u309a\uff9e\uff9f"
# Where other ways of writing a letter are found; unified kanji have theirs in the table of variants.
_FORMS: Final = (
    range(0x20, 0x180),
    range(0x2000, 0x2200),
    range(0x2460, 0x2500),
    range(0x3000, 0x3100),
    range(0x3200, 0x3400),
    range(0xF900, 0xFB00),
    range(0xFF00, 0xFFF0),
)


def fold(text: str) -> str:
    """Return ``text`` in the one form in which two ways of writing it are equal."""
    return "".join(_fold_character(each) for each in unicodedata.normalize("NFKC", text) if ord(each) not in _SELECTORS)


def pattern(text: str) -> str:
    """Return an RE2 expression that matches every way of writing ``text``."""
    anyhow = "".join(_pieces(_SPACES.sub(" ", fold(text))))
    if text.isascii():
        return anyhow
    verbatim = "".join(_code(each) for each in text)  # for letters whose other forms are in no table
    return f"(?:{anyhow}|{verbatim})"


def _pieces(folded: str) -> Iterator[str]:
    at = 0
    while at < len(folded):
        length = next((n for n in range(_LONGEST, 1, -1) if folded[at : at + n] in _signs()), 1)
        piece = "".join(_any_form(each) for each in folded[at : at + length])
        yield f"(?:{piece}|{_class(_signs()[folded[at : at + length]])})" if length > 1 else piece
        at += length


def wild_pattern(text: str) -> str:
    """Return :func:`pattern` of ``text`` in which ``*`` stands for any run of characters within one column."""
    return _RUN.join(pattern(part) for part in text.split(ANY))


def _fold_character(character: str) -> str:
    if character in _DASHES:
        return "-"
    if character in _BLANKS:
        return " "
    if ord(character) in _HIRAGANA:
        character = chr(ord(character) + _TO_KATAKANA)
    return _variants().get(character, character.casefold())


@cache
def _variants() -> dict[str, str]:
    lines = files("monitors.events").joinpath("variants.txt").read_text(encoding="utf-8").splitlines()
    groups = [unicodedata.normalize("NFC", line) for line in lines if line and not line.startswith("#")]
    return {each: group[0] for group in groups for each in group[1:]}


@cache
def _forms() -> dict[str, frozenset[str]]:
    """Return, for each folded character, the other ways of writing it, of one or two code points."""
    found: dict[str, set[str]] = {}
    for written in (*_single_forms(), *_voiced_forms(), *_variants()):
        folded = fold(written)
        if len(folded) == 1 and folded != written:
            found.setdefault(folded, set()).add(written)
    return {folded: frozenset(forms) for folded, forms in found.items()}


@cache
def _signs() -> dict[str, str]:
    """Return, for each run of letters that one sign stands for, these signs: ``kg``, ``(kabu)`` and the like."""
    found: dict[str, str] = {}
    for sign in _single_forms():
        folded = fold(sign)
        if 1 < len(folded) <= _LONGEST:
            found[folded] = found.get(folded, "") + sign
    return found


def _single_forms() -> Iterator[str]:
    yield from (chr(code) for codes in _FORMS for code in codes)


def _voiced_forms() -> Iterator[str]:
    yield from (chr(code) + mark for codes in (_HALF_KANA, _KANA) for code in codes for mark in _MARKS)


def _any_form(folded: str) -> str:
    if folded == " ":
        return _SPACE
    if folded == "-":
        return _class(_DASHES)
    forms = {folded, *_forms().get(folded, ())}
    pairs = "".join(f"|{_code(pair[0])}{_code(pair[1])}" for pair in sorted(forms) if len(pair) > 1)
    single = _class("".join(sorted(form for form in forms if len(form) == 1)))
    letter = f"(?:{single}{pairs})" if pairs else single
    return letter if folded.isascii() else letter + _SELECTOR_CLASS


def _class(characters: str) -> str:
    return f"[{''.join(_code(each) for each in characters)}]"


def _code(character: str) -> str:
    return rf"\x{{{ord(character):X}}}"
